using System.Buffers.Text;
using System.Security.Cryptography;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Backends.Local.ForeignHashes;
using AuthGateway.Core.Identities;

namespace AuthGateway.Commands.Importing;

/// <summary>
/// What an import would do: held against the accounts there are and against itself, before anything is hashed or written. One name must mean one person,
/// as in <c>user add</c>.
/// </summary>
internal sealed class ImportPlan
{
    private readonly PasswordPolicy _policy;
    private readonly bool _update;
    private readonly DateTimeOffset _now;

    // Every login and mail address, folded, with the login of the account it means.
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LocalAccount> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public ImportPlan(IEnumerable<LocalAccount> accounts, PasswordPolicy policy, bool update, DateTimeOffset now)
    {
        (_policy, _update, _now) = (policy, update, now);
        foreach (var account in accounts)
        {
            _known[account.Login.ToLowerInvariant()] = account;
            _names[account.Login.ToLowerInvariant()] = account.Login;
        }

        foreach (var account in _known.Values)
        {
            if (account.Mail is not null)
            {
                _names.TryAdd(account.Mail.ToLowerInvariant(), account.Login);
            }
        }
    }

    /// <summary>Accounts to add or change, in the order of the file.</summary>
    public List<PlannedAccount> Accounts { get; } = [];

    /// <summary>Entries left out, and why.</summary>
    public List<ImportRemark> Refused { get; } = [];

    /// <summary>Entries that are there already and were not to be changed.</summary>
    public List<ImportRemark> Skipped { get; } = [];

    /// <summary>Takes one entry.</summary>
    public void Take(ImportEntry entry)
    {
        if (FindFault(entry, out var name, out var address, out var hash) is { } fault)
        {
            Refused.Add(new ImportRemark(entry.Line, entry.Login, fault));
            return;
        }

        if (!_seen.Add(name!.Folded))
        {
            Refused.Add(new ImportRemark(entry.Line, entry.Login, "The file has this login twice; the first counts."));
            return;
        }

        var known = _known.GetValueOrDefault(name.Folded);
        if (known is not null && !_update)
        {
            Skipped.Add(new ImportRemark(entry.Line, entry.Login, "The account exists; --update would change it."));
            return;
        }

        if (known is null && entry.Hash is null && entry.Password is null)
        {
            Refused.Add(new ImportRemark(entry.Line, entry.Login, "There is neither a hash nor a password for the new account."));
            return;
        }

        foreach (var taken in address is null ? [name] : new[] { name, address })
        {
            if (_names.TryGetValue(taken.Folded, out var owner) && !owner.Equals(name.Text, StringComparison.OrdinalIgnoreCase))
            {
                Refused.Add(new ImportRemark(entry.Line, entry.Login, $"\"{taken.Text}\" is the login or mail address of {owner}."));
                return;
            }
        }

        _names[name.Folded] = name.Text;
        if (address is not null)
        {
            _names[address.Folded] = name.Text;
        }

        var password = entry.Password is null ? null : Secret.FromText(entry.Password);
        Accounts.Add(new PlannedAccount(
            entry.Line,
            known is null
                ? new LocalAccount(
                    Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)), name.Text, hash?.Text ?? "", address?.Text, entry.DisplayName, Distinct(entry.Groups ?? []),
                    entry.Disabled ?? false, _now)
                : known with
                {
                    PasswordHash = hash?.Text ?? "",
                    Mail = address?.Text ?? known.Mail,
                    DisplayName = entry.DisplayName ?? known.DisplayName,
                    Groups = entry.Groups is null ? known.Groups : Distinct(entry.Groups),
                    Disabled = entry.Disabled ?? known.Disabled,
                },
            known,
            password,
            password is not null ? "own" : hash?.Kind,
            hash?.Weakness));
    }

    private static string[] Distinct(IEnumerable<string> groups) => [.. groups.Distinct(StringComparer.OrdinalIgnoreCase)];

    private string? FindFault(ImportEntry entry, out UserName? name, out UserName? address, out (string Text, string Kind, string? Weakness)? hash)
    {
        (name, address, hash) = (null, null, null);
        if (entry.Fault is not null)
        {
            return entry.Fault;
        }

        if (!UserName.TryParse(entry.Login, out name))
        {
            return "This cannot be a login name: 1 to 256 bytes, no control or invisible characters, no : # *, no blanks at the ends.";
        }

        if (entry.Mail is not null && (!UserName.TryParse(entry.Mail, out address) || entry.Mail.IndexOf('@', StringComparison.Ordinal) < 1 || entry.Mail.EndsWith('@')))
        {
            return $"\"{entry.Mail}\" is not a mail address.";
        }

        if ((entry.Groups ?? []).Append(entry.DisplayName ?? "").Any(text => text.Length > 256 || text.Any(char.IsControl)))
        {
            return "A group or the name for people has control characters or more than 256 characters.";
        }

        if (entry is { Hash: not null, Password: not null })
        {
            return "There is a hash and a password. Leave one.";
        }

        if (entry.Hash is not null)
        {
            if (PasswordHasher.IsOwn(entry.Hash))
            {
                hash = (entry.Hash, "own", null);
            }
            else if (ForeignHash.TryParse(entry.Hash, out var foreign, out var fault))
            {
                hash = (foreign.Stored, foreign.Kind, foreign.Weakness);
            }
            else
            {
                return fault;
            }
        }

        return entry.Password is not null && _policy.FindFaults(entry.Password, name.Text) is { Count: > 0 } faults ? string.Join(' ', faults.Select(fault => fault.Text)) : null;
    }
}

/// <summary>An account an import adds or changes.</summary>
/// <param name="Line">Where the file tells of it.</param>
/// <param name="Account">As it is to be; without hash while <paramref name="Password"/> waits to be hashed, or when the hash stays as it is.</param>
/// <param name="Before">As it was; null for a new one.</param>
/// <param name="Password">Password in the clear, or null.</param>
/// <param name="Kind">Kind of the hash that is set; null when none is.</param>
/// <param name="Weakness">Why that hash is soon guessed, or null.</param>
internal sealed record PlannedAccount(int Line, LocalAccount Account, LocalAccount? Before, Secret? Password, string? Kind, string? Weakness);

/// <summary>An entry nothing was done with.</summary>
internal sealed record ImportRemark(int Line, string? Login, string Why);
