using System.Text;

namespace AuthGateway.Commands.Importing;

/// <summary>Comma-separated values (RFC 4180) with a row of column names. An empty cell says nothing.</summary>
internal static class CsvReader
{
    private const char Quote = '"';

    private static readonly Dictionary<string, string> s_columns = new(StringComparer.OrdinalIgnoreCase)
    {
        ["login"] = "login", ["user"] = "login", ["username"] = "login", ["uid"] = "login",
        ["mail"] = "mail", ["email"] = "mail",
        ["displayname"] = "displayName", ["name"] = "displayName", ["cn"] = "displayName",
        ["groups"] = "groups", ["group"] = "groups",
        ["hash"] = "hash", ["passwordhash"] = "hash",
        ["password"] = "password",
        ["disabled"] = "disabled",
    };

    /// <summary>The columns something is made of.</summary>
    public const string Columns = "login, mail, displayName, groups (separated by |), hash, password, disabled (true or false)";

    public static ImportFile Read(string text, char separator)
    {
        using var rows = Rows(text, separator).GetEnumerator();
        if (!rows.MoveNext())
        {
            throw new ImportRefusedException("The file is empty.", $"Its first row must name the columns: {Columns}.");
        }

        var heads = rows.Current.Cells;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var notTaken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < heads.Count; i++)
        {
            if (!s_columns.TryGetValue(heads[i].Trim(), out var meaning))
            {
                notTaken.TryAdd(heads[i].Trim(), 0);
            }
            else if (!places.TryAdd(meaning, i))
            {
                throw new ImportRefusedException($"Two columns say the {meaning}.", $"Remove one. Columns: {Columns}.");
            }
        }

        if (!places.ContainsKey("login"))
        {
            var hint = heads.Count == 1 && heads[0].AsSpan().ContainsAny(";\t") ? " Is the separator another? See --separator." : "";
            throw new ImportRefusedException("The first row names no column \"login\".", $"Columns: {Columns}.{hint}");
        }

        var entries = new List<ImportEntry>();
        while (rows.MoveNext())
        {
            var (line, cells) = rows.Current;
            if (cells is [""])
            {
                continue;
            }

            entries.Add(cells.Count == heads.Count ? Entry(line, cells, places) : new ImportEntry(line) { Fault = $"The row has {cells.Count} cells, the first row has {heads.Count}." });
            ImportText.Bound(entries.Count);
            for (var i = 0; i < Math.Min(cells.Count, heads.Count); i++)
            {
                if (cells[i].Length > 0 && notTaken.TryGetValue(heads[i].Trim(), out var count))
                {
                    notTaken[heads[i].Trim()] = count + 1;
                }
            }
        }

        return new ImportFile(entries, notTaken, 0);
    }

    private static ImportEntry Entry(int line, IReadOnlyList<string> cells, Dictionary<string, int> places)
    {
        var disabled = Cell("disabled");
        bool? isDisabled = disabled?.ToLowerInvariant() switch
        {
            "true" or "yes" or "1" => true,
            "false" or "no" or "0" => false,
            _ => null,
        };
        return new ImportEntry(line)
        {
            Login = Cell("login"),
            Mail = Cell("mail"),
            DisplayName = Cell("displayName"),
            Groups = Cell("groups")?.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            Hash = Cell("hash"),
            Password = Cell("password"),
            Disabled = isDisabled,
            Fault = disabled is not null && isDisabled is null ? "The column disabled must be true or false." : null,
        };

        string? Cell(string name) => places.TryGetValue(name, out var place) && cells[place].Length > 0 ? cells[place] : null;
    }

    /// <summary>Rows with the line each begins at. Quotes may hold separators, line breaks and doubled quotes.</summary>
    private static IEnumerable<(int Line, IReadOnlyList<string> Cells)> Rows(string text, char separator)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var (line, begun, at) = (1, 1, 0);
        while (at < text.Length)
        {
            if (text[at] == Quote && cell.Length == 0)
            {
                at = ReadQuoted(text, at, cell, begun, ref line);
                if (at < text.Length && text[at] != separator && text[at] is not ('\r' or '\n'))
                {
                    throw new ImportRefusedException($"Line {line}: there is text behind a closing quote.", "Double the quotes inside of a cell (RFC 4180).");
                }

                if (at == text.Length)
                {
                    break;
                }
            }

            var character = text[at++];
            if (character == separator)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (character == '\n' || (character == '\r' && at < text.Length && text[at] == '\n'))
            {
                at += character == '\r' ? 1 : 0;
                cells.Add(cell.ToString());
                cell.Clear();
                yield return (begun, cells);
                cells = [];
                begun = ++line;
            }
            else if (character == Quote)
            {
                throw new ImportRefusedException($"Line {line}: there is a quote in a cell that does not begin with one.", "Put the whole cell in quotes and double those inside (RFC 4180).");
            }
            else
            {
                cell.Append(character);
            }
        }

        if (cell.Length > 0 || cells.Count > 0)
        {
            cells.Add(cell.ToString());
            yield return (begun, cells);
        }
    }

    private static int ReadQuoted(string text, int at, StringBuilder cell, int begun, ref int line)
    {
        for (at++; at < text.Length; at++)
        {
            if (text[at] != Quote)
            {
                line += text[at] == '\n' ? 1 : 0;
                cell.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == Quote)
            {
                cell.Append(Quote);
                at++;
            }
            else
            {
                return at + 1;
            }
        }

        throw new ImportRefusedException($"A quote that opens in the row of line {begun} is never closed.", "Close it, or double it (RFC 4180).");
    }
}
