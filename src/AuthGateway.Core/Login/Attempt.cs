using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// A proven password on its way through the remaining factors. Its own charges are taken back already when the password
/// was right, so that a client who hangs up in between is not counted as a guesser; what is left to decide is whether the
/// account's earlier failures are forgiven.
/// </summary>
public sealed class Attempt
{
    /// <summary>Of a cached proof: nothing was charged and nothing is cleared.</summary>
    internal static readonly Attempt None = new(null, default);

    private readonly LockoutKey _account;
    private LockoutGuard? _guard;

    private Attempt(LockoutGuard? guard, LockoutKey account)
    {
        _guard = guard;
        _account = account;
    }

    internal static Attempt Of(LockoutGuard guard, LockoutKey account, bool hasEarlierFailures) =>
        hasEarlierFailures ? new Attempt(guard, account) : None;

    /// <summary>The last factor is proven: clears the account's counter. The address keeps its own (one right password does not excuse a spray).</summary>
    /// <exception cref="Faults.StoreUnavailableException">The counter could not be cleared; it stays, and may be cleared by calling again.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        var guard = Interlocked.Exchange(ref _guard, null);
        if (guard is null)
        {
            return;
        }

        try
        {
            await guard.ClearAsync(_account, cancellationToken);
        }
        catch
        {
            _guard = guard;
            throw;
        }
    }

    /// <summary>The password was right, but another factor is missing: nothing is cleared.</summary>
    public ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        _ = cancellationToken; // nothing is written today
        Interlocked.Exchange(ref _guard, null);
        return ValueTask.CompletedTask;
    }
}
