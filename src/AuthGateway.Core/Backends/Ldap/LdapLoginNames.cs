using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// What a typed name may mean in a directory, in the order in which it is tried. All spellings of a person (<c>DOMAIN\anna</c>, user principal name, mail,
/// bare name) lead to one entry, and so to one identity.
/// </summary>
internal sealed class LdapLoginNames(LdapBackendOptions options)
{
    /// <summary>Attribute and value to look for, one after the other; nothing when the name is of somebody else's domain.</summary>
    public IReadOnlyList<(string Attribute, string Value)> Of(UserName name)
    {
        if (Strip(name.Text, out var isQualified) is not { } value)
        {
            return [];
        }

        var tries = new List<(string Attribute, string Value)>(4);
        if (options.AlternativeLoginAttribute.Length > 0 && !isQualified)
        {
            tries.Add((options.AlternativeLoginAttribute, value));
        }

        Add(tries, value);
        var at = value.LastIndexOf('@');
        if (at > 0 && !isQualified && IsOurs(value.AsSpan(at + 1)))
        {
            // Active Directory takes account@domain as well when the user principal name is another.
            Add(tries, value[..at]);
        }

        return tries;
    }

    /// <summary>The name that goes into a DN's template, or null when it is of somebody else's domain.</summary>
    public string? ForTemplate(UserName name)
    {
        if (Strip(name.Text, out var isQualified) is not { } value)
        {
            return null;
        }

        var at = value.LastIndexOf('@');
        return at > 0 && !isQualified && IsOurs(value.AsSpan(at + 1)) ? value[..at] : value;
    }

    private string? Strip(string typed, out bool isQualified)
    {
        isQualified = false;
        var value = typed;
        var at = typed.IndexOf('\\');
        if (at >= 0 && options.Domains.Count > 0)
        {
            if (!IsOurs(typed.AsSpan(0, at)) || at + 1 == typed.Length || typed.IndexOf('\\', at + 1) >= 0)
            {
                return null;
            }

            isQualified = true;
            value = typed[(at + 1)..];
        }

        return options.UserSuffix.Length == 0 || value.EndsWith(options.UserSuffix, StringComparison.OrdinalIgnoreCase) ? value : value + options.UserSuffix;
    }

    private void Add(List<(string Attribute, string Value)> tries, string value)
    {
        foreach (var attribute in options.LoginAttributes)
        {
            if (!tries.Exists(other => other.Value == value && other.Attribute.Equals(attribute, StringComparison.OrdinalIgnoreCase)))
            {
                tries.Add((attribute, value));
            }
        }
    }

    private bool IsOurs(ReadOnlySpan<char> domain)
    {
        foreach (var ours in options.Domains)
        {
            if (domain.Equals(ours, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
