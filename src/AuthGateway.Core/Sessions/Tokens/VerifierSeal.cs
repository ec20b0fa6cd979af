using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Sessions.Tokens;

/// <summary>
/// How a verifier and the gateway prove to each other that they hold the verifier's key, without either showing it: HMAC-SHA-256 over a nonce, over what is
/// asked, and over what is answered. A port of loopback is anybody's while the gateway is down.
/// </summary>
public static class VerifierSeal
{
    /// <summary>The scheme of the question's <c>Authorization</c>: <c>AGW-HMAC-SHA256 NONCE.QUESTION.SEAL</c>, each in 64 digits of lower case hexadecimal.</summary>
    public const string Scheme = "AGW-HMAC-SHA256";

    /// <summary>The header of a sealed question's answer: 64 digits of lower case hexadecimal.</summary>
    public const string HeaderName = "X-Agw-Seal";

    /// <summary>Digits of a nonce, a digest and a seal.</summary>
    public const int Digits = 2 * HMACSHA256.HashSizeInBytes;

    /// <summary>What is sealed with: the SHA-256 of the key, for the gateway keeps no more of it.</summary>
    public static byte[] SealingKey(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>A number nobody has used before.</summary>
    public static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes));

    /// <summary>A question in 64 digits: each field with its length, so that no two questions read alike. A field that is not sent is empty.</summary>
    public static string Digest(ReadOnlySpan<byte> user, ReadOnlySpan<byte> token, string? service, string? client)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, user);
        Append(hash, token);
        Append(hash, Encoding.UTF8.GetBytes(service ?? ""));
        Append(hash, Encoding.UTF8.GetBytes(client ?? ""));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Seals a question.</summary>
    public static string OfQuestion(ReadOnlySpan<byte> sealingKey, string nonce, string question) =>
        Seal(sealingKey, $"question\n{nonce}\n{question}\n", []);

    /// <summary>Seals an answer, login and all, to that one question.</summary>
    public static string OfAnswer(ReadOnlySpan<byte> sealingKey, string nonce, string question, int status, ReadOnlySpan<byte> body) =>
        Seal(sealingKey, string.Create(CultureInfo.InvariantCulture, $"answer\n{nonce}\n{question}\n{status}\n"), body);

    /// <summary>Compares two seals in a time that tells nothing of them.</summary>
    public static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{field.Length}:")));
        hash.AppendData(field);
    }

    private static string Seal(ReadOnlySpan<byte> sealingKey, string text, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, sealingKey);
        hash.AppendData(Encoding.ASCII.GetBytes(text));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>The seal of a question, as it was sent.</summary>
/// <param name="Nonce">Of the verifier's choice.</param>
/// <param name="Question">What is asked, as <see cref="VerifierSeal.Digest"/> tells it.</param>
/// <param name="Seal">The proof that the verifier's key was at hand.</param>
public sealed record SealedQuestion(string Nonce, string Question, string Seal)
{
    /// <summary>Reads what stands behind the scheme; null for anything else.</summary>
    public static SealedQuestion? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('.') is [var nonce, var question, var seal] && IsHex(nonce) && IsHex(question) && IsHex(seal) ? new SealedQuestion(nonce, question, seal) : null;
    }

    /// <summary>True when this is the very question that was sealed.</summary>
    public bool IsOf(ReadOnlySpan<byte> user, ReadOnlySpan<byte> token, string? service, IPAddress? client) =>
        VerifierSeal.AreEqual(VerifierSeal.Digest(user, token, service, client?.ToString()), Question);

    private static bool IsHex(string text) => text.Length == VerifierSeal.Digits && text.All(char.IsAsciiHexDigitLower);
}
