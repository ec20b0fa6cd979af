using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Services;

namespace AuthGateway.Tests.Core.Services;

/// <summary>A sound configuration of services, for tests to spoil one thing in.</summary>
internal sealed class ServiceBed
{
    public const string Mail = "mail.example.com";

    public const string Phones = "eas.example.com";

    public Dictionary<string, HostOptions> Hosts { get; } = new(StringComparer.Ordinal) { [Mail] = new(), [Phones] = new() { ClientCertificate = "required" } };

    public Dictionary<string, UpstreamOptions> Upstreams { get; } = new(StringComparer.Ordinal)
    {
        ["app"] = new() { Destinations = ["http://10.0.0.5:8000"] },
        ["sogo"] = new() { Destinations = ["http://10.0.0.6:20000"], TrustsIdentityHeader = true },
    };

    public Dictionary<string, ServiceOptions> Services { get; } = new(StringComparer.Ordinal) { ["web"] = Web("/") };

    public Dictionary<string, PolicyOptions> Policies { get; } = new(StringComparer.Ordinal)
    {
        ["password"] = new() { Factors = ["password"] },
        ["open"] = new() { Anonymous = true },
        ["both"] = new() { Factors = ["password", "device"] },
    };

    public Dictionary<string, List<string>> Networks { get; } = new(StringComparer.Ordinal) { ["office"] = ["10.0.0.0/8"] };

    public FaultList Faults { get; } = new();

    public static ServiceOptions Web(params string[] paths) => Service("generic-web", "app", paths);

    public static ServiceOptions Service(string preset, string upstream, params string[] paths) => new()
    {
        Preset = preset,
        Hosts = [Mail],
        Upstream = upstream,
        Paths = [.. paths],
        Rules = [new() { Policy = "password" }],
    };

    public ServiceTable Build() =>
        ServiceTableBuilder.Build(Hosts, Upstreams, Services, Policies, NetworkCatalog.Build(Networks, Faults), Faults);

    /// <summary>Builds and gives every error as one line.</summary>
    public string[] Errors()
    {
        Build();
        return [.. Faults.All.Where(fault => fault.Severity == FaultSeverity.Error).Select(Line)];
    }

    public string[] Warnings()
    {
        Build();
        return [.. Faults.All.Where(fault => fault.Severity == FaultSeverity.Warning).Select(Line)];
    }

    /// <summary>Builds what must be sound.</summary>
    public ServiceTable Sound()
    {
        var table = Build();
        Faults.All.Where(fault => fault.Severity == FaultSeverity.Error).ShouldBeEmpty();
        return table;
    }

    private static string Line(Fault fault) => $"{fault.Key}{(fault.Value is null ? "" : $" = {fault.Value}")}: {fault.Message}";
}
