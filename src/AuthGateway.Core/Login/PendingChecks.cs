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
            end = isCharged ? pending!.Ended : Task.CompletedTask;
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
            var pending = Of(key);
            var begins = pending.TryBegin(most);
            end = begins ? Task.CompletedTask : pending.Ended;
            return begins;
        }
    }

    /// <summary>
    /// Waits for such a place, behind whoever has waited longer. One place that becomes free wakes one: a hundred phones behind one address would else all be
    /// woken by every login, to find that another was faster.
    /// </summary>
    public ValueTask BeginAsync(string key, int most, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var pending = Of(key);
            return pending.TryBegin(most) ? ValueTask.CompletedTask : new ValueTask(pending.Queue(most).WaitAsync(cancellationToken));
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

    /// <summary>An attempt was never charged. Who waits for a judgement hears of it only when it was the last one, or two of them would wake each other without end.</summary>
    public void GiveBack(string key) => Remove(key, wasCharged: false, tells: false);

    private Pending Of(string key)
    {
        if (!_pending.TryGetValue(key, out var pending))
        {
            _pending[key] = pending = new Pending();
        }

        return pending;
    }

    private void Remove(string key, bool wasCharged, bool tells)
    {
        lock (_gate)
        {
            var pending = _pending[key];
            pending.Charged -= wasCharged ? 1 : 0;
            if (pending.Leave())
            {
                _pending.Remove(key);
                pending.Tell();
            }
            else if (tells)
            {
                pending.Tell();
            }
        }
    }

    // What is completed below goes on elsewhere: nobody runs inside the lock.
    private sealed class Pending
    {
        private int _count;
        private TaskCompletionSource? _ended;
        private Queue<Waiter>? _queue;

        public int Charged { get; set; }

        /// <summary>Completes when an attempt has ended.</summary>
        public Task Ended => (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public bool TryBegin(int most)
        {
            if (_count >= most || _queue is { Count: > 0 })
            {
                return false;
            }

            _count++;
            return true;
        }

        public Waiter Queue(int most)
        {
            var waiter = new Waiter(most);
            (_queue ??= new Queue<Waiter>()).Enqueue(waiter);
            return waiter;
        }

        /// <summary>Frees a place for who waits for one. True when nobody is left.</summary>
        public bool Leave()
        {
            _count--;
            while (_queue is { Count: > 0 } queue && _count < queue.Peek().Most)
            {
                // Who has given up takes no place.
                _count += queue.Dequeue().TrySetResult() ? 1 : 0;
            }

            return _count == 0;
        }

        public void Tell()
        {
            _ended?.SetResult();
            _ended = null;
        }
    }

    private sealed class Waiter(int most) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Most => most;

        public async Task WaitAsync(CancellationToken cancellationToken)
        {
            await using var registration = cancellationToken.UnsafeRegister(static (waiter, token) => ((Waiter)waiter!).TrySetCanceled(token), this);
            await Task;
        }
    }
}
