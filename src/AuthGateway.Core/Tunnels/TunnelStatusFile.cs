using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AuthGateway.Core.Tunnels;

/// <summary>How the running gateway tells other processes about its tunnels: a file for its owner alone, written at each change.</summary>
public sealed class TunnelStatusFile(TunnelPlaces places, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private readonly Lock _gate = new();

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal void Write(IReadOnlyList<TunnelStatus> statuses)
    {
        lock (_gate)
        {
            var id = Environment.ProcessId;
            TunnelPlaces.Write(places.StatusFile, JsonSerializer.Serialize(new Content(id, StartOf(id) ?? "", time.GetUtcNow(), statuses), Json));
        }
    }

    /// <summary>What the running gateway says; null when none runs with this folder.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    public IReadOnlyList<TunnelStatus>? Read()
    {
        try
        {
            var content = JsonSerializer.Deserialize<Content>(File.ReadAllText(places.StatusFile), Json);

            // A number alone may be somebody else's by now.
            return content is not null && content.StartedAt.Length > 0 && string.Equals(StartOf(content.Pid), content.StartedAt, StringComparison.Ordinal) ? content.Tunnels : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>When a process started, in the kernel's own count; null when there is none.</summary>
    private static string? StartOf(int process)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));

            // Behind the name, which may hold blanks and brackets: the state, and the start as the 20th field from there.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private sealed record Content(int Pid, string StartedAt, DateTimeOffset WrittenAt, IReadOnlyList<TunnelStatus> Tunnels);
}
