using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Factors.RecoveryCodes;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Signals;

namespace AuthGateway.Commands;

/// <summary>What administrative verbs work on. Opened once a verb by the function the composition root hands over.</summary>
internal sealed class Stores : IAsyncDisposable
{
    /// <summary>Local accounts.</summary>
    public required ILocalAccountStore Accounts { get; init; }

    /// <summary>Counters.</summary>
    public required ILockoutStore Lockouts { get; init; }

    /// <summary>Sessions.</summary>
    public required ISessionStore Sessions { get; init; }

    /// <summary>Authenticator apps.</summary>
    public required ITotpStore Apps { get; init; }

    /// <summary>Recovery codes.</summary>
    public required IRecoveryCodeStore RecoveryCodes { get; init; }

    /// <summary>Enrolment codes.</summary>
    public required IEnrolmentCodeStore EnrolmentCodes { get; init; }

    /// <summary>App passwords.</summary>
    public required IAppPasswordStore AppPasswords { get; init; }

    /// <summary>Opens the key of app passwords; made when there is none yet.</summary>
    public required Func<AppPasswordKey> AppPasswordKey { get; init; }

    /// <summary>Opens what the configuration says of services, networks and users.</summary>
    public required Func<IConfiguredGateway> OpenGateway { get; init; }

    /// <summary>The audit trail.</summary>
    public required IAuditStore Audit { get; init; }

    /// <summary>Tells a running gateway that something changed.</summary>
    public required ISignalStore Signals { get; init; }

    /// <summary>Hashes passwords for keeping. A verb hashes one, so it needs no lane.</summary>
    public PasswordHasher Hasher { get; init; } = new();

    /// <summary>What is asked of new passwords.</summary>
    public PasswordPolicy Passwords { get; init; } = PasswordPolicy.Default;

    /// <summary>Name of the local backend in the configuration: the first half of its identities' keys.</summary>
    public string LocalBackend { get; init; } = "local";

    /// <summary>What to close at the end, or null.</summary>
    public IAsyncDisposable? Owner { get; init; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Owner?.DisposeAsync() ?? ValueTask.CompletedTask;
}
