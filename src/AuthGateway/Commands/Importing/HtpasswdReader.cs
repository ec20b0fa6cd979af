using System.Collections.ObjectModel;

namespace AuthGateway.Commands.Importing;

/// <summary>Apache's password file: <c>name:hash</c>, one a line; <c>#</c> begins a comment.</summary>
internal static class HtpasswdReader
{
    public static ImportFile Read(string text)
    {
        var entries = new List<ImportEntry>();
        var number = 0;
        foreach (var line in text.EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace() || line[0] == '#')
            {
                continue;
            }

            var colon = line.IndexOf(':');
            entries.Add(colon < 0
                ? new ImportEntry(number) { Fault = "There is no colon in the line." }
                : new ImportEntry(number) { Login = line[..colon].ToString(), Hash = line[(colon + 1)..].TrimEnd().ToString() });
            ImportText.Bound(entries.Count);
        }

        return new ImportFile(entries, ReadOnlyDictionary<string, int>.Empty, 0);
    }
}
