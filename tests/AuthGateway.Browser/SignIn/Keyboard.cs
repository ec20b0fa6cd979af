using Microsoft.Playwright;

namespace AuthGateway.Browser.SignIn;

/// <summary>The page for somebody without a mouse.</summary>
internal static class Keyboard
{
    /// <summary>Presses Tab until the field of this name has the focus.</summary>
    public static Task TabToAsync(this IPage page, string name) => page.TabToAsync(page.Locator($"input[name={name}]"));

    /// <summary>Presses Tab until this element has the focus.</summary>
    public static async Task TabToAsync(this IPage page, ILocator target)
    {
        for (var presses = 0; presses < 15; presses++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        throw new InvalidOperationException($"Tab does not lead to {target}.");
    }
}
