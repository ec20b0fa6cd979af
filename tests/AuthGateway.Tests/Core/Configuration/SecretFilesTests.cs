using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class SecretFilesTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead;

    [Theory]
    [InlineData("hunter2", "hunter2")]
    [InlineData("hunter2\n", "hunter2")]
    [InlineData("hunter2\r\n", "hunter2")]
    [InlineData(" two words \n\n", " two words \n")]
    public void Load_SecretFile_IsReadWithoutItsLastLineBreak(string text, string secret)
    {
        using var folder = new ConfigurationFolder(With("\"SearchPasswordFile\": \"ldap.secret\""));
        var path = folder.Write("state/ldap.secret", text, OwnerOnly);

        folder.Options().Backends[0].ShouldBeOfType<LdapBackendOptions>().SearchPassword.ShouldBe(secret);
        folder.Load().Files.ShouldContain(file => file == path);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Load_SecretFileOpenToOthers_IsRefused(UnixFileMode mode)
    {
        using var folder = new ConfigurationFolder(With("\"SearchPasswordFile\": \"ldap.secret\""));
        folder.Write("state/ldap.secret", "hunter2", OwnerOnly | mode);

        folder.Faults().ShouldBe("""
            appsettings.json:3: AuthGateway:Backends[0]:SearchPasswordFile = "ldap.secret"
              Others than the owner can read or change the file. Run: chmod 600 state/ldap.secret
            """);
    }

    [Fact]
    public void Load_ServiceCredential_MayShowTheReadBitOfItsAccessList()
    {
        using var folder = new ConfigurationFolder(With("\"SearchPasswordFile\": \"../credentials/ldap\""));
        folder.Write("credentials/ldap", "hunter2", OwnerOnly | UnixFileMode.GroupRead);
        folder.Environment["CREDENTIALS_DIRECTORY"] = Path.Combine(folder.Root, "credentials");

        folder.Options().Backends[0].ShouldBeOfType<LdapBackendOptions>().SearchPassword.ShouldBe("hunter2");
    }

    [Fact]
    public void Load_SecretFileThatCannotServe_IsRefused()
    {
        using var folder = new ConfigurationFolder(With("\"SearchPasswordFile\": \"ldap.secret\""));
        folder.Faults().ShouldContain("There is no file state/ldap.secret. Create it with the secret as its only line, then run: chmod 600 state/ldap.secret");

        var path = folder.Write("state/ldap.secret", "\n", OwnerOnly | UnixFileMode.UserWrite);
        folder.Faults().ShouldContain("The file is empty.");

        File.WriteAllText(path, new string('x', (64 * 1024) + 1));
        folder.Faults().ShouldContain("The file is 65537 bytes long; a secret has at most 65536.");

        File.WriteAllBytes(path, [0xff, 0xfe]);
        folder.Faults().ShouldContain("The file is not UTF-8 text.");

        File.Delete(path);
        File.CreateSymbolicLink(path, folder.Write("elsewhere", "hunter2", OwnerOnly));
        folder.Faults().ShouldContain("The file is a symbolic link.");
    }

    [Fact]
    public void Load_SecretGivenTwice_IsRefusedWithoutShowingIt()
    {
        using var folder = new ConfigurationFolder(With("\"SearchPassword\": \"hunter2\", \"SearchPasswordFile\": \"ldap.secret\""));
        folder.Write("state/ldap.secret", "hunter3", OwnerOnly);

        folder.Faults().ShouldBe("""
            appsettings.json:3: AuthGateway:Backends[0]:SearchPasswordFile = "ldap.secret"
              Both SearchPassword and SearchPasswordFile are given. Remove SearchPassword.
            """);
    }

    [Fact]
    public void Load_SecretOfTheWrongType_IsMasked()
    {
        using var folder = new ConfigurationFolder(With("\"SearchPassword\": 12345"));

        folder.Faults().ShouldBe("""
            appsettings.json:3: AuthGateway:Backends[0]:SearchPassword = "***"
              Expected text, found a number. Put it in double quotes.
            """);
    }

    [Fact]
    public void Load_SecretInAConfigurationFileOthersCanRead_IsRefused()
    {
        using var folder = new ConfigurationFolder();
        folder.Write("appsettings.json", With("\"SearchPassword\": \"hunter2\""), OwnerOnly | UnixFileMode.OtherRead);

        folder.Faults().ShouldBe("""
            appsettings.json:3: AuthGateway:Backends[0]:SearchPassword = "***"
              Others than the owner can read this file. Move the secret to a file of its own with SearchPasswordFile, or run: chmod 600 appsettings.json
            """);

        folder.Write("appsettings.json", ConfigurationFolder.Valid, OwnerOnly | UnixFileMode.OtherRead);
        folder.Faults().ShouldBe("");
    }

    [Fact]
    public void Effective_MasksSecretsAndShowsDefaults()
    {
        using var folder = new ConfigurationFolder(With("\"SearchPassword\": \"hunter2\""));

        var text = ConfigurationPrinter.Effective(folder.Options());

        text.ShouldNotContain("hunter2");
        text.ShouldContain("\"SearchPassword\": \"***\"");
        text.ShouldContain("\"SharedSecret\": \"\"");
        text.ShouldContain("\"Type\": \"ldap\"");
        text.ShouldContain("\"Window\": \"15m\"");
        text.ShouldContain($"\"Path\": \"{folder.StateDirectory}/authgateway.db\"");
    }

    [Fact]
    public void Effective_ReadBack_IsTheSameConfiguration()
    {
        using var folder = new ConfigurationFolder();
        var text = ConfigurationPrinter.Effective(folder.Options());
        folder.Write("appsettings.json", text);

        ConfigurationPrinter.Effective(folder.Options()).ShouldBe(text);
    }

    private static string With(string keys) => ConfigurationFolder.Valid
        .Replace("\n", " ", StringComparison.Ordinal)
        .Replace("// the smallest configuration that loads", "\n\n", StringComparison.Ordinal)
        .Replace("\"BaseDn\"", keys + ", \"BaseDn\"", StringComparison.Ordinal);
}
