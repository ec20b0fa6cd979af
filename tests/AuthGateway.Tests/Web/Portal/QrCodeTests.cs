using System.Text.RegularExpressions;
using AuthGateway.Web.Portal.Enrolment;
using QRCoder;

namespace AuthGateway.Tests.Web.Portal;

public sealed class QrCodeTests
{
    private const string Uri = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA1&digits=6&period=30";

    [Theory]
    [InlineData("a")]
    [InlineData(Uri)]
    public void Path_PaintedBack_IsTheMatrixOfTheLibrary(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var size = data.ModuleMatrix.Count;

        var painted = new bool[size, size];
        foreach (Match run in Regex.Matches(QrCode.Path(QrCode.Modules(text)), @"M(\d+) (\d+)h(\d+)v1h-(\d+)z"))
        {
            run.Groups[3].Value.ShouldBe(run.Groups[4].Value);
            for (var i = 0; i < int.Parse(run.Groups[3].Value); i++)
            {
                painted[int.Parse(run.Groups[2].Value), int.Parse(run.Groups[1].Value) + i] = true;
            }
        }

        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                painted[row, column].ShouldBe(data.ModuleMatrix[row][column], $"{row},{column}");
            }
        }
    }

    [Fact]
    public void Picture_QuietZone_IsFourWhiteModules()
    {
        var modules = QrCode.Modules(Uri);
        var svg = QrCode.Draw(Uri, "a \"label\"").ToString();

        svg.ShouldContain($"viewBox=\"0 0 {modules.GetLength(0) + 8} {modules.GetLength(0) + 8}\"");
        modules[0, 0].ShouldBeTrue();
        svg.ShouldContain("M4 4h7v1h-7z");
        svg.ShouldContain("fill=\"#fff\"");
        svg.ShouldContain("aria-label=\"a &quot;label&quot;\"");
        svg.ShouldNotContain("style");
    }
}
