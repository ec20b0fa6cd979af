using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using AuthGateway.Core.Backends.Local.ForeignHashes;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Local;

/// <summary>
/// Password hashes of local accounts: PBKDF2-HMAC-SHA-512, as <c>$pbkdf2-sha512$i=210000$salt$hash</c> in base64. Slow on purpose (about 0.3 s of a
/// core), so call it through <see cref="HashLanes"/> only. Hashes of other systems are verified too, and are to be replaced when they were right.
/// </summary>
public sealed class PasswordHasher
{
    /// <summary>Rounds of PBKDF2; OWASP asks for 210,000 with SHA-512.</summary>
    public const int DefaultIterations = 210_000;

    private const string Algorithm = "pbkdf2-sha512";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    // A row somebody tampered with must not occupy a core for minutes.
    private const int MaxIterations = 2_000_000;

    private readonly int _iterations;
    private int _dummies;
    private readonly byte[] _dummySalt = RandomNumberGenerator.GetBytes(SaltBytes);

    /// <summary>Hashes with the default rounds.</summary>
    public PasswordHasher()
        : this(DefaultIterations)
    {
    }

    /// <summary>For tests, which have no time for real ones.</summary>
    internal PasswordHasher(int iterations) => _iterations = iterations;

    /// <summary>How often work was done for nobody: what a clock would show, without a clock.</summary>
    internal int Dummies => Volatile.Read(ref _dummies);

    /// <summary>A new hash with a new salt.</summary>
    public string Hash(Secret secret)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"${Algorithm}$i={_iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(secret, salt, _iterations, HashBytes))}");
    }

    /// <summary>Whether the secret is the one that was hashed; false for a text that is no hash.</summary>
    /// <exception cref="HashUnusableException">This machine cannot compute that kind of hash.</exception>
    public bool Verify(Secret secret, string hash)
    {
        if (!TryParse(hash, out var iterations, out var salt, out var expected))
        {
            if (ForeignHash.TryParse(hash, out var foreign, out _) && foreign.Verify(secret))
            {
                return true;
            }

            // What the right password spends on the new hash: or a wrong one at an account with a quick hash would be answered sooner than an unknown name.
            VerifyDummy(secret);
            return false;
        }

        return CryptographicOperations.FixedTimeEquals(Derive(secret, salt, iterations, expected.Length), expected);
    }

    /// <summary>Does the work of a verification for a user that does not exist, so that time does not tell.</summary>
    public void VerifyDummy(Secret secret)
    {
        Interlocked.Increment(ref _dummies);
        Derive(secret, _dummySalt, _iterations, HashBytes);
    }

    /// <summary>True when the hash was made with other parameters than a new one would be.</summary>
    public bool NeedsRehash(string hash) =>
        !TryParse(hash, out var iterations, out var salt, out var expected)
        || iterations < _iterations || salt.Length != SaltBytes || expected.Length != HashBytes;

    /// <summary>False when the hash says nothing about the end of the secret (DES, bcrypt): then what was typed may not be the password.</summary>
    public static bool CoversWhole(Secret secret, string hash) =>
        !ForeignHash.TryParse(hash, out var foreign, out _) || secret.Utf8.Length <= foreign.LongestSecret;

    /// <summary>A word for reports: <c>own</c>, <c>own-outdated</c>, the kind of a foreign hash, or <c>unusable</c>; never part of the hash.</summary>
    public string KindOf(string hash) =>
        IsOwn(hash) ? NeedsRehash(hash) ? "own-outdated" : "own"
        : ForeignHash.TryParse(hash, out var foreign, out _) ? foreign.Kind : "unusable";

    /// <summary>True for a hash as this class makes them, with whatever rounds.</summary>
    public static bool IsOwn(string hash) => TryParse(hash, out _, out _, out _);

    internal static byte[] Derive(Secret secret, byte[] salt, int iterations, int length) =>
        Rfc2898DeriveBytes.Pbkdf2(secret.Utf8, salt, iterations, HashAlgorithmName.SHA512, length);

    private static bool TryParse(string text, out int iterations, out byte[] salt, out byte[] hash)
    {
        iterations = 0;
        salt = [];
        hash = [];
        var parts = text.Split('$');
        if (parts is not ["", Algorithm, ['i', '=', .. var rounds], var saltText, var hashText]
            || !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out iterations)
            || iterations is < 1 or > MaxIterations
            || !Base64.IsValid(saltText) || !Base64.IsValid(hashText))
        {
            return false;
        }

        salt = Convert.FromBase64String(saltText);
        hash = Convert.FromBase64String(hashText);

        // An empty or short hash would be equal to every, or many, secrets.
        return salt.Length >= 8 && hash.Length >= HashBytes;
    }
}
