using System.Buffers.Text;
using System.Security.Cryptography;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>What the <c>user</c> verbs do, apart from how they are typed.</summary>
internal sealed class UserAdministration(Stores stores, CommandContext context)
{
    private readonly Administration _administration = new(stores, context);

    /// <summary>Adds an account.</summary>
    public async Task<int> AddAsync(string login, string? mail, string? displayName, IReadOnlyList<string> groups, bool passwordFromStandardInput)
    {
        if (!UserName.TryParse(login, out var name))
        {
            return Usage($"\"{login}\" cannot be a user name.", "1 to 256 bytes, no control or invisible characters, no : # *, no blanks at the ends.");
        }

        UserName? address = null;
        if (mail is not null && (!UserName.TryParse(mail, out address) || mail.IndexOf('@', StringComparison.Ordinal) is < 1 || mail.EndsWith('@')))
        {
            return Usage($"\"{mail}\" is not a mail address.", "Write it as name@example.com.");
        }

        // A login that is somebody's mail address, or the other way round, would let one name mean two people.
        foreach (var taken in address is null ? [name] : new[] { name, address })
        {
            if (await stores.Accounts.FindAsync(taken.Folded, context.Cancellation) is { } other)
            {
                return Refused($"\"{taken.Text}\" is already the login or mail address of {other.Login}.", "Choose another, or change that account.");
            }
        }

        if (PasswordInput.Read(context, stores.Passwords, name.Text, passwordFromStandardInput) is not { } password)
        {
            return ExitCodes.RefusedOrNotFound;
        }

        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
        var account = new LocalAccount(
            id, name.Text, stores.Hasher.Hash(password), address?.Text, displayName, [.. groups.Distinct(StringComparer.OrdinalIgnoreCase)], Disabled: false, context.Time.GetUtcNow());
        if (!await ChangeAsync("user-added", account, cancellation => stores.Accounts.AddAsync(account, cancellation)))
        {
            return Refused($"\"{name.Text}\" exists already.", "Choose another name.");
        }

        return Told(account, $"Added {account.Login}.");
    }

    /// <summary>Shows every account.</summary>
    public async Task<int> ListAsync()
    {
        var accounts = await stores.Accounts.ListAsync(context.Cancellation);
        var now = context.Time.GetUtcNow();
        if (context.Output.IsJson)
        {
            context.Output.Json(accounts.Select(Shown));
            return ExitCodes.Done;
        }

        if (accounts.Count == 0)
        {
            context.Output.Progress("There is no local account. authgateway user add NAME makes one.");
            return ExitCodes.Done;
        }

        context.Output.Table(
            ["LOGIN", "STATE", "PASSWORD", "MAIL", "GROUPS", "CREATED"],
            accounts.Select(account => new[]
            {
                account.Login,
                account.Disabled ? "disabled" : "enabled",
                stores.Hasher.KindOf(account.PasswordHash),
                account.Mail,
                string.Join(' ', account.Groups),
                $"{account.CreatedAt.UtcDateTime:yyyy-MM-dd} ({TimeText.Relative(account.CreatedAt, now)})",
            }));
        return ExitCodes.Done;
    }

    /// <summary>Disables or enables an account.</summary>
    public async Task<int> SetDisabledAsync(string login, bool disabled)
    {
        if (await FindAsync(login) is not { } account)
        {
            return NotFound(login);
        }

        var word = disabled ? "disabled" : "enabled";
        if (account.Disabled == disabled)
        {
            // An earlier try may have got no further than the account.
            await EndSessionsAsync(account, disabled);
            return Told(account, $"{account.Login} was {word} already.");
        }

        var changed = account with { Disabled = disabled };
        if (!await ChangeAsync($"user-{word}", changed, cancellation => stores.Accounts.UpdateAsync(changed, cancellation)))
        {
            return NotFound(login);
        }

        await EndSessionsAsync(account, disabled);
        return Told(changed, disabled ? $"Disabled {account.Login}." : $"Enabled {account.Login}.");
    }

    /// <summary>Sets a new password.</summary>
    public async Task<int> SetPasswordAsync(string login, bool passwordFromStandardInput)
    {
        if (await FindAsync(login) is not { } account)
        {
            return NotFound(login);
        }

        if (PasswordInput.Read(context, stores.Passwords, account.Login, passwordFromStandardInput) is not { } password)
        {
            return ExitCodes.RefusedOrNotFound;
        }

        var changed = account with { PasswordHash = stores.Hasher.Hash(password) };
        if (!await ChangeAsync("user-password-set", changed, cancellation => stores.Accounts.UpdateAsync(changed, cancellation)))
        {
            return NotFound(login);
        }

        await EndSessionsAsync(account, wanted: true);
        return Told(changed, $"Set a new password for {account.Login}.");
    }

    /// <summary>Who had the old password, or the account before it was disabled, is signed out; a new sign-in is judged anew.</summary>
    private async Task EndSessionsAsync(LocalAccount account, bool wanted)
    {
        if (wanted && await new SessionAdministration(stores, context).EndOfAsync($"{stores.LocalBackend}:{account.Id}") is var ended and > 0)
        {
            context.Output.Progress($"Ended {ended} {(ended == 1 ? "session" : "sessions")} of {account.Login}.");
        }
    }

    private async Task<LocalAccount?> FindAsync(string login) =>
        UserName.TryParse(login, out var name) ? await stores.Accounts.FindAsync(name.Folded, context.Cancellation) : null;

    private Task<bool> ChangeAsync(string reason, LocalAccount account, Func<CancellationToken, ValueTask<bool>> change) =>
        _administration.ChangeAsync(reason, SignalNames.AccountsChanged, $"{stores.LocalBackend}:{account.Id}", account.Login, change);

    private int Told(LocalAccount account, string sentence)
    {
        if (context.Output.IsJson)
        {
            context.Output.Json(Shown(account));
        }

        context.Output.Line(sentence);
        return ExitCodes.Done;
    }

    private ShownAccount Shown(LocalAccount account) => new(
        $"{stores.LocalBackend}:{account.Id}", account.Login, account.Mail, account.DisplayName, account.Groups, account.Disabled, stores.Hasher.KindOf(account.PasswordHash), account.CreatedAt);

    private int NotFound(string login) => Refused($"No local account is called \"{login}\".", "authgateway user list shows them; directory users are changed in the directory.");

    private int Refused(string what, string remedy)
    {
        context.Output.Error(what, remedy);
        return ExitCodes.RefusedOrNotFound;
    }

    private int Usage(string what, string remedy)
    {
        context.Output.Error(what, remedy);
        return ExitCodes.Usage;
    }

    /// <summary>An account without its hash; of that, only the kind.</summary>
    private sealed record ShownAccount(
        string Identity, string Login, string? Mail, string? DisplayName, IReadOnlyList<string> Groups, bool Disabled, string PasswordKind, DateTimeOffset CreatedAt);
}
