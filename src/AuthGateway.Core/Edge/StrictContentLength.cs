using System.Text;

namespace AuthGateway.Core.Edge;

/// <summary>
/// Makes Kestrel refuse every <c>Content-Length</c> but <c>[0-9]{1,18}</c>. Kestrel parses the number leniently (<c>+5</c> is
/// five) and keeps only the number, so no middleware can see what was sent. But it asks for an encoding per header name and
/// parses what that encoding decodes: this one decodes anything else to a character that is no digit, and Kestrel answers 400.
/// </summary>
internal sealed class StrictContentLength : Encoding
{
    private const int MostDigits = 18;
    private const char NoDigit = 'x';

    public static StrictContentLength Instance { get; } = new();

    public override string EncodingName => "strict Content-Length";

    public override int GetCharCount(byte[] bytes, int index, int count) => GetCharCount(bytes.AsSpan(index, count));

    public override int GetCharCount(ReadOnlySpan<byte> bytes) => IsNumber(bytes) ? bytes.Length : 1;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        if (!IsNumber(bytes))
        {
            chars[0] = NoDigit;
            return 1;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            chars[i] = (char)bytes[i];
        }

        return bytes.Length;
    }

    public override int GetMaxCharCount(int byteCount) => Math.Max(1, byteCount);

    public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetMaxByteCount(int charCount) => Latin1.GetMaxByteCount(charCount);

    private static bool IsNumber(ReadOnlySpan<byte> bytes) =>
        bytes.Length is > 0 and <= MostDigits && !bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
