using AuthGateway.Core.Audit;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Tests.Core.Login;

public sealed class SignInFlowTests
{
    private readonly SignInBed _bed = new();

    private LockoutKey Account => LockoutKey.ForUser(_bed.Alice);

    [Fact]
    public async Task SignIn_NothingMoreOwed_IsACompleteSession()
    {
        await SignInAsync(_bed.Password("wrong"));

        var opened = SignInBed.Opened(await SignInAsync(_bed.Password()));

        (opened.Session.IsPending, opened.Session.Proven, opened.Session.User.Key).ShouldBe((false, FactorSet.Password, _bed.Alice.Key));
        opened.Session.Record.EndsAt.ShouldBe(_bed.Clock.GetUtcNow() + _bed.Lifetimes.Absolute);
        _bed.Find(opened.Token).ShouldNotBeNull();
        (await _bed.FailuresAsync(Account)).ShouldBe(0);
        var record = _bed.Audit.Records[^1];
        (record.Event, record.Reason, record.Verdict, record.Identity, record.Service).ShouldBe((AuditEvents.SignIn, "allowed", "allow", _bed.Alice.Key, "portal"));
    }

    [Fact]
    public async Task SignIn_SecondFactorOwed_IsPendingAndForgivesNothing()
    {
        await SignInAsync(_bed.Password("wrong"));

        var opened = SignInBed.Opened(await SignInAsync(_bed.Password(owesFactor: true)));

        opened.Session.IsPending.ShouldBeTrue();
        opened.Session.Record.EndsAt.ShouldBe(_bed.Clock.GetUtcNow() + LiveSessions.PendingLifetime);
        (await _bed.FailuresAsync(Account)).ShouldBeGreaterThanOrEqualTo(1);
        var record = _bed.Audit.Records[^1];
        (record.Event, record.Reason, record.Verdict).ShouldBe((AuditEvents.SignIn, "factors-missing", "challenge"));
    }

    [Fact]
    public async Task SignIn_BrowserCameWithASession_GetsANewOneAndTheOldIsDead()
    {
        var planted = await _bed.BeginAsync(pending: false);

        var opened = SignInBed.Opened(await SignInAsync(_bed.Password(replaces: planted.Session)));

        opened.Token.Key.ShouldNotBe(planted.Token.Key);
        (opened.Session.Id == planted.Session.Id).ShouldBeFalse();
        _bed.Find(planted.Token).ShouldBeNull();
        _bed.Find(opened.Token).ShouldNotBeNull();
    }

    [Fact]
    public async Task SignIn_Refused_LeavesTheSessionTheBrowserCameWith()
    {
        var before = await _bed.BeginAsync(pending: false);

        SignInBed.Refusal(await SignInAsync(_bed.Password("wrong", replaces: before.Session))).ShouldBe(VerdictReason.WrongPassword);

        _bed.Find(before.Token).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SignIn_Password_IsKeptOnlyWhereAnUpstreamWantsIt(bool keeps)
    {
        var opened = SignInBed.Opened(await SignInAsync(_bed.Password(keepsPassword: keeps)));

        var password = opened.Session.OpenPassword(opened.Token);
        (password?.FixedTimeEquals(Secret.FromText(SignInBed.Right)) ?? false).ShouldBe(keeps);
    }

    [Fact]
    public async Task SignIn_WrongPassword_IsCountedAndAuditedWithTheName()
    {
        SignInBed.Refusal(await SignInAsync(_bed.Password("wrong"))).ShouldBe(VerdictReason.WrongPassword);

        (await _bed.FailuresAsync(Account)).ShouldBe(1);
        _bed.Sessions.Count.ShouldBe(0);
        var record = _bed.Audit.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.TypedName).ShouldBe((AuditEvents.Refusal, "wrong-password", "deny", "alice"));
    }

    [Theory]
    [InlineData("alicia", "alicia")]
    [InlineData("Tr0ub4dor&3", "(masked)")]
    public async Task SignIn_UnknownName_IsMaskedWhereItLooksLikeAPassword(string typed, string told)
    {
        var bed = new SignInBed("unknown");

        (await bed.SignIn.SignInAsync(bed.Password(name: typed), bed.Context(), default)).ShouldBeOfType<SignInResult.Refused>();

        bed.Audit.Records.ShouldHaveSingleItem().TypedName.ShouldBe(told);
    }

    [Fact]
    public async Task SignIn_PasswordAgain_AsksTheDirectoryAgain()
    {
        SignInBed.Opened(await SignInAsync(_bed.Password()));
        SignInBed.Opened(await SignInAsync(_bed.Password()));

        _bed.Directory.Verifies.ShouldBe(2);
    }

    [Fact]
    public async Task SignIn_DirectoryDown_IsUnavailableAndNotCounted()
    {
        var bed = new SignInBed("down");

        (await bed.SignIn.SignInAsync(bed.Password(), bed.Context(), default)).ShouldBeOfType<SignInResult.Unavailable>();

        bed.Audit.Records.ShouldHaveSingleItem().Verdict.ShouldBe("unavailable");
    }

    [Fact]
    public async Task SignIn_AuditOrSessionsCannotBeWritten_IsNoSession()
    {
        _bed.Audit.IsDown = true;
        (await SignInAsync(_bed.Password())).ShouldBe(new SignInResult.Unavailable(VerdictReason.StoreUnavailable));
        _bed.Audit.IsDown = false;
        _bed.SessionStore.IsDown = true;
        (await SignInAsync(_bed.Password())).ShouldBe(new SignInResult.Unavailable(VerdictReason.StoreUnavailable));

        _bed.Sessions.Count.ShouldBe(0);
    }

    [Fact]
    public async Task RefuseUnreadableName_Any_IsAuditedLikeAnUnknownUser()
    {
        SignInBed.Refusal(await _bed.SignIn.RefuseUnreadableNameAsync(new LoginOptions { FailureFloor = TimeSpan.Zero }, "a*", _bed.Context(), default)).ShouldBe(VerdictReason.UnknownUser);

        _bed.Audit.Records.ShouldHaveSingleItem().TypedName.ShouldBe("a*");
    }

    [Theory]
    [InlineData("alice", true)]
    [InlineData("bob@example.com", false)]
    public async Task SignIn_BesideADeviceCertificate_MustBeItsOwner(string owner, bool signsIn)
    {
        var result = await _bed.SignIn.SignInAsync(_bed.Password() with { DeviceOwner = owner }, _bed.Context(), default);
        if (signsIn)
        {
            result.ShouldBeOfType<SignInResult.Proven>();
        }
        else
        {
            SignInBed.Refusal(result).ShouldBe(VerdictReason.IdentityMismatch);
            _bed.Sessions.Count.ShouldBe(0);
        }
    }

    [Fact]
    public async Task SignOut_Session_IsDeadAndRecorded()
    {
        var opened = await _bed.BeginAsync(pending: false);

        (await _bed.SignIn.SignOutAsync(opened.Session, _bed.Context(), default)).ShouldBeTrue();

        _bed.Find(opened.Token).ShouldBeNull();
        var record = _bed.Audit.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Detail).ShouldBe((AuditEvents.Session, "signed-out", $"session {opened.Session.Id}"));
    }

    [Fact]
    public async Task RevokeOwn_OneOrAllOthers_NeverSomebodyElses()
    {
        var own = await _bed.BeginAsync(pending: false);
        var other = await _bed.BeginAsync(pending: false);
        var third = await _bed.BeginAsync(pending: false);
        var bobs = await _bed.Sessions.BeginAsync(
            new SessionStart(SignInBed.Host, new UserIdentity("ad", "2", "bob", null, null, [], []), FactorSet.Password, false, null, SignInBed.Outside, null), _bed.Lifetimes, default);

        (await _bed.SignIn.RevokeOwnAsync(own.Session, bobs.Session.Id, _bed.Context(), default)).ShouldBeFalse();
        (await _bed.SignIn.RevokeOwnAsync(own.Session, other.Session.Id, _bed.Context(), default)).ShouldBeTrue();
        (await _bed.SignIn.RevokeOwnAsync(own.Session, null, _bed.Context(), default)).ShouldBeTrue();

        (_bed.Find(other.Token), _bed.Find(third.Token)).ShouldBe((null, null));
        _bed.Find(own.Token).ShouldNotBeNull();
        _bed.Find(bobs.Token).ShouldNotBeNull();
    }

    private async Task<SignInResult> SignInAsync(SignInRequest request) => await _bed.SignIn.SignInAsync(request, _bed.Context(), default);
}
