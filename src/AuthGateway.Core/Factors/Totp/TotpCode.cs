using System.Buffers.Binary;
using System.Security.Cryptography;

namespace AuthGateway.Core.Factors.Totp;

/// <summary>Codes of RFC 6238: one for each step of 30 s, made of seed and step by HOTP (RFC 4226, 5.3).</summary>
public static class TotpCode
{
    /// <summary>Seconds of a step.</summary>
    public const int Period = 30;

    /// <summary>The step a moment lies in.</summary>
    public static long StepOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / Period;

    /// <summary>The code of a step, with leading zeros.</summary>
    public static string Of(TotpSeed seed, TotpAlgorithm algorithm, int digits, long step)
    {
        Span<char> code = stackalloc char[digits];
        Write(seed, algorithm, step, code);
        return new string(code);
    }

    /// <summary>
    /// The step the typed code belongs to, or null. Every step allowed is compared, in fixed time, so that time tells nothing of which one
    /// fits. Takes ASCII digits only: other digits would be a second spelling of the same code.
    /// </summary>
    /// <param name="credential">The app.</param>
    /// <param name="typed">As typed, without blanks.</param>
    /// <param name="now">Server time.</param>
    /// <param name="drift">Steps early or late, 0 or 1.</param>
    public static long? FindStep(TotpCredential credential, ReadOnlySpan<char> typed, DateTimeOffset now, int drift)
    {
        if (typed.Length != credential.Digits || typed.ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }

        long? found = null;
        Span<char> expected = stackalloc char[credential.Digits];
        var current = StepOf(now);
        for (var step = current - drift; step <= current + drift; step++)
        {
            Write(credential.Seed, credential.Algorithm, step, expected);
            if (CryptographicOperations.FixedTimeEquals(System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected), System.Runtime.InteropServices.MemoryMarshal.AsBytes(typed)))
            {
                found = step;
            }
        }

        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected));
        return found;
    }

    private static void Write(TotpSeed seed, TotpAlgorithm algorithm, long step, Span<char> code)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA512.HashSizeInBytes];
        var length = algorithm switch
        {
            TotpAlgorithm.Sha256 => HMACSHA256.HashData(seed.Bytes, counter, mac),
            TotpAlgorithm.Sha512 => HMACSHA512.HashData(seed.Bytes, counter, mac),
            // SHA-1 is what the RFC's default and every app say; HMAC does not rest on the collisions it is known for.
#pragma warning disable CA5350
            _ => HMACSHA1.HashData(seed.Bytes, counter, mac),
#pragma warning restore CA5350
        };
        var offset = mac[length - 1] & 0x0F;
        var truncated = BinaryPrimitives.ReadUInt32BigEndian(mac[offset..]) & 0x7FFF_FFFF;
        for (var i = code.Length - 1; i >= 0; i--)
        {
            code[i] = (char)('0' + (truncated % 10));
            truncated /= 10;
        }
    }
}
