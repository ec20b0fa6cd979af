namespace AuthGateway.Core.Signals;

/// <summary>Names of the signals.</summary>
public static class SignalNames
{
    /// <summary>A local account was added, changed or disabled: verified credentials must be forgotten.</summary>
    public const string AccountsChanged = "accounts-changed";

    /// <summary>An administrator cleared a lockout.</summary>
    public const string LockoutsChanged = "lockouts-changed";

    /// <summary>A session was revoked, or a user's sessions with his account or factors.</summary>
    public const string SessionsChanged = "sessions-changed";

    /// <summary>A server's key was learned: tunnels that were refused are tried again.</summary>
    public const string TunnelsChanged = "tunnels-changed";

    /// <summary>An app password was made or revoked.</summary>
    public const string AppPasswordsChanged = "app-passwords-changed";

    /// <summary>Raised by whoever asks whether the store works; nobody waits for it.</summary>
    public const string HealthProbed = "health-probed";
}

/// <summary>Counters by which one process tells another that something changed: the command line raises, the running gateway compares.</summary>
public interface ISignalStore
{
    /// <summary>How often the signal was raised; 0 when never.</summary>
    ValueTask<long> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Raises the signal by one.</summary>
    ValueTask RaiseAsync(string name, CancellationToken cancellationToken);
}
