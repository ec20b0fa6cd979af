namespace AuthGateway.Core.Backends;

/// <summary>When a directory locks one of its accounts by itself, as it says or as configured.</summary>
/// <param name="Threshold">Failed binds after which it locks; at least 1.</param>
/// <param name="ObservationWindow">Time after the last failure at which it begins to count anew; <see cref="TimeSpan.MaxValue"/> when only a success does that.</param>
public sealed record DirectoryLockout(int Threshold, TimeSpan ObservationWindow)
{
    /// <summary>How long it locks; <see cref="TimeSpan.MaxValue"/> when somebody must come to unlock, null when nobody knows.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>True when logins go to several servers in turn, of which each may count for itself: a success at one says nothing about the others.</summary>
    public bool IsPerServer { get; init; }
}
