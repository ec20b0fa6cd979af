using System.Text;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Configuration;

/// <summary>
/// A fault as people read it: where, which key, which value, and below it what is wrong and what to do.
/// <code>
/// appsettings.json:12: AuthGateway:Services:activesync:Rules[0]:Policy = "phone"
///   No policy has this name. Known: password, phones, web-outside. Did you mean "phones"?
/// </code>
/// </summary>
public static class FaultText
{
    private const int MaxValue = 120;

    /// <summary>One fault, two lines, without a final line break.</summary>
    public static string Render(Fault fault)
    {
        var source = fault.Source is null ? "" : $"{Plain(fault.Source)}: ";
        var severity = fault.Severity == FaultSeverity.Warning ? "warning: " : "";
        var value = fault.Value is null ? "" : $" = \"{Plain(Shorten(fault.Value))}\"";
        return $"{source}{severity}{Plain(fault.Key)}{value}\n  {Plain(fault.Message)}";
    }

    /// <summary>All faults, errors before warnings, otherwise in the order found.</summary>
    public static string Render(FaultList faults) =>
        string.Join('\n', faults.All.OrderBy(fault => fault.Severity).Select(Render));

    private static string Shorten(string value) => value.Length <= MaxValue ? value : $"{value[..MaxValue]}…";

    // What a file says ends up on a terminal and in a log: no line breaks, no escape sequences.
    private static string Plain(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var plain = new StringBuilder();
        foreach (var character in text)
        {
            plain.Append(char.IsControl(character) ? $"\\u{(int)character:x4}" : character);
        }

        return plain.ToString();
    }
}
