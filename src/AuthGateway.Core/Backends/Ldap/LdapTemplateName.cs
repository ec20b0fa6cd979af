using System.Globalization;
using System.Text;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// Names that become part of a DN unseen by any search. A directory compares more loosely than text does: slapd folds compatibility forms, case and blanks
/// (RFC 4518), Active Directory width, accents and kana as well, and passes over signs it gives no weight. Whoever guesses must not get a counter per spelling.
/// </summary>
internal static class LdapTemplateName
{
    /// <summary>Hiragana stands this much below its katakana.</summary>
    private const int KanaDistance = 'ァ' - 'ぁ';

    /// <summary>
    /// False for a spelling nobody needs and a directory might pass over: compatibility forms, blanks at the ends or side by side, and beyond ASCII
    /// anything but letters, their marks and digits of the basic plane.
    /// </summary>
    public static bool IsPlain(string value)
    {
        if (value.Length == 0 || value[0] == ' ' || value[^1] == ' ' || value.Contains("  ", StringComparison.Ordinal) || !value.IsNormalized(NormalizationForm.FormKC))
        {
            return false;
        }

        foreach (var rune in value.EnumerateRunes())
        {
            if (!rune.IsAscii && (!rune.IsBmp || !(Rune.IsLetter(rune) || Rune.IsDigit(rune) || IsMark(Rune.GetUnicodeCategory(rune)))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// One text for everything a directory may take for the same name, good for counting only. It joins more than any one directory does: then two people
    /// share a counter, which is the smaller harm.
    /// </summary>
    public static string Fold(string value)
    {
        var folded = new StringBuilder(value.Length);
        // Upper case first: a final sigma has no other way to the ordinary one.
        foreach (var c in value.ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormKD))
        {
            if (IsMark(char.GetUnicodeCategory(c)))
            {
                continue;
            }

            _ = c switch
            {
                'ß' or 'ẞ' => folded.Append("ss"),
                'æ' => folded.Append("ae"),
                'œ' => folded.Append("oe"),
                'þ' => folded.Append("th"),
                'ø' => folded.Append('o'),
                'đ' or 'ð' => folded.Append('d'),
                'ħ' => folded.Append('h'),
                'ı' => folded.Append('i'),
                'ł' => folded.Append('l'),
                'ŧ' => folded.Append('t'),
                >= 'ァ' and <= 'ヶ' => folded.Append((char)(c - KanaDistance)),
                // A capital whose lower form is more than one character is left whole above, and taken apart here.
                _ => folded.Append(char.ToLowerInvariant(c)),
            };
        }

        return folded.ToString();
    }

    private static bool IsMark(UnicodeCategory category) => category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
