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

    [Theory] // each of these is one entry for slapd, for Active Directory, or for both
    [InlineData("jörg müller", "JO\u0308RG MULLER")]
    [InlineData("jörg müller", "jórg muller")]
    [InlineData("strauß", "STRAUSS")]
    [InlineData("strauß", "strauẞ")]
    [InlineData("łukasz", "LUKASZ")]
    [InlineData("søren", "soren")]
    [InlineData("æsa", "AESA")]
    [InlineData("irem", "İrem")]
    [InlineData("irem", "ırem")]
    [InlineData("νίκος", "ΝΙΚΟΣ")]
    [InlineData("たなか", "タナカ")]
    [InlineData("がく", "かく")]
    [InlineData("ali\u034Fce", "alice")]
    [InlineData("ali\uFE0Fce", "alice")]
    public async Task Find_SpellingsADirectoryJoins_AreCountedAsOne(string one, string other)
    {
        var backend = Build(Template());

        (await Found(backend, one)).Identity.Key.ShouldBe((await Found(backend, other)).Identity.Key);
    }

    [Theory]
    [InlineData("ａｌｉｃｅ")] // fullwidth
    [InlineData("𝐚𝐥𝐢𝐜𝐞")] // mathematical bold
    [InlineData("ⓐlice")]
    [InlineData("aliﬀ")]
    [InlineData("ªlice")]
    [InlineData("alice\u1806")] // mapped to nothing (RFC 4518, 2.2)
    [InlineData("alice\uFFFC")]
    [InlineData("alice😀")] // without weight in Active Directory
    [InlineData("alice  ames")]
    [InlineData("alice\u00A0ames")]
    [InlineData("alice\u3000ames")]
    [InlineData("alice\u1680ames")]
    [InlineData(@"CORP\ alice")]
    [InlineData("alice @corp.test")]
    public async Task Find_SpellingADirectoryMightPassOver_IsNobody(string typed) =>
        (await Find(Build(Template()), typed)).ShouldBeOfType<BackendLookup.UnknownUser>();

    [Theory]
    [InlineData("alice ames")]
    [InlineData("jörg")]
    [InlineData("o'neill-smith_2")]
    public async Task Find_OrdinaryName_KeepsItsSpellingForTheBind(string typed)
    {
        var backend = Build(Template());

        await Verify(backend, await Found(backend, typed), AlicePassword);

        Directory.BindsAs($"uid={typed},ou=people,dc=bed,dc=test").ShouldBe(1);
    }

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
    [InlineData("nsAccountLock", "TRUE", AccountStates.Disabled, false)]
    [InlineData("pwdLastSet", "0", AccountStates.MustChange, true)]
    public async Task Verify_StateInTheOwnEntry_IsTheState(string attribute, string value, string word, bool canChange)
    {
        var backend = Build(Template(Alice().With(attribute, value)));

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBe(new BackendAnswer.AccountState(word, SecretProven: true) { CanChangePassword = canChange });
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

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>(how).NothingCounted.ShouldBeTrue(how);
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
