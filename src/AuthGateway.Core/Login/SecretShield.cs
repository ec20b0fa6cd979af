using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// Wrong passwords refused a short while ago: a phone keeps sending the one it has, and no further one of those must count, or reach a directory. Keeps keyed
/// hashes only, under a key that dies with the process.
/// </summary>
/// <remarks>
/// Two memories. <em>Refused secrets</em>, by user and secret, know what was said about a user's password, whatever was typed and wherever. <em>Repeats</em>, by
/// everything typed and the place, answer before anything is looked up; each holds only as long as the refusals it rests on.
/// </remarks>
internal sealed class SecretShield(TimeProvider time, int capacity = SecretShield.DefaultCapacity)
{
    public const int DefaultCapacity = 100_000;
    private const int StackBytes = 512;

    private static readonly TimeSpan s_markedInterval = TimeSpan.FromMinutes(5);

    private readonly ThreadLocal<IncrementalHash> _hash = CreateHash(RandomNumberGenerator.GetBytes(32));
    private readonly BoundedMemory<RepeatKey, Repeat> _repeats = new(capacity);
    private readonly BoundedMemory<CredentialKey, RefusedSecret> _secrets = new(capacity);
    private readonly BoundedMemory<CredentialKey, MetLock> _met = new(capacity);
    private long _epoch;

    /// <summary>Moves with everything that is forgotten by hand. A refusal begun before is not kept after.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    public int RepeatCount => _repeats.Count;

    public int SecretCount => _secrets.Count;

    /// <summary>How long a refusal is remembered where no directory asks for more: as long as the account's counter remembers it.</summary>
    public static TimeSpan LifetimeUnder(LockoutPolicy policy) => TimeSpan.FromMilliseconds(policy.Account.WindowMs);

    /// <summary>The keyed hash of a user's secret.</summary>
    /// <param name="user">Whose it would be.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="elsewhere">What was asked, where others than the backends judge: what is wrong for them may be right for these.</param>
    public CredentialKey KeyOf(UserIdentity user, Secret secret, string elsewhere = "")
    {
        var bound = (2 * sizeof(int)) + Encoding.UTF8.GetMaxByteCount(user.Key.Length) + Encoding.UTF8.GetMaxByteCount(elsewhere.Length) + secret.Utf8.Length;
        byte[]? rented = null;
        var buffer = bound <= StackBytes ? stackalloc byte[StackBytes] : (rented = ArrayPool<byte>.Shared.Rent(bound));
        try
        {
            var length = Write(user.Key, buffer);
            length += Write(elsewhere, buffer[length..]);
            secret.Utf8.CopyTo(buffer[length..]);
            length += secret.Utf8.Length;
            Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
            var hmac = _hash.Value!;
            hmac.AppendData(buffer[..length]);
            hmac.GetHashAndReset(hash);
            return MemoryMarshal.Read<CredentialKey>(hash);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>With its length before it, so that no two sequences of texts read alike.</summary>
    private static int Write(string text, Span<byte> buffer)
    {
        var length = Encoding.UTF8.GetBytes(text, buffer[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(buffer, length);
        return sizeof(int) + length;
    }

    /// <summary>The refusal these very credentials got from this place, while it holds. Allocates nothing.</summary>
    public Repeat? FindRepeat(in RepeatKey key) => _repeats.TryGet(key, out var repeat) && IsAlive(repeat) ? repeat : null;

    /// <summary>True for one repeat in each interval: that one goes and asks whether the password was changed.</summary>
    public bool IsDue(Repeat repeat, TimeSpan interval)
    {
        var last = Volatile.Read(ref repeat.LookedAt);
        return repeat.CanChange && time.GetElapsedTime(last) >= interval && Interlocked.CompareExchange(ref repeat.LookedAt, time.GetTimestamp(), last) == last;
    }

    /// <summary>
    /// The refusal of a user's secret, while it holds. Another mark than the one it was refused under means another password, and ends it.
    /// </summary>
    public RefusedSecret? FindSecret(CredentialKey key, string? mark)
    {
        if (!_secrets.TryGet(key, out var secret) || secret.IsVoid)
        {
            return null;
        }

        if (mark is not null && !string.Equals(mark, secret.Mark, StringComparison.Ordinal))
        {
            secret.IsVoid = true;
            return null;
        }

        return time.GetTimestamp() < secret.ExpiresAt ? secret : null;
    }

    /// <summary>True when this secret has met a lock before, a window ago at most; notes that it has now. Says nothing about the secret, at which nobody has looked.</summary>
    public bool HasMetLock(CredentialKey key, long windowMs)
    {
        var now = time.GetTimestamp();
        if (_met.TryGet(key, out var met) && now < met.ExpiresAt)
        {
            return true;
        }

        _met.Set(key, new MetLock(After(now, TimeSpan.FromMilliseconds(windowMs))));
        return false;
    }

    /// <summary>
    /// True when it is time to ask the backend itself for a person who types: soon where nothing can tell whether the password was changed since, and later where
    /// its mark would, for a backend may be mistaken about a secret too.
    /// </summary>
    public bool IsWorthAsking(RefusedSecret secret, string? mark, TimeSpan interval) =>
        time.GetElapsedTime(secret.AskedAt) >= (mark is null || interval > s_markedInterval ? interval : s_markedInterval);

    /// <summary>
    /// Notes that a backend refused a user's secret. A refusal noted already keeps its end, so that repeating prolongs nothing; one that has ended begins anew,
    /// and is known for what it is.
    /// </summary>
    /// <returns>The refusal, and true when the same secret was refused before and that had ended; null when something was forgotten meanwhile.</returns>
    public (RefusedSecret Refusal, bool IsAgain)? NoteSecret(CredentialKey key, string identityKey, string? mark, TimeSpan lifetime, long epoch)
    {
        var now = time.GetTimestamp();
        if (FindSecret(key, mark) is { } known)
        {
            known.AskedAt = now;
            return (known, false); // asked before its time, for a person who types: a guess like any other
        }

        if (epoch != Epoch)
        {
            return null;
        }

        var before = _secrets.TryGet(key, out var ended) && !ended.IsVoid ? ended : null;
        var secret = new RefusedSecret(identityKey, mark, before?.Since ?? time.GetUtcNow(), After(now, lifetime)) { AskedAt = now };
        _secrets.Set(key, secret);
        return (secret, before is not null);
    }

    /// <summary>Notes that credentials were refused: for what is known about them, or, for a name nobody knows, for a lifetime of their own.</summary>
    public void NoteRepeat(in RepeatKey key, UserIdentity? known, IReadOnlyList<RefusedSecret> refusals, TimeSpan lifetime, long epoch)
    {
        if (epoch != Epoch || (known is not null && refusals.Count == 0))
        {
            return;
        }

        var now = time.GetTimestamp();
        var (since, expiresAt) = (time.GetUtcNow(), known is null ? After(now, lifetime) : long.MaxValue);
        foreach (var refusal in refusals)
        {
            since = refusal.Since < since ? refusal.Since : since;
            expiresAt = Math.Min(expiresAt, refusal.ExpiresAt);
        }

        // A name may come to be known; a password without a mark changes unseen.
        var canChange = known is null || refusals.Any(refusal => refusal.Mark is not null);
        _repeats.Set(key, new Repeat(known, refusals, since, expiresAt, canChange) { LookedAt = now });
    }

    /// <summary>Notes credentials that were judged by others than the backends, and refused.</summary>
    /// <param name="key">Everything typed.</param>
    /// <param name="known">Whose secret was guessed; null for nobody's.</param>
    /// <param name="refusal">What is known of the secret, whoever sends it; null where nobody is known.</param>
    /// <param name="lifetime">How long that is remembered.</param>
    /// <param name="epoch">The epoch in which it was judged.</param>
    public void NoteElsewhere(in RepeatKey key, UserIdentity? known, RefusedSecret? refusal, TimeSpan lifetime, long epoch)
    {
        if (epoch == Epoch)
        {
            var now = time.GetTimestamp();
            _repeats.Set(key, new Repeat(known, refusal is null ? [] : [refusal], refusal?.Since ?? time.GetUtcNow(), refusal?.ExpiresAt ?? After(now, lifetime), canChange: false) { LookedAt = now });
        }
    }

    /// <summary>Forgets a refusal: the secret is right by now.</summary>
    public void Accept(CredentialKey key, in RepeatKey typed)
    {
        if (_secrets.Remove(key, out var secret))
        {
            secret.IsVoid = true;
        }

        _repeats.Remove(typed, out _);
    }

    /// <summary>Forgets the refusals of a user.</summary>
    public void Forget(string identityKey)
    {
        Interlocked.Increment(ref _epoch);
        foreach (var (key, secret) in _secrets.All)
        {
            if (string.Equals(secret.IdentityKey, identityKey, StringComparison.Ordinal))
            {
                secret.IsVoid = true;
                _secrets.Remove(key, out _);
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Interlocked.Increment(ref _epoch);
        _repeats.Clear();
        _secrets.Clear();
        _met.Clear();
    }

    private static ThreadLocal<IncrementalHash> CreateHash(byte[] processKey) => new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, processKey));

    private bool IsAlive(Repeat repeat)
    {
        if (time.GetTimestamp() >= repeat.ExpiresAt)
        {
            return false;
        }

        foreach (var refusal in repeat.Refusals)
        {
            if (refusal.IsVoid)
            {
                return false;
            }
        }

        return true;
    }

    private long After(long now, TimeSpan span) => now + (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>Everything typed, and from where; <paramref name="IsElsewhere"/> keeps secrets apart that were judged by others than the backends.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct RepeatKey(CredentialKey Credentials, UInt128 Network, string? DeviceId, bool IsElsewhere)
    {
        public override int GetHashCode() => HashCode.Combine(Credentials, Network);

        public static RepeatKey Of(in LoginRequest request, CredentialKey credentials, bool isElsewhere = false) => request.CertificateThumbprint is null
            ? new RepeatKey(credentials, request.Place.Network, request.DeviceId, isElsewhere)
            : new RepeatKey(credentials, 0, null, isElsewhere);
    }

    private sealed record MetLock(long ExpiresAt);

    /// <summary>What a backend said about a user's secret.</summary>
    public sealed class RefusedSecret(string identityKey, string? mark, DateTimeOffset since, long expiresAt)
    {
        private long _askedAt;
        private volatile bool _isVoid;

        public string IdentityKey => identityKey;

        public string? Mark => mark;

        public DateTimeOffset Since => since;

        public long ExpiresAt => expiresAt;

        public long AskedAt
        {
            get => Volatile.Read(ref _askedAt);
            set => Volatile.Write(ref _askedAt, value);
        }

        public bool IsVoid
        {
            get => _isVoid;
            set => _isVoid = value;
        }
    }

    /// <summary>What credentials were told from a place.</summary>
    public sealed class Repeat(UserIdentity? known, IReadOnlyList<RefusedSecret> refusals, DateTimeOffset since, long expiresAt, bool canChange)
    {
        /// <summary>Timestamp of the last look; moved by whoever looks.</summary>
        public long LookedAt;

        public UserIdentity? Known => known;

        public IReadOnlyList<RefusedSecret> Refusals => refusals;

        public DateTimeOffset Since => since;

        public long ExpiresAt => expiresAt;

        public bool CanChange => canChange;
    }
}
