using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Factors.RecoveryCodes;

/// <summary>
/// Ten codes for the day the phone is gone: 50 random bits each, shown once, kept as slow hashes, each good for one sign-in.
/// </summary>
public static class RecoveryCodeSet
{
    /// <summary>Codes of a set.</summary>
    public const int Size = 10;

    private const int IndexLength = 2;
    private const int CodeLength = 10;
    private const int SaltLength = 16;
    private const int HashLength = 32;

    // A tenth of a second for one try, and a second for a whole set: behind 50 random bits and a counter that is plenty.
    private const int Iterations = 60_000;

    /// <summary>A new set: the codes to show, and what to keep of them. Costs about a second of one core.</summary>
    public static (IReadOnlyList<string> Shown, IReadOnlyList<RecoveryCodeHash> Kept) New()
    {
        var shown = new List<string>(Size);
        var kept = new List<RecoveryCodeHash>(Size);
        var indexes = new HashSet<string>(StringComparer.Ordinal);
        while (shown.Count < Size)
        {
            var code = TypedCode.New(CodeLength);
            if (indexes.Add(code[..IndexLength]))
            {
                shown.Add(TypedCode.Show(code));
                kept.Add(new RecoveryCodeHash(code[..IndexLength], Hash(code, RandomNumberGenerator.GetBytes(SaltLength), Iterations)));
            }
        }

        return (shown, kept);
    }

    /// <summary>The one spelling of a typed code, and the index it is kept under. False when it cannot be a code.</summary>
    public static bool TryNormalize(string? typed, [NotNullWhen(true)] out string? code, [NotNullWhen(true)] out string? index)
    {
        var read = TypedCode.TryRead(typed, CodeLength, out code);
        index = code?[..IndexLength];
        return read;
    }

    /// <summary>Whether a code is the one a hash was made of. A hash that cannot be read fits nothing. Costs a tenth of a second, also when there is none.</summary>
    public static bool Fits(string code, RecoveryCodeHash? kept)
    {
        var parts = kept?.Hash.Split('$') ?? [];
        var saltBytes = new byte[SaltLength];
        if (parts is not ["1", var rounds, var salt, _]
            || !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > 10_000_000
            || !Convert.TryFromBase64String(salt, saltBytes, out var written)
            || written != SaltLength)
        {
            _ = Hash(code, new byte[SaltLength], Iterations);
            return false;
        }

        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(code, saltBytes, iterations)), Encoding.ASCII.GetBytes(kept!.Hash));
    }

    private static string Hash(string code, byte[] salt, int iterations) => string.Create(
        CultureInfo.InvariantCulture,
        $"1${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(code), salt, iterations, HashAlgorithmName.SHA512, HashLength))}");
}
