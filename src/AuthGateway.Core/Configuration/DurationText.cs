using System.Globalization;
using System.Text.RegularExpressions;

namespace AuthGateway.Core.Configuration;

/// <summary>Durations as people write them: <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c>, <c>2d</c>, or <c>00:05:00</c> and <c>1.00:00:00</c>.</summary>
internal static class DurationText
{
    /// <summary>Both forms, for the schema.</summary>
    public const string Pattern = @"^([0-9]{1,9}(ms|s|m|h|d)|([0-9]{1,5}\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?)$";

    private static readonly Regex Form = new(Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (!Form.IsMatch(text) || text.EndsWith('\n'))
        {
            return false;
        }

        if (text.Contains(':'))
        {
            return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out duration);
        }

        var (suffix, unit) = Units.First(candidate => text.EndsWith(candidate.Suffix, StringComparison.Ordinal));
        var count = long.Parse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture);
        if (count > TimeSpan.MaxValue.Ticks / unit.Ticks)
        {
            return false;
        }

        duration = unit * count;
        return true;
    }

    /// <summary>The shortest exact form: in the largest unit that divides it.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        foreach (var (suffix, unit) in Units.OrderByDescending(candidate => candidate.Unit))
        {
            if (duration > TimeSpan.Zero && duration.Ticks % unit.Ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / unit.Ticks}{suffix}");
            }
        }

        return duration.ToString("c", CultureInfo.InvariantCulture);
    }
}
