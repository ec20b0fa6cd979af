using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// A proven password on its way through the remaining factors. Its own charges are taken back already when the password
/// was right, so that a client who hangs up in between is not counted as a guesser; what is left to decide is whether the
/// earlier failures are forgiven, and whether the place is familiar from now on.
/// </summary>
public sealed class Attempt
{
    /// <summary>Of a proof without a guess in it, as of a cached one or an app password: nothing was charged, nothing is cleared, no place becomes familiar.</summary>
    internal static readonly Attempt None = new(null, null!, default, null!, null);

    private readonly UserIdentity _user;
    private readonly Place _place;
    private readonly LockoutPolicy _policy;
    private readonly LockoutKey? _clears;
    private LockoutGuard? _guard;

    internal Attempt(LockoutGuard? guard, UserIdentity user, Place place, LockoutPolicy policy, LockoutKey? clears)
    {
        _guard = guard;
        _user = user;
        _place = place;
        _policy = policy;
        _clears = clears;
    }

    /// <summary>
    /// The last factor is proven: clears the counter it was judged by, and makes the place familiar. The address keeps its own counter (one right password does
    /// not excuse a spray).
    /// </summary>
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
            await guard.SucceedAsync(_user, _place, _policy, _clears, cancellationToken);
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
