namespace AuthGateway.Ldap;

/// <summary>How deep a search goes (RFC 4511, 4.5.1.2).</summary>
public enum LdapScope
{
    /// <summary>The base entry only.</summary>
    Base = 0,

    /// <summary>Its direct children.</summary>
    OneLevel = 1,

    /// <summary>The base entry and all below.</summary>
    Subtree = 2,
}
