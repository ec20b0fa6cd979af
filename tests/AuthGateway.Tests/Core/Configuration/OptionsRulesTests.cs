namespace AuthGateway.Tests.Core.Configuration;

public sealed class OptionsRulesTests
{
    [Fact]
    public void Check_NoPublicHttpsListener_IsAFault()
    {
        using var folder = new ConfigurationFolder(Changed("\"https://0.0.0.0:443\"", "\"http://0.0.0.0:80\""));

        folder.Faults().ShouldBe("""
            appsettings.json:4: AuthGateway:Listeners
              No listener serves the published hosts over https. Add one with "Url": "https://0.0.0.0:443".
            """);
    }

    [Fact]
    public void Check_HostOnAnUnknownListener_IsAFault()
    {
        using var folder = new ConfigurationFolder(Changed("\"KeyFile\"", "\"Listeners\": [\"publik\"], \"KeyFile\""));

        folder.Faults().ShouldBe("""
            appsettings.json:5: AuthGateway:Hosts:mail.example.com:Listeners[0] = "publik"
              No listener has this name. Known: public. Did you mean "public"?
            """);
    }

    [Fact]
    public void Check_BackendNameTwice_IsAFault()
    {
        using var folder = new ConfigurationFolder(Changed("\"Name\": \"local\"", "\"Name\": \"AD\""));

        folder.Faults().ShouldBe("""
            appsettings.json:13: AuthGateway:Backends[1]:Name = "AD"
              Another backend has this name already; identities and the audit trail could not tell them apart. Choose another.
            """);
    }

    [Theory]
    [InlineData("ldap://dc1.example.com", true)]
    [InlineData("ldap://10.0.0.1:389", true)]
    [InlineData("ldap://localhost.example.com", true)]
    [InlineData("ldap:/nonsense", false)]
    [InlineData("ldaps://dc1.example.com", false)]
    [InlineData("ldap://localhost:3389", false)]
    [InlineData("ldap://127.0.0.1", false)]
    [InlineData("ldap://[::1]:3389", false)]
    public void Check_PlainLdap_OnlyToLoopback(string host, bool refused)
    {
        using var folder = new ConfigurationFolder(Changed("\"ldaps://dc1.example.com\"]", $"\"{host}\"], \"StartTls\": false"));

        folder.Faults().ShouldBe(refused
            ? $"appsettings.json:12: AuthGateway:Backends[0]:Hosts[0] = \"{host}\"\n  StartTls is false, so passwords would cross the network in the clear. Use ldaps://, or remove StartTls."
            : "");
    }

    [Fact]
    public void Check_RoleNobodyGrantsAndServiceNobodyKnows_AreFaults()
    {
        using var folder = new ConfigurationFolder(Changed(
            "\"BaseDn\": \"dc=example,dc=com\"",
            """ "BaseDn": "dc=example,dc=com", "RoleSync": { "Groups": { "cn=a,dc=x": { "Editor": true } }, "UsageContext": { "cn=a,dc=x": { "webmial": true } } } """)
            .Replace("\"Factors\": [\"password\"]", "\"Factors\": [\"password\"], \"Roles\": [\"editor\", \"Edtior\"]", StringComparison.Ordinal));

        folder.Faults().ShouldBe("""
            appsettings.json:12: AuthGateway:Backends[0]:RoleSync:UsageContext:cn=a,dc=x:webmial
              No service has this name. Known: webmail. Did you mean "webmail"?
            appsettings.json:10: AuthGateway:Policies:password:Roles[1] = "Edtior"
              No role under any RoleSync has this name. Known: Editor. Did you mean "Editor"?
            """);
    }

    [Fact]
    public void Check_RightOrRankOfARoleNobodyGrants_IsAFault()
    {
        using var folder = new ConfigurationFolder(Changed(
            "\"BaseDn\": \"dc=example,dc=com\"",
            """ "BaseDn": "dc=example,dc=com", "RoleSync": { "Groups": { "cn=a,dc=x": { "Editor": true } } } """)
            .Replace(
                "\"Hosts\": { \"mail",
                """ "ActFor": { "Grants": [{ "Roles": ["editor", "Edtior"], "Domains": ["*"], "Services": ["webmail"] }], "Ranks": ["Editor", "Admin"] }, "Hosts": { "mail""",
                StringComparison.Ordinal));

        var faults = folder.Faults();
        faults.ShouldContain("AuthGateway:ActFor:Grants[0]:Roles[1] = \"Edtior\"");
        faults.ShouldContain("AuthGateway:ActFor:Ranks[1] = \"Admin\"");
        faults.Split("No role under any RoleSync").Length.ShouldBe(3);
    }

    [Fact]
    public void Check_HighAccountLimit_IsAWarningOnly()
    {
        using var folder = new ConfigurationFolder(Changed("\"Hosts\": { \"mail", "\"Lockout\": { \"Account\": { \"Limit\": 9 } }, \"Hosts\": { \"mail"));

        folder.Faults().ShouldStartWith("appsettings.json:5: warning: AuthGateway:Lockout:Account:Limit = \"9\"\n");
        folder.Load().Options.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("15", "\"password\"", false)]
    [InlineData("20", "\"password\"", false)]
    [InlineData("14", "\"password\"", true)]
    [InlineData("8", "\"password|device\"", true)]
    [InlineData("8", "\"totp|password\", \"password\"", true)]
    [InlineData("8", "\"password\", \"totp|device\"", false)]
    [InlineData("8", "\"device\"", false)]
    public void Check_ShortLocalPasswords_OnlyWhereNoneOpensAnythingAlone(string length, string factors, bool refused)
    {
        var text = Changed("\"Type\": \"local\"", $"\"Type\": \"local\", \"MinPasswordLength\": {length}").Replace("\"Factors\": [\"password\"]", $"\"Factors\": [{factors}]", StringComparison.Ordinal);
        using var folder = new ConfigurationFolder(text);

        folder.Faults().ShouldBe(refused
            ? $"appsettings.json:13: AuthGateway:Backends[1]:MinPasswordLength = \"{length}\"\n  Below 15 only where no password opens anything alone, but the policy \"password\" asks for nothing else. Raise this, or add a factor there."
            : "");
    }

    private static string Changed(string what, string into)
    {
        ConfigurationFolder.Valid.ShouldContain(what);
        return ConfigurationFolder.Valid.Replace(what, into, StringComparison.Ordinal);
    }
}
