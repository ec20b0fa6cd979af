using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Identities;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Helper;

/// <summary>Passwords checked by a program of the administrator.</summary>
internal sealed class HelperBackend : IBackend, ISecretOnly, IAsyncDisposable
{
    /// <summary>How an <c>ERROR</c> begins that means: no such user.</summary>
    public const string UnknownWord = "unknown";

    private readonly HelperBackendOptions _options;
    private readonly HelperProgram _program;
    private readonly ProgramLanes _lanes;

    /// <summary>Starts nothing before it is needed.</summary>
    public HelperBackend(HelperBackendOptions options, Func<IRunningProgram> start, TimeProvider time, ILogger logger)
    {
        _options = options;
        _program = new HelperProgram(options.Name, start, options.Timeout, time, logger);
        _lanes = new ProgramLanes(options.MaxParallel, options.Timeout, time);
    }

    public string Name => _options.Name;

    public ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken) =>
        new(AccountName.Read(name, _options.MailDomain) is { } account
            ? new BackendLookup.Found(account.ToIdentity(Name, _options.Groups), account)
            : new BackendLookup.UnknownUser());

    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        var account = (AccountName)user.Handle;
        if (HelperLine.Verify(_options.ServiceName, account.Address, secret) is not { } command)
        {
            return new BackendAnswer.Rejected();
        }

        var disclosure = new Disclosure();
        HelperReply? reply;
        try
        {
            reply = await _lanes.RunAsync(() => _program.AskAsync(command, disclosure), cancellationToken);
        }
        catch (OperationCanceledException) when (disclosure.Close())
        {
            return new BackendAnswer.Unavailable("no answer in time") { SecretShown = true };
        }

        return reply switch
        {
            null => new BackendAnswer.Busy(),
            { Word: HelperWord.Ok } => new BackendAnswer.Accepted(user.Identity),
            { Word: HelperWord.Error } when reply.Text.StartsWith(UnknownWord, StringComparison.OrdinalIgnoreCase) => new BackendAnswer.UnknownUser(),
            { Word: HelperWord.Error } => new BackendAnswer.Rejected(),
            // In its own words an outage, and no quick no in disguise: not counted.
            { Word: HelperWord.Failure } => new BackendAnswer.Unavailable($"the program answered FAILURE {Shown(reply.Text)}".TrimEnd()),
            { Word: HelperWord.Gone } => new BackendAnswer.Unavailable(reply.Text) { SecretShown = disclosure.IsShown },
            _ => new BackendAnswer.Unavailable("the program answered a login with INTF") { SecretShown = true },
        };
    }

    public async ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => await _program.ProbeAsync().WaitAsync(cancellationToken);

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static string Shown(string text) => VisibleText.Escape(text.Length > 200 ? text[..200] : text);
}
