using System.Buffers;
using System.Buffers.Text;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Helper;

/// <summary>How commands are written and answers are read: one line each, UTF-8, at most <see cref="LongestBytes"/> bytes with the line's end.</summary>
internal static class HelperLine
{
    /// <summary>Longest line either side may send.</summary>
    public const int LongestBytes = 4096;

    private const int MostDigits = 18;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What needs no quotes: visible ASCII but for the quoting characters themselves.</summary>
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        "!#$%&'*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>
    /// Writes <c>VRFY (service) name password</c>, without number and line end; null for what cannot be said so that every helper understands the same:
    /// control characters, line separators, bytes that are not UTF-8, a line too long.
    /// </summary>
    public static byte[]? Verify(string service, string name, Secret secret)
    {
        if (secret.IsEmpty || !IsSayable(Encoding.UTF8.GetBytes(name)) || !IsSayable(secret.Utf8))
        {
            return null;
        }

        var line = new ArrayBufferWriter<byte>(256);
        line.Write("VRFY ("u8);
        line.Write(Encoding.UTF8.GetBytes(service));
        line.Write(") "u8);
        Append(line, Encoding.UTF8.GetBytes(name));
        line.Write(" "u8);
        Append(line, secret.Utf8);
        var command = line.WrittenCount > LongestBytes - MostDigits - 2 ? null : line.WrittenSpan.ToArray();
        line.Clear(); // also overwrites
        return command;
    }

    /// <summary>Reads <c>number word text</c>; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out long number, out HelperReply reply)
    {
        reply = new HelperReply(HelperWord.Gone, "");
        var digits = line.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits is < 1 or > MostDigits || line[digits] != ' ' || !Utf8Parser.TryParse(line[..digits], out number, out _))
        {
            number = 0;
            return false;
        }

        var rest = line[(digits + 1)..];
        var space = rest.IndexOf((byte)' ');
        var word = space < 0 ? rest : rest[..space];
        HelperWord? known = word.SequenceEqual("OK"u8) ? HelperWord.Ok
            : word.SequenceEqual("ERROR"u8) ? HelperWord.Error
            : word.SequenceEqual("FAILURE"u8) ? HelperWord.Failure
            : word.SequenceEqual("INTF"u8) ? HelperWord.Interface
            : null;
        if (known is null)
        {
            return false;
        }

        reply = new HelperReply(known.Value, space < 0 ? "" : Encoding.UTF8.GetString(rest[(space + 1)..]).Trim());
        return true;
    }

    private static bool IsSayable(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOfAnyInRange((byte)0, (byte)0x1f) >= 0 || utf8.Contains((byte)0x7f))
        {
            return false;
        }

        // Many a language ends a line at NEL, LS and PS too: the rest of a password would be a command of its own.
        if (utf8.IndexOf("\u0085"u8) >= 0 || utf8.IndexOf("\u2028"u8) >= 0 || utf8.IndexOf("\u2029"u8) >= 0)
        {
            return false;
        }

        try
        {
            _ = StrictUtf8.GetCharCount(utf8);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static void Append(ArrayBufferWriter<byte> line, ReadOnlySpan<byte> text)
    {
        if (!text.ContainsAnyExcept(Plain))
        {
            line.Write(text);
            return;
        }

        line.Write("\""u8);
        foreach (var one in text)
        {
            if (one is (byte)'"' or (byte)'\\')
            {
                line.Write("\\"u8);
            }

            line.Write([one]);
        }

        line.Write("\""u8);
    }
}
