using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

public sealed class LdapRefreshTests : LdapBackendTestBase
{
    [Fact]
    public async Task Refresh_RenamedUser_IsFoundByHisId()
    {
        var options = Options(WithAlice().Address);
        var known = (await Found(Build(options))).Identity;
        Directory.Entries[^1] = new FakeEntry("uid=alicia,ou=people,dc=bed,dc=test").With("uid", "alicia").With("entryUUID", "6f1c").With("memberOf", "cn=new,dc=bed,dc=test");

        var current = (await Refresh(Build(options), known)).ShouldBeOfType<AccountRefresh.Current>();

        current.Identity.Key.ShouldBe(known.Key);
        current.Identity.Login.ShouldBe("alicia");
        current.Identity.Groups.Contains("new").ShouldBeTrue();
    }

    [Fact]
    public async Task Refresh_BinaryId_IsFound()
    {
        var id = Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10");
        var options = Options(WithAlice(Alice().With("objectGUID", id.ToByteArray())).Address);
        options.IdAttribute = "objectGUID";
        var backend = Build(options);

        (await Refresh(backend, (await Found(backend)).Identity)).ShouldBeOfType<AccountRefresh.Current>();
    }

    [Fact]
    public async Task Refresh_IdThatIsNoText_IsFound()
    {
        var options = Options(WithAlice(new FakeEntry(AliceDn).With("uid", "alice").With("ipaUniqueID", [1, 2, 3, 4])).Address);
        options.IdAttribute = "ipaUniqueID";
        var backend = Build(options);

        (await Refresh(backend, (await Found(backend)).Identity)).ShouldBeOfType<AccountRefresh.Current>();
    }

    [Theory]
    [InlineData("userAccountControl", "514", AccountStates.Disabled)]
    [InlineData("accountExpires", "130000000000000000", AccountStates.Expired)]
    [InlineData("pwdAccountLockedTime", "000001010000Z", AccountStates.Locked)]
    [InlineData("msDS-User-Account-Control-Computed", "16", null)] // or wrong passwords at any other door would end sessions
    [InlineData("pwdLastSet", "0", null)]
    public async Task Refresh_State_EndsWhatAnAdministratorEnded(string attribute, string value, string? word)
    {
        var options = Options(WithAlice().Address);
        var backend = Build(options);
        var known = (await Found(backend)).Identity;
        Directory.Entries[^1].With(attribute, value);

        var refresh = await Refresh(backend, known);

        (refresh as AccountRefresh.Ended)?.State.ShouldBe(word);
        (refresh is AccountRefresh.Ended).ShouldBe(word is not null);
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("out of the group")]
    [InlineData("out of the filter")]
    public async Task Refresh_NoLongerServed_IsGone(string how)
    {
        var options = Options(WithAlice().Address);
        var known = (await Found(Build(options))).Identity;
        switch (how)
        {
            case "deleted":
                Directory.Entries.RemoveAt(Directory.Entries.Count - 1);
                break;
            case "out of the group":
                options.GroupDn = "cn=other,dc=bed,dc=test";
                break;
            default:
                options.AlwaysFilter = "(uid=bert)";
                break;
        }

        (await Refresh(Build(options), known)).ShouldBeOfType<AccountRefresh.Gone>();
    }

    public static TheoryData<string, Mischief> Hostile => new()
    {
        { "closes", Mischief.Close },
        { "garbage", Mischief.Garbage },
        { "wrong message id", Mischief.WrongMessageId },
        { "referral", Mischief.Referral },
        { "two entries", Mischief.TwoEntries },
        { "huge entry", Mischief.HugeEntry(2_000_000) },
        { "busy", Mischief.Busy },
        { "not allowed", Mischief.Answer(50) },
        { "no base", Mischief.Answer(32) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Refresh_NoUsableAnswer_EndsNothing(string how, Mischief mischief)
    {
        var backend = Build(Options(WithAlice().Address));
        var known = (await Found(backend)).Identity;
        Directory.On(DirectoryRequest.Search, mischief);

        (await Refresh(backend, known)).ShouldBeOfType<AccountRefresh.Unavailable>(how);
    }

    private static Task<AccountRefresh> Refresh(IBackend backend, UserIdentity known) =>
        ((IAccountRefresher)backend).RefreshAsync(known, CancellationToken.None).AsTask().WaitAsync(Patience);
}
