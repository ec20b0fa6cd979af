using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Ldap;
using AuthGateway.Core.Faults;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

public sealed class LdapGroupTests : LdapBackendTestBase
{
    private const string Groups = "ou=groups,dc=bed,dc=test";

    [Theory]
    [InlineData("memberof", "Sales, West mobile", 2)]
    [InlineData("member", "inner", 3)]
    [InlineData("memberuid", "unix", 3)]
    [InlineData("none", "", 2)]
    public async Task Verify_Membership_IsReadWhereItStands(string membership, string expected, int searches)
    {
        var options = Tree();
        options.GroupMembership = membership;
        var backend = Build(options);

        (await NamesAsync(backend)).ShouldBe(expected);
        await Find(backend, "nobody");

        Directory.Searches.ShouldBe(searches + 1, "one for alice, two for nobody (uid, mail), and one for groups only where they are searched");
    }

    [Fact]
    public async Task Verify_NestedByClimbing_EndsInARing()
    {
        var options = Tree();
        options.GroupMembership = "member";
        options.NestedGroups = true;
        var groups = await GroupsAsync(Build(options));

        groups.Order(StringComparer.Ordinal).ShouldBe(["inner", "middle", "outer", "ring"]);
        Directory.Searches.ShouldBe(1 + 1 + 4);
    }

    [Fact]
    public async Task Verify_NestedByMemberOf_ClimbsToo()
    {
        var options = Tree(new FakeEntry(AliceDn, AlicePassword).With("uid", "alice").With("entryUUID", "6f1c").With("memberOf", $"cn=a,{Groups}"));
        Directory.Entries.AddRange(
            [new FakeEntry($"cn=a,{Groups}").With("objectClass", "x").With("memberOf", $"cn=b,{Groups}"), new FakeEntry($"cn=b,{Groups}").With("objectClass", "x").With("memberOf", $"cn=gone,{Groups}")]);
        options.NestedGroups = true;

        (await NamesAsync(Build(options))).ShouldBe("a b gone");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task Verify_DeeperThanAllowed_IsAnOutageAndNoShorterList(int depth, bool isRead)
    {
        var options = Tree();
        options.GroupMembership = "member";
        options.NestedGroups = true;
        options.NestedGroupDepth = depth;
        var backend = Build(options);

        if (isRead)
        {
            (await NamesAsync(backend)).ShouldBe("inner middle outer ring");
        }
        else
        {
            (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("NestedGroupDepth");
        }
    }

    [Theory]
    [InlineData("Groups", "cn=gone", false)]
    [InlineData("Groups", "cn=hidden", false)]
    [InlineData("UsageContext", "cn=gone", false)]
    [InlineData("", "cn=gone", true)]
    [InlineData("", "cn=hidden", true)]
    public async Task Verify_GroupThatCannotBeSeen_IsAnOutageWhereRolesHangOnGroups(string rules, string group, bool isRead)
    {
        var options = Tree(new FakeEntry(AliceDn, AlicePassword).With("uid", "alice").With("entryUUID", "6f1c").With("memberOf", $"{group},{Groups}"));
        Directory.Entries.Add(new FakeEntry($"cn=hidden,{Groups}")); // there, and no filter fits it
        options.NestedGroups = true;
        if (rules.Length > 0)
        {
            (rules == "Groups" ? options.RoleSync.Groups : options.RoleSync.UsageContext)[$"cn=barred,{Groups}"] = new(StringComparer.Ordinal) { ["mail"] = false };
        }

        var backend = Build(options);

        var answer = await Verify(backend, await Found(backend), AlicePassword);

        (answer is BackendAnswer.Accepted, answer is BackendAnswer.Unavailable).ShouldBe((isRead, !isRead));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public async Task Find_MoreGroupsInTheEntryThanAllowed_IsAnOutage(int most, bool isRead)
    {
        var options = Tree();
        options.MaxGroups = most;

        var lookup = await Find(Build(options), "alice");

        (lookup is BackendLookup.Found, (lookup as BackendLookup.Unavailable)?.Why.Contains("MaxGroups", StringComparison.Ordinal) ?? false).ShouldBe((isRead, !isRead));
    }

    [Theory]
    [InlineData("memberof", false, "cn=a,dc=x", "K:RoleSync:Groups K:RoleSync:UsageContext")]
    [InlineData("member", false, "cn=a,dc=x", "K:RoleSync:Groups K:RoleSync:UsageContext")]
    [InlineData("memberof", true, "cn=a,dc=x", "")]
    [InlineData("memberof", false, "mobile", "")]
    [InlineData("memberuid", false, "cn=a,dc=x", "")]
    public void Validate_GroupsByDnWithoutNested_AreWarnedOf(string membership, bool nested, string group, string keys)
    {
        var options = Options("ldap://127.0.0.1");
        (options.GroupMembership, options.NestedGroups) = (membership, nested);
        options.RoleSync.Groups[group] = options.RoleSync.UsageContext[group] = new(StringComparer.Ordinal) { ["mail"] = true };
        var faults = new FaultList();

        LdapOptionsValidator.Validate(options, "K", faults);

        faults.HasErrors.ShouldBeFalse();
        string.Join(' ', faults.All.Select(fault => fault.Key)).ShouldBe(keys);
    }

    [Fact]
    public async Task Verify_MoreGroupsThanAllowed_IsAnOutageAndNoShorterList()
    {
        var options = Tree();
        options.GroupMembership = "member";
        options.NestedGroups = true;
        options.MaxGroups = 3;
        var backend = Build(options);

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("MaxGroups");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    [InlineData(1)]
    public async Task Verify_ManyGroups_ComePageByPage(int page)
    {
        var options = Tree();
        Directory.PageLimit = page;
        for (var i = 0; i < 5; i++)
        {
            Directory.Entries.Add(new FakeEntry($"cn=more{i},{Groups}").With("member", AliceDn));
        }

        options.GroupMembership = "member";

        (await GroupsAsync(Build(options))).Count.ShouldBe(6);
    }

    [Fact]
    public async Task Verify_PagesBeyondTheLimit_AreAnOutage()
    {
        var options = Tree();
        Directory.PageLimit = 2;
        for (var i = 0; i < 5; i++)
        {
            Directory.Entries.Add(new FakeEntry($"cn=more{i},{Groups}").With("member", AliceDn));
        }

        options.GroupMembership = "member";
        options.MaxGroups = 4;
        var backend = Build(options);

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>();
    }

    [Theory]
    [InlineData("member", "inner", false, true)]
    [InlineData("member", "outer", false, false)]
    [InlineData("member", "outer", true, true)]
    [InlineData("memberuid", "unix", false, true)]
    [InlineData("memberuid", "inner", false, false)]
    public async Task Find_GroupDnThatMustBeSearched_KeepsOthersOut(string membership, string group, bool nested, bool isFound)
    {
        var options = Tree();
        (options.GroupMembership, options.GroupDn, options.NestedGroups) = (membership, $"CN={group}, {Groups}", nested);
        var backend = Build(options);

        (await Find(backend, "alice") is BackendLookup.Found).ShouldBe(isFound);
        if (isFound)
        {
            var searches = Directory.Searches;
            await Verify(backend, await Found(backend), AlicePassword);
            Directory.Searches.ShouldBe(searches * 2, "nothing is read twice in one login");
        }
    }

    [Fact]
    public async Task Find_NestedGroupDnInActiveDirectory_IsPartOfTheOneSearch()
    {
        var options = Tree();
        (options.Kind, options.NestedGroups, options.GroupDn) = ("active-directory", true, "cn=mobile,ou=groups,dc=bed,dc=test");
        var backend = Build(options);

        await Found(backend);

        Directory.Searches.ShouldBe(1);
        Convert.ToHexString(Directory.Filters.Single()).ShouldContain(Convert.ToHexString("1.2.840.113556.1.4.1941"u8));
        options.GroupDn = "cn=other,ou=groups,dc=bed,dc=test";
        (await Find(Build(options), "alice")).ShouldBeOfType<BackendLookup.UnknownUser>();
    }

    [Fact]
    public async Task Verify_InChain_IsOneSearchAndTellsWhoStandsAbove()
    {
        var options = Tree(Alice().With("userAccountControl", "512"));
        (options.Kind, options.NestedGroups) = ("active-directory", true);
        Directory.Entries.Add(new FakeEntry($"cn=mobile,{Groups}").With("member", AliceDn).With("memberOf", $"cn=all,{Groups}"));
        Directory.Entries.Add(new FakeEntry($"cn=all,{Groups}").With("member", AliceDn));

        (await NamesAsync(Build(options))).ShouldBe("Sales, West all inner mobile");

        Directory.Searches.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Verify_PrimaryGroup_IsFoundByItsNumber(bool isThere)
    {
        byte[] domain = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0];
        var options = Tree(Alice().With("objectSid", [.. domain, 0x50, 4, 0, 0]).With("primaryGroupID", "513"));
        Directory.Entries.Add(new FakeEntry($"cn=Domain Users,{Groups}").With("objectSid", [.. domain, 1, (byte)(isThere ? 2 : 3), 0, 0]));
        (options.Kind, options.PrimaryGroup) = ("active-directory", true);
        var backend = Build(options);

        if (isThere)
        {
            (await NamesAsync(backend)).ShouldBe("Domain Users Sales, West mobile");
            options.GroupDn = $"cn=Domain Users,{Groups}";
            await Found(Build(options));
            options.GroupDn = $"cn=mobile,{Groups}";
            await Found(Build(options));
            options.GroupDn = $"cn=inner,{Groups}";
            (await Find(Build(options), "alice")).ShouldBeOfType<BackendLookup.UnknownUser>();
        }
        else
        {
            (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("GroupBaseDn");
        }
    }

    [Fact]
    public async Task Resolve_GroupsThatAreSearched_AreThereWithoutASecret()
    {
        var options = Tree();
        options.GroupMembership = "member";
        options.NestedGroups = true;
        var chain = new BackendChain([new ChainLink(Build(options))]);

        var resolved = (await chain.ResolveAsync(BackendChainTests.Name("alice"), "mail", null, CancellationToken.None)).ShouldBeOfType<Resolution.Found>();

        resolved.Identity.Groups.Contains("outer").ShouldBeTrue();
        options.MaxGroups = 1;
        (await new BackendChain([new ChainLink(Build(options))]).ResolveAsync(BackendChainTests.Name("alice"), "mail", null, CancellationToken.None))
            .ShouldBeOfType<Resolution.Unavailable>();
    }

    public static TheoryData<string, Mischief> Hostile => new()
    {
        { "closes", Mischief.Close },
        { "garbage", Mischief.Garbage },
        { "wrong message id", Mischief.WrongMessageId },
        { "referral", Mischief.Referral },
        { "huge entry", Mischief.HugeEntry(2_000_000) },
        { "huge claim", Mischief.HugeClaim(2_000_000_000) },
        { "half", Mischief.HalfAnswerThenClose },
        { "busy", Mischief.Busy },
        { "not allowed", Mischief.Answer(50) },
        { "size limit", Mischief.Answer(4) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Verify_GroupsCannotBeRead_LetsNobodyIn(string how, Mischief mischief)
    {
        var options = Tree();
        options.GroupMembership = "member";
        var backend = Build(options);
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Search, mischief);

        (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>(how);
    }

    [Fact]
    public async Task Verify_SilentGroups_AreAnOutageInTime()
    {
        var options = Tree();
        options.GroupMembership = "member";
        var backend = Build(options);
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Search, Mischief.HalfAnswer);
        var verify = Verify(backend, alice, AlicePassword);
        await Directory.UntilAsync(directory => directory.Searches == 2);

        while (!verify.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await verify).ShouldBeOfType<BackendAnswer.Unavailable>();
    }

    private LdapBackendOptions Tree(FakeEntry? alice = null)
    {
        WithAlice(alice);
        Directory.Entries.AddRange(
        [
            new FakeEntry($"cn=inner,{Groups}").With("member", AliceDn),
            new FakeEntry($"cn=middle,{Groups}").With("member", $"cn=inner,{Groups}"),
            new FakeEntry($"cn=outer,{Groups}").With("member", $"cn=middle,{Groups}", $"cn=ring,{Groups}"),
            new FakeEntry($"cn=ring,{Groups}").With("member", $"cn=outer,{Groups}"),
            new FakeEntry($"cn=unix,{Groups}").With("memberUid", "alice", "bert"),
        ]);
        return Options(Directory.Address);
    }

    private async Task<List<string>> GroupsAsync(IBackend backend) =>
        [.. (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>().Identity.Groups.Where(name => !name.Contains('='))];

    private async Task<string> NamesAsync(IBackend backend) =>
        string.Join(' ', (await GroupsAsync(backend)).Order(StringComparer.Ordinal));
}
