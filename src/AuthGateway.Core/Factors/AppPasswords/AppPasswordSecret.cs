using System.Security.Cryptography;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>
/// The secret of an app password: 26 characters of base32, 130 random bits. People read it in groups; clients send it with or without the dashes, with
/// blanks, in any case.
/// </summary>
public static class AppPasswordSecret
{
    /// <summary>Characters without the dashes.</summary>
    public const int Length = 26;

    /// <summary>Nothing longer is one, however many dashes and blanks are in it.</summary>
    private const int LongestTyped = 2 * Length;

    private const int GroupLength = 5;

    /// <summary>The alphabet of RFC 4648 in lower case: it has neither 0 nor 1, so no letter can be taken for a digit.</summary>
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>A new one of the system's generator, as it is shown: <c>abcde-fghij-klmno-pqrst-uvwxyz</c>.</summary>
    public static string New()
    {
        Span<char> characters = stackalloc char[Length];
        RandomNumberGenerator.GetItems<char>(Alphabet, characters);
        Span<char> shown = stackalloc char[Length + 4];
        var at = 0;
        for (var i = 0; i < Length; i++)
        {
            // The last group has six, so that it does not stand alone.
            if (i > 0 && i % GroupLength == 0 && i < Length - 1)
            {
                shown[at++] = '-';
            }

            shown[at++] = characters[i];
        }

        characters.Clear();
        return new string(shown[..at]);
    }

    /// <summary>True when the secret looks like an app password; its characters are then in <paramref name="plain"/>. Says nothing about whose it is.</summary>
    /// <param name="secret">What was sent.</param>
    /// <param name="plain">Room for <see cref="Length"/> bytes.</param>
    public static bool TryRead(Secret secret, Span<byte> plain)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var typed = secret.Utf8;
        if (typed.Length is < Length or > LongestTyped)
        {
            return false;
        }

        var found = 0;
        foreach (var character in typed)
        {
            if (character is (byte)'-' or (byte)' ')
            {
                continue;
            }

            var folded = character is >= (byte)'A' and <= (byte)'Z' ? (byte)(character | 0x20) : character;
            if (folded is not (>= (byte)'a' and <= (byte)'z' or >= (byte)'2' and <= (byte)'7') || found == Length)
            {
                return false;
            }

            plain[found++] = folded;
        }

        return found == Length;
    }
}
