using System.Buffers.Text;
using System.Text;

namespace AuthGateway.Commands.Importing;

/// <summary>One record of an LDIF file (RFC 2849): a distinguished name and attributes, folded lines joined and base64 read.</summary>
internal sealed class LdifRecord(int line)
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Line it begins at.</summary>
    public int Line => line;

    /// <summary>Distinguished name.</summary>
    public string Dn { get; private set; } = "";

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault { get; private set; }

    /// <summary>Names of the attributes, without options such as <c>;lang-de</c>.</summary>
    public IEnumerable<KeyValuePair<string, List<string>>> Attributes => _values;

    public string? First(string attribute) => _values.TryGetValue(attribute, out var values) ? values[0] : null;

    public IReadOnlyList<string> All(string attribute) => _values.TryGetValue(attribute, out var values) ? values : [];

    /// <summary>Every record of a text. A line that cannot be understood makes its record faulty, not the file.</summary>
    public static IEnumerable<LdifRecord> ReadAll(string text, Func<string, bool> isWanted)
    {
        LdifRecord? record = null;
        foreach (var (number, line) in Unfold(text))
        {
            if (line.Length == 0)
            {
                if (record is not null)
                {
                    yield return record;
                }

                record = null;
            }
            else if (line[0] == '#' || (record is null && line.StartsWith("version:", StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }
            else
            {
                record ??= new LdifRecord(number);
                record.Take(number, line, isWanted);
            }
        }

        if (record is not null)
        {
            yield return record;
        }
    }

    /// <summary>A line that begins with a blank continues the one before (RFC 2849, note 2). A comment is continued too.</summary>
    private static IEnumerable<(int Number, string Line)> Unfold(string text)
    {
        var current = new StringBuilder();
        var (number, begun, open) = (0, 1, false);
        var at = 0;
        while (at <= text.Length)
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end;
            var line = text[at..(end > at && text[end - 1] == '\r' ? end - 1 : end)];
            at = end + 1;
            number++;
            if (open && line.StartsWith(' '))
            {
                // A photograph may be longer than anything we take; its record is read all the same.
                if (current.Length <= ImportText.MaxLineBytes)
                {
                    current.Append(line, 1, line.Length - 1);
                }

                continue;
            }

            if (open)
            {
                yield return (begun, current.ToString());
            }

            current.Clear().Append(line);
            (begun, open) = (number, true);
        }

        if (open)
        {
            yield return (begun, current.ToString());
        }
    }

    private void Take(int number, string line, Func<string, bool> isWanted)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            Fault ??= line.StartsWith('-') ? "It is a list of changes, not an entry." : $"Line {number} is no \"attribute: value\".";
            return;
        }

        var name = line[..colon];
        var options = name.IndexOf(';', StringComparison.Ordinal);
        name = options < 0 ? name : name[..options];
        var value = line[(colon + 1)..];
        if (name.Equals("dn", StringComparison.OrdinalIgnoreCase))
        {
            Dn = Decode(number, name, value) ?? "";
        }
        else if (name.Equals("changetype", StringComparison.OrdinalIgnoreCase))
        {
            if (!value.Trim().Equals("add", StringComparison.OrdinalIgnoreCase))
            {
                Fault ??= "It is a change other than \"add\"; only entries are imported.";
            }
        }
        else if (!isWanted(name))
        {
            Add(name, "");
        }
        else if (Decode(number, name, value) is { Length: > 0 } decoded)
        {
            Add(name, decoded);
        }
    }

    private void Add(string name, string value)
    {
        if (!_values.TryGetValue(name, out var values))
        {
            _values.Add(name, values = []);
        }

        values.Add(value);
    }

    private string? Decode(int number, string name, string value)
    {
        if (value.Length > ImportText.MaxLineBytes)
        {
            Fault ??= $"Line {number}: {name} is longer than {ImportText.MaxLineBytes >> 10} KiB.";
            return null;
        }

        if (value.StartsWith('<'))
        {
            Fault ??= $"Line {number}: {name} names another file, which is not read.";
            return null;
        }

        if (!value.StartsWith(':'))
        {
            return value.TrimStart(' ');
        }

        var encoded = value[1..].Trim();
        var bytes = Base64.IsValid(encoded) ? Convert.FromBase64String(encoded) : null;
        if (bytes is null || !System.Text.Unicode.Utf8.IsValid(bytes) || bytes.AsSpan().Contains((byte)0))
        {
            Fault ??= $"Line {number}: {name} is {(bytes is null ? "no base64" : "no UTF-8 text")}.";
            return null;
        }

        return Encoding.UTF8.GetString(bytes);
    }
}
