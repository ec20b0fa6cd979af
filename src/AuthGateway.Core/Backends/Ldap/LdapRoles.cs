using AuthGateway.Core.Backends.Roles;
using AuthGateway.Core.Faults;
using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>What a directory's entry says about a person beside who it is: roles, services, name and telephone.</summary>
internal sealed class LdapRoles(LdapBackendOptions options)
{
    private readonly RoleMap _map = RoleMap.Build(options.RoleSync, ReadDn);

    /// <summary>What a search must ask for.</summary>
    public IEnumerable<string> Attributes => _map.Attributes.Append(options.DisplayNameAttribute).Append(options.PhoneAttribute).Where(name => name.Length > 0);

    /// <summary>Roles and services.</summary>
    /// <param name="groups">Every group the user is in.</param>
    /// <param name="entry">The user's entry.</param>
    public RoleGrants Apply(IReadOnlyList<GroupNode> groups, LdapEntry entry) => _map.Apply(groups, entry.GetStrings);

    /// <summary>The name for people: of its own attribute, else the common name.</summary>
    public string? DisplayName(LdapEntry entry) => Text(entry, options.DisplayNameAttribute) ?? entry.GetString("cn");

    /// <summary>The telephone number, or null.</summary>
    public string? Phone(LdapEntry entry) => Text(entry, options.PhoneAttribute);

    public static void Validate(LdapBackendOptions options, string key, FaultList faults) => RoleSyncValidator.Validate(options.RoleSync, $"{key}:RoleSync", ReadDn, faults);

    private static string? ReadDn(string dn) => LdapDn.TryNormalize(dn, out var normalized) ? normalized : null;

    private static string? Text(LdapEntry entry, string attribute) => attribute.Length == 0 ? null : entry.GetString(attribute) is { Length: > 0 } text ? text : null;
}
