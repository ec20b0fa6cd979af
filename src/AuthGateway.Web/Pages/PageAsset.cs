using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthGateway.Web.Pages;

/// <summary>A file pages refer to.</summary>
internal sealed class PageAsset
{
    public PageAsset(string path, string contentType, ReadOnlyMemory<byte> content)
    {
        var hash = Base64Url.EncodeToString(SHA256.HashData(content.Span).AsSpan(0, 9));
        Path = path;
        ContentType = contentType;
        Content = content;
        Tag = $"\"{hash}\"";
        Version = $"?v={hash}";
        Link = path + Version;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>What it is.</summary>
    public string ContentType { get; }

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Its entity tag, quoted.</summary>
    public string Tag { get; }

    /// <summary>The query of the address that changes with the content.</summary>
    public string Version { get; }

    /// <summary>The address pages link to; it changes with the content, so that browsers may keep it for ever.</summary>
    public string Link { get; }
}
