using System.Text;
using AuthGateway.Core.Pipeline;

namespace AuthGateway.Web.Pages;

/// <summary>
/// The look the table in force asks for. The colour is part of the stylesheet, since no page may carry styles of its own; a reload changes the
/// stylesheet's address with it.
/// </summary>
internal sealed class Branding(GatewayState state)
{
    // The grounds of agw.css: what stands on the colour in light and in dark, and the lightest ground it stands on in dark.
    private const string LightText = "#ffffff";
    private const string DarkText = "#14171c";
    private const string DarkSurface = "#1c2027";

    private Look _look = new("", null);

    /// <summary>The stylesheet.</summary>
    public PageAsset Style => Current().Style;

    /// <summary>The logo, or null.</summary>
    public PageAsset? Logo => Current().Logo;

    /// <summary>Lines behind the stylesheet that set a colour in light and in dark; empty without one.</summary>
    internal static string RulesFor(string color) => color.Length == 0
        ? ""
        : $$"""
          :root { --brand: {{color}}; --on-brand: {{LightText}}; }
          @media (prefers-color-scheme: dark) { :root { --brand: {{ColorContrast.Lighten(color, DarkSurface, ColorContrast.Text)}}; --on-brand: {{DarkText}}; } }

          """;

    private Look Current()
    {
        var look = Volatile.Read(ref _look);
        if (state.CurrentOrNull is not { } table || (table.BrandColor == look.Color && ReferenceEquals(table.Logo, look.Source)))
        {
            return look;
        }

        look = new Look(table.BrandColor, table.Logo);
        Volatile.Write(ref _look, look);
        return look;
    }

    private sealed class Look(string color, PageLogo? logo)
    {
        public string Color { get; } = color;

        public PageLogo? Source { get; } = logo;

        public PageAsset Style { get; } = new(
            GatewayAssets.StylePath, "text/css; charset=utf-8", (byte[])[.. GatewayAssets.Style.Span, .. Encoding.ASCII.GetBytes(RulesFor(color))]);

        public PageAsset? Logo { get; } = logo is null ? null : new PageAsset(GatewayAssets.LogoPath, logo.ContentType, logo.Content);
    }
}
