using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace AuthGateway.Core.Audit;

/// <summary>Text from strangers, made fit to be shown: it stays on one line and reads in one direction.</summary>
public static class VisibleText
{
    /// <summary>
    /// Writes control, format (bidirectional and invisible), separator, private and unassigned characters as <c>\uXXXX</c>. A user
    /// name of <c>x\r\nallowed</c> would otherwise forge a line, and U+202E would turn the rest of the line around.
    /// </summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Escape(string? text)
    {
        if (text is null || IsHarmless(text))
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            // A lone surrogate decodes to U+FFFD without success: it is shown by its number.
            var lone = !Rune.TryGetRuneAt(text, i, out var rune);
            var length = lone ? 1 : rune.Utf16SequenceLength;
            if (lone || IsHidden(rune))
            {
                for (var j = i; j < i + length; j++)
                {
                    result.Append(text[j] switch { '\r' => "\\r", '\n' => "\\n", '\t' => "\\t", var other => $"\\u{(int)other:x4}" });
                }
            }
            else
            {
                result.Append(text, i, length);
            }

            i += length;
        }

        return result.ToString();
    }

    private static bool IsHarmless(string text)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or > '~')
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        || (Rune.IsWhiteSpace(rune) && rune.Value != ' ');
}
