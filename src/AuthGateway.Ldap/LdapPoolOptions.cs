namespace AuthGateway.Ldap;

/// <summary>How many connections a pool may hold, and as whom it searches.</summary>
public sealed record LdapPoolOptions
{
    /// <summary>Connections of one pool at most, both kinds together.</summary>
    public const int MaxConnections = 16;

    /// <summary>DN searches are bound with; null searches anonymously, without any bind.</summary>
    public string? ServiceDn { get; init; }

    /// <summary>Password of <see cref="ServiceDn"/>. Must not be empty when a DN is set.</summary>
    public string? ServicePassword { get; init; }

    /// <summary>Connections for searches, shared by many at once. 1 to 15, default 2.</summary>
    public int SharedConnections { get; init; } = 2;

    /// <summary>Connections for binds, one user at a time each. 1 to 15, default 8.</summary>
    public int ExclusiveConnections { get; init; } = 8;

    /// <summary>An unused connection is closed after this time, at the latest after half as much again. Default 1 minute.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SharedConnections, 1, nameof(SharedConnections));
        ArgumentOutOfRangeException.ThrowIfLessThan(ExclusiveConnections, 1, nameof(ExclusiveConnections));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SharedConnections + ExclusiveConnections, MaxConnections, "SharedConnections + ExclusiveConnections");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleTimeout, TimeSpan.Zero, nameof(IdleTimeout));
        if (!string.IsNullOrEmpty(ServiceDn) && string.IsNullOrEmpty(ServicePassword))
        {
            throw new ArgumentException("a service DN needs a password", nameof(ServicePassword));
        }
    }

    /// <summary>Everything but the password.</summary>
    public override string ToString() =>
        $"{(string.IsNullOrEmpty(ServiceDn) ? "anonymous" : ServiceDn)}, {SharedConnections} shared, {ExclusiveConnections} exclusive, idle {IdleTimeout}";
}
