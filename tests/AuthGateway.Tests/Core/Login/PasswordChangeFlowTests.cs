using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Backends;
using AuthGateway.Tests.Core.Factors.AppPasswords;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login;

public sealed class PasswordChangeFlowTests
{
    private const string Old = "old password";
    private const string New = "new and much longer";

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemorySessionStore _store = new();
    private readonly InMemoryLockoutStore _counters = new();
    private readonly InMemoryAuditStore _audit = new();
    private readonly AppPasswordBench _appPasswords;
    private readonly PeopleBackend _directory = new("ad");
    private readonly LiveSessions _sessions;
    private readonly LockoutGuard _guard;
    private readonly LoginFlow _login;
    private readonly PasswordChangeFlow _flow;
    private readonly Person _alice;
    private BackendChain _chain;

    public PasswordChangeFlowTests()
    {
        _appPasswords = new AppPasswordBench(_clock);
        _sessions = new LiveSessions(_store, _clock, NullLogger<LiveSessions>.Instance);
        _guard = new LockoutGuard(_counters, _clock, NullLogger<LockoutGuard>.Instance);
        var audit = new AuditLog(_audit, _clock, NullLogger<AuditLog>.Instance);
        _login = new LoginFlow(_guard, _clock, NullLogger<LoginFlow>.Instance, audit);
        _flow = new PasswordChangeFlow(_login, _appPasswords.Flow(_login, _guard), _guard, _sessions, audit, _clock, NullLogger<PasswordChangeFlow>.Instance);
        _alice = _directory.Add("alice", Old);
        _chain = new BackendChain([new ChainLink(_directory)]);
    }

    [Fact]
    public async Task Change_MustChange_SetsItEndsEverySessionAndForgetsTheCredential()
    {
        var (here, there) = (await BeginAsync(), await BeginAsync());
        await _login.ProveAsync(Login(Old), default);
        _login.CachedUsers().ShouldHaveSingleItem();
        _alice.State = AccountStates.MustChange;

        (await ChangeAsync()).ShouldBeOfType<PasswordChangeResult.Changed>().User.Key.ShouldBe("ad:id-alice");

        _alice.Password.ShouldBe(New);
        here.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        there.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        (await _store.ListAsync(default)).ShouldBeEmpty();
        _login.CachedUsers().ShouldBeEmpty();
        (await FailuresAsync()).ShouldBe(0);
        var record = _audit.Records[^1];
        (record.Event, record.Reason, record.Verdict, record.Identity, record.TypedName).ShouldBe((AuditEvents.Password, "password-changed", "done", "ad:id-alice", "alice"));
    }

    [Fact]
    public async Task Change_SignedIn_EndsItsOwnSessionToo()
    {
        var own = await BeginAsync();

        (await ChangeAsync(own: own.Session)).ShouldBeOfType<PasswordChangeResult.Changed>();

        (_alice.Password, own.Session.Ended.IsCancellationRequested).ShouldBe((New, true));
    }

    [Fact]
    public async Task Change_NotSignedInAndNothingWrongWithThePassword_AsksToSignInFirst()
    {
        (await ChangeAsync()).ShouldBeOfType<PasswordChangeResult.SignInFirst>();

        (_alice.Password, _directory.Changes).ShouldBe((Old, 0));
        var record = _audit.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.Identity, record.Factors).ShouldBe((AuditEvents.Refusal, "factors-missing", "challenge", "ad:id-alice", "password"));
        record.Detail.ShouldNotBeNull().ShouldContain("the password is right");
    }

    [Fact]
    public async Task Change_LockedBetweenProofAndChange_IsWrittenDown()
    {
        var own = await BeginAsync();
        var ten = LockoutPolicy.From(new LockoutOptions()).Account with { Limit = 10 };
        _directory.Verified = async () =>
        {
            // Failures of somebody else while this one is proven.
            for (var i = 0; i < 9; i++)
            {
                await _guard.ChargeAsync(LockoutKey.ForUser(_alice.Identity), ten, default);
            }
        };

        (await ChangeAsync(own: own.Session)).ShouldBeOfType<PasswordChangeResult.Refused>().Reason.ShouldBe(VerdictReason.AccountLocked);

        _directory.Changes.ShouldBe(0);
        var record = _audit.Records[^1];
        (record.Event, record.Reason, record.Identity).ShouldBe((AuditEvents.Refusal, "account-locked", "ad:id-alice"));
        record.Detail.ShouldBe("password change; locked after the password was proven");
    }

    [Theory]
    [InlineData("alice", "wrong", "wrong-password")]
    [InlineData("nobody", "wrong", "unknown-user")]
    [InlineData("alice", "", "empty-password")]
    public async Task Change_OldPasswordNotProven_CountsLikeEveryLogin(string name, string old, string reason)
    {
        _alice.State = AccountStates.MustChange;

        (await ChangeAsync(old, name: name)).ShouldBeOfType<PasswordChangeResult.Refused>().Reason.Code.ShouldBe(reason);

        (_directory.Changes, _alice.Password).ShouldBe((0, Old));
        (await FailuresAsync()).ShouldBe(reason == "wrong-password" ? 1 : 0);
        var record = _audit.Records[^1];
        (record.Event, record.Reason).ShouldBe((AuditEvents.Refusal, reason));
    }

    [Fact]
    public async Task Change_Guessing_LocksTheAccountForLoginsToo()
    {
        _alice.State = AccountStates.MustChange;
        for (var i = 0; i < 5; i++)
        {
            await ChangeAsync($"guess {i}");
        }

        (await ChangeAsync()).ShouldBeOfType<PasswordChangeResult.Refused>().Reason.ShouldBe(VerdictReason.AccountLocked);
        (await _login.ProveAsync(Login(Old), default)).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AccountLocked);
        _directory.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData("", "", NewPasswordFault.Length)]
    [InlineData("one", "two", NewPasswordFault.Repeat)]
    [InlineData("tab\there", "tab\there", NewPasswordFault.Characters)]
    [InlineData("not even right", "not even right", NewPasswordFault.Same)]
    [InlineData(null, null, NewPasswordFault.Length)]
    public async Task Change_NewPasswordIsNone_AsksNobodyAndCountsNothing(string? password, string? repeated, NewPasswordFault fault)
    {
        var result = await ChangeAsync("not even right", password ?? new string('x', 257), repeated ?? new string('x', 257));

        result.ShouldBeOfType<PasswordChangeResult.Unfit>().Fault.ShouldBe(fault);
        (await FailuresAsync()).ShouldBe(0);
        _audit.Records.ShouldBeEmpty();
    }

    [Fact]
    public async Task Change_DirectoryRefuses_TellsRuleAndWordsAndCountsNothing()
    {
        var own = await BeginAsync();
        _directory.Answer = new PasswordChange.Refused("policy", "Password fails quality checking policy");

        var taken = (await ChangeAsync(own: own.Session)).ShouldBeOfType<PasswordChangeResult.NotTaken>();

        (taken.Rule, taken.Text).ShouldBe(("policy", "Password fails quality checking policy"));
        own.Session.Ended.IsCancellationRequested.ShouldBeFalse();
        (await FailuresAsync()).ShouldBe(0);
        var record = _audit.Records[^1];
        (record.Event, record.Reason, record.Verdict, record.Detail).ShouldBe((AuditEvents.Password, "password-change-refused", "deny", "policy: Password fails quality checking policy"));
    }

    [Fact]
    public async Task Change_OldPasswordChangedElsewhereMeanwhile_IsAFailure()
    {
        var own = await BeginAsync();
        _directory.Answer = new PasswordChange.WrongPassword();

        (await ChangeAsync(own: own.Session)).ShouldBeOfType<PasswordChangeResult.Refused>().Reason.ShouldBe(VerdictReason.WrongPassword);

        (await FailuresAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Change_NoAnswerAfterAsking_IsUnsureAndEndsWhatTheOldOneOpened()
    {
        var own = await BeginAsync();
        _directory.Answer = new PasswordChange.Unavailable("connection reset");

        (await ChangeAsync(own: own.Session)).ShouldBeOfType<PasswordChangeResult.Unsure>();

        own.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        (await FailuresAsync()).ShouldBe(0);
        _audit.Records[^1].Verdict.ShouldBe("unavailable");
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("store")]
    public async Task Change_OurSideFails_ChangesNothing(string what)
    {
        var own = await BeginAsync();
        (_directory.IsDown, _counters.IsDown) = (what == "directory", what == "store");

        (await ChangeAsync(own: own.Session)).ShouldBeOfType<PasswordChangeResult.Unavailable>().Reason.Code.ShouldBe(what == "directory" ? "backend-unavailable" : "store-unavailable");

        (_alice.Password, own.Session.Ended.IsCancellationRequested).ShouldBe((Old, false));
    }

    [Fact]
    public async Task Change_BackendTakesNoNewPasswords_SaysSo()
    {
        var fixedPasswords = new ScriptedBackend("local", "yes");
        _chain = new BackendChain([new ChainLink(fixedPasswords)]);
        var own = await _sessions.BeginAsync(new SessionStart("h", fixedPasswords.Identity, FactorSet.Password, false, null, "192.0.2.1", null), new SessionOptions(), default);

        (await ChangeAsync(own: own.Session)).ShouldBeOfType<PasswordChangeResult.NotTaken>().Rule.ShouldBe("not-allowed");
        PasswordChangeFlow.CanChange(_chain, fixedPasswords.Identity).ShouldBeFalse();
    }

    [Fact]
    public async Task Change_NamesakeOfAnotherBackend_IsNotChanged()
    {
        var local = new PeopleBackend("local");
        var namesake = local.Add("alice", "hers");
        _chain = new BackendChain([new ChainLink(_directory), new ChainLink(local)]);
        var own = await _sessions.BeginAsync(new SessionStart("h", namesake.Identity, FactorSet.Password, false, null, "192.0.2.1", null), new SessionOptions(), default);

        (await ChangeAsync(own: own.Session)).ShouldBeOfType<PasswordChangeResult.Refused>().Reason.ShouldBe(VerdictReason.WrongPassword);

        (_alice.Password, namesake.Password, own.Session.Ended.IsCancellationRequested).ShouldBe((Old, "hers", false));
    }

    [Fact]
    public async Task Change_CertificateOfSomebodyElse_IsRefused()
    {
        _alice.State = AccountStates.MustChange;

        (await ChangeAsync(deviceOwner: "bob@example.com")).ShouldBeOfType<PasswordChangeResult.Refused>().Reason.ShouldBe(VerdictReason.IdentityMismatch);

        _alice.Password.ShouldBe(Old);
    }

    [Fact]
    public async Task Change_Whatever_NoPasswordIsWrittenDown()
    {
        _directory.Answer = new PasswordChange.Refused("policy", null);
        await ChangeAsync(own: (await BeginAsync()).Session);
        await ChangeAsync("guessed secret");
        _directory.Answer = null;
        await ChangeAsync(own: (await BeginAsync()).Session);

        var written = string.Join('\n', _audit.Records.Select(record => record.ToString()));
        foreach (var secret in new[] { Old, New, "guessed secret" })
        {
            written.ShouldNotContain(secret);
        }
    }

    private ValueTask<OpenedSession> BeginAsync() => _sessions.BeginAsync(
        new SessionStart("mail.example.com", _alice.Identity, FactorSet.Password, false, null, "192.0.2.1", "Browser"), new SessionOptions(), default);

    private ValueTask<PasswordChangeResult> ChangeAsync(
        string old = Old, string password = New, string? repeated = null, Session? own = null, string name = "alice", string? deviceOwner = null) => _flow.ChangeAsync(
        new PasswordChangeRequest(Login(old, name), Secret.FromText(password), Secret.FromText(repeated ?? password), own) { DeviceOwner = deviceOwner },
        new SignInContext("r1", "mail.example.com", IPAddress.Parse("192.0.2.1"), "Browser", new SessionOptions(), LockoutPolicy.From(new LockoutOptions()), new FactorPolicy { Issuer = "Example" }),
        default);

    private LoginRequest Login(string password, string typed = "alice")
    {
        UserName.TryParse(typed, out var name).ShouldBeTrue();
        return new LoginRequest(
            _chain, 1, LockoutPolicy.From(new LockoutOptions()), new LoginOptions { FailureFloor = TimeSpan.Zero }, name, Secret.FromText(password), IPAddress.Parse("192.0.2.1"), "webmail", null);
    }

    private async Task<int> FailuresAsync()
    {
        var key = LockoutKey.ForUser(_alice.Identity).Text;
        return (await _counters.ListAsync(key, 10, default)).Where(entry => entry.Key == key).Select(entry => entry.Failures).SingleOrDefault();
    }
}
