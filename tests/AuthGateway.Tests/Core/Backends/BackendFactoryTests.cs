using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Checkpassword;
using AuthGateway.Core.Backends.Helper;
using AuthGateway.Core.Backends.Pam;
using AuthGateway.Core.Faults;
using AuthGateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Backends;

public sealed class BackendFactoryTests
{
    private readonly BackendDependencies _dependencies = new(
        options => new ScriptedBackend(options.Name, "no"), new ManualTimeProvider(), NullLoggerFactory.Instance);

    [Fact]
    public void Build_Links_FollowTheOptions()
    {
        var first = Ldap();
        first.OnUnavailable = "refuse";
        first.Next = ["rejected"];

        var chain = Built([first, new LocalBackendOptions { Name = "local" }]);

        chain.Links.Select(link => (link.Backend.Name, link.NextWhenUnavailable, link.NextWhenRejected))
            .ShouldBe([("ad", false, true), ("local", true, false)]);
    }

    [Fact]
    public void Build_GroupsThatOpenServices_AreKnownToTheLink()
    {
        var first = Ldap();
        first.RoleSync.UsageContext["cn=a,dc=example,dc=org"] = new(StringComparer.OrdinalIgnoreCase) { ["webmail"] = true };
        var local = new LocalBackendOptions { Name = "local" };
        local.RoleSync.UsageContext["a"] = new(StringComparer.OrdinalIgnoreCase) { ["webmail"] = true };

        Built([first, new LocalBackendOptions { Name = "local" }]).Links.Select(link => link.LimitsServices).ShouldBe([true, false]);
        Built([Ldap(), local]).Links.Select(link => link.LimitsServices).ShouldBe([false, true]);
    }

    [Fact]
    public void Build_UnchangedOptions_KeepTheRunningBackend()
    {
        var running = Built([Ldap(), new LocalBackendOptions { Name = "local" }]);
        var other = Ldap();
        other.OnUnavailable = "refuse"; // the link's business, not the backend's

        var next = Built([new LocalBackendOptions { Name = "local" }, other], running);

        next.Links[0].Backend.ShouldBeSameAs(running.Links[1].Backend);
        next.Links[1].Backend.ShouldBeSameAs(running.Links[0].Backend);
        next.Links[1].NextWhenUnavailable.ShouldBeFalse();
    }

    [Fact]
    public void Build_ChangedPassword_MakesANewBackend()
    {
        var running = Built([Ldap()]);
        var changed = Ldap();
        changed.SearchPassword = "new";

        Built([changed], running).Links[0].Backend.ShouldNotBeSameAs(running.Links[0].Backend);
    }

    public static TheoryData<string, Action<LdapBackendOptions>> Faults => new()
    {
        { "Name", o => o.Name = "no spaces" },
        { "OnUnavailable", o => o.OnUnavailable = "stop" },
        { "Next[0]", o => o.Next = ["accepted"] },
        { "Hosts", o => o.Hosts = [] },
        { "Hosts[1]", o => o.Hosts.Add("https://dc1.example.org") },
        { "Hosts[1]", o => o.Hosts.Add(o.Hosts[0]) },
        { "Hosts[0]", o => (o.Hosts, o.StartTls) = (["ldap://dc1.example.org"], false) },
        { "BaseDn", o => o.BaseDn = "example.org" },
        { "BaseDn", o => o.BaseDn = "" },
        { "GroupDn", o => o.GroupDn = "mobile" },
        { "HostOrder", o => o.HostOrder = "random" },
        { "Kind", o => o.Kind = "novell" },
        { "PinnedCertificates[1]", o => o.PinnedCertificates = [new string('A', 64), "AB:CD"] },
        { "PinnedCertificates", o => (o.Hosts, o.StartTls, o.PinnedCertificates) = (["ldap://127.0.0.1"], false, [new string('A', 64)]) },
        { "AlternativeLoginAttribute", o => o.AlternativeLoginAttribute = "mail*" },
        { "UserSuffix", o => o.UserSuffix = "@\n" },
        { "Domains[0]", o => o.Domains = ["CORP\\"] },
        { "Domains[1]", o => o.Domains = ["CORP", "@corp.test"] },
        { "UserDnTemplate", o => o.UserDnTemplate = "uid=x,dc=example,dc=org" },
        { "UserDnTemplate", o => o.UserDnTemplate = "uid={0},cn={0},dc=example,dc=org" },
        { "UserDnTemplate", o => o.UserDnTemplate = "uid=x{0},dc=example,dc=org" },
        { "UserDnTemplate", o => o.UserDnTemplate = "{0}@example.org" },
        { "AlternativeLoginAttribute", o => (o.UserDnTemplate, o.AlternativeLoginAttribute) = ("uid={0},dc=example,dc=org", "mail") },
        { "GroupMembership", o => o.GroupMembership = "uniqueMember" },
        { "GroupMembership", o => (o.GroupMembership, o.GroupDn) = ("none", "cn=mobile,dc=example,dc=org") },
        { "GroupBaseDn", o => (o.GroupMembership, o.GroupBaseDn) = ("member", "groups") },
        { "GroupBaseDn", o => o.GroupBaseDn = "ou=groups,dc=example,dc=org" },
        { "GroupFilter", o => (o.GroupMembership, o.GroupFilter) = ("member", "(cn=") },
        { "GroupFilter", o => o.GroupFilter = "(cn=a)" },
        { "GroupDn", o => (o.GroupMembership, o.GroupDn) = ("member", "cn=mobile,dc=elsewhere") },
        { "NestedGroups", o => (o.GroupMembership, o.NestedGroups) = ("memberuid", true) },
        { "NestedGroupDepth", o => o.NestedGroupDepth = 33 },
        { "PrimaryGroup", o => o.PrimaryGroup = true },
        { "MaxGroups", o => o.MaxGroups = 0 },
        { "PageSize", o => o.PageSize = 1001 },
        { "AlwaysFilter", o => o.AlwaysFilter = "(uid=*" },
        { "LoginAttributes", o => o.LoginAttributes = [] },
        { "LoginAttributes[0]", o => o.LoginAttributes = ["uid)(cn"] },
        { "IdAttribute", o => o.IdAttribute = "" },
        { "UserNameAttribute", o => o.UserNameAttribute = "a b" },
        { "SearchPassword", o => o.SearchPassword = "" },
        { "SearchUser", o => o.SearchUser = "" },
        { "CaFile", o => o.CaFile = "/nowhere/ca.pem" },
        { "TlsName", o => o.TlsName = "not a name" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Build_Fault_IsNamedByItsKeyAndNothingIsBuilt(string key, Action<LdapBackendOptions> spoil)
    {
        var options = Ldap();
        spoil(options);
        var faults = new FaultList();

        BackendFactory.Build([new LocalBackendOptions { Name = "local" }, options], faults, _dependencies, null).ShouldBeNull();

        faults.All.ShouldHaveSingleItem().Key.ShouldBe($"AuthGateway:Backends[1]:{key}");
    }

    [Fact]
    public void Build_ListOfPasswordsThatIsNone_IsRefused()
    {
        var faults = new FaultList();

        BackendFactory.Build([new LocalBackendOptions { Name = "local", CommonPasswordsFile = "/nowhere/passwords" }], faults, _dependencies, null).ShouldBeNull();

        faults.All.ShouldHaveSingleItem().Key.ShouldBe("AuthGateway:Backends[0]:CommonPasswordsFile");
    }

    [Fact]
    public void Build_SameNameTwice_IsRefused()
    {
        var faults = new FaultList();
        var twin = Ldap();
        twin.Name = "AD";

        BackendFactory.Build([Ldap(), twin], faults, _dependencies, null).ShouldBeNull();

        faults.All.ShouldHaveSingleItem().Key.ShouldBe("AuthGateway:Backends[1]:Name");
    }

    public static TheoryData<string, BackendOptions> ProgramFaults => new()
    {
        { "Program", new HelperBackendOptions { Program = "check" } },
        { "Program", new CheckpasswordBackendOptions { Program = "/nowhere/check" } },
        { "MailDomain", new HelperBackendOptions { Program = "/bin/true", MailDomain = "-" } },
        { "RunAs", new HelperBackendOptions { Program = "/bin/true", RunAs = "no-such-user" } },
        { "Arguments[0]", new CheckpasswordBackendOptions { Program = "/bin/true", Arguments = ["a\0b"] } },
        { "Groups[0]", new HelperBackendOptions { Program = "/bin/true", Groups = [" "] } },
        { "ServiceName", new PamBackendOptions { ServiceName = "no-such-service" } },
        { "ConfigDirectory", new PamBackendOptions { ConfigDirectory = "pam.d" } },
        { "NameTemplate", new PamBackendOptions { ServiceName = "other", NameTemplate = "alice" } },
    };

    [Theory]
    [MemberData(nameof(ProgramFaults))]
    public void Build_FaultOfAProgram_IsNamedByItsKey(string key, BackendOptions options)
    {
        options.Name = "program";
        var faults = new FaultList();

        BackendFactory.Build([options], faults, _dependencies, null).ShouldBeNull();

        faults.All.Where(fault => fault.Severity == FaultSeverity.Error).ShouldHaveSingleItem().Key.ShouldBe($"AuthGateway:Backends[0]:{key}");
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("example.org", 0)]
    public void Build_ProgramWithoutDomain_IsWarnedOf(string domain, int warnings)
    {
        var faults = new FaultList();

        BackendFactory.Build([new HelperBackendOptions { Name = "helper", Program = "/bin/true", MailDomain = domain }], faults, _dependencies, null).ShouldNotBeNull();

        faults.All.Where(fault => fault.Severity == FaultSeverity.Warning).Select(fault => fault.Key).ShouldBe(Enumerable.Repeat("AuthGateway:Backends[0]:MailDomain", warnings));
    }

    /// <summary>Each of the two would stay below the directory's lock, and both together reach it.</summary>
    [Theory]
    [InlineData("ldaps://dc1.example.org", "auto", 1)]
    [InlineData("ldaps://DC1.example.org:636", "5", 1)]
    [InlineData("ldaps://dc1.example.org", "none", 0)]
    [InlineData("ldaps://dc2.example.org", "auto", 0)]
    public void Build_TwoBackendsOfOneServer_AreWarnedOf(string second, string threshold, int warnings)
    {
        var (one, other) = (Ldap(), Ldap());
        (one.Name, one.Hosts, one.DirectoryLockout) = ("one", ["ldaps://dc1.example.org"], new());
        (other.Name, other.Hosts, other.DirectoryLockout) = ("two", [second], new() { Threshold = threshold });
        var faults = new FaultList();

        BackendFactory.Build([one, other], faults, _dependencies, null).ShouldNotBeNull();

        faults.All.Count(fault => fault is { Severity: FaultSeverity.Warning, Key: "AuthGateway:Backends[1]:Hosts" }).ShouldBe(warnings);
    }

    [Fact]
    public void Build_Programs_StartNothingAndSurviveAReloadUnchanged()
    {
        BackendOptions[] options =
        [
            new HelperBackendOptions { Name = "helper", Program = "/bin/true" },
            new CheckpasswordBackendOptions { Name = "check", Program = "/bin/true" },
        ];

        var running = Built(options);
        var next = Built(options, running);

        next.Links.Select(link => link.Backend).ShouldBe(running.Links.Select(link => link.Backend));
        next.Links.ShouldAllBe(link => link.Backend is ISecretOnly);
    }

    private BackendChain Built(BackendOptions[] options, BackendChain? previous = null)
    {
        var faults = new FaultList();
        var chain = BackendFactory.Build(options, faults, _dependencies, previous);
        chain.ShouldNotBeNull(string.Join('\n', faults.All));
        return chain;
    }

    private static LdapBackendOptions Ldap() => new()
    {
        Name = "ad",
        Hosts = ["ldaps://dc1.example.org"],
        BaseDn = "dc=example,dc=org",
        SearchUser = "cn=gateway,dc=example,dc=org",
        SearchPassword = "secret",
        DirectoryLockout = new() { Threshold = "none" },
    };
}
