namespace AuthGateway.Core.Tunnels;

/// <summary>Opens tunnels.</summary>
internal interface ITunnelDialer
{
    /// <summary>Opens a tunnel; returns when its forwards are open, or when that failed.</summary>
    Task<TunnelDial> DialAsync(Tunnel tunnel, CancellationToken cancellationToken);
}

/// <summary>How an opening went: one of the two is there.</summary>
internal readonly record struct TunnelDial(ITunnelLink? Link, TunnelLoss Loss);

/// <summary>An open tunnel. Disposing ends it, the whole process group.</summary>
internal interface ITunnelLink : IAsyncDisposable
{
    /// <summary>Id of the process.</summary>
    int Id { get; }

    /// <summary>Ends with the tunnel. Never fails.</summary>
    Task<TunnelLoss> Ended { get; }
}
