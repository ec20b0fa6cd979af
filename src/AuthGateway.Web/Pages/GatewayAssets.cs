using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthGateway.Web.Pages;

/// <summary>The files pages refer to, kept in the assembly and served under the reserved path.</summary>
public static class GatewayAssets
{
    /// <summary>Path prefix that belongs to the gateway on every host; no upstream ever sees it.</summary>
    public const string ReservedPath = "/.agw";

    /// <summary>Where the stylesheet is.</summary>
    public const string StylePath = ReservedPath + "/style.css";

    /// <summary>The stylesheet.</summary>
    public static ReadOnlyMemory<byte> Style { get; } = Load("wwwroot/agw.css");

    /// <summary>Its entity tag, quoted.</summary>
    public static string StyleTag { get; } = $"\"{Hash(Style.Span)}\"";

    /// <summary>The address pages link to; it changes with the content, so that browsers may keep it for ever.</summary>
    public static string StyleLink { get; } = $"{StylePath}?v={Hash(Style.Span)}";

    private static string Hash(ReadOnlySpan<byte> content) => Base64Url.EncodeToString(SHA256.HashData(content).AsSpan(0, 9));

    private static byte[] Load(string name)
    {
        using var stream = typeof(GatewayAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
