using AuthGateway.Core.Faults;
using AuthGateway.Core.Pipeline;

namespace AuthGateway.Core.Configuration;

/// <summary>Colour and logo of pages: checked at load, so that no page has to cope with one nobody can read or see.</summary>
internal static class PageLook
{
    private const int LargestLogo = 64 * 1024;
    private const string Key = ConfigurationTree.RootKey + ":Pages";

    /// <summary>Refuses a colour on which white text cannot be read.</summary>
    public static void CheckColor(PageOptions options, FaultList faults)
    {
        // Its form is the binder's to judge.
        if (options.BrandColor.Length == 7 && ColorContrast.Between(options.BrandColor, "#ffffff") is var ratio && ratio < ColorContrast.Text)
        {
            faults.Error($"{Key}:BrandColor", options.BrandColor, string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"White text on this colour has a contrast of {ratio:0.0}:1 and cannot be read by everybody; it needs {ColorContrast.Text}:1. Choose a darker one."));
        }
    }

    /// <summary>Reads the logo; null when there is none, or it is at fault.</summary>
    public static PageLogo? LoadLogo(PageOptions options, FaultList faults)
    {
        if (options.LogoFile.Length == 0)
        {
            return null;
        }

        var type = Path.GetExtension(options.LogoFile).ToLowerInvariant() switch
        {
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            _ => null,
        };
        if (type is null)
        {
            faults.Error($"{Key}:LogoFile", options.LogoFile, "The name of a logo ends in .svg or .png. Convert it to one of them.");
            return null;
        }

        byte[] content;
        try
        {
            if (new FileInfo(options.LogoFile) is { Exists: true, Length: > LargestLogo } file)
            {
                faults.Error($"{Key}:LogoFile", options.LogoFile, $"The logo has {file.Length / 1024} KiB; every sign-in would load them. Make it 64 KiB or smaller.");
                return null;
            }

            content = File.ReadAllBytes(options.LogoFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Error($"{Key}:LogoFile", options.LogoFile, $"The logo cannot be read: {e.Message}");
            return null;
        }

        if (type == "image/png" ? !IsPng(content) : content.AsSpan().IndexOf("<svg"u8) < 0)
        {
            faults.Error($"{Key}:LogoFile", options.LogoFile, "The file is not what its name says. Export the logo again as SVG or PNG.");
            return null;
        }

        return new PageLogo(type, content);
    }

    private static bool IsPng(ReadOnlySpan<byte> content) => content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
}
