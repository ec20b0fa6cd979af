namespace AuthGateway.Core.Tunnels;

/// <summary>Where a tunnel is in its life.</summary>
public enum TunnelState
{
    /// <summary>Being opened.</summary>
    Connecting,

    /// <summary>Open.</summary>
    Up,

    /// <summary>Lost or not reached; opened again after a while.</summary>
    Waiting,

    /// <summary>Stopped until somebody acts: a reload, or <c>tunnel trust</c>.</summary>
    Refused,

    /// <summary>Ended, for the gateway stops or the configuration has it no more.</summary>
    Stopped,
}

/// <summary>A tunnel as it is now, for <c>/status</c> and <c>tunnel status</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Server">Host and port.</param>
/// <param name="State">Where it is.</param>
/// <param name="Since">Since when.</param>
/// <param name="Pid">Process of ssh, when it is up.</param>
/// <param name="Owner">Key of the section that names it, or null.</param>
/// <param name="Forwards">What is led through it, for people.</param>
/// <param name="Failure">Kind of the last failure.</param>
/// <param name="LastError">The last failure in one sentence; null when there was none since the start.</param>
/// <param name="LastErrorAt">When that was.</param>
public sealed record TunnelStatus(
    string Name,
    string Server,
    TunnelState State,
    DateTimeOffset Since,
    int? Pid,
    string? Owner,
    IReadOnlyList<string> Forwards,
    TunnelFailure Failure,
    string? LastError,
    DateTimeOffset? LastErrorAt);
