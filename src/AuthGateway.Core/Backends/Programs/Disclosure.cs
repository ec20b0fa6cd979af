namespace AuthGateway.Core.Backends.Programs;

/// <summary>
/// Whether a secret was shown to a program. Whoever waits for the check may give up at any moment; then it was shown before, and counts, or it never is.
/// </summary>
internal sealed class Disclosure
{
    private const int Open = 0;
    private const int Shown = 1;
    private const int Closed = 2;

    private int _state;

    /// <summary>True when the secret was shown.</summary>
    public bool IsShown => Volatile.Read(ref _state) == Shown;

    /// <summary>Asked right before the secret is written; false when nobody waits any more, and it must not be.</summary>
    public bool TryShow() => Interlocked.CompareExchange(ref _state, Shown, Open) == Open;

    /// <summary>Takes <see cref="TryShow"/> back: not a byte was taken.</summary>
    public void TakeBack() => Interlocked.CompareExchange(ref _state, Open, Shown);

    /// <summary>Nobody waits any more; true when the secret was shown before.</summary>
    public bool Close() => Interlocked.CompareExchange(ref _state, Closed, Open) == Shown;
}
