using AuthGateway.Commands;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Commands;

/// <summary>A configuration as a test tells it.</summary>
internal sealed class ScriptedGateway : IConfiguredGateway
{
    public static UserIdentity Alice { get; } = new("ad", "1", "alice", "alice@example.com", null, [], []);

    public List<ConfiguredService> All { get; } = [new("calendars", AppPasswordClass.Dav, true), new("phones", AppPasswordClass.ActiveSync, false), new("files", AppPasswordClass.Web, false)];

    /// <summary>Who a name is for one service, when not Alice.</summary>
    public Dictionary<string, Resolution> Answers { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<ConfiguredService> Services => All;

    public string? FindFault(IReadOnlyList<string> networks) => networks.Contains("nowhere", StringComparer.Ordinal) ? "Unknown network \"nowhere\"." : null;

    public ValueTask<Resolution> ResolveAsync(UserName name, string service, CancellationToken cancellationToken) =>
        new(Answers.GetValueOrDefault(service) ?? (Alice.Aliases.Contains(name.Text) ? new Resolution.Found(Alice, "ad", []) : new Resolution.UnknownUser([])));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
