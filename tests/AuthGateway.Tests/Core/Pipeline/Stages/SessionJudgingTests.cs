using AuthGateway.Core.Identities;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Pipeline.Stages;

/// <summary>What a session is good for in the corridor.</summary>
public sealed class SessionJudgingTests
{
    private static readonly Policy Password = new() { Name = "password", Factors = [FactorSet.Password], RequiresPassword = true };
    private static readonly Policy Strong = new() { Name = "strong", Factors = [FactorSet.Password, FactorSet.Totp | FactorSet.RecoveryCode], RequiresPassword = true };

    private readonly RequestBed _bed = new();

    [Fact]
    public async Task Login_LiveSession_IsTakenBeforeCredentialsAndAsksNoDirectory()
    {
        var opened = await BeginAsync();

        var request = _bed.Ruled(Password, _bed.Request(token: opened.Token, authorization: RequestBed.Basic("mallory", "x")));

        RequestBed.Judge(Login(), request).ShouldBe("continue");
        (request.Identity, request.Proven, request.Session).ShouldBe((opened.Session.User, FactorSet.Password, opened.Session));
        request.Identity!.SaysTheSameAs(RequestBed.Alice).ShouldBeTrue();
        _bed.Backend.Finds.ShouldBe(0);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("ended")]
    [InlineData("idle")]
    [InlineData("other host")]
    public async Task Login_SessionThatIsNone_AsksForCredentials(string fault)
    {
        var opened = await BeginAsync();
        var host = fault == "other host" ? ServiceBed.Phones : ServiceBed.Mail;
        if (fault == "ended")
        {
            await _bed.Sessions.EndAsync(opened.Session.Id, default);
        }

        _bed.Clock.Advance(fault == "idle" ? TimeSpan.FromMinutes(30) : TimeSpan.Zero);
        var request = _bed.Ruled(Password, _bed.Request(token: fault == "unknown" ? SessionToken.New() : opened.Token, host: host));

        RequestBed.Judge(Login(), request).ShouldBe("credentials-missing");
        (request.Identity, request.Session).ShouldBe((null, null));
    }

    [Fact]
    public async Task Login_ServiceThatTakesBasicOnly_KnowsNoSession()
    {
        var opened = await BeginAsync();
        _bed.Services.Services["web"].Login = "basic";

        RequestBed.Judge(Login(), _bed.Ruled(Password, _bed.Request(token: opened.Token))).ShouldBe("credentials-missing");
    }

    [Fact]
    public async Task Login_PendingSession_OpensNothing()
    {
        var opened = await BeginAsync(pending: true);

        // Neither where the password would be enough, nor over a WebSocket.
        foreach (var policy in (Policy[])[Password, Strong])
        {
            foreach (var webSocket in (bool[])[false, true])
            {
                var request = _bed.Ruled(policy, _bed.Request(token: opened.Token, webSocket: webSocket));
                RequestBed.Judge(Login(), request).ShouldBe("factors-missing");
                request.Identity.ShouldBeNull();
            }
        }
    }

    [Theory]
    [InlineData(FactorSet.Password, VerdictKind.Challenge)]
    [InlineData(FactorSet.Password | FactorSet.Totp, VerdictKind.Continue)]
    [InlineData(FactorSet.Password | FactorSet.RecoveryCode, VerdictKind.Continue)]
    public async Task Factor_Session_IsLedToWhatCanBeTyped(FactorSet proven, VerdictKind kind)
    {
        var opened = await BeginAsync(proven);
        var request = _bed.Ruled(Strong, _bed.Request(token: opened.Token));
        RequestBed.Judge(Login(), request).ShouldBe("continue");

        (await new FactorStage().JudgeAsync(request, default)).Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task Factor_BasicClient_HasNoPageToBeLedTo()
    {
        var request = _bed.Ruled(Strong, _bed.Request(authorization: RequestBed.Basic("alice", RequestBed.Right)));
        RequestBed.Word(await Login().JudgeAsync(request, default)).ShouldBe("continue");

        var verdict = await new FactorStage().JudgeAsync(request, default);

        (verdict.Kind, verdict.Reason).ShouldBe((VerdictKind.Deny, VerdictReason.FactorsMissing));
    }

    [Fact]
    public async Task Session_Ended_CutsTheRequestItLetIn()
    {
        var opened = await BeginAsync();
        var request = _bed.Ruled(Password, _bed.Request(token: opened.Token));
        RequestBed.Judge(Login(), request).ShouldBe("continue");
        var ended = ((AuthGateway.Core.Forwarding.IAdmittedRequest)request).Ended;
        ended.IsCancellationRequested.ShouldBeFalse();

        await _bed.Sessions.EndAsync(opened.Session.Id, default);

        ended.IsCancellationRequested.ShouldBeTrue();
    }

    private LoginStage Login() => new(_bed.Flow, _bed.AppPasswordFlow, _bed.Guard, _bed.Sessions, _bed.SignOn);

    private ValueTask<OpenedSession> BeginAsync(FactorSet proven = FactorSet.Password, bool pending = false) => _bed.Sessions.BeginAsync(
        new SessionStart(ServiceBed.Mail, RequestBed.Alice, proven, pending, Secret.FromText(RequestBed.Right), "192.0.2.1", null), new SessionOptions(), default);
}
