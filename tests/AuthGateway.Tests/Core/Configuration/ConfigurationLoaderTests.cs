using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class ConfigurationLoaderTests
{
    [Fact]
    public void Load_ValidFile_BindsEverything()
    {
        using var folder = new ConfigurationFolder();

        var options = folder.Options();

        options.Listeners["public"].Url.ShouldBe("https://0.0.0.0:443");
        options.Services["webmail"].Rules[0].Policy.ShouldBe("password");
        options.Backends[0].ShouldBeOfType<LdapBackendOptions>().BaseDn.ShouldBe("dc=example,dc=com");
        options.Backends[1].ShouldBeOfType<LocalBackendOptions>().Name.ShouldBe("local");
        options.Lockout.Account.Window.ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public void Load_RelativePaths_StartAtTheStateDirectory()
    {
        using var folder = new ConfigurationFolder();

        var options = folder.Options();

        options.Hosts["mail.example.com"].CertificateFile.ShouldBe(Path.Combine(folder.StateDirectory, "mail.pem"));
        options.Hosts["mail.example.com"].KeyFile.ShouldBe("/etc/keys/mail.key");
        options.Storage.Path.ShouldBe(Path.Combine(folder.StateDirectory, "authgateway.db"));
        options.Log.File.ShouldBe("");
        options.Services["webmail"].Rules[0].Path.ShouldBe("");
    }

    [Fact]
    public void Load_ManyFaults_TellsAllOfThemWithLines()
    {
        using var folder = new ConfigurationFolder("""
            {
              "AuthGateway": {
                "Listeners": {
                  "public": { "Url": "https://0.0.0.0:443", "Kind": "pubic" },
                  "again": { "Url": "https://0.0.0.0:443/" }
                },
                "Hosts": { "mail.example.com": { "Listeners": "public" } },
                "Upstreams": { "sogo": { "Destinations": [] } },
                "Services": {
                  "webmail": {
                    "Preset": "sogo-web",
                    "Hosts": ["mail.example.com"],
                    "Rules": [ { "Polcy": "password" } ],
                    "ActivityTimeout": "3h"
                  }
                },
                "Policies": { "password": { "Factors": ["password", 7], "Anonymous": "yes" } },
                "Backends": [
                  { "Name": "a d", "Type": "ldap", "Hosts": ["ldap://dc1"], "BaseDn": "", "ConnectTimeout": 5, "MaxConnections": 65, "SearchPasswrd": "hunter2" },
                  { "Name": "b", "Type": "lokal" }
                ],
                "Lockout": { "Account": { "Limit": 0, "Window": "often" } },
                "Audit": 400
              },
              "Logging": { "Level": "debug" }
            }
            """);

        folder.Faults().ShouldBe("""
            appsettings.json:25: Logging
              Only the section "AuthGateway" is read. Move this into it, or remove it.
            appsettings.json:4: AuthGateway:Listeners:public:Kind = "pubic"
              Must be one of: public, staff. Did you mean "public"?
            appsettings.json:7: AuthGateway:Hosts:mail.example.com:Listeners = "public"
              Expected a list, found text. Put it in [ ].
            appsettings.json:8: AuthGateway:Upstreams:sogo:Destinations
              Must have at least 1 entry, has 0. Add one.
            appsettings.json:10: AuthGateway:Services:webmail:Upstream
              This is required and missing. Add the key "Upstream".
            appsettings.json:13: AuthGateway:Services:webmail:Rules[0]:Policy
              This is required and missing. Add the key "Policy".
            appsettings.json:13: AuthGateway:Services:webmail:Rules[0]:Polcy
              No option has this name. Known: From, Methods, Path, Policy. Did you mean "Policy"?
            appsettings.json:14: AuthGateway:Services:webmail:ActivityTimeout = "3h"
              Must be between 1s and 2h.
            appsettings.json:17: AuthGateway:Policies:password:Anonymous = "yes"
              Expected true or false, found text. Write it without quotes.
            appsettings.json:17: AuthGateway:Policies:password:Factors[1] = "7"
              Expected text, found a number. Put it in double quotes.
            appsettings.json:19: AuthGateway:Backends[0]:Name = "a d"
              Must be 1 to 32 letters from A to Z, digits and hyphens, such as ad-2.
            appsettings.json:19: AuthGateway:Backends[0]:BaseDn
              This is required and must not be empty. Give it a value.
            appsettings.json:19: AuthGateway:Backends[0]:ConnectTimeout = "5"
              A duration needs a unit. Write "5s" for seconds, or ms, m, h, d.
            appsettings.json:19: AuthGateway:Backends[0]:MaxConnections = "65"
              Must be between 1 and 14.
            appsettings.json:19: AuthGateway:Backends[0]:SearchPasswrd
              No option has this name. Known: AlternativeLoginAttribute, AlwaysFilter, BaseDn, CaFile, ConnectTimeout, DirectoryLockout, DisplayNameAttribute, Domains, GroupAttribute, GroupBaseDn, GroupDn, GroupFilter, GroupMembership, HostOrder, Hosts, IdAttribute, Kind, LoginAttributes, MailAttribute, MaxConnections, MaxGroups, Name, NestedGroupDepth, NestedGroups, Next, OnUnavailable, OperationTimeout, PageSize, PhoneAttribute, PinnedCertificates, PrimaryGroup, RoleSync, SearchPassword, SearchPasswordFile, SearchUser, StartTls, TlsName, Tunnel, Type, UsageContext, UserDnTemplate, UserNameAttribute, UserSuffix. Did you mean "SearchPassword"?
            appsettings.json:20: AuthGateway:Backends[1]:Type = "lokal"
              Must be one of: ldap, local, pam, helper, checkpassword. Did you mean "local"?
            appsettings.json:22: AuthGateway:Lockout:Account:Limit = "0"
              Must be between 1 and 100.
            appsettings.json:22: AuthGateway:Lockout:Account:Window = "often"
              Expected a duration, found text. Write "250ms", "30s", "5m", "1h", "2d" or "00:05:00".
            appsettings.json:23: AuthGateway:Audit
              Expected an object, found a number. Write { "key": … }.
            appsettings.json:5: AuthGateway:Listeners:again:Url = "https://0.0.0.0:443/"
              The listener "public" has this address and port already. Change or remove one.
            """);
        folder.Load().Options.ShouldBeNull();
    }

    [Fact]
    public void Load_NothingConfigured_SaysSoOnce()
    {
        using var folder = new ConfigurationFolder("{ }");

        folder.Faults().ShouldBe("""
            appsettings.json: AuthGateway
              Nothing is configured. Write { "AuthGateway": { … } }.
            """);
    }

    [Fact]
    public void Load_OneSectionOnly_NamesEveryMissingKey()
    {
        using var folder = new ConfigurationFolder("{\n  \"AuthGateway\": { \"Audit\": null }\n}");

        folder.Faults().ShouldBe("""
            appsettings.json:2: AuthGateway:Listeners
              This is required and missing. Add the key "Listeners".
            appsettings.json:2: AuthGateway:Hosts
              This is required and missing. Add the key "Hosts".
            appsettings.json:2: AuthGateway:Upstreams
              This is required and missing. Add the key "Upstreams".
            appsettings.json:2: AuthGateway:Services
              This is required and missing. Add the key "Services".
            appsettings.json:2: AuthGateway:Policies
              This is required and missing. Add the key "Policies".
            appsettings.json:2: AuthGateway:Backends
              This is required and missing. Add the key "Backends".
            """);
    }

    [Fact]
    public void Attribute_FaultOfARoom_GetsTheNearestKeysLine()
    {
        using var folder = new ConfigurationFolder();
        folder.Environment["AuthGateway__Services__webmail__Upstream"] = "sogoo";
        var result = folder.Load();
        var faults = new FaultList();
        faults.Error("AuthGateway:Services:webmail:Rules[0]:Policy", "phone", FaultList.Unknown("policy", "phone", ["password", "phones"]));
        faults.Error("AuthGateway:Services:webmail:Upstream", "sogoo", "No upstream has this name.");
        faults.Warn("AuthGateway:Backends[1]:Something[3]:Else", null, "Odd.");
        faults.Error("Elsewhere", null, "Odd.");

        FaultText.Render(result.Attribute(faults)).ShouldBe("""
            appsettings.json:8: AuthGateway:Services:webmail:Rules[0]:Policy = "phone"
              No policy has this name. Known: password, phones. Did you mean "phones"?
            environment AuthGateway__Services__webmail__Upstream: AuthGateway:Services:webmail:Upstream = "sogoo"
              No upstream has this name.
            appsettings.json: Elsewhere
              Odd.
            appsettings.json:13: warning: AuthGateway:Backends[1]:Something[3]:Else
              Odd.
            """);
    }

    [Fact]
    public void Render_ControlCharactersInAValue_CannotReachTheTerminal()
    {
        FaultText.Render(new Fault(FaultSeverity.Error, "A", "\u001b[2J\n", "Wrong.", "f:1")).ShouldBe("f:1: A = \"\\u001b[2J\\u000a\"\n  Wrong.");
    }
}
