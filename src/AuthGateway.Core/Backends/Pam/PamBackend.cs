using System.Globalization;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>Users of the operating system, with their groups, checked by PAM.</summary>
internal sealed partial class PamBackend : IBackend, IIdentityCompleter, IAccountRefresher, IAsyncDisposable
{
    private readonly PamBackendOptions _options;
    private readonly PamNameTemplate _template;
    private readonly PamChildren _children;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Starts nothing before it is needed.</summary>
    public PamBackend(PamBackendOptions options, Func<IRunningProgram> start, TimeProvider time, ILogger logger)
    {
        _options = options;
        _template = new PamNameTemplate(options.NameTemplate);
        _children = new PamChildren(options, start, time, logger);
        _time = time;
        _logger = logger;
    }

    public string Name => _options.Name;

    public async ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken)
    {
        foreach (var candidate in _template.Apply(name))
        {
            var reply = await _children.AskAsync(new PamRequest { User = candidate }, disclosure: null, cancellationToken);
            if (reply is null or { Fault: not null })
            {
                return new BackendLookup.Unavailable(reply?.Fault ?? "all processes that check are busy");
            }

            if (reply.User is { } user)
            {
                return user.Uid < (uint)_options.MinUid
                    ? new BackendLookup.UnknownUser()
                    : new BackendLookup.Found(Identify(user), user) { State = user.State };
            }
        }

        return new BackendLookup.UnknownUser();
    }

    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        var known = (PamUser)user.Handle;
        if (secret.IsEmpty || secret.Utf8.Contains((byte)0))
        {
            return new BackendAnswer.Rejected(); // to C it would be a shorter password
        }

        var disclosure = new Disclosure();
        PamReply? reply;
        try
        {
            reply = await _children.AskAsync(
                new PamRequest { User = known.Name, Password = secret.Utf8.ToArray(), Service = _options.ServiceName, ConfigDirectory = _options.ConfigDirectory }, disclosure, cancellationToken);
        }
        catch (OperationCanceledException) when (disclosure.Close())
        {
            return new BackendAnswer.Unavailable("no answer in time") { SecretShown = true };
        }

        if (reply is null)
        {
            return new BackendAnswer.Busy();
        }

        var answer = reply.Fault is { } fault ? new BackendAnswer.Unavailable(fault) : Judge(reply, known);
        return answer is BackendAnswer.Unavailable unavailable ? unavailable with { SecretShown = disclosure.IsShown } : answer;
    }

    /// <summary>No account phase judges who comes without a password: only the shadow file says that the account has ended.</summary>
    public ValueTask<BackendLookup> CompleteAsync(BackendLookup.Found user, CancellationToken cancellationToken) => new(
        ((PamUser)user.Handle).IsStateKnown
            ? user
            : new BackendLookup.Unavailable($"the process that checks may not read the account state of {user.Identity.Login} in the shadow file, or it has no entry there"));

    public async ValueTask<AccountRefresh> RefreshAsync(UserIdentity known, CancellationToken cancellationToken)
    {
        // Not the account phase: modules that count failures (pam_faillock) take it for the end of a successful login and forget them.
        var reply = await _children.AskAsync(new PamRequest { User = known.ObjectId }, disclosure: null, cancellationToken);
        return reply switch
        {
            null => new AccountRefresh.Unavailable("all processes that check are busy"),
            { Fault: { } fault } => new AccountRefresh.Unavailable(fault),
            { User: { State: { } state } user } when user.Uid >= (uint)_options.MinUid => new AccountRefresh.Ended(state),
            { User: { } user } when user.Uid >= (uint)_options.MinUid => new AccountRefresh.Current(Identify(user)) { IsStateUnknown = !user.IsStateKnown },
            _ => new AccountRefresh.Gone(),
        };
    }

    public async ValueTask<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        if (PamService.FindFile(_options.ServiceName, _options.ConfigDirectory) is null)
        {
            return $"there is no PAM service {_options.ServiceName}";
        }

        var reply = await _children.AskAsync(new PamRequest { User = "root" }, disclosure: null, cancellationToken);
        return reply is null ? "all processes that check are busy" : reply.Fault;
    }

    public ValueTask DisposeAsync() => _children.DisposeAsync();

    private BackendAnswer Judge(PamReply reply, PamUser known) => reply switch
    {
        { Phase: PamPhases.Account, Code: PamCodes.Success } => JudgeUser(reply.User, known),

        { Phase: PamPhases.Authenticate, Code: PamCodes.AuthenticationError or PamCodes.PermissionDenied } => new BackendAnswer.Rejected(),
        { Phase: PamPhases.Authenticate, Code: PamCodes.UserUnknown } => new BackendAnswer.UnknownUser(),
        { Phase: PamPhases.Authenticate, Code: PamCodes.MaxTries } => new BackendAnswer.AccountState(AccountStates.Locked, SecretProven: false),
        { Phase: PamPhases.Authenticate, Code: PamCodes.AccountExpired } => new BackendAnswer.AccountState(AccountStates.Expired, SecretProven: false),

        // The account phase is reached with the right password only.
        { Phase: PamPhases.Account, Code: PamCodes.NewPasswordRequired } => new BackendAnswer.AccountState(AccountStates.MustChange, SecretProven: true),
        { Phase: PamPhases.Account, Code: PamCodes.AccountExpired } => new BackendAnswer.AccountState(AccountStates.Expired, SecretProven: true),
        { Phase: PamPhases.Account, Code: PamCodes.PasswordExpired } => new BackendAnswer.AccountState(AccountStates.PasswordExpired, SecretProven: true),
        { Phase: PamPhases.Account, Code: PamCodes.MaxTries } => new BackendAnswer.AccountState(AccountStates.Locked, SecretProven: true),
        { Phase: PamPhases.Account, Code: PamCodes.PermissionDenied or PamCodes.AuthenticationError or PamCodes.UserUnknown } =>
            new BackendAnswer.AccountState(AccountStates.Disabled, SecretProven: true),

        _ => new BackendAnswer.Unavailable(string.Create(CultureInfo.InvariantCulture, $"PAM ended with code {reply.Code} in {reply.Phase}")),
    };

    /// <summary>The charge was put on the user who was found, so nobody else may come of the check, whatever name a module put in.</summary>
    private BackendAnswer JudgeUser(PamUser? final, PamUser known)
    {
        if (final is null || final.Uid != known.Uid || final.Uid < (uint)_options.MinUid)
        {
            Log.UserReplaced(_logger, Name, known.Name, final?.Name ?? "(nobody)");
            return new BackendAnswer.Unavailable($"PAM made somebody else of {known.Name}");
        }

        return new BackendAnswer.Accepted(Identify(known));
    }

    private UserIdentity Identify(PamUser user) => new(
        Name,
        user.Name,
        user.Name,
        _options.MailDomain.Length == 0 ? null : $"{user.Name}@{_options.MailDomain}",
        user.FullName.Length == 0 ? null : user.FullName,
        [.. user.Groups, .. _options.Groups],
        [])
    {
        AsOf = _time.GetUtcNow(),
    };

    private static partial class Log
    {
        [LoggerMessage(EventIds.PamUserReplaced, LogLevel.Error, "{Backend}: PAM was asked about {User} and ended with {Final}; the login is refused.")]
        public static partial void UserReplaced(ILogger logger, string backend, string user, string final);
    }
}
