using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// How many names were refused from an address. One password tried on everybody looks to each account like one slip; only the address shows it. Says what a lock
/// was about and decides nothing: kept in memory, of the addresses refused last.
/// </summary>
internal sealed class GuessedNames(TimeProvider time, int capacity = GuessedNames.DefaultCapacity)
{
    public const int DefaultCapacity = 4096;

    /// <summary>More are not told apart.</summary>
    public const int MostNames = 64;

    // Somebody who does not remember her own user name tries two or three.
    private const int FewestOfASpray = 5;

    private readonly BoundedMemory<string, Entry> _entries = new(capacity);

    /// <summary>Notes that a name was refused from an address; returns how many different ones were, with pauses no longer than the window.</summary>
    public int Note(LockoutKey address, UserName name, long windowMs)
    {
        if (!_entries.TryGet(address.Text, out var entry))
        {
            _entries.Set(address.Text, entry = new Entry());
        }

        return entry.Note(name.Folded.GetHashCode(StringComparison.Ordinal), time.GetTimestamp(), TimeSpan.FromMilliseconds(windowMs), time);
    }

    /// <summary>Whether failures were a search for anybody with a certain password, and not one user's or one office's slips.</summary>
    public static bool AreSpray(int names, int failures) => names >= FewestOfASpray && names >= Math.Min(failures, MostNames) / 2;

    private sealed class Entry
    {
        private readonly HashSet<int> _names = [];
        private long _last;

        public int Note(int name, long now, TimeSpan window, TimeProvider time)
        {
            lock (_names)
            {
                if (time.GetElapsedTime(_last, now) > window)
                {
                    _names.Clear();
                }

                _last = now;
                if (_names.Count < MostNames)
                {
                    _names.Add(name);
                }

                return _names.Count;
            }
        }
    }
}
