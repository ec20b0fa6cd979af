namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// Password policies by the name of their entry. A login waits for one only where it was never asked for; from then on it takes what is known, and what has
/// become old is read anew beside it.
/// </summary>
internal sealed class LdapPolicyCache(Func<string, CancellationToken, Task<LdapPolicyReading>> read, Action<LdapPolicyReading> changed, TimeProvider timeProvider)
{
    /// <summary>How long a policy is taken as read.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(10);

    /// <summary>How long after an outage it is tried again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>Most policies remembered; a directory has a handful.</summary>
    public const int MostPolicies = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Slot> _slots = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What an entry says.</summary>
    /// <param name="name">The entry; empty for the directory's own.</param>
    /// <param name="cancellationToken">Ends the waiting, not the reading.</param>
    public ValueTask<LdapPolicyReading> GetAsync(string name, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_slots.TryGetValue(name, out var slot))
            {
                if (_slots.Count >= MostPolicies)
                {
                    _slots.Clear();
                }

                _slots.Add(name, slot = new Slot());
            }

            if (slot.Running is null && (slot.Known is null || timeProvider.GetElapsedTime(slot.ReadAt) >= (slot.IsOutdated ? RetryAfter : FreshFor)))
            {
                slot.Running = Task.Run(() => ReadAsync(name, slot), CancellationToken.None);
            }

            return slot.Known is { } known ? new(known) : new(slot.Running!.WaitAsync(cancellationToken));
        }
    }

    private async Task<LdapPolicyReading> ReadAsync(string name, Slot slot)
    {
        LdapPolicyReading reading;
        try
        {
            reading = await read(name, CancellationToken.None);
        }
        catch (Exception e)
        {
            // Closed by a reload, mostly. Whatever it was: a policy that cannot be read must not end logins.
            reading = new LdapPolicyReading(null, name, e.Message) { IsOutage = true };
        }

        LdapPolicyReading known;
        bool isNew;
        lock (_gate)
        {
            slot.IsOutdated = reading.IsOutage;
            // What a policy said last is a better guess than nothing: an outage does not unmake it.
            known = reading.IsOutage && slot.Known is { IsOutage: false } ? slot.Known : reading;
            isNew = known != slot.Known;
            slot.Known = known;
            slot.ReadAt = timeProvider.GetTimestamp();
            slot.Running = null;
        }

        if (isNew)
        {
            changed(known);
        }

        return known;
    }

    private sealed class Slot
    {
        public LdapPolicyReading? Known { get; set; }

        public Task<LdapPolicyReading>? Running { get; set; }

        public long ReadAt { get; set; }

        public bool IsOutdated { get; set; }
    }
}
