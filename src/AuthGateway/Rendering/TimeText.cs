using System.Globalization;

namespace AuthGateway.Rendering;

/// <summary>Times for people, always in UTC, and the spellings people give them in.</summary>
internal static class TimeText
{
    /// <summary><c>2026-11-22 03:19:40Z</c>.</summary>
    public static string Absolute(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>3 min ago</c>, <c>in 12 min</c>, <c>just now</c>.</summary>
    public static string Relative(DateTimeOffset time, DateTimeOffset now)
    {
        var distance = now - time;
        var text = Span(distance.Duration());
        return text is null ? "just now" : distance > TimeSpan.Zero ? $"{text} ago" : $"in {text}";
    }

    /// <summary>Both: <c>2026-11-22 03:19:40Z (3 min ago)</c>.</summary>
    public static string Both(DateTimeOffset time, DateTimeOffset now) => $"{Absolute(time)} ({Relative(time, now)})";

    /// <summary>Reads <c>45s</c>, <c>30m</c>, <c>2h</c>, <c>7d</c> as that long ago, or an ISO date or time, taken as UTC when it names no zone.</summary>
    public static bool TryParseSince(string text, DateTimeOffset now, out DateTimeOffset since)
    {
        since = default;
        if (TryParseSpan(text, out var span))
        {
            if (span > now - DateTimeOffset.MinValue)
            {
                return false;
            }

            since = now - span;
            return true;
        }

        string[] formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ssK"];
        return DateTimeOffset.TryParseExact(
            text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out since);
    }

    /// <summary>Reads <c>45s</c>, <c>30m</c>, <c>2h</c>, <c>7d</c>.</summary>
    public static bool TryParseSpan(string text, out TimeSpan span)
    {
        span = default;
        if (text.Length < 2
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || text[^1] is not ('s' or 'm' or 'h' or 'd'))
        {
            return false;
        }

        var seconds = number * text[^1] switch { 's' => 1L, 'm' => 60L, 'h' => 3600L, _ => 86400L };
        if (seconds > (long)TimeSpan.MaxValue.TotalSeconds)
        {
            return false;
        }

        span = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static string? Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => null,
        { TotalSeconds: < 90 } => $"{(int)span.TotalSeconds} s",
        { TotalMinutes: < 90 } => $"{(int)span.TotalMinutes} min",
        { TotalHours: < 48 } => $"{(int)span.TotalHours} h",
        _ => $"{(int)span.TotalDays} d",
    };
}
