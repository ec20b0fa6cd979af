using System.Collections.Concurrent;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Audit;

/// <summary>
/// Writes the audit trail. Records of concurrent callers share a transaction; equal events share a record. Works without
/// hosted services, so the command line writes through it as well.
/// </summary>
public sealed partial class AuditLog(IAuditStore store, TimeProvider time, ILogger<AuditLog> logger)
{
    /// <summary>How long equal refusals are counted before the count is written.</summary>
    public static readonly TimeSpan RefusalWindow = TimeSpan.FromSeconds(60);

    /// <summary>How long equal sign-ins and verifications are counted before the count is written.</summary>
    public static readonly TimeSpan SuccessWindow = TimeSpan.FromHours(1);

    private const int MaxBatch = 512;
    private const int MaxQueued = 8192;

    // A caller that must have its record fails closed after this; a refusal does not wait longer than a client notices.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRefusalWait = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<Pending> _queue = new();
    private readonly ConcurrentDictionary<AuditRepeatKey, AuditTally> _tallies = new();
    private int _queued;
    private int _draining;
    private int _open;

    /// <summary>How old what a backend said of a user's name and addresses may be to be written down.</summary>
    internal Func<TimeSpan> ContactMaxAge { get; init; } = static () => TimeSpan.MaxValue;

    /// <summary>Most keys counted apart; beyond it events of one kind share a tally, so that a flood cannot fill memory or disk.</summary>
    internal int MaxTallies { get; init; } = 50_000;

    /// <summary>
    /// Writes one record; it is durable when this returns. Throws <see cref="StoreUnavailableException"/> when it could not be written,
    /// except for refusals: those stay refusals, and the failure is logged.
    /// </summary>
    public async ValueTask RecordAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var isRefusal = IsRefusal(record);
        try
        {
            await Enqueue(Shorten(record)).WaitAsync(isRefusal ? LongestRefusalWait : LongestWait, time, cancellationToken);
        }
        catch (TimeoutException e) when (!isRefusal)
        {
            throw new StoreUnavailableException("The audit record was not confirmed in time.", e);
        }
        catch (TimeoutException)
        {
            // Still queued: it is written, or its loss logged, when the store answers.
        }
        catch (StoreUnavailableException) when (isRefusal)
        {
            // Logged where it failed.
        }
    }

    /// <summary>
    /// Writes the first of equal events and counts the others; see <see cref="RecordAsync"/> for failures. Ask <see cref="TryCountRepeat"/> first
    /// where building the record is worth avoiding.
    /// </summary>
    /// <returns>The tally that counts the next ones, for callers that keep it.</returns>
    public async ValueTask<AuditTally> RecordFoldedAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var key = AuditRepeatKey.Of(record);
        var found = _tallies.TryGetValue(key, out var tally);
        if (found && IsRefusal(record) && tally!.TryTakeOwnRecord())
        {
            // The person behind it reads its request id to the helpdesk; a flood is still only counted.
            await RecordAsync(record, cancellationToken);
            return tally;
        }

        if (found && tally!.TryCount())
        {
            return tally;
        }

        if (Volatile.Read(ref _open) >= MaxTallies)
        {
            key = new AuditRepeatKey(record.Event, record.Reason, null, null, null, null);
            record = Shared(record);
            if (_tallies.TryGetValue(key, out tally) && tally.TryCount())
            {
                return tally;
            }
        }

        if (IsRefusal(record))
        {
            // The tally first: while a slow store takes the record, a flood of equal refusals is only counted.
            var (opened, isOurs) = Open(key, record);
            if (isOurs)
            {
                await RecordAsync(record, cancellationToken);
            }

            return opened;
        }

        // The record first: nothing may be counted upon a record that was never written.
        await RecordAsync(record, cancellationToken);
        return Open(key, record).Tally;
    }

    /// <summary>Counts an event if an equal one was recorded within its window; false when it must be recorded. Allocates nothing.</summary>
    public bool TryCountRepeat(in AuditRepeatKey key) => _tallies.TryGetValue(key, out var tally) && tally.TryCount();

    /// <summary>Writes the counts of windows that have ended, or of all.</summary>
    internal async ValueTask FlushAsync(bool all, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        List<Task>? written = null;
        foreach (var pair in _tallies)
        {
            if ((!all && pair.Value.ClosesAt > now) || !_tallies.TryRemove(pair))
            {
                continue;
            }

            Interlocked.Decrement(ref _open);
            var count = pair.Value.Close();
            if (count > 0)
            {
                var record = pair.Value.Template with { At = time.GetUtcNow(), Count = (int)Math.Min(count, int.MaxValue) };
                (written ??= []).Add(EnqueueWhenRoomAsync(record, written, cancellationToken));
            }
        }

        foreach (var task in written ?? [])
        {
            try
            {
                await task.WaitAsync(cancellationToken);
            }
            catch (StoreUnavailableException)
            {
                // Logged where it failed, with the count.
            }
        }
    }

    private static bool IsRefusal(AuditRecord record) => string.Equals(record.Event, AuditEvents.Refusal, StringComparison.Ordinal);

    private static AuditRecord Shared(AuditRecord record) => new()
    {
        At = record.At,
        Event = record.Event,
        Reason = record.Reason,
        Verdict = record.Verdict,
        Detail = "Many different clients at once; not counted apart.",
    };

    private static string? Shorten(string? text) => text is null ? null : AuditText.Truncate(text);

    private AuditContact? Fresh(AuditContact? contact) =>
        contact is null || (contact.AsOf is { } asOf && time.GetUtcNow() - asOf > ContactMaxAge())
            ? null
            : new AuditContact(Shorten(contact.DisplayName), Shorten(contact.Mail), Shorten(contact.Phone));

    private AuditRecord Shorten(AuditRecord record) => record with
    {
        Event = AuditText.Truncate(record.Event),
        Reason = AuditText.Truncate(record.Reason),
        Verdict = AuditText.Truncate(record.Verdict),
        RequestId = Shorten(record.RequestId),
        TypedName = Shorten(record.TypedName),
        Identity = Shorten(record.Identity),
        Contact = Fresh(record.Contact),
        ActedBy = record.ActedBy is { } actor ? new AuditActor(Shorten(actor.Identity), AuditText.Truncate(actor.Login)) : null,
        Address = Shorten(record.Address),
        Host = Shorten(record.Host),
        Service = Shorten(record.Service),
        Policy = Shorten(record.Policy),
        Method = Shorten(record.Method),
        Path = Shorten(record.Path),
        Command = Shorten(record.Command),
        DeviceId = Shorten(record.DeviceId),
        Certificate = Shorten(record.Certificate),
        CertificateOwner = Shorten(record.CertificateOwner),
        Factors = Shorten(record.Factors),
        UserAgent = Shorten(record.UserAgent),
        Detail = Shorten(record.Detail),
    };

    private (AuditTally Tally, bool IsOurs) Open(AuditRepeatKey key, AuditRecord record)
    {
        var window = record.Event is AuditEvents.SignIn or AuditEvents.Verification ? SuccessWindow : RefusalWindow;

        // What belongs to one request only is not kept: it would be untrue of the others, and there may be many tallies.
        var template = Shorten(record with { RequestId = null, Method = null, Path = null, UserAgent = null, Detail = "Repeats of an earlier record." });
        var ours = new AuditTally(template, time.GetTimestamp() + (long)(window.TotalSeconds * time.TimestampFrequency));
        while (!_tallies.TryAdd(key, ours))
        {
            if (_tallies.TryGetValue(key, out var other) && other.TryCount())
            {
                return (other, false);
            }
        }

        Interlocked.Increment(ref _open);
        return (ours, true);
    }

    private async Task EnqueueWhenRoomAsync(AuditRecord record, List<Task> earlier, CancellationToken cancellationToken)
    {
        // At shutdown there may be more tallies than the queue holds: those before this one go first.
        if (Volatile.Read(ref _queued) >= MaxQueued / 2 && earlier.Count > 0)
        {
            await Task.WhenAll(earlier).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Enqueue(record);
    }

    private Task Enqueue(AuditRecord record)
    {
        if (Interlocked.Increment(ref _queued) > MaxQueued)
        {
            Interlocked.Decrement(ref _queued);
            var full = new StoreUnavailableException("More audit records wait than the queue holds.");
            LogLost(record, full);
            return Task.FromException(full);
        }

        var pending = new Pending(record);
        _queue.Enqueue(pending);
        StartDraining();
        return pending.Written.Task;
    }

    private void StartDraining()
    {
        if (Interlocked.CompareExchange(ref _draining, 1, 0) == 0)
        {
            _ = Task.Run(DrainAsync);
        }
    }

    /// <summary>One runs at a time: whatever was queued while a transaction was written goes into the next one.</summary>
    private async Task DrainAsync()
    {
        while (true)
        {
            var batch = new List<Pending>();
            while (batch.Count < MaxBatch && _queue.TryDequeue(out var pending))
            {
                batch.Add(pending);
            }

            if (batch.Count > 0)
            {
                Interlocked.Add(ref _queued, -batch.Count);
                await WriteAsync(batch);
                continue;
            }

            // Who enqueued before the flag fell has not started a drain of his own: look once more. A full fence stands between.
            Interlocked.Exchange(ref _draining, 0);
            if (_queue.IsEmpty || Interlocked.CompareExchange(ref _draining, 1, 0) != 0)
            {
                return;
            }
        }
    }

    private async Task WriteAsync(List<Pending> batch)
    {
        try
        {
            await store.AppendAsync([.. batch.Select(pending => pending.Record)], CancellationToken.None);
        }
        catch (Exception e)
        {
            // Whatever it was, nobody may go on waiting; a fault that is not the store's is told as one, too.
            var failure = e as StoreUnavailableException ?? new StoreUnavailableException("The audit store failed.", e);
            foreach (var pending in batch)
            {
                LogLost(pending.Record, e);
                pending.Written.TrySetException(failure);
                _ = pending.Written.Task.Exception;     // seen, also when its caller has stopped waiting
            }

            return;
        }

        foreach (var pending in batch)
        {
            LogWritten(pending.Record);
            pending.Written.TrySetResult();
        }
    }

    private void LogWritten(AuditRecord record)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Log.Written(
                logger, record.Event, record.Verdict, Show(record.Reason), Show(record.TypedName), Show(record.Identity), Show(record.ActedBy?.Login), record.Address, Show(record.Host),
                record.Service, record.Policy, Show(record.Method), Show(record.Path), Show(record.Command), Show(record.DeviceId), record.Certificate,
                Show(record.CertificateOwner), record.Factors, Show(record.UserAgent), record.RequestId, record.Count, Show(record.Detail));
        }
    }

    private void LogLost(AuditRecord record, Exception exception) => Log.WriteFailed(
        logger, exception, record.Event, record.Verdict, Show(record.Reason), Show(record.TypedName), Show(record.Identity), record.Address, record.RequestId,
        record.Count);

    private static string? Show(string? text) => text is null ? null : AuditText.Escape(text);

    private sealed class Pending(AuditRecord record)
    {
        public AuditRecord Record { get; } = record;

        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AuditWritten, LogLevel.Information,
            "Audit {Kind} {Verdict} {Reason}: name {TypedName}, identity {Identity}, acted by {ActedBy}, address {Address}, host {Host}, service {Service}, policy {Policy}, "
            + "{Method} {Path} {Command}, device {DeviceId}, certificate {Certificate} of {CertificateOwner}, factors {Factors}, agent {UserAgent}, "
            + "request {RequestId}, count {Count}. {Detail}")]
        public static partial void Written(
            ILogger logger, string kind, string verdict, string? reason, string? typedName, string? identity, string? actedBy, string? address, string? host,
            string? service, string? policy, string? method, string? path, string? command, string? deviceId, string? certificate,
            string? certificateOwner, string? factors, string? userAgent, string? requestId, int count, string? detail);

        [LoggerMessage(EventIds.AuditWriteFailed, LogLevel.Error,
            "An audit record could not be kept: {Event} {Verdict} {Reason}, name {TypedName}, identity {Identity}, address {Address}, request {RequestId}, count {Count}.")]
        public static partial void WriteFailed(
            ILogger logger, Exception exception, string @event, string verdict, string? reason, string? typedName, string? identity, string? address,
            string? requestId, int count);
    }
}
