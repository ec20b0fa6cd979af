using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Ldap;
using AuthGateway.Core.Faults;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

/// <summary>When the directory itself would lock a user, and the mark its password leaves.</summary>
public sealed class LdapLockoutTests : LdapBackendTestBase
{
    private const string Domain = "dc=bed,dc=test";
    private const string OwnPolicy = "cn=strict,cn=policies,dc=bed,dc=test";

    [Theory]
    [InlineData("pwdLastSet", "133500000000000000")]
    [InlineData("pwdChangedTime", "20260101000000Z")]
    public async Task Find_PasswordSet_CarriesItsMark(string attribute, string value)
    {
        var alice = Alice().With(attribute, value);
        var backend = Build(Options(WithAlice(alice).Address));

        (await Found(backend)).PasswordMark.ShouldBe(value);
        (Directory.Searches, Directory.BindsAs(AliceDn)).ShouldBe((1, 0));
    }

    [Fact]
    public async Task Find_NoMarkShown_IsNull() => (await Found(Build(Options(WithAlice().Address)))).PasswordMark.ShouldBeNull();

    public static TheoryData<string, string, DirectoryLockout?> Domains => new()
    {
        { "5", "-18000000000", new(5, TimeSpan.FromMinutes(30)) },
        { "10", "-9223372036854775808", new(10, TimeSpan.MaxValue) },
        { "10", "0", new(10, TimeSpan.FromMinutes(30)) }, // nonsense: as configured
        { "0", "-18000000000", null },
    };

    [Theory]
    [MemberData(nameof(Domains))]
    public async Task Find_DomainThatLocks_SaysWhen(string threshold, string window, DirectoryLockout? expected)
    {
        var backend = Build(ActiveDirectory(threshold, window));

        (await Found(backend)).DirectoryLockout.ShouldBe(expected);

        var report = await TellAsync(backend);
        report.ShouldBe(new DirectoryLockoutReport(expected, Domain, null));
    }

    [Fact]
    public async Task Find_AgainWithinTenMinutes_AsksForTheUserOnly()
    {
        var backend = Build(ActiveDirectory());
        await Found(backend);
        Directory.Searches.ShouldBe(3); // the user; the server's own entry; the domain

        for (var i = 0; i < 20; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(29));
            (await Found(backend)).DirectoryLockout.ShouldBe(new DirectoryLockout(5, TimeSpan.FromMinutes(30)));
        }

        Directory.Searches.ShouldBe(23);
    }

    [Fact]
    public async Task Find_AfterTenMinutes_TakesTheOldAndReadsTheNewBeside()
    {
        var backend = Build(ActiveDirectory());
        await Found(backend);
        Directory.Entries.Find(entry => entry.Dn == Domain)!.Replace("lockoutThreshold", "9");
        Clock.Advance(LdapPolicyCache.FreshFor);

        (await Found(backend)).DirectoryLockout!.Threshold.ShouldBe(5);
        await Directory.UntilAsync(directory => directory.Searches >= 6);

        await EventuallyAsync(async () => (await Found(backend)).DirectoryLockout!.Threshold == 9);
    }

    [Fact]
    public async Task Find_WhileTheDomainCannotBeReadAgain_KeepsWhatItSaid()
    {
        var backend = Build(ActiveDirectory());
        await Found(backend);
        Clock.Advance(LdapPolicyCache.FreshFor);
        Directory.Once(DirectoryRequest.Search, Mischief.Honest);
        Directory.Once(DirectoryRequest.Search, Mischief.Answer(52));

        (await Found(backend)).DirectoryLockout!.Threshold.ShouldBe(5);
        await Directory.UntilAsync(directory => directory.Searches >= 5);

        (await Found(backend)).DirectoryLockout!.Threshold.ShouldBe(5);
    }

    [Fact]
    public async Task Find_UserWithAPolicyOfHisOwn_HasItsNumbers()
    {
        var options = ActiveDirectory(own: OwnPolicy);
        Directory.Entries.Add(new FakeEntry(OwnPolicy).With("objectClass", "msDS-PasswordSettings")
            .With("msDS-LockoutThreshold", "3").With("msDS-LockoutObservationWindow", "-36000000000"));

        (await Found(Build(options))).DirectoryLockout.ShouldBe(new DirectoryLockout(3, TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData("5", 4)]
    [InlineData("3", 3)]
    [InlineData("0", 4)]
    public async Task Find_PolicyNobodyMayRead_IsTakenForCautious(string domain, int expected)
    {
        var options = ActiveDirectory(domain, own: OwnPolicy);
        Directory.Entries.Add(new FakeEntry(OwnPolicy).With("objectClass", "msDS-PasswordSettings")); // as Samba shows it to an ordinary account
        var backend = Build(options);

        var alice = await Found(backend);

        alice.DirectoryLockout.ShouldBe(new DirectoryLockout(expected, TimeSpan.FromMinutes(30)));
        var warning = (await TellAsync(backend, alice)).Warning.ShouldNotBeNull();
        warning.ShouldContain(OwnPolicy);
        warning.ShouldContain("DirectoryLockout:Threshold");
    }

    [Fact]
    public async Task Find_PolicyThatIsNotShownAtAll_IsTakenForCautious() =>
        (await Found(Build(ActiveDirectory("20", own: OwnPolicy)))).DirectoryLockout!.Threshold.ShouldBe(4);

    [Fact]
    public async Task Find_DomainThatHidesItsThreshold_IsTakenForCautiousAndNamesTheKey()
    {
        var options = ActiveDirectory();
        Directory.Entries.Find(entry => entry.Dn == Domain)!.Replace("lockoutThreshold");
        var backend = Build(options);

        (await Found(backend)).DirectoryLockout.ShouldBe(new DirectoryLockout(4, TimeSpan.FromMinutes(30)));

        var warning = (await TellAsync(backend)).Warning.ShouldNotBeNull();
        warning.ShouldContain("DirectoryLockout:Threshold");
        warning.ShouldContain("4 is taken meanwhile");
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("UnreadableThreshold", false)]
    [InlineData("", true)] // shown without what every policy has
    public async Task Find_ConfiguredPolicyNobodyMayRead_IsTakenForCautious(string key, bool isShown)
    {
        WithAlice();
        if (isShown)
        {
            Directory.Entries.Add(new FakeEntry("cn=default,dc=bed,dc=test").With("objectClass", "pwdPolicy"));
        }

        var options = Options(Directory.Address);
        options.DirectoryLockout.PolicyDn = "cn=default,dc=bed,dc=test";
        options.DirectoryLockout.UnreadableThreshold = key.Length > 0 ? 6 : options.DirectoryLockout.UnreadableThreshold;

        (await Found(Build(options))).DirectoryLockout.ShouldBe(new DirectoryLockout(key.Length > 0 ? 6 : 4, TimeSpan.FromMinutes(30)));
    }

    [Fact]
    public async Task Find_OwnAndUsualPolicyBothHidden_IsTakenForCautious()
    {
        var options = ActiveDirectory(own: OwnPolicy);
        Directory.Entries.Find(entry => entry.Dn == Domain)!.Replace("lockoutThreshold");

        (await Found(Build(options))).DirectoryLockout.ShouldBe(new DirectoryLockout(4, TimeSpan.FromMinutes(30)));
    }

    [Fact]
    public async Task Tell_DomainThatLocksAtOnce_Warns() =>
        (await TellAsync(Build(ActiveDirectory("2")))).Warning.ShouldNotBeNull().ShouldContain("too soon");

    public static TheoryData<string?, string?, string?, DirectoryLockout?> Policies => new()
    {
        { "TRUE", "4", "300", new(4, TimeSpan.FromMinutes(5)) },
        { "TRUE", "4", "0", new(4, TimeSpan.MaxValue) },
        { "true", "7", null, new(7, TimeSpan.MaxValue) },
        { "TRUE", "0", "300", null },
        { "TRUE", null, "300", null },
        { "FALSE", "4", "300", null },
        { null, "4", "300", null },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Find_PasswordPolicy_SaysWhen(string? locks, string? failures, string? interval, DirectoryLockout? expected)
    {
        var own = Policy(OwnPolicy, locks, failures, interval);
        WithAlice(Alice().With("pwdPolicySubentry", OwnPolicy));
        Directory.Entries.Add(own);
        var backend = Build(Options(Directory.Address));

        var alice = await Found(backend);

        alice.DirectoryLockout.ShouldBe(expected);
        (await TellAsync(backend, alice)).ShouldBe(new DirectoryLockoutReport(expected, OwnPolicy, null));
    }

    /// <summary>While a lock is in force the directory looks at no password: hers must not be counted, and none is sent. Once it is over a no is a no.</summary>
    [Theory]
    [InlineData("600", -5, AccountStates.Locked, 0)]
    [InlineData("0", -100_000, AccountStates.Locked, 0)]
    [InlineData("600", -11.5, null, 1)]
    [InlineData(null, -5, null, 1)]
    public async Task Verify_LockedForATime_IsAStateAsLongAsItLasts(string? duration, double minutes, string? state, int binds)
    {
        var since = Clock.GetUtcNow().AddMinutes(minutes).UtcDateTime.ToString("yyyyMMddHHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var entry = Alice().With("pwdPolicySubentry", OwnPolicy).With("pwdAccountLockedTime", since);
        entry.Refusal = (49, ""); // as slapd says it
        WithAlice(entry);
        var policy = Policy(OwnPolicy, "TRUE", "5", "300");
        Directory.Entries.Add(duration is null ? policy : policy.With("pwdLockoutDuration", duration));
        var backend = Build(Options(Directory.Address));

        var alice = await Found(backend);
        var answer = await Verify(backend, alice, AlicePassword);

        alice.State.ShouldBeNull("whoever comes without a password is let in all the same");
        Directory.BindsAs(AliceDn).ShouldBe(binds);
        answer.ShouldBe(state is null ? new BackendAnswer.Rejected { IsCertain = duration is not null } : new BackendAnswer.AccountState(state, SecretProven: false) { NothingShown = true });
    }

    [Fact]
    public async Task Find_SeveralServersInTurn_MayCountEachForItself()
    {
        WithAlice(Alice().With("pwdPolicySubentry", OwnPolicy));
        Directory.Entries.Add(Policy(OwnPolicy, "TRUE", "5", "300"));
        var options = Options(Directory.Address, Directory.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        (await Found(Build(options))).DirectoryLockout!.IsPerServer.ShouldBeFalse();
        options.HostOrder = "round-robin";
        (await Found(Build(options))).DirectoryLockout!.IsPerServer.ShouldBeTrue();

        Directory.Entries.Find(entry => entry.Dn == OwnPolicy)!.Replace("pwdFailureCountInterval", "0");
        (await Found(Build(options))).DirectoryLockout!.IsPerServer.ShouldBeFalse("nothing else would ever clear its budget");
    }

    [Fact]
    public async Task Find_NoPolicyOfHisOwn_HasTheConfiguredEntry()
    {
        WithAlice();
        Directory.Entries.Add(Policy("cn=default,dc=bed,dc=test", "TRUE", "6", "60"));
        var options = Options(Directory.Address);
        options.DirectoryLockout.PolicyDn = "cn=default,dc=bed,dc=test";

        (await Found(Build(options))).DirectoryLockout.ShouldBe(new DirectoryLockout(6, TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData("1.3.6.1.4.1.42.2.27.8.5.1", true)]
    [InlineData("1.2.840.113556.1.4.319", false)]
    public async Task Tell_NothingConfigured_WarnsWhereThereArePolicies(string control, bool warns)
    {
        WithAlice();
        Directory.Entries.Add(new FakeEntry("").With("objectClass", "top").With("supportedControl", control));
        var backend = Build(Options(Directory.Address));

        (await Found(backend)).DirectoryLockout.ShouldBeNull();
        Directory.Searches.ShouldBe(1);

        var warning = (await TellAsync(backend)).Warning;
        (warning is not null).ShouldBe(warns);
        warning?.ShouldContain("DirectoryLockout:PolicyDn");
    }

    [Theory]
    [InlineData("none", 0, 30)]
    [InlineData("8", 8, 30)]
    [InlineData("8", 8, 0)]
    public async Task Find_Configured_AsksNobody(string threshold, int expected, int minutes)
    {
        var options = ActiveDirectory(own: OwnPolicy);
        options.DirectoryLockout.Threshold = threshold;
        options.DirectoryLockout.ObservationWindow = TimeSpan.FromMinutes(minutes);
        var backend = Build(options);

        (await Found(backend)).DirectoryLockout.ShouldBe(
            expected == 0 ? null : new DirectoryLockout(expected, minutes == 0 ? TimeSpan.MaxValue : TimeSpan.FromMinutes(minutes)));

        Directory.Searches.ShouldBe(1);
        (await TellAsync(backend)).Source.ShouldBe("DirectoryLockout:Threshold");
    }

    [Fact]
    public async Task Find_Template_HasWhatIsConfigured()
    {
        WithAlice();
        var options = Options(Directory.Address);
        (options.SearchUser, options.SearchPassword, options.UserDnTemplate) = ("", "", "uid={0},ou=people,dc=bed,dc=test");
        options.DirectoryLockout.Threshold = "5";

        (await Found(Build(options))).DirectoryLockout.ShouldBe(new DirectoryLockout(5, TimeSpan.FromMinutes(30)));
        Directory.Searches.ShouldBe(0);
    }

    [Theory]
    [InlineData("2", "", "Threshold")]
    [InlineData("0", "", "Threshold")]
    [InlineData("often", "", "Threshold")]
    [InlineData("auto", "no name", "PolicyDn")]
    [InlineData("5", "cn=default,dc=bed,dc=test", "PolicyDn")]
    public void Validate_Nonsense_NamesTheKey(string threshold, string policy, string key)
    {
        var options = Options("ldap://127.0.0.1");
        (options.DirectoryLockout.Threshold, options.DirectoryLockout.PolicyDn) = (threshold, policy);
        var faults = new FaultList();

        LdapOptionsValidator.Validate(options, "B", faults);

        faults.All.ShouldHaveSingleItem().Key.ShouldBe($"B:DirectoryLockout:{key}");
    }

    [Fact]
    public void Validate_TemplateThatReadsNothing_Warns()
    {
        var options = Options("ldap://127.0.0.1");
        options.UserDnTemplate = "uid={0},dc=bed,dc=test";
        var faults = new FaultList();

        LdapOptionsValidator.Validate(options, "B", faults);

        faults.All.ShouldHaveSingleItem().Severity.ShouldBe(FaultSeverity.Warning);
    }

    private static new LdapBackendOptions Options(params string[] hosts)
    {
        var options = LdapBackendTestBase.Options(hosts);
        options.DirectoryLockout = new();
        return options;
    }

    private LdapBackendOptions ActiveDirectory(string threshold = "5", string window = "-18000000000", string? own = null)
    {
        WithAlice(own is null ? Alice() : Alice().With("msDS-ResultantPSO", own));
        Directory.Entries.Add(new FakeEntry("").With("objectClass", "top").With("defaultNamingContext", Domain));
        Directory.Entries.Add(new FakeEntry(Domain).With("objectClass", "domain").With("lockoutThreshold", threshold).With("lockOutObservationWindow", window));
        var options = Options(Directory.Address);
        options.Kind = "active-directory";
        return options;
    }

    private static FakeEntry Policy(string dn, string? locks, string? failures, string? interval)
    {
        var entry = new FakeEntry(dn).With("objectClass", "pwdPolicy").With("pwdAttribute", "userPassword");
        foreach (var (name, value) in new[] { ("pwdLockout", locks), ("pwdMaxFailure", failures), ("pwdFailureCountInterval", interval) })
        {
            entry = value is null ? entry : entry.With(name, value);
        }

        return entry;
    }

    private static Task<DirectoryLockoutReport> TellAsync(IBackend backend, BackendLookup.Found? user = null) =>
        backend.ShouldBeAssignableTo<IDirectoryLockoutTeller>()!.TellLockoutAsync(user, CancellationToken.None).AsTask().WaitAsync(Patience);

    /// <summary>The answer is on its way: a few more questions see it.</summary>
    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await condition())
            {
                return;
            }
        }

        throw new TimeoutException();
    }
}
