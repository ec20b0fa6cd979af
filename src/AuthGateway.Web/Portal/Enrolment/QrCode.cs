using System.Globalization;
using System.Text;
using AuthGateway.Web.Pages;
using QRCoder;

namespace AuthGateway.Web.Portal.Enrolment;

/// <summary>
/// A QR code as one path of an inline SVG: dark on white whatever the page's colours, with a quiet zone of four modules. Drawn here, since
/// pages may carry no styles of their own.
/// </summary>
internal static class QrCode
{
    /// <summary>Modules left white on each side (ISO/IEC 18004, 6.3.8).</summary>
    public const int QuietZone = 4;

    /// <summary>The picture.</summary>
    public static Html Draw(string text, string label)
    {
        var modules = Modules(text);
        var size = modules.GetLength(0) + (2 * QuietZone);
        return Html.Of(
            $"""
            <svg class="qr" viewBox="0 0 {size} {size}" width="220" height="220" role="img" aria-label="{label}" shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/><path fill="#000" d="{Path(modules)}"/></svg>
            """);
    }

    /// <summary>Dark modules, by row and column, without the quiet zone.</summary>
    internal static bool[,] Modules(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var matrix = data.ModuleMatrix;

        // The library's matrix has a quiet zone of its own.
        var size = matrix.Count - (2 * QuietZone);
        var modules = new bool[size, size];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                modules[row, column] = matrix[row + QuietZone][column + QuietZone];
            }
        }

        return modules;
    }

    /// <summary>One rectangle for each run of dark modules.</summary>
    internal static string Path(bool[,] modules)
    {
        var path = new StringBuilder();
        var size = modules.GetLength(0);
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                var start = column;
                while (column < size && modules[row, column])
                {
                    column++;
                }

                if (column > start)
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{start + QuietZone} {row + QuietZone}h{column - start}v1h-{column - start}z");
                }
            }
        }

        return path.ToString();
    }
}
