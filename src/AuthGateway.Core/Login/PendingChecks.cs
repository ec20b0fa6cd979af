using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// Charged attempts of this process whose secret is not judged yet, by account and by address. Many devices of one owner, or of one office, that log
/// in at once would fill a counter for a moment; the next one waits for one of them instead of being told that it is locked.
/// </summary>
internal sealed class PendingChecks
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    /// <summary>True when a check of this key is running; <paramref name="end"/> completes when one has ended.</summary>
    public bool IsRunning(LockoutKey account, out Task end)
    {
        lock (_gate)
        {
            var isRunning = _pending.TryGetValue(account.Text, out var pending);
            end = isRunning ? pending!.Ended.Task : Task.CompletedTask;
            return isRunning;
        }
    }

    /// <summary>Notes a check unless so many are running; then <paramref name="end"/> completes when one has ended.</summary>
    public bool TryBegin(LockoutKey account, int most, out Task end)
    {
        lock (_gate)
        {
            if (!_pending.TryGetValue(account.Text, out var pending))
            {
                _pending[account.Text] = pending = new Pending();
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

    /// <summary>A check is judged: whoever waits looks again.</summary>
    public void End(LockoutKey account) => Remove(account, tells: true);

    /// <summary>A check was noted but never begun. Waiters hear of it only when it was the last one, or two of them would wake each other without end.</summary>
    public void GiveBack(LockoutKey account) => Remove(account, tells: false);

    private void Remove(LockoutKey account, bool tells)
    {
        TaskCompletionSource? ended = null;
        lock (_gate)
        {
            var pending = _pending[account.Text];
            if (--pending.Count == 0)
            {
                _pending.Remove(account.Text);
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

        public TaskCompletionSource Ended { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
