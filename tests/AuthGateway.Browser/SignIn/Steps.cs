using AuthGateway.TestKit.Gateway;
using Microsoft.Playwright;

namespace AuthGateway.Browser.SignIn;

/// <summary>What people do on the gateway's pages, found by what a field is for, so that it is the same in every language.</summary>
internal static class Steps
{
    /// <summary>The web mail that believes the gateway.</summary>
    public const string Mail = "https://mail.bed.test";

    /// <summary>The web mail that is told the password.</summary>
    public const string Webmail = "https://webmail.bed.test";

    /// <summary>No app shows it, or once in a million codes.</summary>
    public const string WrongCode = "000000";

    /// <summary>Of the bed's users.</summary>
    public static string PasswordOf(string user) => user.StartsWith("u0", StringComparison.Ordinal) ? "load-pw" : $"{user}-pw";

    /// <summary>Name and password. Comes back when the next page is there.</summary>
    public static Task TypePasswordAsync(this IPage page, string user) => page.TypePasswordAsync(user, PasswordOf(user));

    /// <inheritdoc cref="TypePasswordAsync(IPage, string)"/>
    public static async Task TypePasswordAsync(this IPage page, string user, string password)
    {
        await page.Locator("input[autocomplete=username]").FillAsync(user);
        await page.Locator("input[autocomplete=current-password]").FillAsync(password);
        await page.SendAsync(() => page.Locator("form button.full").ClickAsync());
    }

    /// <summary>The right old password and two new ones, which may differ.</summary>
    public static async Task TypeNewPasswordAsync(this IPage page, string user, string password, string repeated)
    {
        if (await page.Locator("input[type=text][name=name]").CountAsync() > 0)
        {
            await page.Locator("#name").FillAsync(user);
        }

        await page.Locator("#password").FillAsync(PasswordOf(user));
        await page.Locator("#new").FillAsync(password);
        await page.Locator("#repeat").FillAsync(repeated);
        await page.SendAsync(() => page.Locator("form button.full").ClickAsync());
    }

    /// <summary>A code of whatever kind the page asks for.</summary>
    /// <param name="page">The page.</param>
    /// <param name="code">The code.</param>
    /// <param name="scripts">Where they run, the last digit sends the form by itself.</param>
    public static async Task TypeCodeAsync(this IPage page, string code, bool scripts = true)
    {
        var field = page.Locator("input.code");
        var sendsItself = scripts && await field.GetAttributeAsync("data-digits") is "6";
        await page.SendAsync(async () =>
        {
            await field.FillAsync(code);
            if (!sendsItself)
            {
                await page.Locator("form button.full").ClickAsync();
            }
        });
    }

    /// <summary>Goes from the app's code to a recovery code.</summary>
    public static async Task ChooseRecoveryAsync(this IPage page)
    {
        await page.Locator("a[href*='method=recovery']:not([lang])").ClickAsync();
        await page.Locator("input[name=method][value=recovery]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
    }

    /// <summary>Sets up an app on the page that is open, up to the recovery codes.</summary>
    public static async Task<(Authenticator App, IReadOnlyList<string> RecoveryCodes)> EnrolAsync(this IPage page, string label = "", bool scripts = true)
    {
        var app = await page.AppAsync();
        await page.Locator("input[name=label]").FillAsync(label);
        await page.TypeCodeAsync(await app.NextAsync(), scripts);
        return (app, await page.Locator("#codes code").AllInnerTextsAsync());
    }

    /// <summary>An app with the key the page shows for typing.</summary>
    public static async Task<Authenticator> AppAsync(this IPage page)
    {
        page.Url.ShouldContain("/.agw/enrol");
        return new Authenticator((await page.Locator("#key").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal));
    }

    /// <summary>Leaves the recovery codes behind, for where the person wanted to go.</summary>
    public static Task ContinueAsync(this IPage page) => page.Locator("main a.button.full").ClickAsync();

    /// <summary>Signs in from outside with a new app, and ends where the path leads.</summary>
    public static async Task<(Authenticator App, IReadOnlyList<string> RecoveryCodes)> SignInWithNewAppAsync(this IPage page, string url, string user, string label = "")
    {
        await page.GotoAsync(url);
        await page.TypePasswordAsync(user);
        var enrolled = await page.EnrolAsync(label);
        await page.ContinueAsync();
        return enrolled;
    }

    /// <summary>Asks to be signed out, and says yes.</summary>
    public static async Task SignOutAsync(this IPage page, string host = Mail)
    {
        await page.GotoAsync($"{host}/.agw/sign-out");
        await page.SendAsync(() => page.Locator("form button.full").ClickAsync());
        (await page.Locator("main form").CountAsync()).ShouldBe(0);
    }

    /// <summary>SOGo's mail module shows the user's own inbox: nobody signed in to it a second time.</summary>
    public static async Task ShouldShowInboxAsync(this IPage page, string user)
    {
        await page.WaitForURLAsync($"{Mail}/SOGo/so/{user}/Mail/**");
        await page.OrShowAsync(() => page.GetByText($"{user}@bed.test").First.WaitForAsync());
        await page.OrShowAsync(() => page.Locator("p[ng-click*=selectFolder]").Filter(new LocatorFilterOptions { HasText = "Inbox" }).First.WaitForAsync());
    }

    /// <summary>Goes from SOGo's mail to its calendar, which SOGo names in the language of whoever's browser opened this mailbox first.</summary>
    public static Task OpenCalendarAsync(this IPage page) => page.OrShowAsync(() => page.Locator("a[ng-href$='/Calendar'], a[ng-href*='/Calendar/']").First.ClickAsync());

    /// <summary>The page that asks for the password, on the way to somewhere.</summary>
    public static Task ShouldAskForPasswordAsync(this IPage page) => page.Locator("input[autocomplete=current-password]").WaitForAsync();

    /// <summary>The sentence that says what went wrong.</summary>
    public static ILocator Error(this IPage page) => page.Locator("#error");

    /// <summary>What is waited for and does not come leaves no other trace of what was there in its place.</summary>
    private static async Task OrShowAsync(this IPage page, Func<Task> wait)
    {
        try
        {
            await wait();
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\nat {page.Url} there was: {await page.Locator("body").InnerTextAsync()}", e);
        }
    }

    // The old page is marked, so that what is asked next is asked of the new one; Playwright's own load states may still be those of the old.
    private static async Task SendAsync(this IPage page, Func<Task> action)
    {
        await page.EvaluateAsync("() => { document.documentElement.dataset.old = 'yes'; }");
        await action();
        (await Deadline.PollAsync(TimeSpan.FromSeconds(15), () => page.IsNewAsync())).ShouldBeTrue($"The form led nowhere; still at {page.Url}.");
    }

    private static async Task<bool> IsNewAsync(this IPage page)
    {
        try
        {
            return await page.EvaluateAsync<bool>("() => document.readyState !== 'loading' && !document.documentElement.dataset.old");
        }
        catch (PlaywrightException)
        {
            // Asked between the two pages.
            return false;
        }
    }
}
