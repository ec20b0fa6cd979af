using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Backends.Roles;

/// <summary>Finds what is wrong with a role mapping. Whether services exist is for whoever knows them.</summary>
public static class RoleSyncValidator
{
    private const int LongestGroup = 1024;
    private const int LongestRole = 64;
    private const int LongestAttribute = 128;
    private const int MostSaid = 100;

    /// <summary>Adds every fault found.</summary>
    /// <param name="options">The options.</param>
    /// <param name="key">Key of the section.</param>
    /// <param name="readDn">As for <see cref="RoleMap.Build"/>; null for a backend whose groups have names only and whose users no attributes.</param>
    /// <param name="faults">Where faults are added.</param>
    public static void Validate(RoleSyncOptions options, string key, Func<string, string?>? readDn, FaultList faults)
    {
        CheckGroups(options.Groups, $"{key}:Groups", "role", readDn, faults);
        CheckGroups(options.UsageContext, $"{key}:UsageContext", "service", readDn, faults);
        if (readDn is null && options.Attributes.Count > 0)
        {
            faults.Error($"{key}:Attributes", null, "Accounts of this backend have no attributes to look at. Remove this and use Groups.");
            return;
        }

        foreach (var (attribute, patterns) in options.Attributes)
        {
            var at = $"{key}:Attributes:{attribute}";
            if (attribute.Length > LongestAttribute || !char.IsAsciiLetterOrDigit(attribute[0]) || attribute.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or ';')))
            {
                faults.Error(at, null, "Not the name of an attribute. Write it as the directory does, such as department.");
            }

            if (patterns.Count is 0 or > MostSaid)
            {
                faults.Error(at, null, $"Must have 1 to {MostSaid} patterns, has {patterns.Count}.");
            }

            foreach (var (pattern, says) in patterns)
            {
                if (pattern.Length > RolePattern.MaxLength)
                {
                    faults.Error($"{at}:{pattern}", null, $"A pattern has at most {RolePattern.MaxLength} characters. Shorten it, with * for the rest.");
                }

                CheckSaid(says, $"{at}:{pattern}", "role", faults);
            }
        }
    }

    private static void CheckGroups(Dictionary<string, Dictionary<string, bool>> groups, string key, string noun, Func<string, string?>? readDn, FaultList faults)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (group, says) in groups)
        {
            var at = $"{key}:{group}";
            if (group.Length > LongestGroup)
            {
                faults.Error(at, null, $"A group has at most {LongestGroup} characters.");
            }
            else if (readDn is not null && group.Contains('=', StringComparison.Ordinal))
            {
                if (readDn(group) is not { } read)
                {
                    faults.Error(at, null, "Not a distinguished name (RFC 4514). Write it as the directory does, such as cn=mobile,ou=groups,dc=example,dc=com.");
                }
                else if (!seen.TryAdd(read, group))
                {
                    faults.Error(at, null, $"This is the group \"{seen[read]}\" in another spelling. Keep one of the two.");
                }
            }

            CheckSaid(says, at, noun, faults);
        }
    }

    private static void CheckSaid(Dictionary<string, bool> says, string key, string noun, FaultList faults)
    {
        if (says.Count is 0 or > MostSaid)
        {
            faults.Error(key, null, $"Must name 1 to {MostSaid} {noun}s with true or false each, names {says.Count}.");
        }

        foreach (var name in says.Keys)
        {
            if (name.Length > LongestRole || name.Any(char.IsControl) || !name.AsSpan().Trim().SequenceEqual(name))
            {
                faults.Error($"{key}:{name}", null, $"A {noun} has 1 to {LongestRole} characters, none of them a control character, and no blanks around. Change the name.");
            }
        }
    }
}
