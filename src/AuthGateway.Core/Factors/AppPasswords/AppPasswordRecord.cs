namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>An app password as it is kept: everything but the secret, of which only the digest is there.</summary>
public sealed record AppPasswordRecord
{
    /// <summary>Own id of this password; a later one of the same tag has another.</summary>
    public required string Id { get; init; }

    /// <summary>What it is found under.</summary>
    public required AppPasswordDigest Digest { get; init; }

    /// <summary>Key of the one identity it belongs to.</summary>
    public required string IdentityKey { get; init; }

    /// <summary>The user's login when it was made, for lists.</summary>
    public required string Login { get; init; }

    /// <summary>What tells it from the user's others (<see cref="AppPasswordTag"/>).</summary>
    public required string Tag { get; init; }

    /// <summary>Classes of services (<see cref="AppPasswordClass"/>) and names of services it opens; never empty.</summary>
    public required IReadOnlyList<string> For { get; init; }

    /// <summary>Networks it is good from, by the names of the configuration or in CIDR notation; empty: from everywhere.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>The one ActiveSync device it is good on, in canonical form; null: any.</summary>
    public string? DeviceId { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it is good no longer; null: it lasts until it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The last use that was written down, or null.</summary>
    public AppPasswordUse? LastUse { get; init; }

    /// <summary>What binds all of this together (<see cref="AppPasswordKey.Seal"/>); the last use and the login are not part of it.</summary>
    public byte[] Seal { get; init; } = [];
}

/// <summary>One use of an app password.</summary>
/// <param name="At">When.</param>
/// <param name="Address">Client address.</param>
/// <param name="UserAgent">User-Agent, at most 256 characters; empty when none was sent.</param>
public sealed record AppPasswordUse(DateTimeOffset At, string Address, string UserAgent);

/// <summary>
/// An app password that was revoked or replaced. Its digest is kept for a while, so that a client which still sends it is told no here: no directory is
/// asked, and nobody is locked out by it.
/// </summary>
/// <param name="Digest">What it was found under.</param>
/// <param name="IdentityKey">Whose it was.</param>
/// <param name="Login">The user's login then.</param>
/// <param name="Tag">Its tag.</param>
/// <param name="EndedAt">When it ended.</param>
public sealed record EndedAppPassword(AppPasswordDigest Digest, string IdentityKey, string Login, string Tag, DateTimeOffset EndedAt);

/// <summary>Words for whole classes of services. They are never taken for names of services.</summary>
public static class AppPasswordClass
{
    /// <summary>Web services, where they take Basic; never a page to sign in on.</summary>
    public const string Web = "web";

    /// <summary>Exchange ActiveSync.</summary>
    public const string ActiveSync = "activesync";

    /// <summary>CalDAV, CardDAV and WebDAV.</summary>
    public const string Dav = "dav";

    /// <summary>Every class.</summary>
    public static IReadOnlyList<string> All { get; } = [Dav, ActiveSync, Web];

    /// <summary>True for a word that means a class.</summary>
    public static bool Is(string word) => word is Web or ActiveSync or Dav;
}

/// <summary>Tags: 1 to 32 letters a-z, digits and hyphens.</summary>
public static class AppPasswordTag
{
    /// <summary>Longest tag.</summary>
    public const int MaxLength = 32;

    /// <summary>True for a tag in its one form.</summary>
    public static bool Is(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (c is not (>= 'a' and <= 'z' or >= '0' and <= '9' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
