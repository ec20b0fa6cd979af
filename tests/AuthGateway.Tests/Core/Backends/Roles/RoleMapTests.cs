using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Roles;
using AuthGateway.Core.Faults;
using AuthGateway.Ldap;

namespace AuthGateway.Tests.Core.Backends.Roles;

public sealed class RoleMapTests
{
    private const string Base = "ou=groups,dc=example,dc=com";

    private static readonly string[] s_letters = ["a", "b", "c", "d", "e"];

    [Theory]
    // what is said           | groups of the user | roles
    [InlineData("", "a", "")]
    [InlineData("a:X+", "a", "X")]
    [InlineData("a:X+", "b", "")]
    [InlineData("a:X-", "a", "")]
    [InlineData("a:X+ b:X-", "a", "X")]
    [InlineData("a:X+ b:X-", "a b", "")]
    [InlineData("a:X- b:X+", "a b", "")]
    [InlineData("a:X+ b:Y+", "a b", "X,Y")]
    [InlineData("a:X+ a2:x-", "a a2", "")]
    // b is a member of a: what a says takes the place of what b says
    [InlineData("a:X+ b:X-", "a b>a", "X")]
    [InlineData("a:X- b:X+", "a b>a", "")]
    [InlineData("a:Y+ b:X-", "a b>a", "Y")]
    [InlineData("a:Y- b:X+", "a b>a", "X")]
    // through groups nothing is said of, and though the directory told only how they hang together
    [InlineData("a:X+ c:X-", "a b>a c>b", "X")]
    [InlineData("a:X+ c:X-", "b>a c>b", "X")]
    [InlineData("a:X+", "b>a", "X")]
    // three levels: the top alone is heard; a stranger's word beside it counts as always
    [InlineData("a:X+ b:X- c:X+", "a b>a c>b", "X")]
    [InlineData("a:X- b:X+ c:X-", "a b>a c>b", "")]
    [InlineData("a:X+ c:X- d:X-", "a c>a d", "")]
    // two listed parents, one of which takes away
    [InlineData("a:X+ b:X- c:X+", "a b c>a,b", "")]
    // groups in a circle silence nobody
    [InlineData("a:X+ b:X-", "a>b b>a", "")]
    [InlineData("a:X+ b:X+", "a>b b>a", "X")]
    // the place in the directory counts as well
    [InlineData("ou:X+", "a", "X")]
    [InlineData("ou:X+ a:X-", "a", "X")]
    [InlineData("ou:X- a:X+", "a", "")]
    [InlineData("ou:Y+ a:X+", "a", "X,Y")]
    // by name alone: it hangs where the directory has it
    [InlineData("a:X+ =b:X-", "a b>a", "X")]
    [InlineData("=a:X+ b:X-", "a b>a", "X")]
    [InlineData("=a:X+ =b:X-", "a b", "")]
    [InlineData("=A:X+", "a", "X")]
    public void Apply_Groups_WithdrawalBeatsGrantAndParentBeatsChild(string said, string groups, string roles)
    {
        var map = Build(new RoleSyncOptions { Groups = Said(said) });

        string.Join(',', map.Apply(Groups(groups), static _ => []).Roles.Order(StringComparer.Ordinal)).ShouldBe(roles);
    }

    [Theory]
    [InlineData("", "a", null)]
    [InlineData("a:webmail+", "a", "webmail")]
    [InlineData("a:webmail+", "b", "")]
    [InlineData("a:webmail+ b:webmail-", "a b", "")]
    [InlineData("a:webmail+,dav- b:dav+", "a b>a", "webmail")]
    public void Apply_UsageContext_IsExactlyWhatGroupsOpen(string said, string groups, string? services)
    {
        var contexts = Build(new RoleSyncOptions { UsageContext = Said(said) }).Apply(Groups(groups), static _ => []).UsageContexts;

        (contexts is null ? null : string.Join(',', contexts.Order(StringComparer.Ordinal))).ShouldBe(services);
    }

    [Theory]
    [InlineData("m.mustermann", "m.mustermann", true)]
    [InlineData("m.mustermann", "M.MUSTERMANN", true)]
    [InlineData("m.mustermann", "mxmustermann", false)]
    [InlineData("m.mustermann", "m.mustermann2", false)]
    [InlineData("m.mustermann", "xm.mustermann", false)]
    [InlineData("*", "", true)]
    [InlineData("it-*", "IT-ops", true)]
    [InlineData("it-*", "bit-ops", false)]
    [InlineData("*-ops", "it-ops", true)]
    [InlineData("*-ops", "it-ops2", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("*b*a*", "aba", true)]
    [InlineData("*b*a*", "aab", false)]
    [InlineData("a*b*c", "abbc", true)]
    [InlineData("a**c", "abc", true)]
    [InlineData("(", "(", true)]
    public void Apply_Pattern_HoldsForTheWholeValue(string pattern, string value, bool fits)
    {
        var map = Build(new RoleSyncOptions { Attributes = { ["department"] = Pattern(pattern, One("X", true)) } });

        map.Attributes.ShouldBe(["department"]);
        map.Apply([], name => name == "department" ? ["nothing", value] : []).Roles.Contains("X").ShouldBe(fits);
    }

    [Fact]
    public void Apply_AttributeWithdraws_BeatsTheGroupsGrantWhateverTheOrder()
    {
        var options = new RoleSyncOptions { Groups = Said("a:X+"), Attributes = { ["title"] = Pattern("extern*", One("x", false), "*", One("X", true)) } };

        Build(options).Apply(Groups("a"), static _ => ["External"]).Roles.ShouldBeEmpty();
        Build(options).Apply(Groups("a"), static _ => ["Intern"]).Roles.ShouldBe(["X"]);
    }

    [Fact]
    public void Apply_ValueBeyondTheLimit_GrantsNothingAndWithdrawsEverything()
    {
        var value = new string('x', 1025);
        var map = Build(new RoleSyncOptions
        {
            Groups = Said("a:Y+"),
            Attributes = { ["title"] = Pattern("*", One("X", true), "never", One("Y", false)) },
        });

        map.Apply(Groups("a"), _ => [value]).Roles.ShouldBeEmpty();
        map.Apply(Groups("a"), _ => [value[1..]]).Roles.Order(StringComparer.Ordinal).ShouldBe(["X", "Y"]);
    }

    [Fact]
    public void Apply_EscapedCommaInAName_IsNoPlaceInTheDirectory()
    {
        var map = Build(new RoleSyncOptions { Groups = { ["dc=example,dc=com"] = One("X", true) } });

        map.Apply([new GroupNode("evil", @"cn=evil\,dc=example\,dc=com", [])], static _ => []).Roles.ShouldBeEmpty();
        map.Apply([new GroupNode("evil", @"cn=evil\2cdc=example\2cdc=com,dc=evil", [])], static _ => []).Roles.ShouldBeEmpty();
        map.Apply([new GroupNode("good", "CN=good , DC=Example,DC=com", [])], static _ => []).Roles.ShouldBe(["X"]);
    }

    [Fact]
    public void Apply_AnyOrderOfConfigurationAndAnswer_GivesTheSame() => ForManySeeds(random =>
        {
            var (said, groups) = (RandomSaid(random), RandomGroups(random));
            said["nobody"] = One("X", true);
            var once = Build(new RoleSyncOptions { Groups = said, UsageContext = said }).Apply(groups, static _ => []);
            var shuffled = Shuffled(random, said);
            random.Shuffle(groups);
            var again = Build(new RoleSyncOptions { Groups = shuffled, UsageContext = shuffled })
                .Apply([.. groups.Select(group => group with { ParentDns = [.. group.ParentDns.Reverse()] })], static _ => []);
            return once.Roles.SetEquals(again.Roles) && once.UsageContexts!.SetEquals(again.UsageContexts!) && once.Roles.SetEquals(once.UsageContexts!);
        });

    [Fact]
    public void Apply_OneWithdrawalMoreAtTheTop_NeverGrants() => ForManySeeds(random =>
        {
            var (said, groups) = (RandomSaid(random), RandomGroups(random));
            said["dc=com"] = One("X", false);
            return !Build(new RoleSyncOptions { Groups = said }).Apply(groups, static _ => []).Roles.Contains("X");
        });

    [Fact]
    public void Apply_RoleOfNoGroupOfTheUser_IsNeverGranted() => ForManySeeds(random =>
        {
            var (said, groups) = (RandomSaid(random), RandomGroups(random));
            said[$"cn=z,{Base}"] = One("Z", true);
            return !Build(new RoleSyncOptions { Groups = said }).Apply(groups, static _ => []).Roles.Contains("Z");
        });

    [Theory]
    [InlineData("cn=a,=b", "Not a distinguished name (RFC 4514). Write it as the directory does, such as cn=mobile,ou=groups,dc=example,dc=com.")]
    [InlineData("CN=a, DC=x", "This is the group \"cn=a,dc=x\" in another spelling. Keep one of the two.")]
    public void Validate_Group_IsNamed(string group, string fault)
    {
        var faults = new FaultList();
        RoleSyncValidator.Validate(
            new RoleSyncOptions { Groups = { ["cn=a,dc=x"] = One("X", true), [group] = One("X", true) } }, "K", ReadDn, faults);

        faults.All.Select(found => $"{found.Key}|{found.Message}").ShouldBe([$"K:Groups:{group}|{fault}"]);
    }

    [Fact]
    public void Validate_ManyFaults_TellsAll()
    {
        var faults = new FaultList();
        RoleSyncValidator.Validate(
            new RoleSyncOptions
            {
                Groups = { ["staff"] = [], ["crew"] = One(" X", true) },
                Attributes = { ["no name"] = Pattern("*", One("X", true)), ["title"] = [], ["mail"] = Pattern(new string('x', 257), []) },
            },
            "K",
            ReadDn,
            faults);

        faults.All.Select(fault => fault.Key).ShouldBe(
            ["K:Groups:staff", "K:Groups:crew: X", "K:Attributes:no name", "K:Attributes:title", $"K:Attributes:mail:{new string('x', 257)}", $"K:Attributes:mail:{new string('x', 257)}"]);
    }

    [Fact]
    public void Validate_LocalAccountsWithAttributes_IsAFault()
    {
        var faults = new FaultList();
        RoleSyncValidator.Validate(
            new RoleSyncOptions { Groups = { ["a=b"] = One("X", true) }, Attributes = { ["title"] = Pattern("*", One("X", true)) } }, "K", null, faults);

        faults.All.Select(fault => fault.Key).ShouldBe(["K:Attributes"]);
    }

    /// <summary>A property of configurations and memberships made up at random; the seed of a failure is named.</summary>
    private static void ForManySeeds(Func<Random, bool> holds) => Enumerable.Range(0, 2000).FirstOrDefault(seed => !holds(new Random(seed)), -1).ShouldBe(-1);

    private static Dictionary<string, bool> One(string role, bool grants) => new(StringComparer.Ordinal) { [role] = grants };

    private static Dictionary<string, Dictionary<string, bool>> Pattern(string first, Dictionary<string, bool> says, string? second = null, Dictionary<string, bool>? saysToo = null)
    {
        var patterns = new Dictionary<string, Dictionary<string, bool>>(StringComparer.Ordinal) { [first] = says };
        if (second is not null)
        {
            patterns[second] = saysToo!;
        }

        return patterns;
    }

    private static RoleMap Build(RoleSyncOptions options) => RoleMap.Build(options, ReadDn);

    private static string? ReadDn(string dn) => LdapDn.TryNormalize(dn, out var normalized) ? normalized : null;

    private static string Dn(string name) => name == "ou" ? Base : $"cn={name},{Base}";

    /// <summary><c>a:X+,Y- =b:X+</c>: group a grants X and withdraws Y; whatever is called b grants X.</summary>
    private static Dictionary<string, Dictionary<string, bool>> Said(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split(':'))
        .ToDictionary(
            part => part[0][0] == '=' ? part[0][1..] : Dn(part[0]),
            part => part[1].Split(',').ToDictionary(word => word[..^1], word => word[^1] == '+', StringComparer.Ordinal),
            StringComparer.Ordinal);

    /// <summary><c>a b&gt;a,c</c>: groups a and b, and b is a member of a and c.</summary>
    private static GroupNode[] Groups(string text) =>
    [
        .. text.Split(' ').Select(part => part.Split('>')).Select(part => new GroupNode(part[0], Dn(part[0]), part.Length == 1 ? [] : [.. part[1].Split(',').Select(Dn)])),
    ];

    private static Dictionary<string, Dictionary<string, bool>> RandomSaid(Random random) => s_letters.Append("ou").Where(_ => random.Next(3) > 0)
        .ToDictionary(
            name => random.Next(4) == 0 && name != "ou" ? name : Dn(name),
            _ => new Dictionary<string, bool>(StringComparer.Ordinal) { ["X"] = random.Next(2) == 0, [random.Next(2) == 0 ? "Y" : "W"] = random.Next(2) == 0 },
            StringComparer.Ordinal);

    private static GroupNode[] RandomGroups(Random random) =>
    [
        .. s_letters.Where(_ => random.Next(3) > 0).Select(name => new GroupNode(name, Dn(name), [.. s_letters.Where(other => other != name && random.Next(4) == 0).Select(Dn)])),
    ];

    private static Dictionary<string, Dictionary<string, bool>> Shuffled(Random random, Dictionary<string, Dictionary<string, bool>> said)
    {
        var entries = said.ToArray();
        random.Shuffle(entries);
        return entries.ToDictionary(entry => entry.Key, entry => entry.Value.Reverse().ToDictionary(word => word.Key, word => word.Value, StringComparer.Ordinal), StringComparer.Ordinal);
    }
}
