using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Local;

/// <summary>Accounts kept in the gateway's own store.</summary>
public sealed partial class LocalBackend(string name, ILocalAccountStore store, PasswordHasher hasher, HashLanes lanes, ILogger<LocalBackend> logger) : IBackend, IDummyVerifier
{
    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public async ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken)
    {
        try
        {
            var account = await store.FindAsync(name.Folded, cancellationToken);
            return account is null
                ? new BackendLookup.UnknownUser()
                : new BackendLookup.Found(
                    new UserIdentity(Name, account.Id, account.Login, account.Mail, account.DisplayName, account.Groups, []), account);
        }
        catch (StoreUnavailableException e)
        {
            return new BackendLookup.Unavailable(e.Message);
        }
    }

    /// <inheritdoc />
    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        var account = (LocalAccount)user.Handle;
        var check = await lanes.RunAsync(() => hasher.Verify(secret, account.PasswordHash), cancellationToken);
        if (!check.Ran)
        {
            return new BackendAnswer.Busy();
        }

        if (!check.Value)
        {
            return new BackendAnswer.Rejected();
        }

        if (account.Disabled)
        {
            return new BackendAnswer.AccountState("disabled", SecretProven: true);
        }

        if (hasher.NeedsRehash(account.PasswordHash))
        {
            await RehashAsync(account, secret, cancellationToken);
        }

        return new BackendAnswer.Accepted(user.Identity);
    }

    /// <summary>Spends what a verification costs on a user nobody knows; <see cref="BackendAnswer.Rejected"/> or <see cref="BackendAnswer.Busy"/>.</summary>
    public async ValueTask<BackendAnswer> VerifyDummyAsync(Secret secret, CancellationToken cancellationToken)
    {
        var check = await lanes.RunAsync(
            () =>
            {
                hasher.VerifyDummy(secret);
                return false;
            },
            cancellationToken);
        return check.Ran ? new BackendAnswer.Rejected() : new BackendAnswer.Busy();
    }

    /// <inheritdoc />
    public async ValueTask<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.FindAsync("", cancellationToken);
            return null;
        }
        catch (StoreUnavailableException e)
        {
            return e.Message;
        }
    }

    private async ValueTask RehashAsync(LocalAccount account, Secret secret, CancellationToken cancellationToken)
    {
        try
        {
            var hash = await lanes.RunAsync(() => hasher.Hash(secret), cancellationToken);
            if (hash is { Ran: true, Value: not null })
            {
                await store.ReplaceHashAsync(account.Id, account.PasswordHash, hash.Value, cancellationToken);
            }
        }
        catch (StoreUnavailableException e)
        {
            // The login is right all the same; the next one tries again.
            Log.RehashFailed(logger, e, account.Login);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RehashFailed, LogLevel.Warning, "The outdated password hash of {Login} could not be replaced.")]
        public static partial void RehashFailed(ILogger logger, Exception exception, string login);
    }
}
