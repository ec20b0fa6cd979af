using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

/// <summary>The state of an account before the bind, as the search user sees it, and after it, as the user himself does.</summary>
public sealed class LdapSecondLookTests : LdapBackendTestBase
{
    private const string LongAgo = "130000000000000000";
    private const string Recently = "134000000000000000";

    /// <summary>What the search shows, what the user sees of himself (nothing said: the same), what comes of it, searches in all.</summary>
    public static TheoryData<string, string, string, int> Table => new()
    {
        { "userAccountControl=512", "", "accepted", 1 },
        { "userAccountControl=512", "userAccountControl=514", "accepted", 1 },    // the bind has judged; nobody looks
        { "userAccountControl=66048 pwdLastSet=0", "", "accepted", 1 },
        { "", "userAccountControl=512", "accepted", 2 },
        { "", "", "accepted", 2 },                                                // hidden from himself too: the bind's word holds
        { "", "userAccountControl=514", AccountStates.Disabled, 2 },
        { "", $"userAccountControl=512 accountExpires={LongAgo}", AccountStates.Expired, 2 },
        { "", "userAccountControl=512 pwdLastSet=0", AccountStates.MustChange, 2 },
        { "", "userAccountControl=512 msDS-User-Account-Control-Computed=8388608", AccountStates.PasswordExpired, 2 },
        { "pwdLastSet=0", "userAccountControl=66048", "accepted", 2 },            // which never expires
        { "userAccountControl=514", "userAccountControl=512", "accepted", 2 },    // enabled in between
        { "userAccountControl=514", "", AccountStates.Disabled, 2 },
        { "userAccountControl=514", "userAccountControl=", AccountStates.Disabled, 2 }, // what he does not see stands as it was
        { "userAccountControl=514", "userAccountControl=512 pwdLastSet=0", AccountStates.MustChange, 2 },
        { "userAccountControl=512 pwdLastSet=0", $"pwdLastSet={Recently}", "accepted", 2 },
        { "userAccountControl=512 pwdLastSet=0", "", AccountStates.MustChange, 2 },
        { $"userAccountControl=512 accountExpires={LongAgo}", "accountExpires=0", "accepted", 2 },
        { "userAccountControl=512 msDS-User-Account-Control-Computed=8388608", "msDS-User-Account-Control-Computed=0", "accepted", 2 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Verify_RightPassword_IsJudgedByWhatIsTrueBehindTheBind(string before, string after, string verdict, int searches)
    {
        var backend = Build(ActiveDirectory(before, after));
        var alice = await Found(backend);

        var answer = await Verify(backend, alice, AlicePassword);

        (answer switch
        {
            BackendAnswer.Accepted => "accepted",
            BackendAnswer.AccountState { SecretProven: true } state => state.State,
            _ => answer.ToString(),
        }).ShouldBe(verdict);
        Directory.Searches.ShouldBe(searches);
        Directory.BindsAs(AliceDn).ShouldBe(1);

        (await Verify(backend, alice, "wrong")).ShouldBeOfType<BackendAnswer.Rejected>();
        Directory.Searches.ShouldBe(searches, "who is wrong is shown nothing");
    }

    public static TheoryData<string, string, Mischief, string> Hostile
    {
        get
        {
            var table = new TheoryData<string, string, Mischief, string>();
            foreach (var (before, kept) in new[] { ("", "accepted"), ("userAccountControl=514", AccountStates.Disabled) })
            {
                table.Add(before, "closes", Mischief.Close, "unavailable");
                table.Add(before, "garbage", Mischief.Garbage, "unavailable");
                table.Add(before, "wrong message id", Mischief.WrongMessageId, "unavailable");
                table.Add(before, "half", Mischief.HalfAnswerThenClose, "unavailable");
                table.Add(before, "huge entry", Mischief.HugeEntry(2_000_000), "unavailable");
                table.Add(before, "not allowed", Mischief.Answer(50), kept);
                table.Add(before, "gone", Mischief.Answer(32), kept);
                table.Add(before, "two entries", Mischief.TwoEntries, "unavailable");
                table.Add(before, "another's entry", Mischief.HugeEntry(10), kept);
                table.Add(before, "referral", Mischief.Referral, kept);
            }

            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Verify_SecondLookFails_NeverOpensWhatWasClosed(string before, string how, Mischief mischief, string verdict)
    {
        var backend = Build(ActiveDirectory(before, "userAccountControl=512"));
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Search, mischief);

        var answer = await Verify(backend, alice, AlicePassword);

        (answer switch
        {
            BackendAnswer.Accepted => "accepted",
            BackendAnswer.AccountState state => state.State,
            BackendAnswer.Unavailable { NothingCounted: true } => "unavailable", // the bind was right
            _ => answer.ToString(),
        }).ShouldBe(verdict, how);
        Directory.BindsAs(AliceDn).ShouldBe(1, "never shown twice");
    }

    [Theory]
    [InlineData("userAccountControl=512", true)]
    [InlineData("", false)]
    [InlineData("pwdLastSet=0", false)]
    public async Task Resolve_StateThatNobodyMayRead_LetsNobodyInWithoutAPassword(string seen, bool isKnown)
    {
        var chain = new BackendChain([new ChainLink(Build(ActiveDirectory(seen, "")))]);

        var resolution = await chain.ResolveAsync(BackendChainTests.Name("alice"), "mail", null, CancellationToken.None);

        if (isKnown)
        {
            resolution.ShouldBeOfType<Resolution.Found>();
        }
        else
        {
            resolution.ShouldBeOfType<Resolution.Unavailable>().Why.ShouldContain("may not read the account state of uid=alice");
        }
    }

    // Sunday to Saturday in UTC, an hour a bit: what a bind would have refused. The clock of these tests says which hour it is.
    [Theory]
    [InlineData("logonHours", 0x00, AccountStates.LogonHours)]
    [InlineData("logonHours", 0xff, null)]
    [InlineData("userWorkstations", 'X', AccountStates.Workstation)]
    [InlineData("userWorkstations", ' ', null)]
    public async Task Resolve_WhoMayNotLogOnNowOrHere_IsToldItsState(string attribute, int filled, string? state)
    {
        var alice = Alice().With("objectClass", "user").With("userAccountControl", "512").With(attribute, Enumerable.Repeat((byte)filled, 21).ToArray());
        var options = Options(WithAlice(alice).Address);
        options.Kind = "active-directory";
        var chain = new BackendChain([new ChainLink(Build(options))]);

        var resolution = await chain.ResolveAsync(BackendChainTests.Name("alice"), "mail", null, CancellationToken.None);

        (resolution as Resolution.AccountState)?.State.ShouldBe(state);
        (resolution is Resolution.Found).ShouldBe(state is null, resolution.ToString());
    }

    [Fact]
    public async Task Resolve_ADirectoryThatIsNotActiveDirectory_NeedsNoSuchAttribute()
    {
        var chain = new BackendChain([new ChainLink(Build(Options(WithAlice().Address)))]);

        (await chain.ResolveAsync(BackendChainTests.Name("alice"), "mail", null, CancellationToken.None)).ShouldBeOfType<Resolution.Found>();
    }

    [Fact]
    public async Task Refresh_StateThatNobodyMayRead_SaysSo()
    {
        var backend = Build(ActiveDirectory("", ""));
        var alice = await Found(backend);

        (await ((IAccountRefresher)backend).RefreshAsync(alice.Identity, CancellationToken.None)).ShouldBeOfType<AccountRefresh.Current>().IsStateUnknown.ShouldBeTrue();
    }

    [Fact]
    public async Task Refresh_StateThatIsShown_IsKnown()
    {
        var backend = Build(ActiveDirectory("userAccountControl=512", "userAccountControl=512"));
        var alice = await Found(backend);

        (await ((IAccountRefresher)backend).RefreshAsync(alice.Identity, CancellationToken.None)).ShouldBeOfType<AccountRefresh.Current>().IsStateUnknown.ShouldBeFalse();
    }

    private LdapBackendOptions ActiveDirectory(string before, string after)
    {
        var alice = Alice().With("objectClass", "user");
        foreach (var (attribute, value) in Pairs(before))
        {
            alice.With(attribute, value);
        }

        foreach (var (attribute, value) in Pairs(after))
        {
            alice.Own[attribute] = value.Length == 0 ? null : value;
        }

        var options = Options(WithAlice(alice).Address);
        options.Kind = "active-directory";
        return options;
    }

    private static IEnumerable<(string Attribute, string Value)> Pairs(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => (pair.Split('=')[0], pair.Split('=')[1]));
}
