using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Checkpassword;

/// <summary>Passwords checked by a checkpassword program, a process for each check. Only exit code 0 says yes, whatever else it says.</summary>
internal sealed partial class CheckpasswordBackend(CheckpasswordBackendOptions options, Func<IRunningProgram> start, TimeProvider time, ILogger logger)
    : IBackend, ISecretOnly, IAsyncDisposable
{
    /// <summary>What the program runs when it says yes; a program whose own exit code is 0.</summary>
    public const string Success = "/bin/true";

    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(100);

    private const int Right = 0;
    private const int Wrong = 1;
    private const int TryLater = 111;

    private readonly ProgramLanes _lanes = new(options.MaxParallel, options.Timeout, time);
    private readonly ProgramNotes _notes = new(options.Name, logger, time);
    private readonly CancellationTokenSource _closed = new();

    public string Name => options.Name;

    public ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken) =>
        new(AccountName.Read(name, options.MailDomain) is { } account
            ? new BackendLookup.Found(account.ToIdentity(Name, options.Groups), account)
            : new BackendLookup.UnknownUser());

    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        var account = (AccountName)user.Handle;
        if (CheckpasswordMessage.Build(account.Login, secret, time.GetUtcNow()) is not { } message)
        {
            return new BackendAnswer.Rejected();
        }

        var disclosure = new Disclosure();
        Run? run;
        try
        {
            run = await _lanes.RunAsync(() => RunAsync(message, disclosure), cancellationToken);
        }
        catch (OperationCanceledException) when (disclosure.Close())
        {
            return new BackendAnswer.Unavailable("no answer in time") { SecretShown = true };
        }

        switch (run)
        {
            case null:
                return new BackendAnswer.Busy();
            case { Exit.Code: Right }:
                return new BackendAnswer.Accepted(user.Identity);
            case { Exit.Code: Wrong }:
                return new BackendAnswer.Rejected();
            case { Exit.Code: TryLater }:
                return new BackendAnswer.Unavailable("the program says that it could not find out (111)");
            default:
                Log.Failed(logger, Name, run.Why);
                return new BackendAnswer.Unavailable(run.Why) { SecretShown = disclosure.IsShown };
        }
    }

    /// <summary>A check costs a password, so only the file itself is looked at.</summary>
    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new(FileStanding.FindFault(options.Program, isProgram: true));

    /// <summary>Kills the checks that still run; their logins are answered as an outage.</summary>
    public async ValueTask DisposeAsync() => await _closed.CancelAsync();

    private async Task<Run> RunAsync(byte[] message, Disclosure disclosure)
    {
        IRunningProgram program;
        try
        {
            _closed.Token.ThrowIfCancellationRequested();
            program = start();
        }
        catch (Exception e) when (e is ProgramStartException or OperationCanceledException)
        {
            Array.Clear(message);
            return new Run(null, e is ProgramStartException ? e.Message : "closed by a reload");
        }

        await using (program)
        {
            using var late = new CancellationTokenSource(options.Timeout, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _closed.Token);
            var listening = _notes.ListenAsync(program.Errors);
            try
            {
                try
                {
                    if (!disclosure.TryShow())
                    {
                        return new Run(null, "nobody waits for it any more");
                    }

                    await program.Input.WriteAsync(message, end.Token);
                }
                catch (IOException)
                {
                    // A message is no longer than what a pipe takes whole or not at all.
                    disclosure.TakeBack();
                    // It did not read; its exit code says what it thinks of that.
                }
                finally
                {
                    Array.Clear(message);
                }

                await program.Input.DisposeAsync();
                var exit = await program.Exited.WaitAsync(end.Token);
                // For the log's sake only; its group is dead, but a process that left the group may hold the pipe open.
                await Task.WhenAny(listening, Task.Delay(LastWords, time, CancellationToken.None));
                return new Run(exit, $"the program ended with {exit}");
            }
            catch (OperationCanceledException)
            {
                return new Run(null, _closed.IsCancellationRequested ? "closed by a reload" : "no answer in time; the program was killed");
            }
        }
    }

    /// <summary>How a check ended.</summary>
    private sealed record Run(ProgramExit? Exit, string Why);

    private static partial class Log
    {
        [LoggerMessage(EventIds.CheckpasswordFailed, LogLevel.Error, "{Backend}: {Why}.")]
        public static partial void Failed(ILogger logger, string backend, string why);
    }
}
