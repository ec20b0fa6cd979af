using System.Runtime.InteropServices;

namespace AuthGateway.Core.Audit;

/// <summary>What makes two events equal for counting.</summary>
/// <param name="Event">One of <see cref="AuditEvents"/>.</param>
/// <param name="Reason">Reason word.</param>
/// <param name="Who">Identity key, or the typed name, or null.</param>
/// <param name="Address">Client address.</param>
/// <param name="Service">Service, or null.</param>
/// <param name="Device">Certificate thumbprint or device id, or null; of a verified token the client and the verifier, for its address is the upstream's.</param>
/// <param name="ActedBy">Identity key, or else the name, of who acted for the user; or null.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AuditRepeatKey(string Event, string Reason, string? Who, string? Address, string? Service, string? Device, string? ActedBy = null)
{
    /// <summary>The key of a record.</summary>
    public static AuditRepeatKey Of(AuditRecord record) => new(
        record.Event, record.Reason, record.Identity ?? record.TypedName, record.Address, record.Service,
        record.Event is AuditEvents.Verification ? record.Detail : record.Certificate ?? record.DeviceId,
        record.ActedBy?.Identity ?? record.ActedBy?.Login);
}

/// <summary>
/// Counts events equal to one already written. Whoever sees many of them keeps the tally and counts on it: one interlocked
/// increment an event, nothing allocated, no clock read.
/// </summary>
public sealed class AuditTally
{
    private const long Closed = long.MinValue;

    /// <summary>Refusals of one kind that still get a record of their own within a window, after the first.</summary>
    internal const int OwnRecords = 5;

    private long _count;
    private int _ownRecords = OwnRecords;

    internal AuditTally(AuditRecord template, long closesAt)
    {
        Template = template;
        ClosesAt = closesAt;
    }

    /// <summary>What the follow-up record says.</summary>
    internal AuditRecord Template { get; }

    /// <summary>Timestamp at which the window ends.</summary>
    internal long ClosesAt { get; }

    /// <summary>Counts one more; false when the window has ended and the event must be recorded anew.</summary>
    public bool TryCount() => Interlocked.Increment(ref _count) > 0;

    /// <summary>True for the first few repeats, which are recorded by themselves.</summary>
    internal bool TryTakeOwnRecord() => Volatile.Read(ref _ownRecords) > 0 && Interlocked.Decrement(ref _ownRecords) >= 0;

    /// <summary>Ends the window; returns what was counted. Later counts see a hugely negative number and are refused.</summary>
    internal long Close() => Math.Max(0, Interlocked.Exchange(ref _count, Closed));
}
