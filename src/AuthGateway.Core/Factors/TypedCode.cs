using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Factors;

/// <summary>Codes people copy from paper: base32 of Crockford, which has no I, L, O and U, for those are misread.</summary>
internal static class TypedCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int LongestTyped = 64;

    /// <summary>Random characters, five bits each.</summary>
    public static string New(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    /// <summary>In groups of five.</summary>
    public static string Show(string code) => string.Join('-', code.Chunk(5).Select(group => new string(group)));

    /// <summary>The one spelling of what was typed: upper case, no blanks or hyphens, misread letters put right. False when it cannot be a code.</summary>
    public static bool TryRead(string? typed, int length, [NotNullWhen(true)] out string? code)
    {
        code = null;
        if (typed is null || typed.Length > LongestTyped)
        {
            return false;
        }

        var text = new StringBuilder(length);
        foreach (var c in typed)
        {
            if (c is ' ' or '-')
            {
                continue;
            }

            var read = char.ToUpperInvariant(c) switch { 'I' or 'L' => '1', 'O' => '0', var other => other };
            if (!Alphabet.Contains(read, StringComparison.Ordinal) || text.Length == length)
            {
                return false;
            }

            text.Append(read);
        }

        if (text.Length != length)
        {
            return false;
        }

        code = text.ToString();
        return true;
    }
}
