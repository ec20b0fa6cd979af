namespace AuthGateway.Web.Pages;

/// <summary>The files pages refer to, kept in the assembly and served under the reserved path.</summary>
public static class GatewayAssets
{
    /// <summary>Path prefix that belongs to the gateway on every host; no upstream ever sees it.</summary>
    public const string ReservedPath = "/.agw";

    /// <summary>Where the stylesheet is.</summary>
    public const string StylePath = ReservedPath + "/style.css";

    /// <summary>Where the logo is.</summary>
    public const string LogoPath = ReservedPath + "/logo";

    /// <summary>The stylesheet as it comes, without the colour of a configuration.</summary>
    public static ReadOnlyMemory<byte> Style { get; } = Load("wwwroot/agw.css");

    /// <summary>The script: comfort only, every page works without it.</summary>
    internal static PageAsset Script { get; } = new(ReservedPath + "/app.js", "text/javascript; charset=utf-8", Load("wwwroot/app.js"));

    private static byte[] Load(string name)
    {
        using var stream = typeof(GatewayAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
