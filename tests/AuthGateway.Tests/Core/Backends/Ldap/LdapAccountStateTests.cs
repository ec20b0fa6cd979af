using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Ldap;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

/// <summary>What Active Directory and password policies say of an account, and who may hear it.</summary>
public sealed class LdapAccountStateTests : LdapBackendTestBase
{
    private const string LongAgo = "130000000000000000";
    private const string PolicyOid = "1.3.6.1.4.1.42.2.27.8.5.1";

    [Theory]
    [InlineData("userAccountControl", "512", null)]
    [InlineData("userAccountControl", "514", AccountStates.Disabled)]
    [InlineData("msDS-User-Account-Control-Computed", "16", AccountStates.Locked)]
    [InlineData("accountExpires", LongAgo, AccountStates.Expired)]
    [InlineData("accountExpires", "0", null)]
    [InlineData("accountExpires", "9223372036854775807", null)]
    [InlineData("accountExpires", "200000000000000000", null)]
    [InlineData("accountExpires", "never", null)]
    [InlineData("pwdLastSet", "0", null)]
    [InlineData("pwdAccountLockedTime", "000001010000Z", AccountStates.Locked)]
    [InlineData("pwdAccountLockedTime", "20250101000000Z", null)]
    public async Task Find_EntryThatShowsAState_CarriesIt(string attribute, string value, string? state) =>
        (await Found(Build(ActiveDirectory(Alice().With(attribute, value))))).State.ShouldBe(state);

    [Theory]
    [InlineData("userAccountControl", "514", AccountStates.Disabled)]
    [InlineData("accountExpires", LongAgo, AccountStates.Expired)]
    [InlineData("pwdLastSet", "0", AccountStates.MustChange)]
    [InlineData("msDS-User-Account-Control-Computed", "8388608", AccountStates.PasswordExpired)]
    public async Task Verify_DirectoryLetsTheBindPass_ButShowsAState_IsTheState(string attribute, string value, string state)
    {
        var backend = Build(ActiveDirectory(Alice().With(attribute, value)));
        var alice = await Found(backend);

        (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.AccountState>().ShouldSatisfyAllConditions(
            answer => answer.State.ShouldBe(state), answer => answer.SecretProven.ShouldBeTrue());
        (await Verify(backend, alice, "wrong")).ShouldBeOfType<BackendAnswer.Rejected>();
    }

    [Fact]
    public async Task Verify_PasswordThatNeverExpires_IsNoState()
    {
        var backend = Build(ActiveDirectory(Alice().With("userAccountControl", "66048").With("pwdLastSet", "0")));

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task Verify_LockedInActiveDirectory_SendsNoBindAndProvesNothing()
    {
        var backend = Build(ActiveDirectory(Alice().With("msDS-User-Account-Control-Computed", "16")));

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBe(
            new BackendAnswer.AccountState(AccountStates.Locked, SecretProven: false) { NothingShown = true });

        Directory.BindsAs(AliceDn).ShouldBe(0);
    }

    public static TheoryData<int, string, string, bool, bool> SubCodes => new()
    {
        { 49, "52e", "no", false, false },
        { 49, "525", "no", false, false },
        { 49, "530", AccountStates.LogonHours, true, false },
        { 49, "531", AccountStates.Workstation, true, false },
        { 49, "532", AccountStates.PasswordExpired, true, true },
        { 49, "533", AccountStates.Disabled, true, false },
        { 49, "701", AccountStates.Expired, true, false },
        { 49, "773", AccountStates.MustChange, true, true },
        { 49, "775", AccountStates.Locked, false, false },
        { 49, "0", "no", false, false },
    };

    [Theory]
    [MemberData(nameof(SubCodes))]
    public async Task Verify_SubCode_IsItsWord(int code, string subCode, string word, bool isProven, bool canChange)
    {
        var backend = Build(await SecureAsync(Alice()));
        var alice = await Found(backend);
        _secure!.On(DirectoryRequest.Bind, Mischief.Answer(code, $"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {subCode}, v1db1"));

        var answer = await Verify(backend, alice, AlicePassword);

        if (word == "no")
        {
            answer.ShouldBe(new BackendAnswer.Rejected { IsCertain = subCode == "52e" });
            return;
        }

        answer.ShouldBe(new BackendAnswer.AccountState(word, isProven) { CanChangePassword = canChange, NothingShown = word == AccountStates.Locked });
    }

    [Theory]
    [InlineData(49, "", true)]
    [InlineData(19, "Exceed password retry limit. Please try later.", false)] // as 389 Directory Server tells its lock
    [InlineData(32, "", false)]
    [InlineData(48, "", false)]
    [InlineData(50, "", false)]
    [InlineData(53, "Too many failed logins.", false)] // as FreeIPA does
    public async Task Verify_NoThatMayBeSaidToTheRightPassword_IsNotCertain(int code, string diagnostic, bool isCertain)
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Bind, Mischief.Answer(code, diagnostic));

        (await Verify(backend, alice, AlicePassword)).ShouldBe(new BackendAnswer.Rejected { IsCertain = isCertain });
    }

    [Theory]
    [InlineData("20260101120000Z", "2026-01-01T12:08:59Z", "locked")]
    [InlineData("20260101120000Z", "2026-01-01T12:09:00Z", "unsure")]
    [InlineData("20260101120000Z", "2026-01-01T12:10:59Z", "unsure")]
    [InlineData("20260101120000Z", "2026-01-01T12:11:00Z", "over")]
    [InlineData("20260101120000.123456Z", "2026-01-01T12:05:00Z", "locked")]
    [InlineData("20260101120000+0100", "2026-01-01T12:05:00Z", "unsure")]
    [InlineData("yesterday", "2026-01-01T12:05:00Z", "unsure")]
    public void WithLockOf_TimeAndDuration_SaysWhetherItLasts(string since, string now, string expected)
    {
        var time = DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture);
        string? Entry(string attribute) => attribute == "pwdAccountLockedTime" ? since : null;

        var state = LdapAccountState.Read(Entry, time).WithLockOf(Entry, TimeSpan.FromMinutes(10), time);

        (state.Account is AccountStates.Locked ? "locked" : state.MayBeLocked ? "unsure" : "over").ShouldBe(expected);
        state.IsForGood.ShouldBeFalse();
    }

    [Theory]
    [InlineData("pwdAccountLockedTime", "20250101000000Z")]
    [InlineData("pwdAccountTmpLockoutEnd", "20250101000000Z")]
    public async Task Verify_RefusedWhileALockMayHold_IsNotCertain(string attribute, string value)
    {
        var entry = Alice().With(attribute, value);
        entry.Refusal = (49, ""); // slapd without ppolicy_use_lockout, to the right password
        var backend = Build(Options(WithAlice(entry).Address));

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBe(new BackendAnswer.Rejected { IsCertain = false });

        entry.Replace(attribute).Refusal = null;
        (await Verify(backend, await Found(backend), "wrong")).ShouldBe(new BackendAnswer.Rejected());
        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task Verify_PolicyErrorThatIsNoneOfABind_IsNotCertain()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Bind, Mischief.AnswerWithControl(49, PolicyOid, Convert.FromHexString("3003810106"))); // too short

        (await Verify(backend, alice, AlicePassword)).ShouldBe(new BackendAnswer.Rejected { IsCertain = false });
    }

    [Fact]
    public async Task Verify_MustChangeWithoutTls_OffersNoChange()
    {
        var backend = Build(ActiveDirectory(Alice().With("pwdLastSet", "0")));

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.AccountState>().CanChangePassword.ShouldBeFalse();
    }

    [Theory]
    [InlineData(49, "3003810100", AccountStates.PasswordExpired, true, true)] // error 0
    [InlineData(49, "3003810101", AccountStates.Locked, false, false)] // error 1
    [InlineData(0, "3003810102", AccountStates.MustChange, true, true)] // error 2
    public async Task Verify_PasswordPolicy_IsItsWord(int code, string control, string word, bool isProven, bool canChange)
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Bind, Mischief.AnswerWithControl(code, PolicyOid, Convert.FromHexString(control)));

        (await Verify(backend, alice, AlicePassword)).ShouldBe(new BackendAnswer.AccountState(word, isProven) { CanChangePassword = canChange, NothingShown = word == AccountStates.Locked });
    }

    [Theory]
    [InlineData("3000", null, null)]
    [InlineData("3005a003810103", 3, null)] // grace
    [InlineData("3006a00480020e10", null, 3600)] // warning
    public async Task Verify_PasswordPolicyWarns_IsANotice(string control, int? grace, int? seconds)
    {
        var alice = Alice();
        alice.Control = (PolicyOid, Convert.FromHexString(control));
        var backend = Build(Options(WithAlice(alice).Address));

        var accepted = (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();

        accepted.Notice.ShouldBe(grace is null && seconds is null ? null : new PasswordNotice(grace, seconds is { } s ? TimeSpan.FromSeconds(s) : null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("04")]
    [InlineData("3003810200")]
    [InlineData("30038101ff")]
    [InlineData("3005a0038101ff")] // a negative number of grace logins
    [InlineData("300381010000")]
    public async Task Verify_UnreadablePolicy_LetsNobodyIn(string control)
    {
        var alice = Alice();
        alice.Control = (PolicyOid, Convert.FromHexString(control));
        var backend = Build(Options(WithAlice(alice).Address));

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>().NothingCounted.ShouldBeTrue();
    }

    [Fact]
    public async Task Verify_ServerWantsTls_SaysHowToGiveIt()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Bind, Mischief.Answer(8, "BindSimple: Transport encryption required."));

        (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("strong auth required");
        await using var other = new HostileDirectory();
        other.On(DirectoryRequest.Bind, Mischief.Answer(8, "BindSimple: Transport encryption required."));
        (await Find(Build(Options(other.Address)), "alice")).ShouldBeOfType<BackendLookup.Unavailable>().Why.ShouldContain("ldaps://");
    }

    private HostileDirectory? _secure;

    private LdapBackendOptions ActiveDirectory(FakeEntry alice) => ActiveDirectory(WithAlice(alice).Address);

    private static LdapBackendOptions ActiveDirectory(string address)
    {
        var options = Options(address);
        options.Kind = "active-directory";
        return options;
    }

    private Task<LdapBackendOptions> SecureAsync(FakeEntry alice)
    {
        _secure = Start(Certificate, isLdaps: true);
        _secure.Entries.Add(alice);
        var options = ActiveDirectory(_secure.Address);
        options.PinnedCertificates = [Certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256)];
        return Task.FromResult(options);
    }
}
