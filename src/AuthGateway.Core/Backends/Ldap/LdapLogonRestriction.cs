using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// When and where Active Directory lets an account log on. A bind judges it; who comes without a password meets no bind, so it is read here. Of sessions that
/// are open it says nothing: it is about logging on.
/// </summary>
internal static class LdapLogonRestriction
{
    private const string Hours = "logonHours";
    private const string Workstations = "userWorkstations";
    private const int HoursBytes = 21;

    /// <summary>What must be asked for.</summary>
    public static IReadOnlyList<string> Attributes { get; } = [Hours, Workstations];

    /// <summary>A word of <see cref="AccountStates"/>, or null where nothing restricts.</summary>
    /// <param name="entry">The user's entry.</param>
    /// <param name="now">The time: hours are kept in UTC, one bit each, from Sunday midnight.</param>
    public static string? Of(LdapEntry entry, DateTimeOffset now)
    {
        if (entry.GetBytes(Hours) is { Length: HoursBytes } hours)
        {
            var hour = ((int)now.UtcDateTime.DayOfWeek * 24) + now.UtcDateTime.Hour;
            if ((hours[hour / 8] & (1 << (hour % 8))) == 0)
            {
                return AccountStates.LogonHours;
            }
        }

        // The gateway is none of the computers that are named.
        return string.IsNullOrWhiteSpace(entry.GetString(Workstations)) ? null : AccountStates.Workstation;
    }
}
