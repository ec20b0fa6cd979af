using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Pipeline;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class PageLookTests : IDisposable
{
    private static readonly byte[] s_png = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0];

    private readonly string _folder = Directory.CreateTempSubdirectory("agw-logo-").FullName;
    private readonly FaultList _faults = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", true)]
    [InlineData("#1f5fd6", true)]
    [InlineData("#767676", true)]
    [InlineData("#777777", false)]
    [InlineData("#ffcc00", false)]
    public void Color_WhiteTextOnIt_MustBeReadable(string color, bool sound)
    {
        PageLook.CheckColor(new PageOptions { BrandColor = color }, _faults);

        _faults.HasErrors.ShouldBe(!sound);
    }

    [Fact]
    public void Logo_None_IsNone() => PageLook.LoadLogo(new PageOptions(), _faults).ShouldBeNull();

    [Theory]
    [InlineData("logo.svg", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", "image/svg+xml")]
    [InlineData("LOGO.SVG", "<svg/>", "image/svg+xml")]
    [InlineData("logo.svg", "plain text", null)]
    [InlineData("logo.gif", "GIF89a", null)]
    [InlineData("logo.png", "<svg/>", null)]
    public void Logo_File_IsWhatItsNameSays(string name, string content, string? type)
    {
        var logo = Load(name, System.Text.Encoding.ASCII.GetBytes(content));

        (logo?.ContentType).ShouldBe(type);
        _faults.HasErrors.ShouldBe(type is null);
    }

    [Fact]
    public void Logo_Png_IsTaken() => Load("logo.png", s_png)!.ContentType.ShouldBe("image/png");

    [Theory]
    [InlineData(64 * 1024, true)]
    [InlineData((64 * 1024) + 1, false)]
    public void Logo_Size_IsLimited(int size, bool sound)
    {
        var content = new byte[size];
        s_png.CopyTo(content, 0);

        (Load("logo.png", content) is not null).ShouldBe(sound);
    }

    [Fact]
    public void Logo_Missing_IsAFaultThatNamesTheKey()
    {
        PageLook.LoadLogo(new PageOptions { LogoFile = Path.Combine(_folder, "none.svg") }, _faults).ShouldBeNull();

        _faults.All.Single().Key.ShouldBe("AuthGateway:Pages:LogoFile");
    }

    private PageLogo? Load(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return PageLook.LoadLogo(new PageOptions { LogoFile = path }, _faults);
    }
}
