using System.Net;
using Microsoft.Playwright;

namespace AuthGateway.Browser.Support;

/// <summary>Who looks at a page, from where and with what.</summary>
public sealed record Visitor
{
    private Visitor(string source) => Source = IPAddress.Parse(source);

    /// <summary>Somebody in the sample's network <c>inside</c>.</summary>
    public static Visitor Inside { get; } = new("127.0.0.1");

    /// <summary>Somebody in the sample's network <c>outside</c>.</summary>
    public static Visitor Outside { get; } = new("127.200.0.1");

    /// <summary>Somebody in <c>outside</c> from where a first app is set up with a code of the helpdesk only.</summary>
    public static Visitor FarOutside { get; } = new("127.210.0.1");

    /// <summary>The address the gateway sees. Another one for each test that guesses: addresses are locked too.</summary>
    public IPAddress Source { get; init; }

    /// <summary>Language and format of the browser.</summary>
    public string Locale { get; init; } = "en-US";

    /// <summary>Whether light or dark pages are liked better.</summary>
    public ColorScheme Scheme { get; init; } = ColorScheme.Light;

    /// <summary>The window.</summary>
    public ViewportSize Screen { get; init; } = Screens.Desktop;

    /// <summary>False for a browser that runs no scripts.</summary>
    public bool Scripts { get; init; } = true;
}

/// <summary>The windows that pages are looked at in.</summary>
public static class Screens
{
    /// <summary>A telephone held upright.</summary>
    public static ViewportSize Phone => new() { Width = 390, Height = 844 };

    /// <summary>A tablet held upright.</summary>
    public static ViewportSize Tablet => new() { Width = 820, Height = 1180 };

    /// <summary>A desktop.</summary>
    public static ViewportSize Desktop => new() { Width = 1280, Height = 900 };

    /// <summary>By the name that tests and pictures use.</summary>
    public static ViewportSize Named(string name) => name switch
    {
        "phone" => Phone,
        "tablet" => Tablet,
        "desktop" => Desktop,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "phone, tablet or desktop"),
    };
}
