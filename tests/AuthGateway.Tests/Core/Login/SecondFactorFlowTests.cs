using AuthGateway.Core.Audit;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Factors.RecoveryCodes;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Tests.Core.Login;

public sealed class SecondFactorFlowTests
{
    private readonly SignInBed _bed = new();

    private LockoutKey Factor => LockoutKey.ForFactor(_bed.Alice);

    private LockoutKey Total => LockoutKey.ForFactorTotal(_bed.Alice);

    private LockoutKey Account => LockoutKey.ForUser(_bed.Alice);

    [Fact]
    public async Task ProveTotp_RightCode_CompletesTheSessionUnderANewToken()
    {
        var app = await _bed.EnrolAsync();
        var opened = await _bed.BeginAsync();

        var next = SignInBed.Opened(await ProveAsync(opened, _bed.CodeOf(app)));

        (next.Session.IsPending, next.Session.Proven).ShouldBe((false, FactorSet.Password | FactorSet.Totp));
        _bed.Find(opened.Token).ShouldBeNull();
        _bed.Find(next.Token).ShouldBeSameAs(next.Session);
        var record = _bed.Audit.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.Factors, record.Identity).ShouldBe((AuditEvents.SignIn, "allowed", "allow", "password + totp", _bed.Alice.Key));
    }

    [Fact]
    public async Task ProveTotp_BlanksBetweenTheDigits_AreNoMatter()
    {
        var app = await _bed.EnrolAsync();

        SignInBed.Opened(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app).Insert(3, " ") + " "));
    }

    [Fact]
    public async Task ProveTotp_CodeTwice_IsRefusedTheSecondTime()
    {
        var app = await _bed.EnrolAsync();
        var code = _bed.CodeOf(app);
        SignInBed.Opened(await ProveAsync(await _bed.BeginAsync(), code));

        SignInBed.Refusal(await ProveAsync(await _bed.BeginAsync(), code)).ShouldBe(VerdictReason.CodeUsed);
        SignInBed.Refusal(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app, -1))).ShouldBe(VerdictReason.CodeUsed);
        SignInBed.Opened(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app, 1)));
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task ProveTotp_StepsAway_OneIsTakenTwoAreNot(int away, bool taken)
    {
        var app = await _bed.EnrolAsync();

        var result = await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app, away));

        (result is SignInResult.Proven).ShouldBe(taken);
    }

    [Fact]
    public async Task ProveTotp_SecondApp_CountsAlike()
    {
        await _bed.EnrolAsync();
        var second = await _bed.EnrolAsync();

        SignInBed.Opened(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(second)));
    }

    [Fact]
    public async Task ProveTotp_OneCodeInManySessionsAtOnce_OpensOne()
    {
        var app = await _bed.EnrolAsync();
        var code = _bed.CodeOf(app);
        var sessions = new List<OpenedSession>();
        for (var i = 0; i < 8; i++)
        {
            sessions.Add(await _bed.BeginAsync());
        }

        var results = await Task.WhenAll(sessions.Select(session => Task.Run(async () => await ProveAsync(session, code))));

        results.Count(result => result is SignInResult.Proven).ShouldBe(1);
    }

    [Fact]
    public async Task ProveTotp_FiveWrongInFreshSessions_LocksTheUserInAll()
    {
        var app = await _bed.EnrolAsync();
        for (var i = 0; i < 5; i++)
        {
            SignInBed.Refusal(await ProveAsync(await _bed.BeginAsync(), _bed.WrongFor(app))).ShouldBe(VerdictReason.WrongCode);
        }

        SignInBed.Refusal(await ProveAsync(await _bed.BeginAsync(), _bed.WrongFor(app))).ShouldBe(VerdictReason.FactorLocked);
        SignInBed.Refusal(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app))).ShouldBe(VerdictReason.FactorLocked);
        SignInBed.Refusal(await _bed.Factor.ProveRecoveryCodeAsync((await _bed.BeginAsync()).Session, SessionToken.New(), "x", _bed.Context(), default))
            .ShouldBe(VerdictReason.WrongCode, "recovery codes have a counter of their own");
        var alarm = _bed.Audit.Records.Where(record => record.Event == AuditEvents.Lockout).ShouldHaveSingleItem();
        (alarm.Reason, alarm.Identity).ShouldBe(("factor-locked", _bed.Alice.Key));

        _bed.Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
        SignInBed.Opened(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app)));
    }

    [Fact]
    public async Task ProveTotp_TwentyWrongWithoutARightOne_LocksUntilCleared()
    {
        var app = await _bed.EnrolAsync();
        for (var i = 0; i < 20; i++)
        {
            SignInBed.Refusal(await ProveAsync(await _bed.BeginAsync(), _bed.WrongFor(app))).ShouldBe(VerdictReason.WrongCode);
            _bed.Clock.Advance(TimeSpan.FromMinutes(20));
        }

        _bed.Clock.Advance(TimeSpan.FromDays(300));
        SignInBed.Refusal(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app))).ShouldBe(VerdictReason.FactorLocked);

        (await _bed.Guard.ClearAsync(Total, default)).ShouldBeTrue();
        SignInBed.Opened(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app)));
    }

    [Fact]
    public async Task ProveTotp_TotalLockedByAnotherProcess_IsRefusedAndNotCounted()
    {
        var app = await _bed.EnrolAsync();
        var rule = _bed.Context().Lockout.FactorTotal;
        for (var i = 0; i < rule.Limit; i++)
        {
            await _bed.Counters.ChargeAsync(Total.Text, rule, _bed.Clock.GetUtcNow().ToUnixTimeMilliseconds(), default);
        }

        SignInBed.Refusal(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app))).ShouldBe(VerdictReason.FactorLocked);

        (await _bed.FailuresAsync(Factor)).ShouldBe(0);
    }

    [Fact]
    public async Task ProveTotp_RightCode_ForgivesCodesAndPasswords()
    {
        var app = await _bed.EnrolAsync();
        await _bed.Guard.ChargeAsync(Account, _bed.Context().Lockout.Account, default);
        await ProveAsync(await _bed.BeginAsync(), _bed.WrongFor(app));
        ((await _bed.FailuresAsync(Factor)), (await _bed.FailuresAsync(Total)), (await _bed.FailuresAsync(Account))).ShouldBe((1, 1, 1));

        SignInBed.Opened(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app)));

        ((await _bed.FailuresAsync(Factor)), (await _bed.FailuresAsync(Total)), (await _bed.FailuresAsync(Account))).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task ProveTotp_WrongCode_LeavesSessionAndPasswordCounterAlone()
    {
        var app = await _bed.EnrolAsync();
        await _bed.Guard.ChargeAsync(Account, _bed.Context().Lockout.Account, default);
        var opened = await _bed.BeginAsync();

        await ProveAsync(opened, _bed.WrongFor(app));

        _bed.Find(opened.Token).ShouldNotBeNull().IsPending.ShouldBeTrue();
        (await _bed.FailuresAsync(Account)).ShouldBe(1);
        var record = _bed.Audit.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict).ShouldBe((AuditEvents.Refusal, "wrong-code", "deny"));
    }

    [Fact]
    public async Task ProveTotp_AppsCannotBeRead_IsUnavailableAndNotCounted()
    {
        var app = await _bed.EnrolAsync();
        _bed.Apps.IsDown = true;

        (await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app))).ShouldBe(new SignInResult.Unavailable(VerdictReason.StoreUnavailable));

        ((await _bed.FailuresAsync(Factor)), (await _bed.FailuresAsync(Total))).ShouldBe((0, 0));
    }

    [Fact]
    public async Task ProveTotp_AuditCannotBeWritten_IsUnavailableAndNotCounted()
    {
        var app = await _bed.EnrolAsync();
        var opened = await _bed.BeginAsync();
        _bed.Audit.IsDown = true;

        (await ProveAsync(opened, _bed.CodeOf(app))).ShouldBeOfType<SignInResult.Unavailable>();

        _bed.Find(opened.Token).ShouldNotBeNull().IsPending.ShouldBeTrue();
        ((await _bed.FailuresAsync(Factor)), (await _bed.FailuresAsync(Total))).ShouldBe((0, 0));
    }

    [Fact]
    public async Task ProveTotp_CountersCannotBeWritten_LooksAtNoCode()
    {
        var app = await _bed.EnrolAsync();
        _bed.Counters.IsDown = true;
        (await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app))).ShouldBeOfType<SignInResult.Unavailable>();

        _bed.Counters.IsDown = false;
        SignInBed.Opened(await ProveAsync(await _bed.BeginAsync(), _bed.CodeOf(app)));
    }

    [Theory]
    [InlineData("alice", true)]
    [InlineData("bob", false)]
    public async Task ProveTotp_WithACertificate_MakesItsOwnersPlaceFamiliar(string owner, bool familiar)
    {
        var app = await _bed.EnrolAsync();
        var opened = await _bed.BeginAsync();
        var context = _bed.Context() with { Device = new DeviceCertificate(owner, "AA", "ca", _bed.Clock.GetUtcNow().AddDays(1)) };
        SignInBed.Opened(await _bed.Factor.ProveTotpAsync(opened.Session, opened.Token, _bed.CodeOf(app), context, default));

        var elsewhere = new Place(System.Net.IPAddress.Parse("203.0.113.9"), "AA", DeviceId: null);
        (await _bed.Guard.Places.FindAsync(_bed.Alice, elsewhere, context.Lockout, default)).HasValue.ShouldBe(familiar);
    }

    [Fact]
    public async Task ProveTotp_SessionRevokedMeanwhile_IsNoSession()
    {
        var app = await _bed.EnrolAsync();
        var opened = await _bed.BeginAsync();
        await _bed.Sessions.EndAsync(opened.Session.Id, default);

        SignInBed.Refusal(await ProveAsync(opened, _bed.CodeOf(app))).ShouldBe(VerdictReason.SessionEnded);

        _bed.Sessions.Count.ShouldBe(0);
    }

    [Fact]
    public async Task ProveRecoveryCode_Twice_IsRefusedTheSecondTime()
    {
        var (shown, kept) = RecoveryCodeSet.New();
        await _bed.Recovery.ReplaceAsync(_bed.Alice.Key, kept, _bed.Clock.GetUtcNow(), default);

        var next = SignInBed.Opened(await RecoverAsync(shown[3].ToLowerInvariant()));

        next.Session.Proven.ShouldBe(FactorSet.Password | FactorSet.RecoveryCode);
        SignInBed.Refusal(await RecoverAsync(shown[3])).ShouldBe(VerdictReason.WrongCode);
        SignInBed.Refusal(await RecoverAsync("no code")).ShouldBe(VerdictReason.WrongCode);
        (await _bed.Factor.FindAsync(_bed.Alice, default)).RecoveryCodes.ShouldBe(9);
        (await _bed.FailuresAsync(LockoutKey.ForRecovery(_bed.Alice))).ShouldBe(2);
        (await _bed.FailuresAsync(Factor)).ShouldBe(0);
    }

    [Fact]
    public async Task ProveRecoveryCode_CodesOfTheAppAreClosedForEver_StillLetsTheOwnerIn()
    {
        await _bed.EnrolAsync();
        var (shown, kept) = RecoveryCodeSet.New();
        await _bed.Recovery.ReplaceAsync(_bed.Alice.Key, kept, _bed.Clock.GetUtcNow(), default);
        await _bed.Guard.ChargeAsync(LockoutKey.ForFactorTotal(_bed.Alice), new LockoutRule(1, 60_000, 60_000_000), default);
        var opened = await _bed.BeginAsync();
        SignInBed.Refusal(await _bed.Factor.ProveTotpAsync(opened.Session, opened.Token, "000000", _bed.Context(), default)).ShouldBe(VerdictReason.FactorLocked);

        (await _bed.Factor.ProveRecoveryCodeAsync(opened.Session, opened.Token, shown[0], _bed.Context(), default)).ShouldBeOfType<SignInResult.Proven>();
    }

    [Fact]
    public async Task Find_NothingEnrolled_HasNothingToAskFor()
    {
        (await _bed.Factor.FindAsync(_bed.Alice, default)).Any.ShouldBeFalse();
        await _bed.EnrolAsync();
        (await _bed.Factor.FindAsync(_bed.Alice, default)).Any.ShouldBeTrue();
    }

    private async Task<SignInResult> ProveAsync(OpenedSession opened, string code) => await _bed.Factor.ProveTotpAsync(opened.Session, opened.Token, code, _bed.Context(), default);

    private async Task<SignInResult> RecoverAsync(string code)
    {
        var opened = await _bed.BeginAsync();
        return await _bed.Factor.ProveRecoveryCodeAsync(opened.Session, opened.Token, code, _bed.Context(), default);
    }
}
