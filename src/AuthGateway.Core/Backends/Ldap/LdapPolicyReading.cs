namespace AuthGateway.Core.Backends.Ldap;

/// <summary>What one entry says of the directory's lockout.</summary>
/// <param name="Lockout">When it locks; null when it never does, or when the entry cannot be read.</param>
/// <param name="Source">The entry's name.</param>
/// <param name="Unread">Why the entry says nothing; null when it was read.</param>
internal sealed record LdapPolicyReading(DirectoryLockout? Lockout, string Source, string? Unread)
{
    /// <summary>True when no server answered, so that it is worth asking again soon.</summary>
    public bool IsOutage { get; init; }
}
