using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Sessions.Tokens;
using AuthGateway.Core.Telemetry;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Pipeline;

/// <summary>From a request that was let in to what its upstream's verifier is told, with the real corridor between.</summary>
public sealed class TokenVerificationTests : IDisposable
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private static readonly IPAddress Peer = IPAddress.Parse("10.0.0.5");

    private readonly RequestBed _bed = new();
    private readonly GatewayState _state = new();
    private readonly InMemoryAuditStore _store = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly UpstreamTokens _tokens;
    private readonly TokenIssuer _issuer;
    private readonly TokenVerification _verification;
    private int _requests;

    public TokenVerificationTests()
    {
        _bed.Services.Services["web"].Identity = "session-token";
        _tokens = new UpstreamTokens(_bed.Sessions, _bed.Clock);
        _issuer = new TokenIssuer(_tokens, new StandingJudge(_bed.Judge(), _state, _bed.Clock), _bed.Flow, NullLogger<TokenIssuer>.Instance);
        _verification = new TokenVerification(
            _tokens, _state, new AuditLog(_store, _bed.Clock, NullLogger<AuditLog>.Instance), new GatewayMetrics(_services.GetRequiredService<IMeterFactory>()), _bed.Clock, NullLogger<TokenVerification>.Instance);
        Reload();
    }

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("alice")]
    [InlineData("ALICE")]
    [InlineData("alice@example.com")]
    [InlineData("alice@corp.example.com")]
    public async Task Verify_OwnNames_AreTheLogin(string name)
    {
        var token = await LoginAsync();
        var answer = (await AskAsync(name, token)).ShouldBeOfType<TokenAnswer.Verified>();
        (answer.Login, answer.Mail, answer.Service, answer.ExpiresAt).ShouldBe(("alice", "alice@example.com", "web", _bed.Clock.GetUtcNow() + TokenTable.Off.Lifetime));
        var record = _store.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.Identity, record.Address, record.Service).ShouldBe((AuditEvents.Verification, "token-verified", "allow", "ad:1", "10.0.0.5", "web"));
    }

    [Theory]
    [InlineData("other user", "token-other-user")]
    [InlineData("no name", "token-other-user")]
    [InlineData("other service", "token-other-service")]
    [InlineData("verifier of another service", "token-other-service")]
    [InlineData("unknown", "token-unknown")]
    [InlineData("password", "token-unknown")]
    [InlineData("cut", "token-unknown")]
    [InlineData("expired", "token-unknown")]
    [InlineData("wall clock set back", "token-unknown")]
    [InlineData("account disabled", "token-unknown")]
    [InlineData("network closed", "token-withdrawn")]
    [InlineData("group asked for", "token-withdrawn")]
    [InlineData("denied by rule", "token-withdrawn")]
    [InlineData("identity by header now", "token-withdrawn")]
    [InlineData("service gone", "token-withdrawn")]
    public async Task Verify_LoginWithoutSession_IsRefusedWhen(string what, string reason)
    {
        var token = await LoginAsync();
        var (user, service) = ("alice", (string?)null);
        switch (what)
        {
            case "other user":
                user = "bob";
                break;
            case "no name":
                user = "";
                break;
            case "other service":
                service = "mail";
                break;
            case "verifier of another service":
                Reload(verifies: "other");
                break;
            case "unknown":
                token = UpstreamToken.New().Utf8.ToArray();
                break;
            case "password":
                token = Encoding.UTF8.GetBytes(RequestBed.Right);
                break;
            case "cut":
                token = token[..^1];
                break;
            case "expired":
                _bed.Clock.Advance(TokenTable.Off.Lifetime);
                break;
            case "wall clock set back":
                _bed.Clock.Advance(TokenTable.Off.Lifetime);
                _bed.Clock.JumpWall(-TimeSpan.FromHours(1));
                break;
            case "account disabled":
                _bed.Flow.Forget(RequestBed.Alice.Key);
                break;
            case "network closed":
                _bed.Services.Services["web"].Rules[0].From = ["office"];
                Reload();
                break;
            case "group asked for":
                _bed.Services.Policies["password"].Groups = ["managers"];
                Reload();
                break;
            case "denied by rule":
                _bed.Services.Services["web"].Rules[0].Policy = "deny";
                Reload();
                break;
            case "identity by header now":
                _bed.Services.Services["web"].Identity = "header";
                Reload();
                break;
            default:
                _bed.Services.Services["mail"] = _bed.Services.Services["web"];
                _bed.Services.Services.Remove("web");
                Reload();
                break;
        }

        (await AskAsync(user, token, service)).ShouldBeOfType<TokenAnswer.Refused>();
        var record = _store.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.Identity).ShouldBe((AuditEvents.Refusal, reason, "deny", null));
        (record.Detail ?? "").ShouldNotContain("agwt1-");
    }

    [Theory]
    [InlineData("signed out", "token-session-ended")]
    [InlineData("idle", "token-unknown")]
    [InlineData("stepped up", "token-session-ended")]
    [InlineData("lost the group", "token-withdrawn")]
    [InlineData("has another name now", "token-other-user")]
    public async Task Verify_Session_IsRefusedWhen(string what, string reason)
    {
        _bed.Services.Policies["password"].Groups = ["mobile"];
        _bed.Services.Services["web"].Login = "both";
        Reload();
        var options = new SessionOptions();
        var opened = await _bed.Sessions.BeginAsync(new SessionStart("mail.example.com", RequestBed.Alice, FactorSet.Password, false, null, "192.0.2.1", null), options, default);
        var request = _bed.Request(token: opened.Token);
        var token = await AdmitAsync(request);
        (await AskAsync("alice", token)).ShouldBeOfType<TokenAnswer.Verified>();
        switch (what)
        {
            case "signed out":
                await _bed.Sessions.EndAsync(opened.Session.Id, default);
                break;
            case "idle":
                _bed.Clock.Advance(options.Idle);
                break;
            case "stepped up":
                await _bed.Sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, options, default);
                break;
            case "lost the group":
                await _bed.Sessions.RenewAsync(new UserIdentity("ad", "1", "alice", null, null, [], []), default);
                break;
            default:
                await _bed.Sessions.RenewAsync(new UserIdentity("ad", "1", "alice.married", null, null, ["mobile"], []), default);
                break;
        }

        (await AskAsync("alice", token)).ShouldBeOfType<TokenAnswer.Refused>();
        _store.Records[^1].Reason.ShouldBe(reason);
    }

    [Fact]
    public async Task Verify_AddressOfTheLoginLocked_StandsAsWhatIsOpenDoes()
    {
        var token = await LoginAsync();
        for (var i = 0; i < 40; i++)
        {
            await _bed.Judge().JudgeAsync(_bed.Request(authorization: RequestBed.Basic($"nobody{i}", "wrong")), default);
        }

        (await AskAsync("alice", token)).ShouldBeOfType<TokenAnswer.Verified>();
    }

    [Theory]
    [InlineData("lives", null)]
    [InlineData("revoked", "token-unknown")]
    [InlineData("expired", "token-unknown")]
    [InlineData("no longer taken", "token-withdrawn")]
    public async Task Verify_AppPasswordBehindTheLogin_EndsItsTokens(string what, string? reason)
    {
        _bed.Services.Policies["password"].Factors = ["app-password|password"];
        _bed.Services.Services["web"].Login = "basic";
        Reload();
        var secret = await _bed.AppPasswords.AddAsync(
            _bed.Backend.Identity, change: record => record with { For = [AppPasswordClass.Web], ExpiresAt = _bed.Clock.GetUtcNow().AddMinutes(5) });
        var token = await AdmitAsync(_bed.Request(authorization: RequestBed.Basic("alice", secret)));
        token.ShouldNotBe(await LoginAsync(), "the account's password has a token of its own");
        (await AskAsync("alice", token)).ShouldBeOfType<TokenAnswer.Verified>().ExpiresAt.ShouldBe(_bed.Clock.GetUtcNow().AddMinutes(5));
        switch (what)
        {
            case "revoked":
                await _bed.AppPasswords.RevokeAsync("phone");
                break;
            case "expired":
                _bed.Clock.Advance(TimeSpan.FromMinutes(5));
                break;
            case "no longer taken":
                _bed.Services.Policies["password"].Factors = ["password"];
                Reload();
                break;
            default:
                break;
        }

        var answer = await AskAsync("alice", token);
        (answer is TokenAnswer.Verified).ShouldBe(reason is null);
        if (reason is not null)
        {
            _store.Records[^1].Reason.ShouldBe(reason);
        }
    }

    [Fact]
    public async Task Verify_AuditDown_IsNotSaidToBeGood()
    {
        var token = await LoginAsync();
        _store.IsDown = true;
        (await AskAsync("alice", token)).ShouldBeOfType<TokenAnswer.Unavailable>();
    }

    [Fact]
    public async Task Admit_KeyOfNobodyHere_IsRecorded()
    {
        (await _verification.AdmitAsync(Key, Peer, "r", default)).ShouldNotBeNull();
        foreach (var key in new[] { null, "", Key[1..], Key.ToUpperInvariant() })
        {
            (await _verification.AdmitAsync(key, Peer, "r", default)).ShouldBeNull();
        }

        (await _verification.AdmitAsync(Key, IPAddress.Parse("10.0.0.6"), "r", default)).ShouldBeNull();
        _store.Records.ShouldAllBe(record => record.Reason == "verifier-refused");
        _store.Records.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Admit_SealedQuestion_NeedsTheKeyAndIsGoodForThisQuestionOnly()
    {
        var (nonce, asked) = (VerifierSeal.NewNonce(), VerifierSeal.Digest("alice"u8, "token"u8, "web", "192.0.2.7"));
        var right = new SealedQuestion(nonce, asked, VerifierSeal.OfQuestion(VerifierSeal.SealingKey(Key), nonce, asked));
        var verifier = (await _verification.AdmitAsync(right, Peer, "r", default)).ShouldNotBeNull();
        (await _verification.AdmitAsync(right, IPAddress.Parse("10.0.0.6"), "r", default)).ShouldBeNull();
        foreach (var wrong in new[]
        {
            right with { Nonce = VerifierSeal.NewNonce() },
            right with { Question = VerifierSeal.Digest("bob"u8, "token"u8, "web", "192.0.2.7") },
            right with { Seal = VerifierSeal.OfQuestion(VerifierSeal.SealingKey(Key + "x"), nonce, asked) },
            right with { Seal = VerifierSeal.OfAnswer(VerifierSeal.SealingKey(Key), nonce, asked, 200, []) },
        })
        {
            (await _verification.AdmitAsync(wrong, Peer, "r", default)).ShouldBeNull();
        }

        right.IsOf("alice"u8, "token"u8, "web", IPAddress.Parse("192.0.2.7")).ShouldBeTrue();
        right.IsOf("bob"u8, "token"u8, "web", IPAddress.Parse("192.0.2.7")).ShouldBeFalse();
        right.IsOf("alicetoken"u8, ""u8, "web", IPAddress.Parse("192.0.2.7")).ShouldBeFalse();
        right.IsOf("alice"u8, "token"u8, null, null).ShouldBeFalse();
        var body = "{}"u8.ToArray();
        verifier.SealAnswer(right, 200, body).ShouldBe(VerifierSeal.OfAnswer(VerifierSeal.SealingKey(Key), nonce, asked, 200, body));
        string.Equals(verifier.SealAnswer(right, 401, body), verifier.SealAnswer(right, 200, body), StringComparison.Ordinal).ShouldBeFalse();

        SealedQuestion.Parse($"{nonce}.{asked}.{right.Seal}").ShouldBe(right);
        foreach (var text in new[] { "", "..", $"{nonce}.{asked}", $"{nonce}.{asked}.{right.Seal}0", $"{nonce}.{asked}.{right.Seal}.", $"{nonce.ToUpperInvariant()}x.{asked}.{right.Seal}", $"{nonce[1..]}.{asked}.{right.Seal}" })
        {
            SealedQuestion.Parse(text).ShouldBeNull(text);
        }
    }

    private async Task<byte[]> LoginAsync() => await AdmitAsync(_bed.Request(authorization: RequestBed.Basic("alice", RequestBed.Right)));

    private async Task<byte[]> AdmitAsync(AccessRequest request)
    {
        (await _bed.Judge().JudgeAsync(request, default)).Kind.ShouldBe(VerdictKind.Allow);
        request.Tokens = _issuer;
        return ((IAdmittedRequest)request).TakeToken().Utf8.ToArray();
    }

    private async Task<TokenAnswer> AskAsync(string user, byte[] token, string? service = null)
    {
        var verifier = (await _verification.AdmitAsync(Key, Peer, "r", default)).ShouldNotBeNull();
        return await _verification.VerifyAsync(verifier, Peer, new TokenQuestion(user, Secret.FromUtf8(token), service, null), $"r{_requests++}", default);
    }

    private void Reload(string? verifies = null)
    {
        var options = new SessionTokenOptions();
        options.Verifiers["dovecot"] = new() { Key = Key, From = ["10.0.0.5"], Services = verifies is null ? [] : [verifies] };
        var faults = new FaultList();
        var table = _bed.Table();
        _state.Swap(new GatewayTable
        {
            Generation = table.Generation,
            BuiltAt = table.BuiltAt,
            Services = table.Services,
            Devices = table.Devices,
            Chain = table.Chain,
            Lockout = table.Lockout,
            Login = table.Login,
            Tokens = TokenTable.Build(options, NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal), faults), faults),
        });
        faults.All.ShouldBeEmpty();
    }
}
