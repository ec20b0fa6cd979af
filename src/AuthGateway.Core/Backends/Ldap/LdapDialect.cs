using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Where directories differ in their ways.</summary>
internal static class LdapDialect
{
    /// <summary>Active Directory's attribute with the object's own number.</summary>
    public const string ObjectGuid = "objectGUID";

    /// <summary>True for Active Directory, said or seen by the attribute only it has.</summary>
    public static bool IsActiveDirectory(LdapBackendOptions options) => options.Kind switch
    {
        "active-directory" => true,
        "openldap" => false,
        _ => options.IdAttribute.Equals(ObjectGuid, StringComparison.OrdinalIgnoreCase),
    };

    /// <summary>True when <paramref name="dn"/> is <paramref name="root"/> or below it.</summary>
    public static bool IsWithin(string dn, string root) =>
        LdapDn.TryNormalize(dn, out var entry) && LdapDn.TryNormalize(root, out var above)
        && (above.Length == 0 || entry == above || entry.EndsWith("," + above, StringComparison.Ordinal));

    /// <summary>Where groups are searched: as said, else below the users' base; in Active Directory in the whole domain, for groups seldom lie beside the people.</summary>
    public static string GroupBase(LdapBackendOptions options)
    {
        if (options.GroupBaseDn.Length > 0)
        {
            return options.GroupBaseDn;
        }

        return IsActiveDirectory(options) && LdapDn.TryNormalize(options.BaseDn, out var dn) && DomainOf(dn) is { } domain ? domain : options.BaseDn;
    }

    private static string? DomainOf(string normalized)
    {
        for (var at = 0; at < normalized.Length; at++)
        {
            var startsPart = at == 0 || (normalized[at - 1] == ',' && (at < 2 || normalized[at - 2] != '\\'));
            if (startsPart && normalized.AsSpan(at).StartsWith("dc=", StringComparison.Ordinal))
            {
                return normalized[at..];
            }
        }

        return null;
    }
}
