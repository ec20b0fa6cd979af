using System.Globalization;
using System.Text;

namespace AuthGateway.Core.Audit;

/// <summary>What clients typed, made harmless for terminals, logs and viewers.</summary>
public static class AuditText
{
    /// <summary>Longest string of a record, in UTF-16 characters.</summary>
    public const int MaxLength = 256;

    /// <summary>
    /// Cuts to 256 characters and writes control, format (bidi among them), private, unassigned and line-separating characters as
    /// <c>\uXXXX</c>, the backslash twice. The cut is made first, so what is shown may be longer than what is kept.
    /// </summary>
    public static string Escape(string text)
    {
        text = Truncate(text);
        if (!NeedsEscape(text))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 32);
        for (var i = 0; i < text.Length;)
        {
            var isRune = Rune.TryGetRuneAt(text, i, out var rune);
            var length = isRune ? rune.Utf16SequenceLength : 1;
            if (text[i] == '\\')
            {
                escaped.Append(@"\\");
            }
            else if (isRune && !IsHidden(rune))
            {
                escaped.Append(text, i, length);
            }
            else
            {
                for (var j = i; j < i + length; j++)
                {
                    escaped.Append(@"\u").Append(((int)text[j]).ToString("X4", CultureInfo.InvariantCulture));
                }
            }

            i += length;
        }

        return escaped.ToString();
    }

    /// <summary>At most 256 characters, never half a surrogate pair at the end.</summary>
    internal static string Truncate(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        return char.IsHighSurrogate(text[MaxLength - 1]) ? text[..(MaxLength - 1)] : text[..MaxLength];
    }

    private static bool NeedsEscape(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '\\' || !Rune.TryGetRuneAt(text, i, out var rune) || IsHidden(rune))
            {
                return true;
            }

            i += rune.Utf16SequenceLength;
        }

        return false;
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;
}
