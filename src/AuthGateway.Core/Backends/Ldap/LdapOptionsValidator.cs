using System.Globalization;
using AuthGateway.Core.Faults;
using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Finds what is wrong with how users and groups are to be found.</summary>
internal static class LdapOptionsValidator
{
    private const int FingerprintBytes = 32;

    /// <summary>Adds every fault found; <paramref name="key"/> is the key of the backend's section.</summary>
    public static void Validate(LdapBackendOptions options, string key, FaultList faults)
    {
        OneOf(options.HostOrder, $"{key}:HostOrder", faults, "failover", "round-robin");
        OneOf(options.Kind, $"{key}:Kind", faults, "auto", "active-directory", "openldap");
        OneOf(options.GroupMembership, $"{key}:GroupMembership", faults, "memberof", "member", "memberuid", "none");
        Between(options.NestedGroupDepth, 1, 32, $"{key}:NestedGroupDepth", faults);
        Between(options.MaxGroups, 1, 10_000, $"{key}:MaxGroups", faults);
        Between(options.PageSize, 0, 1000, $"{key}:PageSize", faults);
        ValidatePins(options, key, faults);
        ValidateNames(options, key, faults);
        ValidateGroups(options, key, faults);
        ValidateLockout(options, $"{key}:DirectoryLockout", faults);
    }

    /// <summary>Reads a fingerprint as people write it; null when it is none.</summary>
    public static byte[]? ReadFingerprint(string text)
    {
        var digits = text.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == 2 * FingerprintBytes && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }

    private static void ValidatePins(LdapBackendOptions options, string key, FaultList faults)
    {
        for (var i = 0; i < options.PinnedCertificates.Count; i++)
        {
            if (ReadFingerprint(options.PinnedCertificates[i]) is null)
            {
                faults.Error(
                    $"{key}:PinnedCertificates[{i}]",
                    options.PinnedCertificates[i],
                    "Not a SHA-256 fingerprint of 64 hexadecimal digits; `openssl x509 -in server.crt -noout -fingerprint -sha256` prints one.");
            }
        }

        if (options.PinnedCertificates.Count > 0 && !options.StartTls
            && options.Hosts.Exists(host => LdapEndpoint.TryParse(host, out var endpoint, out _) && !endpoint.IsLdaps))
        {
            faults.Error($"{key}:PinnedCertificates", null, "Without TLS no certificate is shown. Use ldaps://, or StartTls: true.");
        }
    }

    private static void ValidateNames(LdapBackendOptions options, string key, FaultList faults)
    {
        for (var i = 0; i < options.Domains.Count; i++)
        {
            if (options.Domains[i].Length == 0 || options.Domains[i].AsSpan().IndexOfAny('\\', '@', ' ') >= 0)
            {
                faults.Error($"{key}:Domains[{i}]", options.Domains[i], "Not a domain: write CORP or corp.example.org, without \\ and @.");
            }
        }

        if (options.UserSuffix.Any(char.IsControl))
        {
            faults.Error($"{key}:UserSuffix", options.UserSuffix, "Must not hold control characters.");
        }

        if (options.UserDnTemplate.Length == 0)
        {
            return;
        }

        var parts = options.UserDnTemplate.Split(LdapTemplateBackend.Placeholder);
        if (parts.Length != 2 || !LdapDn.TryNormalize(LdapTemplateBackend.Dn(options.UserDnTemplate, "x"), out _)
            || !(parts[0].TrimEnd().EndsWith('=') && (parts[1].Length == 0 || parts[1][0] is ',' or '+')))
        {
            // The whole value and nothing but it: half a value would make `x` and `{0}` meet in names nobody meant.
            faults.Error(
                $"{key}:UserDnTemplate", options.UserDnTemplate, "Must be a distinguished name with {0} once, as the whole value of an attribute, such as uid={0},ou=people,dc=example,dc=org.");
        }

        if (options.AlternativeLoginAttribute.Length > 0)
        {
            faults.Error($"{key}:AlternativeLoginAttribute", options.AlternativeLoginAttribute, "With UserDnTemplate nobody is searched for. Remove one of the two.");
        }
    }

    private static void ValidateGroups(LdapBackendOptions options, string key, FaultList faults)
    {
        var isActiveDirectory = LdapDialect.IsActiveDirectory(options);
        if (options.GroupMembership == "none" && (options.GroupDn.Length > 0 || options.NestedGroups || options.PrimaryGroup))
        {
            faults.Error($"{key}:GroupMembership", options.GroupMembership, "GroupDn, NestedGroups and PrimaryGroup need groups. Choose memberof, member or memberuid.");
        }

        if (options.NestedGroups && options.GroupMembership == "memberuid")
        {
            faults.Error($"{key}:NestedGroups", "true", "Groups that list login names cannot hold groups. Remove it, or use GroupMembership: member.");
        }

        if (options.PrimaryGroup && !isActiveDirectory)
        {
            faults.Error($"{key}:PrimaryGroup", "true", "Only Active Directory has primary groups; set IdAttribute: objectGUID, or Kind: active-directory.");
        }

        if (!options.NestedGroups && options.GroupMembership is "memberof" or "member")
        {
            WarnOfNested(options.RoleSync.Groups.Keys, $"{key}:RoleSync:Groups", faults);
            WarnOfNested(options.RoleSync.UsageContext.Keys, $"{key}:RoleSync:UsageContext", faults);
        }

        // Where nothing is searched, neither base nor filter would be looked at.
        var searches = options.GroupMembership is "member" or "memberuid" || options.PrimaryGroup || (options.NestedGroups && isActiveDirectory);
        if (!searches && options.GroupMembership != "none")
        {
            foreach (var (name, value) in new[] { ("GroupBaseDn", options.GroupBaseDn), ("GroupFilter", options.GroupFilter) })
            {
                if (value.Length > 0)
                {
                    faults.Error($"{key}:{name}", value, "No group is searched with GroupMembership: memberof. Remove it, or use member or memberuid.");
                }
            }
        }

        if (options.GroupBaseDn.Length > 0 && !LdapDn.TryNormalize(options.GroupBaseDn, out _))
        {
            faults.Error($"{key}:GroupBaseDn", options.GroupBaseDn, "Not a distinguished name (RFC 4514), such as ou=groups,dc=example,dc=org.");
        }
        else if (searches && options.GroupDn.Length > 0 && !LdapDialect.IsWithin(options.GroupDn, LdapDialect.GroupBase(options)))
        {
            faults.Error($"{key}:GroupDn", options.GroupDn, $"Is not below {LdapDialect.GroupBase(options)}, where groups are searched, so nobody would ever be in it. Set GroupBaseDn.");
        }

        if (options.GroupFilter.Length > 0 && !LdapFilter.TryParse(options.GroupFilter, out _, out var fault))
        {
            faults.Error($"{key}:GroupFilter", options.GroupFilter, $"Not an LDAP filter (RFC 4515): {fault}.");
        }
    }

    private static void ValidateLockout(LdapBackendOptions options, string key, FaultList faults)
    {
        var lockout = options.DirectoryLockout;
        var isNumber = int.TryParse(lockout.Threshold, NumberStyles.None, CultureInfo.InvariantCulture, out var threshold);
        if (isNumber ? threshold is < DirectoryLockoutOptions.LeastThreshold or > 999 : lockout.Threshold is not (DirectoryLockoutOptions.Auto or DirectoryLockoutOptions.None))
        {
            faults.Error(
                $"{key}:Threshold", lockout.Threshold, "Must be auto, none, or 3 to 999: two failures are kept in reserve, so a directory that locks sooner leaves nothing. Raise its own threshold.");
        }

        Between(lockout.UnreadableThreshold, DirectoryLockoutOptions.LeastThreshold, 999, $"{key}:UnreadableThreshold", faults);
        if (lockout.PolicyDn.Length > 0 && !LdapDn.TryNormalize(lockout.PolicyDn, out _))
        {
            faults.Error($"{key}:PolicyDn", lockout.PolicyDn, "Not a distinguished name (RFC 4514), such as cn=default,ou=policies,dc=example,dc=org.");
        }
        else if (lockout.PolicyDn.Length > 0 && lockout.Threshold != DirectoryLockoutOptions.Auto)
        {
            faults.Error($"{key}:PolicyDn", lockout.PolicyDn, "Is read only with Threshold: auto. Remove one of the two.");
        }

        if (options.UserDnTemplate.Length > 0 && lockout is { Threshold: DirectoryLockoutOptions.Auto, PolicyDn.Length: 0 })
        {
            faults.Warn($"{key}:Threshold", lockout.Threshold, "With UserDnTemplate nobody may read it before the password is shown, so nothing keeps wrong passwords below it. Write the directory's own number, or none.");
        }
    }

    private static void WarnOfNested(IEnumerable<string> groups, string key, FaultList faults)
    {
        if (groups.FirstOrDefault(group => group.Contains('=', StringComparison.Ordinal)) is { } group)
        {
            faults.Warn(key, group, "Who is in this group through another one is not seen in it: neither granted nor withdrawn anything. Set NestedGroups: true if groups hold groups.");
        }
    }

    private static void OneOf(string value, string key, FaultList faults, params string[] words)
    {
        if (!words.Contains(value, StringComparer.Ordinal))
        {
            faults.Error(key, value, $"Must be {string.Join(", ", words[..^1])} or {words[^1]}.");
        }
    }

    private static void Between(int value, int least, int most, string key, FaultList faults)
    {
        if (value < least || value > most)
        {
            faults.Error(key, value.ToString(CultureInfo.InvariantCulture), $"Must be {least} to {most}.");
        }
    }
}
