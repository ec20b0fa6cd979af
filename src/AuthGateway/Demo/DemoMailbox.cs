using System.Text;
using System.Text.Encodings.Web;
using AuthGateway.Core.Audit;

namespace AuthGateway.Demo;

/// <summary>A mailbox to protect: what somebody sees who has proven password and code. Its messages explain the demo.</summary>
internal static class DemoMailbox
{
    /// <summary>Where it is; the demo's rules ask for a second factor here and for the password everywhere else.</summary>
    public const string Path = "/mail";

    private static readonly (string From, string Subject, string Text)[] s_messages =
    [
        ("AuthGateway", "You came here with a password and a code", "This page asks for two factors; the page in front of it asks for the password alone. Both stand in one service: the first rule that matches a path names the policy."),
        ("AuthGateway", "Your phone and your recovery codes", "Under “My account” you see the authenticator app you enrolled, the recovery codes that are left, and every browser you are signed in with. Ending one of them takes effect at once."),
        ("AuthGateway", "What the helpdesk sees", "authgateway audit search shows each sign-in with its factors. authgateway session list and totp status name what is open and enrolled."),
    ];

    /// <summary>The page.</summary>
    /// <param name="user">Who the gateway says it is; never empty, for the gateway forwards nobody unknown to here.</param>
    /// <param name="stylePath">Where the stylesheet is.</param>
    public static string Page(string user, string stylePath)
    {
        var rows = new StringBuilder();
        foreach (var (from, subject, text) in s_messages)
        {
            rows.Append($"<section>\n<h2>{Encode(subject)}</h2>\n<p class=\"quiet\">From {Encode(from)} to {Encode(user)}</p>\n<p>{Encode(text)}</p>\n</section>\n");
        }

        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Mailbox of {Encode(user)}</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{stylePath}">
            </head>
            <body>
            <main class="card wide">
            <p class="product">AuthGateway demo: a mailbox behind password and code</p>
            <h1>Inbox of {Encode(user)}</h1>
            {rows}<p><a href="/.agw/account">My account</a> · <a href="/">Who am I?</a> · <a href="/.agw/sign-out">Sign out</a></p>
            </main>
            </body>
            </html>

            """;
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(VisibleText.Escape(text));
}
