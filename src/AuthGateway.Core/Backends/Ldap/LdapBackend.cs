using System.Text;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using AuthGateway.Ldap;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// Users of an LDAP directory: found by a search of the service account, checked by a bind as the entry found. What
/// somebody typed is only ever a literal value inside a filter, never a DN and never a filter.
/// </summary>
internal sealed partial class LdapBackend : IBackend, IIdentityCompleter, IAccountRefresher, IPasswordChanger, IDirectoryLockoutTeller, IAsyncDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly LdapBackendOptions _options;
    private readonly LdapHostList _hosts;
    private readonly LdapLoginNames _names;
    private readonly LdapGroupReader _groups;
    private readonly LdapUserReader _reader;
    private readonly LdapBindJudge _judge;
    private readonly LdapPasswordChanger _passwords;
    private readonly LdapSecondLook _secondLook;
    private readonly LdapLockout _lockout;
    private readonly LdapFilter[] _conditions;
    private readonly bool _isActiveDirectory;
    private readonly bool _isPerServer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _isHiddenTold;

    /// <summary>Takes validated options.</summary>
    public LdapBackend(LdapBackendOptions options, LdapHostList hosts, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _hosts = hosts;
        _time = timeProvider;
        _logger = logger;
        _names = new LdapLoginNames(options);
        _groups = new LdapGroupReader(options, hosts);
        _lockout = new LdapLockout(options, hosts, timeProvider, logger);
        _reader = new LdapUserReader(options, [.. _groups.Attributes, .. _lockout.Attributes, .. LdapPasswordMark.Attributes], timeProvider);
        _judge = new LdapBindJudge(options, hosts.IsSecure);
        _passwords = new LdapPasswordChanger(options, hosts);
        _secondLook = new LdapSecondLook(options);
        _isActiveDirectory = LdapDialect.IsActiveDirectory(options);
        _isPerServer = hosts.TakesTurns;
        _conditions = [.. AlwaysFilter(options), .. _groups.Condition is { } group ? (LdapFilter[])[group] : []];
    }

    public string Name => _options.Name;

    public async ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (attribute, value) in _names.Of(name))
            {
                var lookup = await FindAsync(LdapFilter.Equal(attribute, value), cancellationToken);
                if (lookup is Ambiguous)
                {
                    Log.Ambiguous(_logger, Name, attribute, value);
                    return new BackendLookup.Ambiguous();
                }

                if (lookup is not Nobody)
                {
                    return lookup.Known!;
                }
            }

            return new BackendLookup.UnknownUser();
        }
        catch (ObjectDisposedException)
        {
            return new BackendLookup.Unavailable("closed by a reload");
        }
    }

    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        if (secret.IsEmpty)
        {
            return new BackendAnswer.Rejected(); // RFC 4513, 5.1.2: such a bind succeeds as nobody
        }

        var account = (LdapAccount)user.Handle;
        if (account.State.Account is { } state && !(_isActiveDirectory && state != AccountStates.Locked))
        {
            // A locked account gets no bind: it would be refused, and only tell the directory that somebody is still at it. Active Directory is asked about
            // a disabled or expired one, for it tells the right password from a wrong one even then.
            return new BackendAnswer.AccountState(state, SecretProven: false) { NothingShown = true };
        }

        string password;
        try
        {
            password = StrictUtf8.GetString(secret.Utf8);
        }
        catch (DecoderFallbackException)
        {
            return new BackendAnswer.Rejected(); // no directory keeps a password that is not text
        }

        var progress = new LdapBindProgress();
        return LdapBindJudge.Weigh(await BindAsync(user, account, password, progress, cancellationToken), progress);
    }

    public ValueTask<BackendLookup> CompleteAsync(BackendLookup.Found user, CancellationToken cancellationToken)
    {
        var entry = ((LdapAccount)user.Handle).Entry;
        if (!_secondLook.IsHidden(entry))
        {
            // What a bind would have refused.
            return user.State is null && LdapLogonRestriction.Of(entry, _time.GetUtcNow()) is { } state ? new(user with { State = state }) : CompleteGroupsAsync(user, cancellationToken);
        }

        // No bind will judge the account either: it may be disabled.
        return new(new BackendLookup.Unavailable($"the search user may not read the account state of {entry.Dn}"));
    }

    public async ValueTask<AccountRefresh> RefreshAsync(UserIdentity known, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await FindAsync(_reader.ById(known.ObjectId), cancellationToken);
            if (outcome is Nobody)
            {
                return new AccountRefresh.Gone();
            }

            switch (outcome.Known)
            {
                case BackendLookup.Found found:
                    return await JudgeRefreshAsync(found, known, cancellationToken);
                case BackendLookup.UnknownUser:
                    return new AccountRefresh.Gone();
                case BackendLookup.Unavailable unavailable:
                    return new AccountRefresh.Unavailable(unavailable.Why);
                default:
                    return new AccountRefresh.Unavailable($"more than one entry has {_options.IdAttribute} = {known.ObjectId}");
            }
        }
        catch (ObjectDisposedException)
        {
            return new AccountRefresh.Unavailable("closed by a reload");
        }
    }

    public ValueTask<PasswordChange> ChangePasswordAsync(BackendLookup.Found user, Secret oldPassword, Secret newPassword, CancellationToken cancellationToken)
    {
        var account = (LdapAccount)user.Handle;
        return account.State.Account == AccountStates.Locked
            ? new(new PasswordChange.Refused("locked", null))
            : _passwords.ChangeAsync(account.Entry.Dn, account.Host, oldPassword, newPassword, cancellationToken);
    }

    public async ValueTask<DirectoryLockoutReport> TellLockoutAsync(BackendLookup.Found? user, CancellationToken cancellationToken) =>
        await _lockout.TellAsync((user?.Handle as LdapAccount)?.Entry, cancellationToken);

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => LdapProbe.RunAsync(_hosts, _options.BaseDn, cancellationToken);

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    /// <summary>What the options demand of every user beside his group.</summary>
    internal static IEnumerable<LdapFilter> AlwaysFilter(LdapBackendOptions options)
    {
        if (options.AlwaysFilter.Length > 0)
        {
            yield return LdapFilter.TryParse(options.AlwaysFilter, out var filter, out var fault)
                ? filter
                : throw new ArgumentException(fault, nameof(options));
        }
    }

    private async ValueTask<BackendAnswer> BindAsync(
        BackendLookup.Found user, LdapAccount account, string password, LdapBindProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            var (result, own, _, why) = await _hosts.BindAsync(
                account.Host, account.Entry.Dn, password, _judge.Controls, _secondLook.Of(account), progress, cancellationToken);
            if (result is null)
            {
                return new BackendAnswer.Unavailable(why);
            }

            var answer = _judge.Judge(result, user.Identity, LdapSecondLook.Judge(account, own, _time.GetUtcNow()));
            return answer is BackendAnswer.Accepted accepted && !account.IsComplete ? await CompleteAsync(accepted, user, cancellationToken) : answer;
        }
        catch (ObjectDisposedException)
        {
            return new BackendAnswer.Unavailable("closed by a reload");
        }
        catch (OperationCanceledException) when (progress.NothingCounted && cancellationToken.IsCancellationRequested)
        {
            return new BackendAnswer.Unavailable(LdapBindJudge.TooLate);
        }
    }

    /// <summary>Looks for one entry.</summary>
    private async ValueTask<Search> FindAsync(LdapFilter wanted, CancellationToken cancellationToken)
    {
        var search = new LdapSearch(_options.BaseDn, LdapScope.Subtree, LdapFilter.And([wanted, .. _conditions]))
        {
            Attributes = _reader.Attributes,
            SizeLimit = 2, // one to find, one to know that it was not the only one
        };
        var (outcome, host, why) = await _hosts.SearchAsync(search, pageSize: 0, cancellationToken);
        if (outcome is null)
        {
            return new(new BackendLookup.Unavailable(why));
        }

        if (outcome.Entries.Count > 1 || outcome.Result.Code == LdapResultCode.SizeLimitExceeded)
        {
            return new Ambiguous();
        }

        switch (outcome.Result.Code)
        {
            case LdapResultCode.Success:
                break;
            case LdapResultCode.Referral:
                // Whoever it names may be anybody's server; it is neither followed nor taken for an answer about the user.
                return new(new BackendLookup.Unavailable($"{host!.Name} referred to another server for {_options.BaseDn}"));
            default:
                return new(new BackendLookup.Unavailable($"{host!.Name}: search in {_options.BaseDn} ended with {outcome.Result.Code} {outcome.Result.Diagnostic}".TrimEnd()));
        }

        return outcome.Entries.Count == 0 ? new Nobody() : new Search(await ReadAsync(outcome.Entries[0], host!, cancellationToken));
    }

    private async ValueTask<BackendLookup> ReadAsync(LdapEntry entry, LdapHost host, CancellationToken cancellationToken)
    {
        if (entry.Dn.Length == 0)
        {
            return new BackendLookup.Unavailable($"{host.Name} returned an entry without name");
        }

        var (direct, why) = _groups.Direct(entry);
        if (direct is null || !_reader.TryRead(entry, direct, out var identity, out why))
        {
            Log.EntryUnusable(_logger, Name, why);
            return new BackendLookup.Unavailable(why);
        }

        var lockout = await _lockout.OfAsync(entry, cancellationToken);

        // A lock for a time keeps passwords away, and nobody who comes without one: who is guessed at elsewhere has done nothing wrong.
        var shown = LdapAccountState.Read(entry, _time.GetUtcNow());
        var state = lockout?.Duration is { } duration ? shown.WithLockOf(entry.GetString, duration, _time.GetUtcNow()) : shown;

        if (_secondLook.IsHidden(entry) && !Interlocked.Exchange(ref _isHiddenTold, true))
        {
            Log.StateHidden(_logger, Name, LdapAccountState.AccountControl, entry.Dn);
        }

        var found = new BackendLookup.Found(identity, new LdapAccount(entry, host, state, IsComplete: !_groups.NeedsSearch))
        {
            State = shown.Account,
            PasswordMark = LdapPasswordMark.Read(entry),
            // Where nothing but a success makes a directory forget, it is to make us forget too, or a few slips of many years would shut the user out for good.
            DirectoryLockout = lockout is not null && _isPerServer && lockout.ObservationWindow != TimeSpan.MaxValue ? lockout with { IsPerServer = true } : lockout,
        };
        if (!_groups.IsCondition)
        {
            return found;
        }

        var (groups, unread) = await _groups.ReadAsync(entry, identity.Login, cancellationToken);
        if (groups is null || !_reader.TryRead(entry, groups, out identity, out unread))
        {
            Log.EntryUnusable(_logger, Name, unread);
            return new BackendLookup.Unavailable(unread);
        }

        return _groups.Holds(groups)
            ? found with { Identity = identity, Handle = new LdapAccount(entry, host, state, IsComplete: true) }
            : new BackendLookup.UnknownUser();
    }

    private async ValueTask<BackendLookup> CompleteGroupsAsync(BackendLookup.Found user, CancellationToken cancellationToken)
    {
        var account = (LdapAccount)user.Handle;
        if (account.IsComplete)
        {
            return user;
        }

        try
        {
            var (groups, why) = await _groups.ReadAsync(account.Entry, user.Identity.Login, cancellationToken);
            if (groups is null || !_reader.TryRead(account.Entry, groups, out var identity, out why))
            {
                Log.EntryUnusable(_logger, Name, why);
                return new BackendLookup.Unavailable(why);
            }

            return user with { Identity = identity, Handle = account with { IsComplete = true } };
        }
        catch (ObjectDisposedException)
        {
            return new BackendLookup.Unavailable("closed by a reload");
        }
    }

    private async ValueTask<BackendAnswer> CompleteAsync(BackendAnswer.Accepted accepted, BackendLookup.Found user, CancellationToken cancellationToken) =>
        await CompleteGroupsAsync(user, cancellationToken) switch
        {
            BackendLookup.Found whole => accepted with { Identity = whole.Identity },
            BackendLookup.Unavailable unavailable => new BackendAnswer.Unavailable(unavailable.Why),
            _ => throw new InvalidOperationException("A user was lost while his groups were read."),
        };

    /// <summary>
    /// A lock after wrong passwords ends nothing: whoever types them at any door of the directory could else throw its users out of their sessions.
    /// </summary>
    private async ValueTask<AccountRefresh> JudgeRefreshAsync(BackendLookup.Found found, UserIdentity known, CancellationToken cancellationToken)
    {
        if (found.Identity.ObjectId != known.ObjectId)
        {
            return new AccountRefresh.Gone();
        }

        var state = ((LdapAccount)found.Handle).State;
        if (state is { Account: { } word, IsForGood: true })
        {
            return new AccountRefresh.Ended(word);
        }

        return await CompleteGroupsAsync(found, cancellationToken) switch
        {
            BackendLookup.Found whole => new AccountRefresh.Current(whole.Identity) { IsStateUnknown = _secondLook.IsHidden(((LdapAccount)found.Handle).Entry) },
            BackendLookup.Unavailable unavailable => new AccountRefresh.Unavailable(unavailable.Why),
            _ => throw new InvalidOperationException("A user was lost while his groups were read."),
        };
    }

    /// <summary>What a search for one entry came to.</summary>
    private record Search(BackendLookup? Known);

    private sealed record Nobody() : Search((BackendLookup?)null);

    private sealed record Ambiguous() : Search((BackendLookup?)null);

    private static partial class Log
    {
        [LoggerMessage(EventIds.DirectoryAmbiguous, LogLevel.Error, "{Backend}: more than one entry has {Attribute} = {Name}; none of them is let in.")]
        public static partial void Ambiguous(ILogger logger, string backend, string attribute, string name);

        [LoggerMessage(
            EventIds.DirectoryStateHidden,
            LogLevel.Error,
            "{Backend}: the search user may not read {Attribute} of {Dn}. Sessions end Login:UnconfirmedLifetime after the last password, and nobody comes in without one. Let it read the property set \"account restrictions\".")]
        public static partial void StateHidden(ILogger logger, string backend, string attribute, string dn);

        [LoggerMessage(EventIds.DirectoryEntryUnusable, LogLevel.Error, "{Backend}: {Why}")]
        public static partial void EntryUnusable(ILogger logger, string backend, string why);
    }
}
