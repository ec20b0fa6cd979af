using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// Charged attempts of this process whose secret is not judged yet. Five devices of one owner that log in at once fill the
/// counter for a moment; the sixth waits for one of them instead of being told that the account is locked.
/// </summary>
internal sealed class PendingChecks
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    /// <summary>True when a check of this account is running; <paramref name="end"/> completes when one has ended.</summary>
    public bool IsRunning(LockoutKey account, out Task end)
    {
        lock (_gate)
        {
            var isRunning = _pending.TryGetValue(account.Text, out var pending);
            end = isRunning ? pending!.Ended.Task : Task.CompletedTask;
            return isRunning;
        }
    }

    public void Begin(LockoutKey account)
    {
        lock (_gate)
        {
            if (!_pending.TryGetValue(account.Text, out var pending))
            {
                _pending[account.Text] = pending = new Pending();
            }

            pending.Count++;
        }
    }

    public void End(LockoutKey account)
    {
        TaskCompletionSource ended;
        lock (_gate)
        {
            var pending = _pending[account.Text];
            ended = pending.Ended;
            if (--pending.Count == 0)
            {
                _pending.Remove(account.Text);
            }
            else
            {
                pending.Ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        ended.SetResult();
    }

    private sealed class Pending
    {
        public int Count { get; set; }

        public TaskCompletionSource Ended { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
