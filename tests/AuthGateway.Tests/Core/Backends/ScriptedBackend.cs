using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Backends;

/// <summary>A backend that answers one word of a table, and counts.</summary>
internal sealed class ScriptedBackend(string name, string answer) : IBackend, IDummyVerifier, IAsyncDisposable
{
    private int _finds;
    private int _verifies;

    public string Name => name;

    public UserIdentity Identity { get; } = new(name, "1", "alice", null, null, [], []);

    /// <summary>Looked at by every check before it answers, so that tests decide when.</summary>
    public Func<Secret, CancellationToken, Task<BackendAnswer?>>? Check { get; set; }

    /// <summary>Shown with every lookup.</summary>
    public string? Mark { get; set; }

    /// <summary>Shown with every lookup.</summary>
    public DirectoryLockout? DirectoryLockout { get; set; }

    public int Finds => _finds;

    public int Verifies => _verifies;

    /// <summary>Checks of nobody's password.</summary>
    public int Dummies { get; private set; }

    public bool IsTooBusyForDummies { get; set; }

    public bool IsDisposed { get; private set; }

    public ValueTask<BackendLookup> FindAsync(UserName typed, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _finds);
        return new(answer switch
        {
            "unknown" => new BackendLookup.UnknownUser(),
            "ambiguous" => new BackendLookup.Ambiguous(),
            "down" => new BackendLookup.Unavailable("no answer"),
            _ => new BackendLookup.Found(Identity, this) { PasswordMark = Mark, DirectoryLockout = DirectoryLockout },
        });
    }

    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _verifies);
        secret.IsEmpty.ShouldBeFalse();
        if (Check is not null && await Check(secret, cancellationToken) is { } checkedAnswer)
        {
            return checkedAnswer;
        }

        return answer switch
        {
            "yes" => new BackendAnswer.Accepted(Identity),
            "no" => new BackendAnswer.Rejected(),
            "expired" => new BackendAnswer.AccountState(AccountStates.Expired, SecretProven: true),
            "disabled" => new BackendAnswer.AccountState(AccountStates.Disabled, SecretProven: false),
            "down-late" => new BackendAnswer.Unavailable("no answer"),
            "down-shown" => new BackendAnswer.Unavailable("no answer in time") { SecretShown = true },
            "busy" => new BackendAnswer.Busy(),
            "nobody" => new BackendAnswer.UnknownUser(),
            _ => throw new InvalidOperationException(answer),
        };
    }

    public ValueTask<BackendAnswer> VerifyDummyAsync(Secret secret, CancellationToken cancellationToken)
    {
        Dummies++;
        return new(IsTooBusyForDummies ? new BackendAnswer.Busy() : new BackendAnswer.Rejected());
    }

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new((string?)null);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
