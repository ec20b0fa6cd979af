using AuthGateway.Core.Devices;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Pipeline.Stages;

/// <summary>Which policies an app password meets, and which it never does.</summary>
public sealed class AppPasswordStageTests
{
    private readonly RequestBed _bed = new();
    private readonly string _secret;

    public AppPasswordStageTests()
    {
        _bed.Policies("demanded", "app-password");
        _bed.Policies("either", "app-password|password");
        _bed.Policies("with device", "device,app-password");
        _bed.Policies("either with device", "device,app-password|password");
        _bed.Policies("ticket or app", "kerberos|app-password");
        _bed.Policies("device or app", "device|app-password");
        _bed.Services.Services["web"].Login = "basic";
        _secret = _bed.AppPasswords.AddAsync(_bed.Backend.Identity, change: record => record with { For = [AppPasswordClass.Web] }).GetAwaiter().GetResult();
    }

    /// <summary>Policy, what was sent, whose device came along, the outcome, and how often a backend was shown a password.</summary>
    public static TheoryData<string, string, string?, string, int> Policies => new()
    {
        { "demanded", "app", null, "continue", 0 },
        { "demanded", "password", null, "app-password-needed", 0 },
        { "demanded", "wrong", null, "app-password-needed", 0 },
        { "demanded", "nothing", null, "credentials-missing", 0 },
        { "demanded", "empty", null, "empty-password", 0 },
        { "either", "app", null, "continue", 0 },
        { "either", "password", null, "continue", 1 },
        { "either", "wrong", null, "wrong-password", 1 },
        { "password", "app", null, "app-password-scope", 0 },
        { "password", "password", null, "continue", 1 },
        { "both", "app", "alice", "app-password-scope", 0 },
        { "with device", "app", "alice", "continue", 0 },
        { "with device", "app", null, "factors-missing", 0 },
        { "with device", "app", "bob", "identity-mismatch", 0 },
        { "with device", "password", "alice", "app-password-needed", 0 },
        { "with device", "nothing", "alice", "credentials-missing", 0 },
        { "either with device", "app", "alice", "continue", 0 },
        { "either with device", "password", "alice", "continue", 1 },
        { "ticket or app", "app", null, "continue", 0 },
        { "ticket or app", "password", null, "app-password-needed", 0 },
        { "device or app", "app", null, "continue", 0 },
        { "device or app", "app", "bob", "identity-mismatch", 0 },
        { "device or app", "nothing", "alice", "credentials-missing", 0 },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Policy_TakesAppPassword_OnlyWhereItNamesOne(string policy, string sent, string? device, string outcome, int verifies)
    {
        var request = Request(policy, sent, device);
        (await WordAsync(request)).ShouldBe(outcome);
        _bed.Backend.Verifies.ShouldBe(verifies);
        ((request.Proven & FactorSet.Password) != 0).ShouldBe(outcome == "continue" && sent == "password");
        ((IAdmittedRequest)request).Password?.ToString().ShouldBe(sent == "app" ? null : "(secret)", "no upstream is handed an app password");
    }

    [Fact]
    public async Task Session_NeverStandsForAnAppPassword()
    {
        _bed.Services.Services["web"].Login = "both";
        var opened = await _bed.Sessions.BeginAsync(
            new SessionStart(ServiceBed.Mail, _bed.Backend.Identity, FactorSet.Password | FactorSet.AppPassword, IsPending: false, null, "192.0.2.1", null), new SessionOptions(), default);
        var request = _bed.Ruled(_bed.PolicyOf("demanded"), _bed.Request(token: opened.Token));
        (await WordAsync(request)).ShouldBe("factors-missing");
    }

    [Fact]
    public async Task Revoked_WhileItRuns_CutsTheRequestAndNoSessionIsNeeded()
    {
        IAdmittedRequest request = Request("demanded", "app", null);
        await WordAsync((AccessRequest)request);
        (request.HasSession, request.Ended.CanBeCanceled, request.Ended.IsCancellationRequested).ShouldBe((false, true, false));
        await _bed.AppPasswords.RevokeAsync("phone");
        request.Ended.IsCancellationRequested.ShouldBeTrue();
        ((AccessRequest)request).Detail.ShouldBe("app password \"phone\"");
    }

    /// <summary>Policy, factor told, how people sign in, the outcome of explain.</summary>
    [Theory]
    [InlineData("demanded", FactorSet.AppPassword, "basic", "continue")]
    [InlineData("demanded", FactorSet.Password, "basic", "app-password-needed")]
    [InlineData("demanded", FactorSet.Password, "both", "factors-missing")]
    [InlineData("demanded", FactorSet.AppPassword, "form", "app-password-scope")]
    [InlineData("password", FactorSet.AppPassword, "basic", "app-password-scope")]
    [InlineData("either", FactorSet.AppPassword, "basic", "continue")]
    [InlineData("either", FactorSet.Password, "basic", "continue")]
    public async Task Explain_SaysWhatWouldHappen(string policy, FactorSet told, string login, string outcome)
    {
        var policyOf = _bed.PolicyOf(policy);
        _bed.Services.Services["web"].Login = login;
        var told2 = new UserIdentity(Explanation.ToldBackend, "alice", "alice", null, null, [], []);
        var template = _bed.Request(rehearsed: told2);
        var request = _bed.Ruled(policyOf, new AccessRequest
        {
            RequestId = "explain", Table = template.Table, ReceivedAt = template.ReceivedAt, Listener = "public", Host = template.Host, Authority = template.Authority, Port = 443, Method = "GET",
            Target = template.Target, Peer = template.Peer, ClientAddress = template.ClientAddress, IsRehearsal = true, RehearsedUser = told2, RehearsedFactors = told,
        });
        (await WordAsync(request)).ShouldBe(outcome);
    }

    private AccessRequest Request(string policy, string sent, string? device)
    {
        var authorization = sent switch
        {
            "app" => RequestBed.Basic("alice", _secret),
            "password" => RequestBed.Basic("alice", RequestBed.Right),
            "empty" => RequestBed.Basic("alice", ""),
            "nothing" => null,
            _ => RequestBed.Basic("alice", "guess"),
        };
        var request = _bed.Ruled(_bed.PolicyOf(policy), _bed.Request(authorization: authorization is null ? default : new(authorization)));
        request.Device = device is null ? null : new DeviceCheck(new DeviceCertificate(device, "AB", "phones", DateTimeOffset.MaxValue), null, "AB", device);
        return request;
    }

    private async Task<string> WordAsync(AccessRequest request)
    {
        var verdict = await new LoginStage(_bed.Flow, _bed.AppPasswordFlow, _bed.Guard, _bed.Sessions, _bed.SignOn).JudgeAsync(request, default);
        return RequestBed.Word(verdict.Kind == VerdictKind.Continue ? await new FactorStage().JudgeAsync(request, default) : verdict);
    }
}
