using System.Collections.Concurrent;

namespace AuthGateway.Core.Login;

/// <summary>Entries of which the oldest go when there are too many.</summary>
internal sealed class BoundedMemory<TKey, TEntry>(int capacity)
    where TKey : notnull
    where TEntry : class
{
    private readonly ConcurrentDictionary<TKey, TEntry> _entries = new();
    private readonly Queue<KeyValuePair<TKey, TEntry>> _order = new();

    public int Count => _entries.Count;

    public IEnumerable<KeyValuePair<TKey, TEntry>> All => _entries;

    public bool TryGet(in TKey key, out TEntry entry) => _entries.TryGetValue(key, out entry!);

    public void Set(in TKey key, TEntry entry)
    {
        lock (_order)
        {
            // One in, one out, so the order never names more than there is room for; what was replaced or removed since is gone already.
            if (_order.Count >= capacity)
            {
                _entries.TryRemove(_order.Dequeue());
            }

            _entries[key] = entry;
            _order.Enqueue(KeyValuePair.Create(key, entry));
        }
    }

    public bool Remove(in TKey key, out TEntry entry) => _entries.TryRemove(key, out entry!);

    public void Clear()
    {
        lock (_order)
        {
            _entries.Clear();
            _order.Clear();
        }
    }
}
