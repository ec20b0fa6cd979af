using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AuthGateway.Ldap;

/// <summary>Distinguished names as text (RFC 4514).</summary>
public static class LdapDn
{
    /// <summary>Makes a value safe inside a DN (RFC 4514, 2.4). Not for filters: see <see cref="LdapFilter.Escape"/>.</summary>
    public static string EscapeValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = new StringBuilder(value.Length + 8);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '\0')
            {
                text.Append("\\00");
                continue;
            }

            var first = i == 0;
            var last = i == value.Length - 1;
            if ((first && c is '#' or ' ') || (last && c == ' ') || c is ',' or '+' or '"' or '\\' or '<' or '>' or ';')
            {
                text.Append('\\');
            }

            text.Append(c);
        }

        return text.ToString();
    }

    /// <summary>
    /// Whether two names mean one entry: case, space around separators, the way of escaping and the order inside a multi-valued RDN do
    /// not matter. A short name and its number (<c>cn</c>, <c>2.5.4.3</c>) are held to differ. A malformed name equals nothing.
    /// </summary>
    public static bool AreEqual(string left, string right) =>
        TryNormalize(left, out var a) && TryNormalize(right, out var b) && string.Equals(a, b, StringComparison.Ordinal);

    /// <summary>Writes a name in one fixed form, equal for all spellings that <see cref="AreEqual"/> joins; good as a key.</summary>
    public static bool TryNormalize(string dn, [NotNullWhen(true)] out string? normalized)
    {
        ArgumentNullException.ThrowIfNull(dn);
        normalized = null;
        var text = new StringBuilder(dn.Length);
        var reader = new LdapDnReader(dn);
        if (reader.IsBlank)
        {
            normalized = "";
            return true;
        }

        var pairs = new List<string>(1);
        while (reader.TryReadPair(out var type, out var value, out var separator))
        {
            // A value given as #hex stays one: its leading '#' is not escaped, a textual one is.
            pairs.Add($"{type}={value}");
            if (separator == '+')
            {
                continue;
            }

            pairs.Sort(StringComparer.Ordinal);
            if (text.Length > 0)
            {
                text.Append(',');
            }

            text.AppendJoin('+', pairs);
            pairs.Clear();
            if (separator == '\0')
            {
                normalized = text.ToString();
                return true;
            }
        }

        return false;
    }
}
