using AuthGateway.TestKit.Gateway;
using Microsoft.Playwright;

namespace AuthGateway.Browser.Support;

/// <summary>Pictures of pages, to look at after a run, and to refresh those of the documentation with.</summary>
internal static class Screenshots
{
    /// <summary>Where they go: <c>AGW_SCREENSHOTS</c>, or beside the reports.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("AGW_SCREENSHOTS") is { Length: > 0 } folder
        ? folder
        : Path.Combine(Repository.Root, "TestResults", "screenshots");

    /// <summary>Writes <c>NAME.png</c>: the whole page, at least the window.</summary>
    public static Task SaveAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, $"{name}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
}
