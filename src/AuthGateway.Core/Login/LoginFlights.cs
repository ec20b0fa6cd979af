using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// Judgements under way. Equal credentials from one address share one: a phone opens several connections at once. Not those from several addresses, for each is
/// charged for itself.
/// </summary>
internal sealed class LoginFlights
{
    private readonly ConcurrentDictionary<Key, Task<LoginResult>> _flights = new();

    /// <summary>
    /// The judgement that is under way for a key, or else a new one. Not under the token of whoever came first: others may wait too, and a client that hangs up
    /// on a directory slow to say no would guess without being counted.
    /// </summary>
    public Task<LoginResult> JoinAsync(Key key, Func<Task<LoginResult>> judge)
    {
        var landing = new TaskCompletionSource<LoginResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd(key, landing.Task);
        if (!ReferenceEquals(flight, landing.Task))
        {
            return flight;
        }

        // Whoever took off is nearly always alone, and no other thread has to be woken for him.
        var own = new TaskCompletionSource<LoginResult>();
        _ = FlyAsync(key, judge, landing, own);
        return own.Task;
    }

    private async Task FlyAsync(Key key, Func<Task<LoginResult>> judge, TaskCompletionSource<LoginResult> landing, TaskCompletionSource<LoginResult> own)
    {
        LoginResult result;
        try
        {
            result = await judge();
        }
        catch (Exception e)
        {
            _flights.TryRemove(key, out _);
            landing.SetException(e);
            own.SetException(e);
            _ = (landing.Task.Exception, own.Task.Exception); // observed, should everybody have hung up
            return;
        }

        _flights.TryRemove(key, out _);
        landing.SetResult(result);
        own.SetResult(result);
    }

    /// <summary>What makes two judgements one.</summary>
    /// <param name="Typed">Everything typed, and from where.</param>
    /// <param name="Address">The client's address.</param>
    /// <param name="IsFresh">True where no memory may answer.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Key(SecretShield.RepeatKey Typed, LockoutKey Address, bool IsFresh)
    {
        public static Key Of(in LoginRequest request, in SecretShield.RepeatKey typed) => new(typed, LockoutKey.ForAddress(request.ClientAddress), request.IsFresh);
    }
}
