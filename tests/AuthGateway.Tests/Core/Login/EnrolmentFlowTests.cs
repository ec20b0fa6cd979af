using AuthGateway.Core.Audit;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Tests.Core.Login;

public sealed class EnrolmentFlowTests
{
    private readonly SignInBed _bed = new();

    [Theory]
    [InlineData(SignInBed.Office, 0, EnrolmentGate.Open)]
    [InlineData(SignInBed.Outside, 0, EnrolmentGate.NeedsCode)]
    [InlineData(SignInBed.Office, 301, EnrolmentGate.NeedsSignIn)]
    [InlineData(SignInBed.Outside, 301, EnrolmentGate.NeedsSignIn)]
    public async Task Gate_NothingEnrolled_DependsOnNetworkAndAge(string address, int seconds, EnrolmentGate gate)
    {
        var opened = await _bed.BeginAsync(pending: false);
        _bed.Clock.Advance(TimeSpan.FromSeconds(seconds));

        (await _bed.Enrolment.GateAsync(opened.Session, _bed.Context(address), default)).ShouldBe(gate);
    }

    [Theory]
    [InlineData(FactorSet.None, 0, EnrolmentGate.NeedsFactor)]
    [InlineData(FactorSet.Totp, 0, EnrolmentGate.Open)]
    [InlineData(FactorSet.RecoveryCode, 0, EnrolmentGate.Open)]
    [InlineData(FactorSet.Totp, 300, EnrolmentGate.Open)]
    [InlineData(FactorSet.Totp, 301, EnrolmentGate.NeedsFactor)]
    public async Task Gate_SomethingEnrolled_NeedsARecentFactorFromAnywhere(FactorSet proven, int seconds, EnrolmentGate gate)
    {
        await _bed.EnrolAsync();
        var opened = await ProvenAsync(proven);
        _bed.Clock.Advance(TimeSpan.FromSeconds(seconds));

        (await _bed.Enrolment.GateAsync(opened.Session, _bed.Context(SignInBed.Office), default)).ShouldBe(gate);
        (await _bed.Enrolment.GateAsync(opened.Session, _bed.Context(SignInBed.Outside), default)).ShouldBe(gate);
        _bed.Enrolment.GateOfOwner(opened.Session).ShouldBe(gate);
    }

    [Theory]
    [InlineData(FactorSet.Network)]
    [InlineData(FactorSet.Device)]
    [InlineData(FactorSet.Header)]
    [InlineData(FactorSet.Device | FactorSet.Network)]
    public async Task Gate_ProvenByTheRequestAlone_NeedsASignIn(FactorSet proven)
    {
        var opened = await _bed.Sessions.BeginAsync(new SessionStart(SignInBed.Host, _bed.Alice, proven, false, null, SignInBed.Office, "Browser"), _bed.Lifetimes, default);

        (await _bed.Enrolment.GateAsync(opened.Session, _bed.Context(SignInBed.Office), default)).ShouldBe(EnrolmentGate.NeedsSignIn);
    }

    [Fact]
    public async Task Gate_AsManyAppsAsAllowed_IsFull()
    {
        for (var i = 0; i < FactorPolicy.MostApps; i++)
        {
            await _bed.EnrolAsync();
        }

        (await _bed.Enrolment.GateAsync((await ProvenAsync(FactorSet.Totp)).Session, _bed.Context(), default)).ShouldBe(EnrolmentGate.Full);
    }

    [Fact]
    public async Task Confirm_TheLastFactor_ForgivesTheFailuresOfThePassword()
    {
        var opened = await _bed.BeginAsync();
        await _bed.Guard.ChargeAsync(LockoutKey.ForUser(opened.Session.User), new LockoutRule(5, 60_000, 60_000), default);
        var shown = _bed.Enrolment.Show(opened.Session, _bed.Context(SignInBed.Office));
        var code = TotpCode.Of(shown.Seed, shown.Algorithm, shown.Digits, TotpCode.StepOf(_bed.Clock.GetUtcNow()));

        (await _bed.Enrolment.ConfirmAsync(opened.Session, opened.Token, code, "Pixel", _bed.Context(SignInBed.Office), default)).ShouldBeOfType<EnrolmentResult.Enrolled>();

        (await _bed.Counters.ListAsync("user:", 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Confirm_FromTheOffice_EnrolsAndProvesTheFactor()
    {
        var opened = await _bed.BeginAsync();

        var enrolled = (await ConfirmAsync(opened, SignInBed.Office)).ShouldBeOfType<EnrolmentResult.Enrolled>();

        enrolled.RecoveryCodes.Count.ShouldBe(10);
        (enrolled.Opened.Session.IsPending, enrolled.Opened.Session.Proven).ShouldBe((false, FactorSet.Password | FactorSet.Totp));
        _bed.Find(opened.Token).ShouldBeNull();
        _bed.Find(enrolled.Opened.Token).ShouldNotBeNull();
        var app = (await _bed.Apps.ListAsync(_bed.Alice.Key, default)).ShouldHaveSingleItem();
        (app.Label, app.Login).ShouldBe(("My phone", "alice"));
        (await _bed.Recovery.CountAsync(_bed.Alice.Key, default)).ShouldBe(10);
        _bed.Audit.Records.Select(record => (record.Event, record.Reason)).ShouldBe([(AuditEvents.Factor, "totp-enrolled"), (AuditEvents.SignIn, "allowed")]);

        var again = await _bed.BeginAsync();
        SignInBed.Refusal(await _bed.Factor.ProveTotpAsync(again.Session, again.Token, _bed.CodeOf(app), _bed.Context(), default)).ShouldBe(VerdictReason.CodeUsed);
    }

    [Fact]
    public async Task Confirm_FromOutsideWithoutACode_IsRefusedAndRecorded()
    {
        var opened = await _bed.BeginAsync();

        (await ConfirmAsync(opened, SignInBed.Outside)).ShouldBe(new EnrolmentResult.Refused(VerdictReason.EnrolmentNotAllowed));

        (await _bed.Apps.ListAsync(_bed.Alice.Key, default)).ShouldBeEmpty();
        _bed.Audit.Records.ShouldHaveSingleItem().Reason.ShouldBe("enrolment-not-allowed");
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("ALICE")]
    public async Task Confirm_FromOutsideWithACode_UsesItUp(string invited)
    {
        var code = await InviteAsync(invited);
        var opened = await _bed.BeginAsync();
        SignInBed.Opened(await OfferAsync(opened, code)).ShouldBe(opened);
        (await _bed.Enrolment.GateAsync(opened.Session, _bed.Context(), default)).ShouldBe(EnrolmentGate.Open);

        (await ConfirmAsync(opened, SignInBed.Outside)).ShouldBeOfType<EnrolmentResult.Enrolled>();

        SignInBed.Refusal(await OfferAsync(await _bed.BeginAsync(), code)).ShouldBe(VerdictReason.EnrolmentNotAllowed);
    }

    [Fact]
    public async Task Confirm_OneCodeInTwoBrowsers_EnrolsOne()
    {
        var code = await InviteAsync("alice");
        var first = await _bed.BeginAsync();
        var second = await _bed.BeginAsync();
        SignInBed.Opened(await OfferAsync(first, code));
        SignInBed.Opened(await OfferAsync(second, code));
        (await ConfirmAsync(first, SignInBed.Outside)).ShouldBeOfType<EnrolmentResult.Enrolled>();

        (await ConfirmAsync(second, SignInBed.Outside)).ShouldBe(new EnrolmentResult.Refused(VerdictReason.EnrolmentNotAllowed));

        // Not even when the app of the first is gone again, and with it what stood in the way.
        await _bed.Apps.RemoveAllAsync(_bed.Alice.Key, default);
        (await ConfirmAsync(second, SignInBed.Outside)).ShouldBe(new EnrolmentResult.Refused(VerdictReason.EnrolmentNotAllowed));
        (await _bed.Apps.ListAsync(_bed.Alice.Key, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task OfferCode_WrongOrOfSomebodyElseOrExpired_IsRefused()
    {
        var bobs = await InviteAsync("bob");
        var expired = await InviteAsync("alice");
        SignInBed.Refusal(await OfferAsync(await _bed.BeginAsync(), EnrolmentCode.New().Shown)).ShouldBe(VerdictReason.EnrolmentNotAllowed);
        SignInBed.Refusal(await OfferAsync(await _bed.BeginAsync(), bobs)).ShouldBe(VerdictReason.EnrolmentNotAllowed);
        SignInBed.Refusal(await OfferAsync(await _bed.BeginAsync(), "")).ShouldBe(VerdictReason.EnrolmentNotAllowed);

        _bed.Clock.Advance(EnrolmentCode.DefaultLifetime);
        SignInBed.Refusal(await OfferAsync(await _bed.BeginAsync(), expired)).ShouldBe(VerdictReason.EnrolmentNotAllowed);
    }

    [Fact]
    public async Task OfferCode_GuessedTooOftenInOneSession_IsRefusedHoweverRight()
    {
        var code = await InviteAsync("alice");
        var opened = await _bed.BeginAsync();
        for (var i = 0; i < 20; i++)
        {
            await OfferAsync(opened, EnrolmentCode.New().Shown);
        }

        SignInBed.Refusal(await OfferAsync(opened, code)).ShouldBe(VerdictReason.EnrolmentNotAllowed);
    }

    [Fact]
    public async Task Confirm_WrongCode_KeepsTheSeedThatWasScanned()
    {
        var opened = await _bed.BeginAsync();
        var shown = _bed.Enrolment.Show(opened.Session, _bed.Context());

        (await _bed.Enrolment.ConfirmAsync(opened.Session, opened.Token, "no code", null, _bed.Context(SignInBed.Office), default))
            .ShouldBe(new EnrolmentResult.Refused(VerdictReason.WrongCode));

        _bed.Enrolment.Show(opened.Session, _bed.Context()).ShouldBeSameAs(shown);
        _bed.Find(opened.Token).ShouldNotBeNull();
    }

    [Fact]
    public async Task Confirm_NothingShown_IsRefused()
    {
        var opened = await _bed.BeginAsync();

        (await _bed.Enrolment.ConfirmAsync(opened.Session, opened.Token, "123456", null, _bed.Context(SignInBed.Office), default)).ShouldBeOfType<EnrolmentResult.Refused>();
    }

    [Fact]
    public async Task Show_Seed_IsInTheUriAndForTyping()
    {
        var shown = _bed.Enrolment.Show((await _bed.BeginAsync()).Session, _bed.Context());

        shown.Typed.ShouldBe(TotpUri.Base32(shown.Seed));
        shown.Uri.ShouldStartWith($"otpauth://totp/Example:alice?secret={shown.Typed}&");
    }

    [Fact]
    public async Task Confirm_SecondApp_KeepsTheRecoveryCodesThereAre()
    {
        (await ConfirmAsync(await _bed.BeginAsync(), SignInBed.Office)).ShouldBeOfType<EnrolmentResult.Enrolled>();

        var second = (await ConfirmAsync(await ProvenAsync(FactorSet.Totp), SignInBed.Outside)).ShouldBeOfType<EnrolmentResult.Enrolled>();

        second.RecoveryCodes.ShouldBeEmpty();
        (await _bed.Apps.ListAsync(_bed.Alice.Key, default)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Confirm_StoreDown_IsUnavailable()
    {
        var opened = await _bed.BeginAsync();
        _bed.Apps.IsDown = true;

        (await ConfirmAsync(opened, SignInBed.Office)).ShouldBe(new EnrolmentResult.Unavailable());
    }

    [Fact]
    public async Task Remove_WithoutARecentFactor_IsRefused()
    {
        var app = await _bed.EnrolAsync();
        var stale = await ProvenAsync(FactorSet.Totp);
        _bed.Clock.Advance(TimeSpan.FromSeconds(301));

        (await _bed.Enrolment.RemoveAsync((await _bed.BeginAsync(pending: false)).Session, app.Id, _bed.Context(), default)).ShouldBeFalse();
        (await _bed.Enrolment.RemoveAsync(stale.Session, app.Id, _bed.Context(), default)).ShouldBeFalse();
        (await _bed.Enrolment.RenewRecoveryCodesAsync(stale.Session, _bed.Context(), default)).ShouldBeNull();
        (await _bed.Apps.ListAsync(_bed.Alice.Key, default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Remove_LastApp_TakesTheRecoveryCodesAlong()
    {
        var first = await _bed.EnrolAsync();
        var second = await _bed.EnrolAsync();
        var opened = await ProvenAsync(FactorSet.Totp);
        (await _bed.Enrolment.RenewRecoveryCodesAsync(opened.Session, _bed.Context(), default)).ShouldNotBeNull().Count.ShouldBe(10);

        (await _bed.Enrolment.RemoveAsync(opened.Session, "somebody else's", _bed.Context(), default)).ShouldBeFalse();
        (await _bed.Enrolment.RemoveAsync(opened.Session, first.Id, _bed.Context(), default)).ShouldBeTrue();
        (await _bed.Recovery.CountAsync(_bed.Alice.Key, default)).ShouldBe(10);
        (await _bed.Enrolment.RemoveAsync(opened.Session, second.Id, _bed.Context(), default)).ShouldBeTrue();

        (await _bed.Recovery.CountAsync(_bed.Alice.Key, default)).ShouldBe(0);
        _bed.Audit.Records.Select(record => record.Reason).ShouldBe(["recovery-codes-renewed", "totp-removed", "totp-removed"]);
    }

    [Fact]
    public async Task RenewRecoveryCodes_Again_VoidsTheOnesBefore()
    {
        await _bed.EnrolAsync();
        var opened = await ProvenAsync(FactorSet.Totp);
        var before = (await _bed.Enrolment.RenewRecoveryCodesAsync(opened.Session, _bed.Context(), default)).ShouldNotBeNull();
        await _bed.Enrolment.RenewRecoveryCodesAsync(opened.Session, _bed.Context(), default);

        var other = await _bed.BeginAsync();
        SignInBed.Refusal(await _bed.Factor.ProveRecoveryCodeAsync(other.Session, other.Token, before[0], _bed.Context(), default)).ShouldBe(VerdictReason.WrongCode);
    }

    private async Task<string> InviteAsync(string name)
    {
        var (shown, hash) = EnrolmentCode.New();
        await _bed.Codes.PutAsync(name.ToLowerInvariant(), hash, _bed.Clock.GetUtcNow() + EnrolmentCode.DefaultLifetime, default);
        return shown;
    }

    private async Task<SignInResult> OfferAsync(OpenedSession opened, string code) =>
        await _bed.Enrolment.OfferCodeAsync(opened.Session, opened.Token, code, _bed.Context(), default);

    private async Task<EnrolmentResult> ConfirmAsync(OpenedSession opened, string address)
    {
        var shown = _bed.Enrolment.Show(opened.Session, _bed.Context(address));
        var code = TotpCode.Of(shown.Seed, shown.Algorithm, shown.Digits, TotpCode.StepOf(_bed.Clock.GetUtcNow()));
        return await _bed.Enrolment.ConfirmAsync(opened.Session, opened.Token, code, " My phone ", _bed.Context(address), default);
    }

    private async Task<OpenedSession> ProvenAsync(FactorSet factor)
    {
        var opened = await _bed.BeginAsync(pending: false);
        return factor == FactorSet.None ? opened : (await _bed.Sessions.StepUpAsync(opened.Session, opened.Token, factor, _bed.Lifetimes, default)).ShouldNotBeNull();
    }
}
