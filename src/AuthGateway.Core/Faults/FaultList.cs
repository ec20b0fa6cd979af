namespace AuthGateway.Core.Faults;

/// <summary>How bad a fault is.</summary>
public enum FaultSeverity
{
    /// <summary>Stops a start and refuses a reload.</summary>
    Error,

    /// <summary>Told, but the configuration works.</summary>
    Warning,
}

/// <summary>One thing wrong with the configuration.</summary>
/// <param name="Severity">Whether it stops the load.</param>
/// <param name="Key">Full key from the section's name on, e.g. <c>AuthGateway:Services:dav:Rules[0]:Policy</c>.</param>
/// <param name="Value">The value found, already masked when it is a secret; null when there is none.</param>
/// <param name="Message">What is wrong and what to do, in one or two sentences.</param>
/// <param name="Source">File or environment variable the value came from; filled in by the loader.</param>
public sealed record Fault(FaultSeverity Severity, string Key, string? Value, string Message, string? Source = null);

/// <summary>Collects every fault of a load, never only the first. A builder that adds an error returns null or a harmless placeholder.</summary>
public sealed class FaultList
{
    private readonly List<Fault> _faults = [];

    /// <summary>Everything found so far.</summary>
    public IReadOnlyList<Fault> All => _faults;

    /// <summary>True when at least one error was found.</summary>
    public bool HasErrors => _faults.Exists(fault => fault.Severity == FaultSeverity.Error);

    /// <summary>Adds an error.</summary>
    public void Error(string key, string? value, string message) => _faults.Add(new Fault(FaultSeverity.Error, key, value, message));

    /// <summary>Adds a warning.</summary>
    public void Warn(string key, string? value, string message) => _faults.Add(new Fault(FaultSeverity.Warning, key, value, message));

    /// <summary>Adds one found elsewhere.</summary>
    public void Add(Fault fault) => _faults.Add(fault);

    /// <summary>The sentence for a name that does not exist: what is known, and the nearest guess.</summary>
    public static string Unknown(string noun, string given, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToArray();
        var nearest = names.Select(name => (name, distance: Distance(given, name))).OrderBy(pair => pair.distance).FirstOrDefault();
        var hint = nearest.name is not null && nearest.distance <= Math.Max(2, given.Length / 3) ? $" Did you mean \"{nearest.name}\"?" : "";
        var list = names.Length == 0 ? "None is defined." : $"Known: {string.Join(", ", names)}.";
        return $"No {noun} has this name. {list}{hint}";
    }

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                var next = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost);
                diagonal = row[j];
                row[j] = next;
            }
        }

        return row[b.Length];
    }
}
