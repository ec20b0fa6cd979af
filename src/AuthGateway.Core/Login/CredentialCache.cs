using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// Credentials proven a short while ago, because Basic clients send them with every request. Keeps no password, only a
/// hash under a key that dies with the process; only proofs, never refusals; and nothing beyond its absolute lifetime.
/// </summary>
internal sealed class CredentialCache(TimeProvider timeProvider, int capacity = CredentialCache.DefaultCapacity)
{
    public const int DefaultCapacity = 50_000;
    private const int StackBytes = 1024;

    // One for each thread, for they keep state; making one for each request costs more than the hash itself.
    private readonly ThreadLocal<IncrementalHash> _hash = CreateHash(RandomNumberGenerator.GetBytes(32));
    private readonly ConcurrentDictionary<CredentialKey, Entry> _entries = new();
    private readonly ConcurrentDictionary<string, AcceptedSecret> _secrets = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private long _epoch;

    /// <summary>Moves with everything that is forgotten. A proof begun before is not kept after.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    public int Count => _entries.Count;

    /// <summary>
    /// Hashes what a proof holds under. Every part has its length before it, so that no two lists of parts share a text.
    /// </summary>
    public CredentialKey KeyOf(in LoginRequest request)
    {
        const int Lengths = 6 * sizeof(int);
        var bound = sizeof(long) + Lengths + Encoding.UTF8.GetMaxByteCount(request.Scope.Length)
            + Encoding.UTF8.GetMaxByteCount(request.Name.Folded.Length) + request.Secret.Utf8.Length
            + Encoding.UTF8.GetMaxByteCount(request.CertificateThumbprint?.Length ?? 0)
            + Encoding.UTF8.GetMaxByteCount(request.ActsFor?.Length ?? 0);
        byte[]? rented = null;
        var buffer = bound <= StackBytes ? stackalloc byte[StackBytes] : (rented = ArrayPool<byte>.Shared.Rent(bound));
        try
        {
            BinaryPrimitives.WriteInt64LittleEndian(buffer, request.Generation);
            var length = sizeof(long);
            length += WriteText(buffer[length..], request.Scope);
            length += WriteText(buffer[length..], request.Name.Folded);
            length += WriteBytes(buffer[length..], request.Secret.Utf8);
            // "No certificate" differs from a certificate without thumbprint.
            length += request.CertificateThumbprint is null ? WriteBytes(buffer[length..], default) : WriteText(buffer[length..], request.CertificateThumbprint);
            buffer[length++] = request.CertificateThumbprint is null ? (byte)0 : (byte)1;

            // A name is never empty, so nobody's is told from everybody's.
            length += WriteText(buffer[length..], request.ActsFor ?? "");

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

    /// <summary>The entry of a proof that still holds; null otherwise. Allocates nothing.</summary>
    public Entry? Find(CredentialKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return null;
        }

        if (timeProvider.GetTimestamp() < entry.ExpiresAt)
        {
            return entry;
        }

        _entries.TryRemove(KeyValuePair.Create(key, entry));
        return null;
    }

    /// <summary>Keeps a proof, unless something was forgotten since <paramref name="epoch"/>: it might have been this.</summary>
    /// <param name="key">What was proven.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="counted">Under whom his attempts are counted.</param>
    /// <param name="slot">What the caller keeps with it.</param>
    /// <param name="lifetime">How long.</param>
    /// <param name="epoch">When the proof began.</param>
    public void Add(CredentialKey key, UserIdentity identity, UserIdentity counted, CredentialSlot slot, TimeSpan lifetime, long epoch)
    {
        if (lifetime <= TimeSpan.Zero)
        {
            return;
        }

        var expiresAt = timeProvider.GetTimestamp() + (long)(lifetime.TotalSeconds * timeProvider.TimestampFrequency);
        lock (_adding)
        {
            if (epoch != _epoch)
            {
                return;
            }

            if (_entries.Count >= capacity)
            {
                MakeRoom();
            }

            _entries[key] = new Entry(identity, counted, expiresAt, slot);
        }
    }

    /// <summary>
    /// Notes which secret of a user was accepted now. When it is another one than before, and nothing shows that the password did not change, proofs by the
    /// old one are forgotten: who has changed his password has locked out whoever knew it.
    /// </summary>
    /// <param name="identityKey">Whose.</param>
    /// <param name="secret">Keyed hash of user and secret.</param>
    /// <param name="mark">Of the password now in force, or null.</param>
    /// <param name="epoch">When the proof began.</param>
    /// <returns>The epoch to keep the new proof under, and true when an old secret was ended.</returns>
    public (long Epoch, bool EndsOthers) Accept(string identityKey, CredentialKey secret, string? mark, long epoch)
    {
        lock (_adding)
        {
            var isCurrent = epoch == _epoch;
            var ends = _secrets.TryGetValue(identityKey, out var known)
                && known.Secret != secret
                && (mark is null || !string.Equals(mark, known.Mark, StringComparison.Ordinal));
            if (ends)
            {
                Invalidate(identityKey);
            }

            if (_secrets.Count >= capacity)
            {
                // Whoever is forgotten here has his old proofs forgotten by their lifetime.
                _secrets.Clear();
            }

            _secrets[identityKey] = new AcceptedSecret(secret, mark);
            return (isCurrent ? _epoch : epoch, ends);
        }
    }

    /// <summary>Forgets one proof.</summary>
    public void Remove(CredentialKey key) => _entries.TryRemove(key, out _);

    /// <summary>Forgets every proof of a user: locked, revoked, password changed.</summary>
    public void Invalidate(string identityKey)
    {
        lock (_adding)
        {
            _epoch++;
            foreach (var pair in _entries)
            {
                if (string.Equals(pair.Value.Identity.Key, identityKey, StringComparison.Ordinal))
                {
                    _entries.TryRemove(pair);
                }
            }
        }
    }

    /// <summary>Users with a proof that still holds.</summary>
    public IEnumerable<UserIdentity> Users()
    {
        var now = timeProvider.GetTimestamp();
        return _entries.Values.Where(entry => now < entry.ExpiresAt).Select(entry => entry.Identity);
    }

    /// <summary>Forgets the proofs of a user that say something else than what is said of him now.</summary>
    public void InvalidateOthersOf(UserIdentity identity)
    {
        if (_entries.Values.Any(entry => entry.Identity.Key == identity.Key && !entry.Identity.SaysTheSameAs(identity)))
        {
            Invalidate(identity.Key);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_adding)
        {
            _epoch++;
            _entries.Clear();
            _secrets.Clear();
        }
    }

    private static ThreadLocal<IncrementalHash> CreateHash(byte[] processKey) => new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, processKey));

    /// <summary>Removes what has expired, then the oldest until a sixteenth is free, so that this happens once in a while and not with every login.</summary>
    private void MakeRoom()
    {
        var now = timeProvider.GetTimestamp();
        var alive = new List<KeyValuePair<CredentialKey, Entry>>(capacity);
        foreach (var pair in _entries)
        {
            if (now >= pair.Value.ExpiresAt)
            {
                _entries.TryRemove(pair);
            }
            else
            {
                alive.Add(pair);
            }
        }

        var surplus = alive.Count - (capacity - Math.Max(1, capacity / 16));
        if (surplus <= 0)
        {
            return;
        }

        alive.Sort(static (left, right) => left.Value.ExpiresAt.CompareTo(right.Value.ExpiresAt));
        for (var i = 0; i < surplus; i++)
        {
            _entries.TryRemove(alive[i]);
        }
    }

    private static int WriteText(Span<byte> buffer, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, buffer[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(buffer, length);
        return sizeof(int) + length;
    }

    private static int WriteBytes(Span<byte> buffer, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer, bytes.Length);
        bytes.CopyTo(buffer[sizeof(int)..]);
        return sizeof(int) + bytes.Length;
    }

    private sealed record AcceptedSecret(CredentialKey Secret, string? Mark);

    /// <summary>A proof, with the answer to give for it made once.</summary>
    public sealed class Entry(UserIdentity identity, UserIdentity counted, long expiresAt, CredentialSlot slot)
    {
        public UserIdentity Identity { get; } = identity;

        /// <summary>Under whom his attempts are counted.</summary>
        public UserIdentity Counted { get; } = counted;

        /// <summary>His counter for attempts from places he is not known to come from.</summary>
        public LockoutKey Account { get; } = LockoutKey.ForUser(counted);

        public long ExpiresAt { get; } = expiresAt;

        public LoginResult.Proven Result { get; } = new(identity, Attempt.None, FromCache: true, slot);
    }
}
