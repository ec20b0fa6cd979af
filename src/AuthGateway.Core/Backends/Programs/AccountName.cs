using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Programs;

/// <summary>
/// The one account all spellings of a name lead to, for backends that cannot be asked who somebody is: letter case does not count, and a name with the
/// backend's own domain is the name without it. Names of other domains are not looked for: what the program takes for the same account would be another one here.
/// </summary>
/// <param name="Login">The account name: folded, without the backend's own domain.</param>
/// <param name="Address">The name with its domain, where one is known.</param>
/// <param name="Mail">The mail address, when the backend has a domain and the account is of it.</param>
internal sealed record AccountName(string Login, string Address, string? Mail)
{
    /// <summary>Reads a typed name; null for one that no account of this backend can have.</summary>
    public static AccountName? Read(UserName name, string mailDomain)
    {
        var folded = name.Folded;
        if (mailDomain.Length == 0)
        {
            return new AccountName(folded, folded, null);
        }

        var at = folded.LastIndexOf('@');
        if (at >= 0 && !folded.AsSpan(at + 1).Equals(mailDomain, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var login = at < 0 ? folded : folded[..at];
        if (login.Length == 0 || login.Contains('@', StringComparison.Ordinal))
        {
            return null;
        }

        var address = $"{login}@{mailDomain.ToLowerInvariant()}";
        return new AccountName(login, address, address);
    }

    /// <summary>The identity such an account gets.</summary>
    public UserIdentity ToIdentity(string backend, IEnumerable<string> groups) => new(backend, Login, Login, Mail, null, groups, [Address]);
}
