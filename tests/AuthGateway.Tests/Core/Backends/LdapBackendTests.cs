using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Ldap;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends;

public sealed class LdapBackendTests : LdapBackendTestBase
{
    [Fact]
    public async Task Find_ByName_ReadsWhoItIs()
    {
        var found = await Found(Build(Options(WithAlice().Address)));

        found.Identity.Key.ShouldBe("ad:6f1c");
        found.Identity.Login.ShouldBe("alice");
        found.Identity.Mail.ShouldBe("alice@bed.test");
        found.Identity.DisplayName.ShouldBe("Alice Ames");
        found.Identity.Groups.Order(StringComparer.Ordinal).ShouldBe(
            [@"cn=Sales\, West,ou=groups,dc=bed,dc=test", "Sales, West", "cn=mobile,ou=groups,dc=bed,dc=test", "mobile"], ignoreOrder: true);
        found.Identity.Aliases.Contains("a@bed.test").ShouldBeTrue();
    }

    [Fact]
    public async Task Find_ByMail_IsTheSameUser() =>
        (await Found(Build(Options(WithAlice().Address)), "Alice@bed.test")).Identity.Key.ShouldBe("ad:6f1c");

    [Fact]
    public async Task Find_BinaryId_IsWrittenAsActiveDirectoryDoes()
    {
        var id = Guid.NewGuid();
        var options = Options(WithAlice(Alice().With("objectGUID", id.ToByteArray())).Address);
        options.IdAttribute = "objectGUID";

        (await Found(Build(options))).Identity.ObjectId.ShouldBe(id.ToString());
    }

    [Theory] // LD-02
    [InlineData("alice)(uid=alice")]
    [InlineData("alice)(|(uid=alice")]
    [InlineData(@"\2a")]
    [InlineData(@"al\2a")]
    [InlineData("uid=alice,ou=people,dc=bed,dc=test")]
    public async Task Find_FilterInTheName_MatchesNobody(string name)
    {
        var directory = WithAlice();

        (await Find(Build(Options(directory.Address)), name)).ShouldBeOfType<BackendLookup.UnknownUser>();

        directory.Binds.ShouldBe(directory.BindsAs(ServiceDn));
    }

    [Theory] // LD-02
    [InlineData("*")]
    [InlineData("a*")]
    [InlineData("*)(objectClass=*")]
    public void Name_WithAStar_IsNoName(string name) => UserName.TryParse(name, out _).ShouldBeFalse();

    [Fact]
    public async Task Find_BracketsInAName_AreFoundAsTheyAre()
    {
        var directory = WithAlice(new FakeEntry("cn=odd,dc=bed,dc=test").With("uid", @"x)(y\").With("entryUUID", "7"));

        (await Found(Build(Options(directory.Address)), @"x)(y\")).Identity.Key.ShouldBe("ad:7");
    }

    [Fact] // LD-05
    public async Task Find_TwoEntries_LetsNeitherIn()
    {
        var directory = WithAlice();
        directory.On(DirectoryRequest.Search, Mischief.TwoEntries);

        (await Find(Build(Options(directory.Address)), "alice")).ShouldBeOfType<BackendLookup.Ambiguous>();
    }

    [Fact] // LD-05
    public async Task Find_Referral_IsNotFollowedAndNoAnswer()
    {
        var directory = WithAlice();
        directory.On(DirectoryRequest.Search, Mischief.Referral);

        (await Find(Build(Options(directory.Address)), "alice")).ShouldBeOfType<BackendLookup.Unavailable>();
    }

    [Theory]
    [InlineData("(uid=alice)", true)]
    [InlineData("(uid=bert)", false)]
    public async Task Find_AlwaysFilter_MustHoldToo(string filter, bool isFound)
    {
        var options = Options(WithAlice().Address);
        options.AlwaysFilter = filter;

        (await Find(Build(options), "alice") is BackendLookup.Found).ShouldBe(isFound);
    }

    [Theory]
    [InlineData("cn=mobile,ou=groups,dc=bed,dc=test", true)]
    [InlineData("cn=other,ou=groups,dc=bed,dc=test", false)]
    public async Task Find_GroupDn_WhoIsNotInItIsUnknown(string group, bool isFound)
    {
        var options = Options(WithAlice().Address);
        options.GroupDn = group;

        (await Find(Build(options), "alice") is BackendLookup.Found).ShouldBe(isFound);
    }

    [Fact]
    public async Task Find_NoId_IsAFaultOfTheDirectoryAndNoUser()
    {
        var options = Options(WithAlice().Address);
        options.IdAttribute = "objectGUID";

        (await Find(Build(options), "alice")).ShouldBeOfType<BackendLookup.Unavailable>().Why.ShouldContain("objectGUID");
    }

    [Fact]
    public async Task Verify_RightAndWrong_AreToldApart()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);

        (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>().Identity.ShouldBeSameAs(alice.Identity);
        (await Verify(backend, alice, "wrong")).ShouldBeOfType<BackendAnswer.Rejected>();
        Directory.BindsAs(AliceDn).ShouldBe(2);
    }

    [Fact] // LD-01
    public async Task Verify_Empty_SendsNoBind()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);

        (await Verify(backend, alice, "")).ShouldBeOfType<BackendAnswer.Rejected>();

        Directory.BindsAs(AliceDn).ShouldBe(0);
    }

    [Theory]
    [InlineData(49, "", "no")]
    [InlineData(49, "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1", "no")]
    [InlineData(49, "80090308: comment: AcceptSecurityContext error, data 525, v1db1", "no")]
    [InlineData(49, "80090308: comment: AcceptSecurityContext error, data 533, v1db1", "disabled, proven")]
    [InlineData(49, "80090308: comment: AcceptSecurityContext error, data 532, v1db1", "password-expired, proven")]
    [InlineData(49, "80090308: comment: AcceptSecurityContext error, data 701, v1db1", "expired, proven")]
    [InlineData(49, "80090308: comment: AcceptSecurityContext error, data 773, v1db1", "must-change, proven")]
    [InlineData(49, "80090308: comment: AcceptSecurityContext error, data 775, v1db1", "locked")]
    [InlineData(53, "unauthenticated bind disallowed", "no")]
    [InlineData(8, "Transport encryption required.", "unavailable")]
    [InlineData(51, "busy", "unavailable")]
    [InlineData(52, "unavailable", "unavailable")]
    [InlineData(80, "other", "unavailable")]
    public async Task Verify_RefusedBind_IsReadAndNeverTriedAgain(int code, string diagnostic, string expected)
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Bind, Mischief.Answer(code, diagnostic));

        var told = await Verify(backend, alice, AlicePassword) switch
        {
            BackendAnswer.Rejected => "no",
            BackendAnswer.AccountState state => state.State + (state.SecretProven ? ", proven" : ""),
            BackendAnswer.Unavailable => "unavailable",
            var other => other.ToString(),
        };

        told.ShouldBe(expected);
        Directory.BindsAs(AliceDn).ShouldBe(1);
    }

    [Theory]
    [InlineData("userAccountControl", "514", AccountStates.Disabled)]
    [InlineData("msDS-User-Account-Control-Computed", "16", AccountStates.Locked)]
    [InlineData("nsAccountLock", "TRUE", AccountStates.Disabled)]
    public async Task Verify_StateSeenBySearch_SendsNoBind(string attribute, string value, string state)
    {
        var backend = Build(Options(WithAlice(Alice().With(attribute, value)).Address));
        var alice = await Found(backend);

        (await Verify(backend, alice, AlicePassword)).ShouldBe(new BackendAnswer.AccountState(state, SecretProven: false) { NothingShown = true });

        Directory.BindsAs(AliceDn).ShouldBe(0);
    }

    [Fact]
    public async Task Verify_PasswordThatIsNoText_IsWrongWithoutABind()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);

        (await backend.VerifyAsync(alice, Secret.FromUtf8([0xff, 0xfe]), CancellationToken.None)).ShouldBeOfType<BackendAnswer.Rejected>();

        Directory.BindsAs(AliceDn).ShouldBe(0);
    }

    [Fact]
    public async Task Probe_AllWell_SaysNothing_OtherwiseOneLine()
    {
        WithAlice(new FakeEntry("dc=bed,dc=test").With("objectClass", "domain"));
        var wrongPassword = Options(Directory.Address);
        wrongPassword.SearchPassword = "wrong";
        var wrongBase = Options(Directory.Address);
        wrongBase.BaseDn = "dc=nowhere";

        (await Build(Options(Directory.Address)).ProbeAsync(CancellationToken.None)).ShouldBeNull();
        (await Build(wrongPassword).ProbeAsync(CancellationToken.None)).ShouldNotBeNull().ShouldContain("ServiceBindRefused");
        (await Build(wrongBase).ProbeAsync(CancellationToken.None)).ShouldNotBeNull().ShouldContain("dc=nowhere");
    }

    [Theory]
    [InlineData("cn=mobile,ou=groups", "mobile")]
    [InlineData(@"cn=Sales\, West,ou=groups", "Sales, West")]
    [InlineData(@"cn=M\C3\BCller+ou=x,dc=y", "Müller")]
    [InlineData(@"cn=a\", null)]
    [InlineData("cn=#04024869,dc=y", null)]
    [InlineData("cn=", null)]
    [InlineData("nothing", null)]
    public void FirstRdnValue_Dn_IsUnescaped(string dn, string? value) => LdapUserReader.FirstRdnValue(dn).ShouldBe(value);
}
