using System.Text;
using System.Text.Json;
using AuthGateway.Commands.Importing;

namespace AuthGateway.Commands.Kix;

/// <summary>
/// KIX's JSON as it is found: with trailing commas, with comments of three kinds, and with regular expressions whose backslashes nobody doubled. Its own
/// manual has all of them.
/// </summary>
internal static class KixJson
{
    private const int MaxDepth = 32;

    /// <exception cref="ImportRefusedException">It is no JSON.</exception>
    public static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(Mend(text), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            throw new ImportRefusedException($"The file is no JSON: line {e.LineNumber + 1}, character {e.BytePositionInLine + 1}.", "Copy the whole value of the key Authentication###000-Default into it.");
        }
    }

    /// <summary>Turns <c>#</c> comments into ones the parser skips, and doubles backslashes that escape nothing. Lines stay lines.</summary>
    internal static string Mend(string text)
    {
        var mended = new StringBuilder(text.Length + 64);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                i = CopyString(text, i, mended);
            }
            else if (text[i] == '#' || (text[i] == '/' && i + 1 < text.Length && text[i + 1] is '/' or '*'))
            {
                i = PassComment(text, i, mended);
            }
            else
            {
                mended.Append(text[i]);
            }
        }

        return mended.ToString();
    }

    private static int CopyString(string text, int at, StringBuilder mended)
    {
        mended.Append('"');
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                mended.Append(text[at + 1] is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't' or 'u' ? "\\" : "\\\\").Append(text[++at]);
                continue;
            }

            mended.Append(text[at]);
            if (text[at] == '"')
            {
                break;
            }
        }

        return at;
    }

    private static int PassComment(string text, int at, StringBuilder mended)
    {
        var end = text[at] == '/' && text[at + 1] == '*' ? text.IndexOf("*/", at + 2, StringComparison.Ordinal) + 1 : text.IndexOf('\n', at);
        end = end <= 0 ? text.Length - 1 : end;
        mended.Append('\n', text.AsSpan(at, end - at + 1).Count('\n'));
        return end;
    }
}
