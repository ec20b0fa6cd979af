using System.Collections;
using AuthGateway.Core.Configuration;

namespace AuthGateway.Tests.Core.Configuration;

/// <summary>A directory with configuration files that is gone after the test.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public const string Valid = """
        {
          // the smallest configuration that loads
          "AuthGateway": {
            "Listeners": { "public": { "Url": "https://0.0.0.0:443" } },
            "Hosts": { "mail.example.com": { "CertificateFile": "mail.pem", "KeyFile": "/etc/keys/mail.key", }, },
            "Upstreams": { "sogo": { "Destinations": ["http://10.0.0.5:20000"] } },
            "Services": {
              "webmail": { "Preset": "sogo-web", "Hosts": ["mail.example.com"], "Upstream": "sogo", "Rules": [ { "Policy": "password" } ] }
            },
            "Policies": { "password": { "Factors": ["password"] } },
            "Backends": [
              { "Name": "ad", "Type": "ldap", "Hosts": ["ldaps://dc1.example.com"], "BaseDn": "dc=example,dc=com" },
              { "Name": "local", "Type": "local" }
            ]
          }
        }
        """;

    public ConfigurationFolder(string main = Valid)
    {
        Root = Directory.CreateTempSubdirectory("agw-config-").FullName;
        Write("appsettings.json", main);
        Directory.CreateDirectory(StateDirectory);
    }

    public string Root { get; }

    public string ConfigFile => Path.Combine(Root, "appsettings.json");

    public string StateDirectory => Path.Combine(Root, "state");

    public Hashtable Environment { get; } = [];

    public string Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }

        return path;
    }

    public LoadResult Load() => ConfigurationLoader.Load(ConfigFile, StateDirectory, Environment);

    /// <summary>Loads and gives the faults as the command line prints them, the folder's own path left out.</summary>
    public string Faults() => FaultText.Render(Load().Faults).Replace(Root + "/", "", StringComparison.Ordinal);

    public GatewayOptions Options()
    {
        var result = Load();
        FaultText.Render(result.Faults).ShouldBe("");
        return result.Options.ShouldNotBeNull();
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
