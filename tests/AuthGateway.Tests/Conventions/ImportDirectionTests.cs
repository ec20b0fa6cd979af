using System.Text.RegularExpressions;

namespace AuthGateway.Tests.Conventions;

/// <summary>Which way imports run: the rows of docs/architecture.md, held against the using lines and qualified names of every file.</summary>
public sealed partial class ImportDirectionTests
{
    /// <summary>Rooms of Core by row; a room may import rooms of lower rows.</summary>
    private static readonly Dictionary<string, int> Rows = new(StringComparer.Ordinal)
    {
        ["Identities"] = 1, ["Networks"] = 1, ["Policies"] = 1, ["Telemetry"] = 1, ["Faults"] = 1, ["Signals"] = 1, ["Edge"] = 1,
        ["Audit"] = 2, ["Backends"] = 2, ["Devices"] = 2, ["Factors"] = 2, ["Lockout"] = 2, ["Services"] = 2, ["Sessions"] = 2, ["Tunnels"] = 2,
        ["Login"] = 3, ["Listeners"] = 3, ["Forwarding"] = 3,
        ["Pipeline"] = 4,
        ["Configuration"] = 5, ["."] = 6,
    };

    /// <summary>Imports within a row that are agreed, besides Audit, which every craft may write to.</summary>
    private static readonly HashSet<string> Sideways = new(StringComparer.Ordinal)
    {
        "Networks>Faults",        // ranges are checked where they are parsed
        "Policies>Networks",      // a policy names networks
        "Edge>Identities",        // Basic credentials carry a Secret
        "Telemetry>Policies",     // metrics count by reason
        "Tunnels>Backends",       // Programs/ only: how a child process is started, ended and never left behind
    };

    [Fact]
    public void Core_EveryRoom_ImportsOnlyRowsBelow()
    {
        var violations = new List<string>();
        foreach (var file in Repository.SourceFiles("AuthGateway.Core"))
        {
            var relative = Path.GetRelativePath(Path.Combine(Repository.Source, "AuthGateway.Core"), file);
            var room = relative.Contains('/', StringComparison.Ordinal) ? relative[..relative.IndexOf('/', StringComparison.Ordinal)] : ".";
            if (!Rows.TryGetValue(room, out var row))
            {
                violations.Add($"{relative}: the room {room} stands in no row");
                continue;
            }

            foreach (Match match in CoreRoom().Matches(File.ReadAllText(file)))
            {
                var target = match.Groups[1].Value;
                if (target == room || !Rows.TryGetValue(target, out var targetRow))
                {
                    continue;
                }

                var allowed = targetRow < row || (row == 2 && target == "Audit") || Sideways.Contains($"{room}>{target}");
                if (!allowed)
                {
                    violations.Add($"{relative}: {room} (row {row}) imports {target} (row {targetRow})");
                }
            }
        }

        violations.Distinct(StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("AuthGateway.Core", "AuthGateway.Storage", "AuthGateway.Web", "AuthGateway.Commands", "AuthGateway.Hosting", "Dapper", "Microsoft.Data.Sqlite", "Spectre.Console", "System.CommandLine", "Serilog")]
    [InlineData("AuthGateway.Web", "AuthGateway.Storage", "AuthGateway.Commands", "AuthGateway.Hosting", "Dapper", "Microsoft.Data.Sqlite", "Yarp.", "AuthGateway.Ldap")]
    [InlineData("AuthGateway.Storage", "AuthGateway.Web", "AuthGateway.Commands", "AuthGateway.Hosting", "Yarp.", "AuthGateway.Ldap", "Microsoft.AspNetCore")]
    [InlineData("AuthGateway.Ldap", "AuthGateway.Core", "AuthGateway.Storage", "AuthGateway.Web", "Microsoft.AspNetCore", "Yarp.")]
    [InlineData("AuthGateway", "Dapper", "Microsoft.Data.Sqlite", "Yarp.", "AuthGateway.Ldap")]
    public void Project_NeverImports(string project, params string[] forbidden)
    {
        var violations =
            from file in Repository.SourceFiles(project)
            from line in File.ReadLines(file)
            where line.StartsWith("using ", StringComparison.Ordinal)
            from name in forbidden
            where line.StartsWith($"using {name}", StringComparison.Ordinal) || line.StartsWith($"using static {name}", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Repository.Root, file)}: {line}";
        violations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Yarp.", "Forwarding")]
    [InlineData("AuthGateway.Ldap", "Backends/Ldap")]
    public void Library_IsNamedInOneRoomOnly(string library, string room)
    {
        var violations =
            from file in Repository.SourceFiles("AuthGateway.Core")
            where !file.Contains($"/AuthGateway.Core/{room}/", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where line.StartsWith($"using {library}", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Repository.Root, file)}: {line}";
        violations.ShouldBeEmpty();
    }

    [GeneratedRegex(@"AuthGateway\.Core\.([A-Z]\w+)")]
    private static partial Regex CoreRoom();
}
