namespace AuthGateway.TestKit;

/// <summary>
/// A clock that stands still until a test moves it. Its timestamps run at an odd frequency, so that code which takes them
/// for ticks or milliseconds fails; its wall clock can jump by itself, as a real one does.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private const long Frequency = 7_919_993;

    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed;
    private DateTimeOffset _wallAtZero;

    /// <summary>Starts on a day in 2026.</summary>
    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 3, 14, 9, 26, 53, TimeSpan.Zero))
    {
    }

    /// <summary>Starts at a given time.</summary>
    public ManualTimeProvider(DateTimeOffset start) => _wallAtZero = start;

    /// <inheritdoc />
    public override long TimestampFrequency => Frequency;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timers that wait to fire.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _wallAtZero + _elapsed;
        }
    }

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return 1_000_003 + (long)((Int128)_elapsed.Ticks * Frequency / TimeSpan.TicksPerSecond);
        }
    }

    /// <summary>Lets time pass: both clocks move, and timers fire in order, each at its own time.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan target;
        lock (_gate)
        {
            target = _elapsed + by;
        }

        while (true)
        {
            ManualTimer? due;
            lock (_gate)
            {
                due = _timers.Where(timer => timer.DueAt <= target).MinBy(timer => timer.DueAt);
                if (due is null)
                {
                    _elapsed = target;
                    return;
                }

                _elapsed = due.DueAt > _elapsed ? due.DueAt : _elapsed;
                Reschedule(due, due.Period > TimeSpan.Zero ? due.Period : Timeout.InfiniteTimeSpan);
            }

            due.Fire();
        }
    }

    /// <summary>Sets the wall clock forward or back, as an administrator or NTP does; no time passes.</summary>
    public void JumpWall(TimeSpan by)
    {
        lock (_gate)
        {
            _wallAtZero += by;
        }
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Reschedule(ManualTimer timer, TimeSpan due)
    {
        _timers.Remove(timer);
        if (due != Timeout.InfiniteTimeSpan)
        {
            timer.DueAt = _elapsed + due;
            _timers.Add(timer);
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public TimeSpan DueAt { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                Period = period;
                owner.Reschedule(this, dueTime);
            }

            if (dueTime == TimeSpan.Zero)
            {
                owner.Advance(TimeSpan.Zero);
            }

            return true;
        }

        public void Dispose()
        {
            lock (owner._gate)
            {
                _disposed = true;
                owner.Reschedule(this, Timeout.InfiniteTimeSpan);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
