namespace AuthGateway.Ldap;

/// <summary>One question to the directory. Aliases are never dereferenced.</summary>
/// <param name="BaseDn">Where to start; empty is the root entry.</param>
/// <param name="Scope">How deep.</param>
/// <param name="Filter">What to find.</param>
public sealed record LdapSearch(string BaseDn, LdapScope Scope, LdapFilter Filter)
{
    /// <summary>Attributes wanted. Empty is all user attributes; <c>1.1</c> is none.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>Entries at most, 1 to 10 000, default 100. A server that sends more has its answer thrown away.</summary>
    public int SizeLimit
    {
        get;
        init => field = value is >= 1 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "must be 1 to 10000");
    } = 100;

    /// <summary>What the server may spend, whole seconds rounded up; zero (default) leaves it to the server. Our own deadline holds regardless.</summary>
    public TimeSpan TimeLimit
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "must be 0 to 1 hour");
    }

    /// <summary>Controls sent along.</summary>
    public IReadOnlyList<LdapControl> Controls { get; init; } = [];
}

/// <summary>What a search brought.</summary>
/// <param name="Entries">The entries; valid also with <see cref="LdapResultCode.SizeLimitExceeded"/>.</param>
/// <param name="Result">How it ended.</param>
/// <param name="ReferencesIgnored">References to other servers, counted and not followed (Active Directory sends some on every root search).</param>
public sealed record LdapSearchOutcome(IReadOnlyList<LdapEntry> Entries, LdapResult Result, int ReferencesIgnored);
