using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using Spectre.Console;

namespace AuthGateway.Rendering;

/// <summary>
/// The one way a verb speaks: results to standard output, everything else to standard error. All text is escaped here, so no
/// caller can forget it.
/// </summary>
internal sealed class Output
{
    private static readonly JsonSerializerOptions s_jsonLine = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private static readonly JsonSerializerOptions s_jsonPages = new(s_jsonLine) { WriteIndented = true };

    private readonly TextWriter _result;
    private readonly TextWriter _progress;
    private readonly bool _terminal;
    private readonly bool _color;
    private readonly bool _progressColor;
    private readonly int _width;

    /// <summary>Speaks to two writers.</summary>
    /// <param name="result">Where results go.</param>
    /// <param name="progress">Where progress, hints and errors go.</param>
    /// <param name="json">True when the caller asked for JSON: tables and lines are then silent.</param>
    /// <param name="terminal">True when a person reads the result as it comes.</param>
    /// <param name="color">True when the terminal may be coloured.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="progressColor">True when errors and warnings may be coloured.</param>
    public Output(TextWriter result, TextWriter progress, bool json = false, bool terminal = false, bool color = false, int width = 80, bool progressColor = false)
    {
        (_result, _progress, IsJson, _terminal, _color, _width, _progressColor) = (result, progress, json, terminal, color, width, progressColor);
    }

    /// <summary>True when the caller asked for JSON.</summary>
    public bool IsJson { get; }

    /// <summary>Speaks to the process's own console. Colour is off in a pipe, with NO_COLOR set, and on a dumb terminal.</summary>
    public static Output ForConsole(bool json)
    {
        var terminal = !Console.IsOutputRedirected;
        var color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new Output(Console.Out, Console.Error, json, terminal, terminal && color, terminal ? Math.Max(80, Console.WindowWidth) : 80, color && !Console.IsErrorRedirected);
    }

    /// <summary>One line of the result, for people.</summary>
    public void Line(string text)
    {
        if (!IsJson)
        {
            _result.WriteLine(VisibleText.Escape(text));
        }
    }

    /// <summary>The result as JSON; the field names are those of the audit log. Anything beyond ASCII is escaped by the encoder.</summary>
    public void Json<T>(T value) => _result.WriteLine(JsonSerializer.Serialize(value, _terminal ? s_jsonPages : s_jsonLine));

    /// <summary>A result that is a whole text of its own, such as a schema; written as it is, with or without <c>--json</c>.</summary>
    public void Raw(string text) => _result.Write(text);

    /// <summary>What is going on, or a hint; never part of the result.</summary>
    public void Progress(string text) => _progress.WriteLine(VisibleText.Escape(text));

    /// <summary>What went wrong, in bold red, and the remedy below it.</summary>
    public void Error(string what, string? remedy = null) => Tell(what, remedy, "1;31");

    /// <summary>What will go wrong, in red, and the remedy below it.</summary>
    public void Warning(string what, string? remedy = null) => Tell($"warning: {what}", remedy, "31");

    private void Tell(string what, string? remedy, string color)
    {
        var text = VisibleText.Escape(what);
        _progress.WriteLine(_progressColor ? $"\e[{color}m{text}\e[0m" : text);
        if (remedy is not null)
        {
            _progress.WriteLine($"  {VisibleText.Escape(remedy)}");
        }
    }

    /// <summary>Faults of the configuration: file, key and value, and the remedy below.</summary>
    public void Faults(IEnumerable<Fault> faults)
    {
        foreach (var fault in faults)
        {
            var source = fault.Source is null ? "" : $"{fault.Source}: ";
            var value = fault.Value is null ? "" : $" = \"{fault.Value}\"";
            var where = $"{source}{fault.Key}{value}";
            if (fault.Severity == FaultSeverity.Warning)
            {
                Warning(where, fault.Message);
            }
            else
            {
                Error(where, fault.Message);
            }
        }
    }

    /// <summary>
    /// A table without lines. On a terminal it fits the width and long cells wrap; in a pipe a row is one line, however long, so that
    /// <c>grep</c> finds whole rows.
    /// </summary>
    public void Table(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string?>> rows)
    {
        if (IsJson)
        {
            return;
        }

        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        var last = heads.Count - 1;
        for (var i = 0; i <= last; i++)
        {
            var column = new TableColumn(new Text(heads[i], _color ? new Style(decoration: Decoration.Bold) : null)) { Padding = new Padding(0, 0, i == last ? 0 : 2, 0) };
            column.NoWrap = !_terminal;
            table.AddColumn(column);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(VisibleText.Escape(cell) is { Length: > 0 } text ? text : "-")));
        }

        using var drawn = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = _color ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = _color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(drawn),
        });
        console.Profile.Width = _terminal ? _width : 16_384;
        console.Write(table);

        foreach (var line in drawn.ToString().TrimEnd().Split('\n'))
        {
            _result.WriteLine(line.TrimEnd());
        }
    }
}
