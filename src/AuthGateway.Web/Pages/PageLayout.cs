using System.Text;

namespace AuthGateway.Web.Pages;

/// <summary>What differs from page to page around its content.</summary>
internal sealed record PageFrame
{
    /// <summary>Language of the page.</summary>
    public required string Language { get; init; }

    /// <summary>For the window's title.</summary>
    public required string Title { get; init; }

    /// <summary>Product name.</summary>
    public required string Product { get; init; }

    /// <summary>Stylesheet and logo.</summary>
    public required Branding Branding { get; init; }

    /// <summary>What stands above the card, or nothing.</summary>
    public Html Banner { get; init; }

    /// <summary>What stands in the card.</summary>
    public required Html Content { get; init; }

    /// <summary>Quiet links below the card.</summary>
    public Html Footer { get; init; }

    /// <summary><c>narrow</c>, <c>wide</c> or empty.</summary>
    public string Width { get; init; } = "";

    /// <summary>Of the script, which pages without one leave out.</summary>
    public string? Nonce { get; init; }

    /// <summary>
    /// True on pages with a form: their posts must name the origin they come from, which browsers leave out of pages that hide their address
    /// from everybody. It is told to this host and to no other.
    /// </summary>
    public bool HasForm { get; init; }
}

/// <summary>The frame every page of the gateway stands in: one card, one stylesheet, at most one script.</summary>
internal static class PageLayout
{
    /// <summary>The whole document in UTF-8.</summary>
    public static byte[] Render(PageFrame frame)
    {
        var script = frame.Nonce is { } nonce ? Html.Of($"""<script type="module" nonce="{nonce}" src="{GatewayAssets.Script.Link}"></script>""") : default;
        var referrer = frame.HasForm ? Html.Of($"""<meta name="referrer" content="same-origin">""") : default;

        // Beside its name a logo says nothing more, so it has no text of its own.
        var logo = frame.Branding.Logo is { } image ? Html.Of($"""<img src="{image.Link}" alt="" height="40">""") : default;
        var footer = frame.Footer.ToString().Length == 0 ? default : Html.Of($"""<footer>{frame.Footer}</footer>""");
        return Encoding.UTF8.GetBytes(Html.Of(
            $"""
            <!DOCTYPE html>
            <html lang="{frame.Language}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            {referrer}
            <title>{frame.Title} · {frame.Product}</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{frame.Branding.Style.Link}">
            {script}
            </head>
            <body>
            {frame.Banner}
            <main class="card {frame.Width}">
            <p class="product">{logo}{frame.Product}</p>
            {frame.Content}
            </main>
            {footer}
            </body>
            </html>

            """).ToString());
    }
}
