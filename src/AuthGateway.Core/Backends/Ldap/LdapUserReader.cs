using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using AuthGateway.Core.Identities;
using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Makes an identity of a directory entry.</summary>
internal sealed class LdapUserReader(LdapBackendOptions options, IEnumerable<string> groupAttributes, TimeProvider time)
{
    private const string UserPrincipalName = "userPrincipalName";

    private readonly LdapRoles _roles = new(options);

    /// <summary>What a search for users asks for.</summary>
    public IReadOnlyList<string> Attributes { get; } =
    [
        .. new[] { options.IdAttribute, options.UserNameAttribute, options.MailAttribute, "cn", UserPrincipalName }
            .Concat(groupAttributes).Concat(LdapAccountState.Attributes).Concat(LdapLogonRestriction.Attributes)
            .Concat(options.LoginAttributes).Append(options.AlternativeLoginAttribute).Concat(new LdapRoles(options).Attributes)
            .Where(name => name.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Reads who the entry is; false, and why, when an attribute everything hangs on is missing or unusable.</summary>
    /// <param name="entry">The user's entry.</param>
    /// <param name="groups">The groups known of him.</param>
    /// <param name="identity">Who it is, when true is returned.</param>
    /// <param name="why">What is wrong with the entry; empty when nothing is.</param>
    public bool TryRead(LdapEntry entry, IReadOnlyList<GroupNode> groups, [NotNullWhen(true)] out UserIdentity? identity, out string why)
    {
        identity = null;
        if (entry.GetBytes(options.IdAttribute) is not { Length: > 0 } id)
        {
            why = $"{entry.Dn} has no {options.IdAttribute}, or the search user may not read it";
            return false;
        }

        // What upstreams are told must be a name by our own rules: no control characters, no characters that switch the user.
        if (!UserName.TryParse(entry.GetString(options.UserNameAttribute), out var login))
        {
            why = $"{entry.Dn} has no usable {options.UserNameAttribute}";
            return false;
        }

        var mails = options.MailAttribute.Length == 0 ? [] : entry.GetStrings(options.MailAttribute);
        var grants = _roles.Apply(groups, entry);
        identity = new UserIdentity(
            options.Name,
            FormatId(id),
            login.Text,
            mails.Count > 0 ? mails[0] : null,
            _roles.DisplayName(entry),
            groups.SelectMany(group => new[] { group.Dn ?? group.Name, group.Name }),
            mails.Skip(1).Concat(entry.GetStrings(UserPrincipalName))
                .Concat(options.LoginAttributes.Append(options.AlternativeLoginAttribute).Where(name => name.Length > 0).SelectMany(entry.GetStrings)))
        {
            Phone = _roles.Phone(entry),
            Roles = grants.Roles,
            UsageContexts = grants.UsageContexts,
            AsOf = time.GetUtcNow(),
        };
        why = "";
        return true;
    }

    /// <summary>The value of a DN's first attribute without its escaping: <c>mobile</c> of <c>cn=mobile,ou=groups,…</c>.</summary>
    internal static string? FirstRdnValue(string dn)
    {
        var at = dn.IndexOf('=', StringComparison.Ordinal);
        if (at < 0 || (at + 1 < dn.Length && dn[at + 1] == '#'))
        {
            return null; // #hex is for machines
        }

        var bytes = new List<byte>(dn.Length);
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = at + 1; i < dn.Length && dn[i] is not (',' or '+');)
        {
            if (dn[i] == '\\' && i + 2 < dn.Length && byte.TryParse(dn.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
            {
                bytes.Add(hex);
                i += 3;
                continue;
            }

            if (dn[i] == '\\' && ++i == dn.Length)
            {
                return null;
            }

            Rune.DecodeFromUtf16(dn.AsSpan(i), out var rune, out var consumed);
            bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            i += consumed;
        }

        var value = Encoding.UTF8.GetString(bytes.ToArray()).Trim();
        return value.Length == 0 ? null : value;
    }

    /// <summary>Finds the entry an identity was made of.</summary>
    public LdapFilter ById(string objectId)
    {
        if (IsGuid && Guid.TryParseExact(objectId, "D", out var guid))
        {
            return LdapFilter.Equal(options.IdAttribute, guid.ToByteArray());
        }

        // What was not text was written in hexadecimal, and looks like text now: both are looked for, and the answer is held against the id.
        var text = LdapFilter.Equal(options.IdAttribute, objectId);
        return objectId.Length % 2 == 0 && objectId.All(char.IsAsciiHexDigitLower)
            ? LdapFilter.Or(text, LdapFilter.Equal(options.IdAttribute, Convert.FromHexString(objectId)))
            : text;
    }

    private bool IsGuid => options.IdAttribute.Equals(LdapDialect.ObjectGuid, StringComparison.OrdinalIgnoreCase);

    private string FormatId(byte[] id)
    {
        if (id.Length == 16 && IsGuid)
        {
            return new Guid(id).ToString("D");
        }

        return id.AsSpan().ContainsAnyExceptInRange((byte)0x21, (byte)0x7e) ? Convert.ToHexStringLower(id) : Encoding.ASCII.GetString(id);
    }
}
