using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AuthGateway.Demo;

/// <summary>
/// Reads the part of WBXML 1.3 that ActiveSync uses: no string table, no attributes, inline strings and opaque data. Anything
/// else, and anything beyond the limits, is no document.
/// </summary>
internal static class WbxmlReader
{
    private const int MaxDepth = 32;
    private const int MaxElements = 4096;

    /// <summary>Largest document read.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads a whole document.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out WbxmlNode? root)
    {
        root = null;

        // Version 1.3, unknown public id, UTF-8, empty string table.
        if (bytes.Length is < 5 or > MaxBytes || !bytes[..4].SequenceEqual((ReadOnlySpan<byte>)[0x03, 0x01, 0x6A, 0x00]))
        {
            return false;
        }

        var open = new Stack<WbxmlNode>();
        var (page, elements, i) = ((byte)0, 0, 4);
        while (i < bytes.Length)
        {
            var token = bytes[i++];
            switch (token)
            {
                case 0x00:
                    if (i >= bytes.Length)
                    {
                        return false;
                    }

                    page = bytes[i++];
                    break;

                case 0x01:
                    if (!open.TryPop(out _))
                    {
                        return false;
                    }

                    break;

                case 0x03:
                    var end = bytes[i..].IndexOf((byte)0);
                    if (end < 0 || open.Count == 0)
                    {
                        return false;
                    }

                    open.Peek().Text += Encoding.UTF8.GetString(bytes.Slice(i, end));
                    i += end + 1;
                    break;

                case 0xC3:
                    if (!TryReadLength(bytes, ref i, out var length) || open.Count == 0)
                    {
                        return false;
                    }

                    i += length;
                    break;

                default:
                    var content = (token & 0x40) != 0;
                    var name = (byte)(token & 0x3F);
                    if ((token & 0x80) != 0 || name < 5 || ++elements > MaxElements || (root is not null && open.Count == 0))
                    {
                        return false;
                    }

                    var node = new WbxmlNode(page, name);
                    if (open.TryPeek(out var parent))
                    {
                        parent.Children.Add(node);
                    }
                    else
                    {
                        root = node;
                    }

                    if (content)
                    {
                        open.Push(node);
                        if (open.Count > MaxDepth)
                        {
                            return false;
                        }
                    }

                    break;
            }
        }

        return root is not null && open.Count == 0;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> bytes, ref int i, out int length)
    {
        length = 0;
        for (var count = 0; count < 3 && i < bytes.Length; count++)
        {
            var b = bytes[i++];
            length = (length << 7) | (b & 0x7F);
            if ((b & 0x80) == 0)
            {
                return length <= bytes.Length - i;
            }
        }

        return false;
    }
}
