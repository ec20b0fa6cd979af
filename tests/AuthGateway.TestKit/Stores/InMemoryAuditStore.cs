using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;

namespace AuthGateway.TestKit.Stores;

/// <summary>An audit trail in memory. A test can hold it up, break it, and look at what was written in which transaction.</summary>
public sealed class InMemoryAuditStore : IAuditStore
{
    private readonly Lock _gate = new();
    private readonly List<AuditRecord> _records = [];
    private readonly List<int> _batches = [];
    private long _lastId;

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <summary>When set, appending waits for it.</summary>
    public Task? Hold { get; set; }

    /// <summary>Called when an append begins.</summary>
    public Action? Appending { get; set; }

    /// <summary>Everything written, oldest first.</summary>
    public IReadOnlyList<AuditRecord> Records
    {
        get
        {
            lock (_gate)
            {
                return [.. _records];
            }
        }
    }

    /// <summary>How many records each transaction had.</summary>
    public IReadOnlyList<int> Batches
    {
        get
        {
            lock (_gate)
            {
                return [.. _batches];
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask AppendAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        Appending?.Invoke();
        if (Hold is { } hold)
        {
            await hold;
        }

        Refuse();
        lock (_gate)
        {
            _batches.Add(records.Count);
            _records.AddRange(records.Select(record => record with { Id = ++_lastId, At = DateTimeOffset.FromUnixTimeMilliseconds(record.At.ToUnixTimeMilliseconds()) }));
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AuditRecord>> SearchAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        Refuse();
        lock (_gate)
        {
            return new([.. _records.AsEnumerable().Reverse().Where(record =>
                (query.User is null || Same(record.TypedName, query.User) || Same(record.Identity, query.User) || (query.User.Contains('@', StringComparison.Ordinal) && Same(record.Contact?.Mail, query.User)) || Same(record.ActedBy?.Login, query.User) || Same(record.ActedBy?.Identity, query.User))
                && (query.Address is null || query.Address == record.Address)
                && (query.Reason is null || query.Reason == record.Reason)
                && (query.Event is null || query.Event == record.Event)
                && (query.Service is null || query.Service == record.Service)
                && (query.RequestId is null || query.RequestId == record.RequestId)
                && (query.Device is null || Same(record.DeviceId, query.Device) || Same(record.Certificate, query.Device))
                && (query.Since is null || record.At >= query.Since)).Take(Math.Clamp(query.Limit, 1, 10_000))]);
        }
    }

    /// <inheritdoc />
    public ValueTask<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        Refuse();
        lock (_gate)
        {
            return new(_records.RemoveAll(record => record.At < before));
        }
    }

    private static bool Same(string? a, string b) => string.Equals(a?.ToLowerInvariant(), b.ToLowerInvariant(), StringComparison.Ordinal);

    private void Refuse()
    {
        if (IsDown)
        {
            throw new StoreUnavailableException("The store is down.");
        }
    }
}
