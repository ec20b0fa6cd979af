namespace AuthGateway.Commands.Kix;

/// <summary>The simple ones among KIX's regular expressions, in the forms we have.</summary>
internal static class KixPattern
{
    private const string Special = "\\[](){}+?|^$*";

    /// <summary>A pattern with stars for a regular expression that is plain text with anchors and <c>.*</c>: once for the whole value, once for anywhere in it. Null for others.</summary>
    public static (string Narrow, string Wide)? Translate(string regex)
    {
        var text = regex;
        var (starts, ends) = (text.StartsWith('^'), text.EndsWith('$') && !text.EndsWith("\\$", StringComparison.Ordinal));
        text = text[(starts ? 1 : 0)..^(ends && text.Length > 1 ? 1 : 0)];
        var (built, wide) = (new System.Text.StringBuilder(), new System.Text.StringBuilder());
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.' && i + 1 < text.Length && text[i + 1] == '*')
            {
                Append('*', '*');
                i++;
            }
            else if (text[i] == '\\' && i + 1 < text.Length && !char.IsAsciiLetterOrDigit(text[i + 1]) && text[i + 1] != '*')
            {
                i++;
                Append(text[i], text[i]);
            }
            else if (Special.Contains(text[i], StringComparison.Ordinal))
            {
                return null;
            }
            else
            {
                // A point is any character to them; whoever wrote it mostly meant a point.
                Append(text[i], text[i] == '.' ? '*' : text[i]);
            }
        }

        var narrow = built.ToString();
        return narrow.Length == 0 ? null : (narrow, $"{(starts || wide[0] == '*' ? "" : "*")}{wide}{(ends || wide[^1] == '*' ? "" : "*")}");

        void Append(char narrowly, char widely)
        {
            built.Append(narrowly);
            wide.Append(widely);
        }
    }
}
