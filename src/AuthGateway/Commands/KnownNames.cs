using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Identities;

namespace AuthGateway.Commands;

/// <summary>Whom a login name means, as far as the database knows: users of directories have no account there, but the audit trail remembers whom the name led to.</summary>
internal static class KnownNames
{
    /// <summary>The most records looked through.</summary>
    private const int MostRecords = 1000;

    /// <summary>Keys of the identities (<see cref="UserIdentity.Key"/>), each once. No directory is asked.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(
        UserName name, ILocalAccountStore accounts, string localBackend, ITotpStore apps, IAuditStore audit, CancellationToken cancellationToken)
    {
        var identities = new List<string>(await apps.FindOwnersAsync(name.Text, cancellationToken));
        if (await accounts.FindAsync(name.Folded, cancellationToken) is { } account)
        {
            identities.Add($"{localBackend}:{account.Id}");
        }

        foreach (var record in await audit.SearchAsync(new AuditQuery { User = name.Text, Limit = MostRecords }, cancellationToken))
        {
            if (record.Identity is { } identity && UserName.TryParse(record.TypedName, out var typed) && typed.Equals(name) && record.Event is not AuditEvents.Administration)
            {
                identities.Add(identity);
            }
        }

        return [.. identities.Distinct(StringComparer.Ordinal)];
    }
}
