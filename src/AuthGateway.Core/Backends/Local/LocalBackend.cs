using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Backends.Local.ForeignHashes;
using AuthGateway.Core.Backends.Roles;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Local;

/// <summary>Accounts kept in the gateway's own store.</summary>
public sealed partial class LocalBackend(
    LocalBackendOptions options, ILocalAccountStore store, PasswordHasher hasher, HashLanes lanes, TimeProvider time, ILogger<LocalBackend> logger)
    : IBackend, IDummyVerifier, IAccountRefresher, IPasswordChanger
{
    private const int MarkBytes = 12;
    private const string Busy = "too many password checks at once";

    private readonly PasswordPolicy _policy = PasswordPolicy.From(options);
    private readonly RoleMap _roles = RoleMap.Build(options.RoleSync, readDn: null);

    /// <inheritdoc />
    public string Name { get; } = options.Name;

    /// <inheritdoc />
    public async ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken)
    {
        try
        {
            var account = await store.FindAsync(name.Folded, cancellationToken);
            return account is null
                ? new BackendLookup.UnknownUser()
                : new BackendLookup.Found(Identify(account), account)
                {
                    State = account.Disabled ? AccountStates.Disabled : null,
                    PasswordMark = Mark(account),
                };
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
        LaneResult<bool> check;
        try
        {
            check = await lanes.RunAsync(() => hasher.Verify(secret, account.PasswordHash), cancellationToken);
        }
        catch (HashUnusableException e)
        {
            return new BackendAnswer.Unavailable(e.Message);
        }

        if (!check.Ran)
        {
            return new BackendAnswer.Busy();
        }

        if (!check.Value)
        {
            return new BackendAnswer.Rejected();
        }

        // Before the account's state: a right password then takes as long at a disabled account as at any other.
        // What a hash that cuts passwords off did not look at must not become a part of the password.
        if (hasher.NeedsRehash(account.PasswordHash) && PasswordHasher.CoversWhole(secret, account.PasswordHash))
        {
            await RehashAsync(account, secret, cancellationToken);
        }

        return account.Disabled ? new BackendAnswer.AccountState(AccountStates.Disabled, SecretProven: true) : new BackendAnswer.Accepted(user.Identity);
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
    public async ValueTask<AccountRefresh> RefreshAsync(UserIdentity known, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindByIdAsync(known.ObjectId, cancellationToken) switch
            {
                null => new AccountRefresh.Gone(),
                { Disabled: true } => new AccountRefresh.Ended(AccountStates.Disabled),
                var account => new AccountRefresh.Current(Identify(account)),
            };
        }
        catch (StoreUnavailableException e)
        {
            return new AccountRefresh.Unavailable(e.Message);
        }
    }

    /// <inheritdoc />
    public async ValueTask<PasswordChange> ChangePasswordAsync(
        BackendLookup.Found user, Secret oldPassword, Secret newPassword, CancellationToken cancellationToken)
    {
        try
        {
            // As it is now: the login that led here may just have replaced the hash the handle holds.
            if (await store.FindByIdAsync(user.Identity.ObjectId, cancellationToken) is not { } account)
            {
                return new PasswordChange.Refused("not-allowed", null);
            }

            var check = await lanes.RunAsync(() => hasher.Verify(oldPassword, account.PasswordHash), cancellationToken);
            if (!check.Ran)
            {
                return new PasswordChange.Unavailable(Busy);
            }

            if (!check.Value)
            {
                return new PasswordChange.WrongPassword();
            }

            if (account.Disabled)
            {
                return new PasswordChange.Refused("not-allowed", null);
            }

            if (FindFault(account, oldPassword, newPassword) is { } rule)
            {
                return new PasswordChange.Refused(rule, null);
            }

            var hash = await lanes.RunAsync(() => hasher.Hash(newPassword), cancellationToken);
            return hash is not { Ran: true, Value: not null } ? new PasswordChange.Unavailable(Busy)
                : await store.ReplaceHashAsync(account.Id, account.PasswordHash, hash.Value, cancellationToken) ? new PasswordChange.Changed()
                : new PasswordChange.Unavailable("the account was changed at the same time");
        }
        catch (Exception e) when (e is StoreUnavailableException or HashUnusableException)
        {
            return new PasswordChange.Unavailable(e.Message);
        }
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

    /// <summary>Of the hash, not the hash: it changes with it, and tells nobody anything to guess against who does not have the accounts anyway.</summary>
    private static string Mark(LocalAccount account) =>
        Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(account.Id), Encoding.UTF8.GetBytes(account.PasswordHash)).AsSpan(0, MarkBytes));

    private UserIdentity Identify(LocalAccount account)
    {
        var grants = _roles.Apply([.. account.Groups.Select(group => new GroupNode(group, null, []))], static _ => []);
        return new UserIdentity(Name, account.Id, account.Login, account.Mail, account.DisplayName, account.Groups, [])
        {
            Roles = grants.Roles,
            UsageContexts = grants.UsageContexts,
            AsOf = time.GetUtcNow(),
        };
    }

    /// <summary>The first rule it breaks: the page has words for it in each language, and a directory's own words there are none.</summary>
    private string? FindFault(LocalAccount account, Secret oldPassword, Secret newPassword)
    {
        if (newPassword.FixedTimeEquals(oldPassword))
        {
            return "same";
        }

        return _policy.FindFaults(Encoding.UTF8.GetString(newPassword.Utf8), account.Login) is [var first, ..] ? first.Rule : null;
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
