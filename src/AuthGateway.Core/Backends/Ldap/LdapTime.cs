using System.Globalization;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Times as directories write them: generalized time (RFC 4517, 3.3.13) in UTC, seconds and their fraction included.</summary>
internal static class LdapTime
{
    private static readonly string[] s_formats = ["yyyyMMddHHmmss'Z'", "yyyyMMddHHmmss.FFFFFFF'Z'"];

    /// <summary>Reads one; false for anything else, also for shorter forms, which no server writes by itself.</summary>
    public static bool TryRead(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, s_formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
