using AuthGateway.Core.Backends;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class ConfigurationSourcesTests
{
    [Fact]
    public void Load_FolderFiles_OverrideInOrdinalOrderOfNames()
    {
        using var folder = new ConfigurationFolder();
        folder.Write("appsettings.d/20-b.json", """{ "AuthGateway": { "Lockout": { "Account": { "Limit": 7 } } } }""");
        folder.Write("appsettings.d/10-a.json", """{ "AuthGateway": { "lockout": { "Account": { "Limit": 6, "Window": "5m" } }, "Policies": { "open": { "Anonymous": true } } } }""");
        folder.Write("appsettings.d/99.json.bak", "not read");

        var options = folder.Options();

        options.Lockout.Account.Limit.ShouldBe(7);
        options.Lockout.Account.Window.ShouldBe(TimeSpan.FromMinutes(5));
        options.Policies.Keys.ShouldBe(["password", "open"]);
        folder.Load().Files.ShouldBe([folder.ConfigFile, Path.Combine(folder.Root, "appsettings.d/10-a.json"), Path.Combine(folder.Root, "appsettings.d/20-b.json")]);
    }

    [Fact]
    public void Load_ListInALaterFile_ReplacesTheWholeList()
    {
        using var folder = new ConfigurationFolder();
        folder.Write("appsettings.d/a.json", """{ "AuthGateway": { "Backends": [ { "Name": "only", "Type": "local" } ] } }""");

        folder.Options().Backends.ShouldHaveSingleItem().Name.ShouldBe("only");
    }

    [Fact]
    public void Load_FaultInAFolderFile_NamesThatFileAndLine()
    {
        using var folder = new ConfigurationFolder();
        folder.Write("appsettings.d/a.json", "{ \"AuthGateway\": { \"Lockout\": {\r\n \"Account\": {\r\n \"Limit\": 0 } } } }");

        folder.Faults().ShouldBe("""
            appsettings.d/a.json:3: AuthGateway:Lockout:Account:Limit = "0"
              Must be between 1 and 100.
            """);
    }

    [Fact]
    public void Load_Environment_SetsExactlyWhatItNamesWhateverTheCase()
    {
        using var folder = new ConfigurationFolder();
        folder.Environment["AUTHGATEWAY__LOCKOUT__ACCOUNT__LIMIT"] = "9";
        folder.Environment["AuthGateway__Backends__0__BaseDn"] = "dc=other";
        folder.Environment["AuthGateway__Backends__0__StartTls"] = "false";
        folder.Environment["AuthGateway__Backends__2__Name"] = "more";
        folder.Environment["AuthGateway__Backends__2__Type"] = "local";
        folder.Environment["AuthGateway__TrustedForwarders__0"] = "10.0.0.9";
        folder.Environment["AuthGateway__TrustedForwarders__1"] = "10.0.0.10";
        folder.Environment["AuthGateway__Networks__lan__0"] = "10.0.0.0/8";
        folder.Environment["AuthGateway__Services__webmail__ActivityTimeout"] = "90s";
        folder.Environment["AUTHGATEWAY_HOME"] = "/elsewhere";

        var result = folder.Load();
        var options = result.Options.ShouldNotBeNull();

        options.Lockout.Account.Limit.ShouldBe(9);
        var ldap = options.Backends[0].ShouldBeOfType<LdapBackendOptions>();
        ldap.BaseDn.ShouldBe("dc=other");
        ldap.StartTls.ShouldBeFalse();
        ldap.Hosts.ShouldBe(["ldaps://dc1.example.com"]);
        options.Backends[2].Name.ShouldBe("more");
        options.TrustedForwarders.ShouldBe(["10.0.0.9", "10.0.0.10"]);
        options.Networks["lan"].ShouldBe(["10.0.0.0/8"]);
        options.Services["webmail"].ActivityTimeout.ShouldBe(TimeSpan.FromSeconds(90));
        result.Faults.All.ShouldHaveSingleItem().Source.ShouldBe("environment AUTHGATEWAY__LOCKOUT__ACCOUNT__LIMIT");
    }

    [Fact]
    public void Load_EnvironmentFaults_NameTheVariable()
    {
        using var folder = new ConfigurationFolder();
        folder.Environment["AuthGateway__Backends__7__Name"] = "far";
        folder.Environment["AuthGateway__Backends__x__Name"] = "no number";
        folder.Environment["AuthGateway__Lockout__Account__Limit"] = "many";
        folder.Environment["AuthGateway__Lockout____Account"] = "1";
        folder.Environment["AuthGateway__Services__webmail__Preset__Name"] = "deep";
        folder.Environment["AuthGateway__TrustedForwarders"] = "10.0.0.9";

        folder.Faults().ShouldBe("""
            environment AuthGateway__Backends__7__Name: AuthGateway:Backends:7:Name
              The list has 2 entries; name one of them by its number from 0 on, or 2 to add one.
            environment AuthGateway__Backends__x__Name: AuthGateway:Backends:x:Name
              The list has 2 entries; name one of them by its number from 0 on, or 2 to add one.
            environment AuthGateway__Lockout____Account: AuthGateway:Lockout::Account
              The name has an empty part. Write two underscores between the parts of a key, and none at its end.
            environment AuthGateway__Services__webmail__Preset__Name: AuthGateway:Services:webmail:Preset:Name
              A key above this one is already set to a plain value. Remove one of the two.
            environment AuthGateway__TrustedForwarders: AuthGateway:TrustedForwarders = "10.0.0.9"
              Expected a list, found text. Set one variable for each entry: AuthGateway__TrustedForwarders__0, AuthGateway__TrustedForwarders__1, ….
            environment AuthGateway__Lockout__Account__Limit: AuthGateway:Lockout:Account:Limit = "many"
              Expected a whole number, found text. Write digits only.
            """);
    }

    [Theory]
    [InlineData("{ \"AuthGateway\": { \"Audit\": { \"RetainDays\": 5,\n \"retaindays\": 6 } } }", "appsettings.json:2: AuthGateway:Audit:retaindays\n  This key stands twice in the file, first in line 1. Remove one of the two.")]
    [InlineData("{\n \"AuthGateway\": {\n", "appsettings.json:3: AuthGateway\n  This is not valid JSON (column 1): Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.")]
    [InlineData("{ \"AuthGateway\": { \"Secret\": nhunter2 } }", "appsettings.json:1: AuthGateway\n  This is not valid JSON (column 31): a value is text in double quotes, a number, true, false, null, a list or an object.")]
    [InlineData("{ \"AuthGateway\": {\n \"Secret\": \"\\ud800\" } }", "appsettings.json:2: AuthGateway\n  A \\u escape here is half a character. Write the character itself.")]
    [InlineData("[]", "appsettings.json:1: AuthGateway\n  The file must hold one object: { \"AuthGateway\": { … } }.")]
    [InlineData("{ \"AuthGateway\": 5 }", "appsettings.json:1: AuthGateway\n  Expected an object in { }, found a number.")]
    [InlineData("{ \"$schema\": \"x\", \"AuthGatway\": { } }", "appsettings.json:1: AuthGatway\n  Only the section \"AuthGateway\" is read. Move this into it, or remove it.")]
    [InlineData("", "appsettings.json:1: AuthGateway\n  This is not valid JSON (column 1): The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.")]
    public void Load_BrokenFile_TellsWhere(string text, string first)
    {
        using var folder = new ConfigurationFolder(text);

        folder.Faults().ShouldStartWith(first);
    }

    [Fact]
    public void Load_TooDeep_IsAFault()
    {
        using var folder = new ConfigurationFolder($"{string.Concat(Enumerable.Repeat("{\"a\":", 17))}1{new string('}', 17)}");

        folder.Faults().ShouldContain("depth of 16");
    }

    [Fact]
    public void Load_TooLong_IsAFault()
    {
        using var folder = new ConfigurationFolder(new string(' ', 1024 * 1024) + "{}");

        folder.Faults().ShouldContain("The file is 1048578 bytes long; at most 1048576 are read.");
    }

    [Fact]
    public void Load_ByteOrderMark_IsSkipped()
    {
        using var folder = new ConfigurationFolder("\uFEFF" + ConfigurationFolder.Valid);

        folder.Options().Hosts.Count.ShouldBe(1);
    }

    [Fact]
    public void Load_MissingOrForeignFile_IsRefused()
    {
        using var folder = new ConfigurationFolder();
        File.Delete(folder.ConfigFile);
        folder.Faults().ShouldBe("appsettings.json: AuthGateway\n  The file does not exist. Create it, or name another one with --config.");

        File.CreateSymbolicLink(folder.ConfigFile, folder.Write("other.json", ConfigurationFolder.Valid));
        folder.Faults().ShouldContain("The file is a symbolic link.");

        File.Delete(folder.ConfigFile);
        folder.Write("appsettings.json", ConfigurationFolder.Valid, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        folder.Faults().ShouldBe("appsettings.json: AuthGateway\n  Others than the owner can change the file. Run: chmod go-w appsettings.json");
    }
}
