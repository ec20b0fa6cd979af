using System.Globalization;
using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>What an entry shows of its account to whoever may read it, before any password is shown.</summary>
/// <param name="Account">Disabled, locked or expired, as a word of <see cref="AccountStates"/>; null when usable.</param>
/// <param name="Password">Must be changed or has expired; null when neither.</param>
/// <param name="IsForGood">True when it ends only by an administrator's hand: a lock after wrong passwords does not.</param>
internal readonly record struct LdapAccountState(string? Account, string? Password, bool IsForGood)
{
    /// <summary>Every user of Active Directory has it; who may not read it knows nothing of the state.</summary>
    public const string AccountControl = "userAccountControl";

    private const string ComputedAccountControl = "msDS-User-Account-Control-Computed";
    private const string AccountLock = "nsAccountLock";
    private const string PasswordLastSet = "pwdLastSet";
    private const string AccountExpires = "accountExpires";
    private const string PolicyLock = "pwdAccountLockedTime";
    private const string PolicyDelay = "pwdAccountTmpLockoutEnd";
    private const string LockedForGood = "000001010000Z";

    // The server's clock and ours.
    private static readonly TimeSpan s_drift = TimeSpan.FromMinutes(1);

    private const int Disabled = 0x2;
    private const int LockedOut = 0x10;
    private const int PasswordNeverExpires = 0x10000;
    private const int PasswordExpired = 0x800000;

    /// <summary>What must be asked for.</summary>
    public static IReadOnlyList<string> Attributes { get; } =
        [AccountControl, ComputedAccountControl, AccountLock, PasswordLastSet, AccountExpires, PolicyLock, PolicyDelay];

    /// <summary>
    /// True when a password policy has locked the account for a time and may do so still: how long stands elsewhere, and the entry shows it until the next
    /// right password. Meanwhile a no says little about the password.
    /// </summary>
    public bool MayBeLocked { get; private init; }

    /// <summary>
    /// The same where it is known how long a policy locks. While that lasts the directory looks at no password, and a phone that sends the right one must not be taken for a
    /// guess; afterwards a no is a no again.
    /// </summary>
    /// <param name="entry">What is known of the entry, by attribute.</param>
    /// <param name="duration">How long; <see cref="TimeSpan.MaxValue"/> until somebody unlocks.</param>
    /// <param name="now">The time here.</param>
    public LdapAccountState WithLockOf(Func<string, string?> entry, TimeSpan duration, DateTimeOffset now)
    {
        if (!MayBeLocked || Account is not null || entry(PolicyDelay) is not null || !LdapTime.TryRead(entry(PolicyLock), out var since))
        {
            return this;
        }

        if (duration == TimeSpan.MaxValue || now - since < duration - s_drift)
        {
            return this with { Account = AccountStates.Locked };
        }

        return this with { MayBeLocked = now - since < duration + s_drift };
    }

    /// <summary>Reads an entry; what it does not show counts as well.</summary>
    public static LdapAccountState Read(LdapEntry entry, DateTimeOffset now) => Read(entry.GetString, now);

    /// <summary>Reads what is known of an entry, by attribute; null for what is not.</summary>
    public static LdapAccountState Read(Func<string, string?> entry, DateTimeOffset now) =>
        ReadStates(entry, now) with { MayBeLocked = entry(PolicyLock) is not null || entry(PolicyDelay) is not null };

    private static LdapAccountState ReadStates(Func<string, string?> entry, DateTimeOffset now)
    {
        var (flags, computed) = (Number(entry, AccountControl) ?? 0, Number(entry, ComputedAccountControl) ?? 0);
        string? password = null;
        if ((flags & PasswordNeverExpires) == 0)
        {
            password = Number(entry, PasswordLastSet) == 0 ? AccountStates.MustChange
                : (computed & PasswordExpired) != 0 ? AccountStates.PasswordExpired
                : null;
        }

        if ((flags & Disabled) != 0 || string.Equals(entry(AccountLock), "true", StringComparison.OrdinalIgnoreCase))
        {
            return new(AccountStates.Disabled, password, IsForGood: true);
        }

        if (HasExpired(entry, now))
        {
            return new(AccountStates.Expired, password, IsForGood: true);
        }

        // In a password policy's own lock only "for good" can be told from the entry: how long the others last stands elsewhere.
        var isLockedForGood = entry(PolicyLock) == LockedForGood;
        return (computed & LockedOut) != 0 || isLockedForGood ? new(AccountStates.Locked, password, isLockedForGood) : new(null, password, IsForGood: false);
    }

    /// <summary>A number of 100 ns since 1601; zero and the largest mean never.</summary>
    private static bool HasExpired(Func<string, string?> entry, DateTimeOffset now) =>
        Number(entry, AccountExpires) is > 0 and < long.MaxValue and var expires && expires <= now.ToFileTime();

    private static long? Number(Func<string, string?> entry, string attribute) =>
        long.TryParse(entry(attribute), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
