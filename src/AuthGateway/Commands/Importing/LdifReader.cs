using System.Globalization;

namespace AuthGateway.Commands.Importing;

/// <summary>Accounts of a directory's export (RFC 2849): persons with their groups, whether the person's entry names them or the group's.</summary>
internal static class LdifReader
{
    private const int AccountDisabled = 2;

    private static readonly HashSet<string> s_wanted = new(StringComparer.OrdinalIgnoreCase)
    {
        "uid", "sAMAccountName", "mail", "displayName", "cn", "userPassword", "memberOf", "member", "uniqueMember", "memberUid", "objectClass",
        "pwdAccountLockedTime", "nsAccountLock", "userAccountControl",
    };

    public static ImportFile Read(string text)
    {
        var records = new List<LdifRecord>();
        foreach (var record in LdifRecord.ReadAll(text, s_wanted.Contains))
        {
            records.Add(record);
            ImportText.Bound(records.Count);
        }

        var groups = Groups(records);
        var saysGroups = groups.Count > 0 || records.Exists(record => record.All("memberOf").Count > 0);
        var entries = new List<ImportEntry>();
        var notTaken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var passed = 0;
        foreach (var record in records)
        {
            if (record.Fault is null && !IsAccount(record))
            {
                passed++;
                continue;
            }

            entries.Add(Entry(record, groups, saysGroups));
            foreach (var (name, values) in record.Attributes)
            {
                if (!s_wanted.Contains(name))
                {
                    notTaken[name] = notTaken.GetValueOrDefault(name) + values.Count;
                }
            }
        }

        return new ImportFile(entries, notTaken, passed);
    }

    private static string? LoginOf(LdifRecord record) => record.First("uid") ?? record.First("sAMAccountName");

    private static bool IsGroup(LdifRecord record) =>
        record.All("objectClass").Any(name => name.ToLowerInvariant() is "groupofnames" or "groupofuniquenames" or "posixgroup" or "group" or "groupofmembers");

    private static bool IsAccount(LdifRecord record) => LoginOf(record) is not null && !IsGroup(record);

    /// <summary>Names of groups by what their entries call a member: its distinguished name, or its uid.</summary>
    private static Dictionary<string, List<string>> Groups(List<LdifRecord> records)
    {
        var groups = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var record in records.Where(record => record.Fault is null && IsGroup(record)))
        {
            var name = record.First("cn") ?? FirstValue(record.Dn);
            foreach (var member in record.All("member").Concat(record.All("uniqueMember")).Select(Folded).Concat(record.All("memberUid").Select(uid => $"uid:{uid}")))
            {
                if (!groups.TryGetValue(member, out var names))
                {
                    groups.Add(member, names = []);
                }

                names.Add(name);
            }
        }

        return groups;
    }

    private static ImportEntry Entry(LdifRecord record, Dictionary<string, List<string>> groups, bool saysGroups)
    {
        var login = LoginOf(record);
        var passwords = record.All("userPassword");
        var isHash = passwords.Count > 0 && passwords[0].StartsWith('{') && !passwords[0].StartsWith("{CLEARTEXT}", StringComparison.OrdinalIgnoreCase);
        var password = passwords.Count == 0 || isHash ? null
            : passwords[0].StartsWith("{CLEARTEXT}", StringComparison.OrdinalIgnoreCase) ? passwords[0]["{CLEARTEXT}".Length..] : passwords[0];
        return new ImportEntry(record.Line)
        {
            Login = login,
            Mail = record.First("mail"),
            DisplayName = record.First("displayName") ?? record.First("cn"),
            Groups = saysGroups
                ? [.. record.All("memberOf").Select(FirstValue)
                    .Concat(groups.GetValueOrDefault(Folded(record.Dn)) ?? [])
                    .Concat(groups.GetValueOrDefault($"uid:{login}") ?? [])
                    .Distinct(StringComparer.OrdinalIgnoreCase)]
                : null,
            Hash = isHash ? passwords[0] : null,
            Password = password,
            Disabled = IsDisabled(record) ? true : null,
            Fault = record.Fault ?? (passwords.Count > 1 ? "It has several passwords, and an account here has one. Leave the right one." : null),
        };
    }

    /// <summary>What OpenLDAP's password policy, 389 Directory Server and Active Directory say of an account that may not log in.</summary>
    private static bool IsDisabled(LdifRecord record) =>
        record.First("pwdAccountLockedTime") is not null
        || "true".Equals(record.First("nsAccountLock"), StringComparison.OrdinalIgnoreCase)
        || (int.TryParse(record.First("userAccountControl"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var flags) && (flags & AccountDisabled) != 0);

    /// <summary>A distinguished name as it is compared here: blanks around its commas do not count.</summary>
    private static string Folded(string dn) => string.Join(',', dn.Split(',', StringSplitOptions.TrimEntries));

    /// <summary>The value of the first part of a distinguished name: <c>staff</c> of <c>cn=staff,ou=groups</c> (RFC 4514: a backslash takes the next character as it is).</summary>
    private static string FirstValue(string dn)
    {
        var value = new System.Text.StringBuilder();
        for (var i = dn.IndexOf('=', StringComparison.Ordinal) + 1; i < dn.Length && dn[i] is not (',' or '+'); i++)
        {
            i += dn[i] == '\\' && i + 1 < dn.Length ? 1 : 0;
            value.Append(dn[i]);
        }

        return value.ToString().Trim();
    }
}
