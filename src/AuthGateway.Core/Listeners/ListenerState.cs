namespace AuthGateway.Core.Listeners;

/// <summary>Holds the table in force. A reload swaps it whole; a handshake or request reads it once and keeps what it read.</summary>
public sealed class ListenerState(ListenerTable initial)
{
    private volatile ListenerTable _current = initial;

    /// <summary>The table in force.</summary>
    public ListenerTable Current
    {
        get => _current;
        set => _current = value ?? throw new ArgumentNullException(nameof(value));
    }
}
