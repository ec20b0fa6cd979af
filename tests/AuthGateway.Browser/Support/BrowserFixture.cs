using System.Security.Cryptography;
using AuthGateway.TestKit.Gateway;
using Microsoft.Playwright;

namespace AuthGateway.Browser.Support;

/// <summary>One Chromium for all tests of the project; each page has a context, a source address and cookies of its own.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    // Debian's, as the bed installs it: nothing is downloaded.
    private const string Chromium = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync(roundcube: true);
        if (!File.Exists(Chromium))
        {
            throw new InvalidOperationException($"There is no {Chromium}; run tests/bed.sh install.");
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Headless = true,
            IgnoreDefaultArgs = ForgetfulDefaults,
            Args = Arguments,
        });
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>Opens an empty page of this visitor; every host leads to this gateway, by https and http as on the Internet.</summary>
    public async Task<BrowserVisit> OpenAsync(GatewayProcess gateway, Visitor visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        var browser = _browser ?? throw new InvalidOperationException("The browser has not been started.");
        var road = new SourceProxy(visitor.Source, gateway.EndPoint("public"), gateway.EndPoint("plain"));
        return await OpenAsync(road, () => browser.NewContextAsync(new BrowserNewContextOptions
        {
            Proxy = new Proxy { Server = road.Url },
            BaseURL = "https://mail.bed.test",
            Locale = visitor.Locale,
            ColorScheme = visitor.Scheme,
            ViewportSize = visitor.Screen,
            JavaScriptEnabled = visitor.Scripts,
        }));
    }

    /// <summary>The same in a browser of its own with a profile: the others' windows are private ones, in which no browser uses its owner's ticket.</summary>
    /// <param name="gateway">Where every host leads.</param>
    /// <param name="visitor">Who.</param>
    /// <param name="folder">Of the profile.</param>
    /// <param name="arguments">Said to the browser besides.</param>
    /// <param name="environment">Added to its environment.</param>
    public async Task<BrowserVisit> OpenProfileAsync(
        GatewayProcess gateway, Visitor visitor, string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        ArgumentNullException.ThrowIfNull(environment);
        var playwright = _playwright ?? throw new InvalidOperationException("The browser has not been started.");
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "", StringComparer.Ordinal);
        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        var road = new SourceProxy(visitor.Source, gateway.EndPoint("public"), gateway.EndPoint("plain"));
        return await OpenAsync(road, () => playwright.Chromium.LaunchPersistentContextAsync(folder, new BrowserTypeLaunchPersistentContextOptions
        {
            ExecutablePath = Chromium,
            Headless = true,
            IgnoreDefaultArgs = ForgetfulDefaults,
            // Not as Playwright's proxy, which also forbids every question to a name server: the browser asks one for a host's canonical name before it
            // asks for a ticket, and takes no answer for the name it has, but not a prohibition.
            Args = [.. Arguments, $"--proxy-server={road.Url}", .. arguments],
            Env = variables,
            BaseURL = "https://mail.bed.test",
            Locale = visitor.Locale,
            ViewportSize = visitor.Screen,
        }));
    }

    // People's browsers keep whole pages to go back to, and what they keep after a sign-out is worth a test.
    private static string[] ForgetfulDefaults => ["--disable-back-forward-cache"];

    private static string[] Arguments =>
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        // Not "ignore all errors": the browser then keeps features for sound certificates to itself, and would not notice a wrong one.
        $"--ignore-certificate-errors-spki-list={string.Join(',', TrustedKeys())}",
    ];

    private static async Task<BrowserVisit> OpenAsync(SourceProxy road, Func<Task<IBrowserContext>> open)
    {
        try
        {
            var context = await open();
            context.SetDefaultTimeout(30_000);
            return new BrowserVisit(context, road, await context.NewPageAsync());
        }
        catch
        {
            await road.DisposeAsync();
            throw;
        }
    }

    // By key, as the bed's authority is in no store of this machine and should be in none.
    private static IEnumerable<string> TrustedKeys()
    {
        foreach (var name in (string[])["server", "eas", "webmail"])
        {
            using var certificate = Bed.Certificate(name);
            yield return Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        }
    }
}

/// <summary>Tests that use the browser, one after the other: two cores make no two browsers faster.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    /// <summary>What such tests are marked with.</summary>
    public const string Name = "browser";
}
