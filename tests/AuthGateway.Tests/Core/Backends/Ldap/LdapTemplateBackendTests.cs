using AuthGateway.Core.Backends;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

public sealed class LdapTemplateBackendTests : LdapBackendTestBase
{
    [Fact]
    public async Task Verify_RightPassword_ReadsTheOwnEntry()
    {
        var backend = Build(Template());
        var found = await Found(backend, "Alice");
        Directory.Searches.ShouldBe(0);
        found.Identity.Key.ShouldBe("ad:dn:uid=alice,ou=people,dc=bed,dc=test");

        var accepted = (await Verify(backend, found, AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();

        accepted.Identity.Key.ShouldBe("ad:6f1c");
        accepted.Identity.Groups.Contains("mobile").ShouldBeTrue();
        (Directory.Searches, Directory.Binds).ShouldBe((1, 1));
        (await Verify(backend, found, "wrong")).ShouldBeOfType<BackendAnswer.Rejected>();
    }

    [Theory]
    [InlineData("alice,ou=people,dc=bed,dc=test", @"uid=alice\,ou=people\,dc=bed\,dc=test,ou=people,dc=bed,dc=test")]
    [InlineData("alice+cn=x", @"uid=alice\+cn=x,ou=people,dc=bed,dc=test")]
    [InlineData(@"a\b", @"uid=a\\b,ou=people,dc=bed,dc=test")]
    [InlineData("a\"<>;", @"uid=a\""\<\>\;,ou=people,dc=bed,dc=test")]
    public async Task Verify_DnInTheName_StaysOneValue(string typed, string dn)
    {
        var options = Template();
        options.Domains = [];
        var backend = Build(options);

        await Verify(backend, await Found(backend, typed), AlicePassword);

        Directory.BindsAs(dn).ShouldBe(1);
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("ALICE")]
    [InlineData(@"CORP\alice")]
    [InlineData("alice@corp.test")]
    public async Task Find_EverySpelling_IsCountedAsOne(string typed) =>
        (await Found(Build(Template()), typed)).Identity.Key.ShouldBe("ad:dn:uid=alice,ou=people,dc=bed,dc=test");

    [Fact]
    public async Task Find_ForeignDomain_IsNobody() => (await Find(Build(Template()), @"OTHER\alice")).ShouldBeOfType<BackendLookup.UnknownUser>();

    [Theory]
    [InlineData("AlwaysFilter")]
    [InlineData("GroupDn")]
    public async Task Verify_NotServed_IsUnknown(string option)
    {
        var options = Template();
        options.AlwaysFilter = option == "AlwaysFilter" ? "(uid=bert)" : "";
        options.GroupDn = option == "GroupDn" ? "cn=other,dc=bed,dc=test" : "";
        var backend = Build(options);

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.UnknownUser>();
    }

    [Theory]
    [InlineData("nsAccountLock", "TRUE", AccountStates.Disabled)]
    [InlineData("pwdLastSet", "0", AccountStates.MustChange)]
    public async Task Verify_StateInTheOwnEntry_IsTheState(string attribute, string value, string word)
    {
        var backend = Build(Template(Alice().With(attribute, value)));

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.AccountState>().State.ShouldBe(word);
    }

    public static TheoryData<string, Mischief> Hostile => new()
    {
        { "closes", Mischief.Close },
        { "garbage", Mischief.Garbage },
        { "wrong message id", Mischief.WrongMessageId },
        { "referral", Mischief.Referral },
        { "two entries", Mischief.TwoEntries },
        { "huge entry", Mischief.HugeEntry(2_000_000) },
        { "another entry", Mischief.HugeEntry(10) },
        { "not allowed", Mischief.Answer(50) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Verify_OwnEntryCannotBeRead_LetsNobodyIn(string how, Mischief mischief)
    {
        var backend = Build(Template());
        Directory.On(DirectoryRequest.Search, mischief);

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>(how);
    }

    [Fact]
    public async Task Resolve_ATemplate_KnowsNobodyWithoutASecret() =>
        (await new BackendChain([new ChainLink(Build(Template()))]).ResolveAsync(BackendChainTests.Name("alice"), "mail", null, CancellationToken.None))
            .ShouldBeOfType<Resolution.UnknownUser>();

    private LdapBackendOptions Template(FakeEntry? alice = null)
    {
        WithAlice((alice ?? Alice()).With("objectClass", "person"));
        var options = Options(Directory.Address);
        options.SearchUser = options.SearchPassword = "";
        options.UserDnTemplate = "uid={0},ou=people,dc=bed,dc=test";
        options.Domains = ["CORP", "corp.test"];
        return options;
    }
}
