namespace AuthGateway.Core.Login;

/// <summary>
/// Attempts of this process that are under way, by what they count for, and of those the ones that are charged but not judged yet. Many devices of one
/// owner, or of one office, that log in at once would fill a counter for a moment; the next one waits for one of them instead of being told that it is locked.
/// </summary>
internal sealed class PendingChecks
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    /// <summary>True when a charge of this key is not judged yet; <paramref name="end"/> completes when one attempt has ended.</summary>
    public bool IsCharged(string key, out Task end)
    {
        lock (_gate)
        {
            var isCharged = _pending.TryGetValue(key, out var pending) && pending.Charged > 0;
            end = isCharged ? pending!.Ended.Task : Task.CompletedTask;
            return isCharged;
        }
    }

    /// <summary>True when no charge of this key but the caller's own waits to be judged.</summary>
    public bool IsOnlyCharge(string key)
    {
        lock (_gate)
        {
            return !_pending.TryGetValue(key, out var pending) || pending.Charged <= 1;
        }
    }

    /// <summary>Takes a place among the attempts of a key unless so many are under way; then <paramref name="end"/> completes when one has ended.</summary>
    public bool TryBegin(string key, int most, out Task end)
    {
        lock (_gate)
        {
            if (!_pending.TryGetValue(key, out var pending))
            {
                _pending[key] = pending = new Pending();
            }

            if (pending.Count >= most)
            {
                end = pending.Ended.Task;
                return false;
            }

            pending.Count++;
            end = Task.CompletedTask;
            return true;
        }
    }

    /// <summary>Waits for such a place.</summary>
    public async ValueTask BeginAsync(string key, int most, CancellationToken cancellationToken)
    {
        while (!TryBegin(key, most, out var end))
        {
            await end.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Says that an attempt under way is charged: until it is judged it may yet lift a lock.</summary>
    public void Charge(string key)
    {
        lock (_gate)
        {
            _pending[key].Charged++;
        }
    }

    /// <summary>Says that such a charge is taken back, while the attempt goes on.</summary>
    public void Uncharge(string key)
    {
        lock (_gate)
        {
            _pending[key].Charged--;
        }
    }

    /// <summary>An attempt is judged: whoever waits looks again.</summary>
    public void End(string key, bool wasCharged) => Remove(key, wasCharged, tells: true);

    /// <summary>An attempt was never charged. Waiters hear of it only when it was the last one, or two of them would wake each other without end.</summary>
    public void GiveBack(string key) => Remove(key, wasCharged: false, tells: false);

    private void Remove(string key, bool wasCharged, bool tells)
    {
        TaskCompletionSource? ended = null;
        lock (_gate)
        {
            var pending = _pending[key];
            pending.Charged -= wasCharged ? 1 : 0;
            if (--pending.Count == 0)
            {
                _pending.Remove(key);
                ended = pending.Ended;
            }
            else if (tells)
            {
                ended = pending.Ended;
                pending.Ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        ended?.SetResult();
    }

    private sealed class Pending
    {
        public int Count { get; set; }

        public int Charged { get; set; }

        public TaskCompletionSource Ended { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
