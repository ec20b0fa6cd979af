namespace AuthGateway.Ldap;

/// <summary>What a change does to the values of one attribute (RFC 4511, 4.6).</summary>
public enum LdapChangeKind
{
    /// <summary>Adds the values.</summary>
    Add = 0,

    /// <summary>Removes the values.</summary>
    Delete = 1,

    /// <summary>Puts the values in the place of all others; without values the attribute goes.</summary>
    Replace = 2,
}

/// <summary>One change. Values may be secrets, so they are not printed.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Attribute">To which attribute.</param>
/// <param name="Values">With which values.</param>
public sealed record LdapChange(LdapChangeKind Kind, string Attribute, params IReadOnlyList<ReadOnlyMemory<byte>> Values)
{
    /// <inheritdoc />
    public override string ToString() => $"{Kind} {Attribute}";
}
