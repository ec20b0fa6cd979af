using System.Text;

namespace AuthGateway.Demo;

/// <summary>Writes documents as <see cref="WbxmlReader"/> reads them.</summary>
internal static class WbxmlWriter
{
    /// <summary>The document's bytes.</summary>
    public static byte[] Write(WbxmlNode root)
    {
        using var bytes = new MemoryStream();
        bytes.Write([0x03, 0x01, 0x6A, 0x00]);
        byte page = 0;
        Write(bytes, root, ref page);
        return bytes.ToArray();
    }

    private static void Write(MemoryStream bytes, WbxmlNode node, ref byte page)
    {
        if (node.Page != page)
        {
            page = node.Page;
            bytes.Write([0x00, page]);
        }

        var empty = node.Text is null && node.Children.Count == 0;
        bytes.WriteByte(empty ? node.Token : (byte)(node.Token | 0x40));
        if (empty)
        {
            return;
        }

        if (node.Text is not null)
        {
            bytes.WriteByte(0x03);

            // A zero byte would end the string early and let the rest be read as tokens.
            bytes.Write(Encoding.UTF8.GetBytes(node.Text.Replace("\0", "", StringComparison.Ordinal)));
            bytes.WriteByte(0x00);
        }

        foreach (var child in node.Children)
        {
            Write(bytes, child, ref page);
        }

        bytes.WriteByte(0x01);
    }
}
