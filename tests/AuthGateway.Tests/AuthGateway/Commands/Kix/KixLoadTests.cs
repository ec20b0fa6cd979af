using System.Text.Json.Nodes;
using AuthGateway.Commands.Kix;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Faults;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Commands.Kix;

/// <summary>What the converter writes, read as a start reads it.</summary>
public sealed class KixLoadTests
{
    [Fact]
    public async Task Load_ConvertedSection_HasNoFault()
    {
        using var folder = new ConfigurationFolder(WithoutBackends());
        Write(folder, new KixConverter(["agents", "desk"], ["portal"], name => Path.Combine(folder.Root, $"{name}.password")));

        var options = folder.Options();

        options.Backends.Select(backend => backend.Name).ShouldBe(["Kunden-Mail-als-Login", "AD", "Local-Database"]);
        options.Backends[0].ShouldBeOfType<LdapBackendOptions>().SearchPassword.ShouldBe(KixExample.Password);
        options.Backends[1].UsageContext.ShouldBe(["agents", "desk"]);
        var faults = new FaultList();
        var time = new ManualTimeProvider();
        using var lanes = new HashLanes(time);
        var chain = BackendFactory.Build(
            options.Backends,
            faults,
            new BackendDependencies(
                local => new LocalBackend(local, new InMemoryLocalAccountStore(), new PasswordHasher(), lanes, time, NullLogger<LocalBackend>.Instance), time, NullLoggerFactory.Instance),
            previous: null);
        await (chain?.RetireAsync(successor: null, TimeSpan.Zero, time, default) ?? Task.CompletedTask);
        faults.HasErrors.ShouldBeFalse(string.Join('\n', faults.All));
    }

    [Fact]
    public void Load_ServicesNotTold_IsRefused()
    {
        using var folder = new ConfigurationFolder(WithoutBackends());
        Write(folder, new KixConverter([], [], name => Path.Combine(folder.Root, $"{name}.password")));

        var faults = folder.Faults();

        faults.ShouldContain("AuthGateway:Backends[0]:UsageContext[0] = \"kix-customer\"");
        faults.ShouldContain("AuthGateway:Backends[1]:UsageContext[0] = \"kix-agent\"");
    }

    private static void Write(ConfigurationFolder folder, KixConverter converter)
    {
        var conversion = converter.Convert(KixExample.Text);
        folder.Write("appsettings.d/backends.json", conversion.Section.ToJsonString());
        foreach (var (file, password) in conversion.Passwords)
        {
            folder.Write(Path.GetFileName(file), password + "\n");
        }
    }

    private static string WithoutBackends()
    {
        var root = JsonNode.Parse(ConfigurationFolder.Valid, documentOptions: new() { AllowTrailingCommas = true, CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!;
        var gateway = root["AuthGateway"]!.AsObject();
        gateway.Remove("Backends");
        foreach (var name in (string[])["agents", "desk", "portal"])
        {
            gateway["Services"]![name] = JsonNode.Parse("""{ "Preset": "generic-web", "Hosts": ["mail.example.com"], "Upstream": "sogo", "Rules": [ { "Policy": "password" } ] }""");
        }

        return root.ToJsonString();
    }
}
