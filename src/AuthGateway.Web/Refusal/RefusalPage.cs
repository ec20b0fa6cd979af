using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Core.Policies;
using AuthGateway.Web.Pages;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Refusal;

/// <summary>
/// The refusal page: one card, no script, no style but the stylesheet. The reason's code is not on it, since wrong, unknown
/// and locked must read alike; the request id leads the helpdesk to it.
/// </summary>
internal sealed class RefusalPage : IRefusalPage
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Default;

    private static readonly Labels s_en = new("Request id", "Address", "Time", "Helpdesk", "Tell the helpdesk this request id: with it they find out what happened.");
    private static readonly Labels s_de = new("Vorgangsnummer", "Adresse", "Zeit", "Helpdesk", "Nennen Sie dem Helpdesk diese Vorgangsnummer; damit findet er, was geschehen ist.");

    public string Sentence(VerdictReason reason, string acceptLanguage)
    {
        var text = RefusalWords.For(reason, PageLanguage.Choose(acceptLanguage));
        return $"{text.What} {text.Remedy}";
    }

    public byte[] Render(RefusalModel model, IHeaderDictionary headers)
    {
        var language = PageLanguage.Choose(model.AcceptLanguage);
        PageHeaders.Apply(headers);
        headers.ContentLanguage = language;
        headers.Append("Vary", "Accept-Language");

        var labels = language == "de" ? s_de : s_en;
        var text = RefusalWords.For(model.Reason, language);
        var time = model.At.UtcDateTime;
        var host = model.Host.Length == 0 ? "" : $"<div><dt>{labels.Host}</dt><dd>{Encode(model.Host)}</dd></div>";
        var contact = string.IsNullOrWhiteSpace(model.HelpdeskContact)
            ? ""
            : $"""<div><dt>{labels.Helpdesk}</dt><dd>{Contact(model.HelpdeskContact)}</dd></div>""";
        var shownTime = time.ToString(language == "de" ? "dd.MM.yyyy HH:mm:ss 'UTC'" : "yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

        return Encoding.UTF8.GetBytes(
            $"""
            <!DOCTYPE html>
            <html lang="{language}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            <title>{Encode(text.What)} · {Encode(model.Product)}</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{Encode(GatewayAssets.StyleLink)}">
            </head>
            <body>
            <main class="card">
            <p class="product">{Encode(model.Product)}</p>
            <h1>{Encode(text.What)}</h1>
            <p class="remedy">{Encode(text.Remedy)}</p>
            <dl class="facts">
            <div class="id"><dt>{labels.Id}</dt><dd><code>{Encode(model.RequestId)}</code></dd></div>
            {host}
            <div><dt>{labels.Time}</dt><dd><time datetime="{time:yyyy-MM-dd'T'HH:mm:ss'Z'}">{shownTime}</time></dd></div>
            {contact}
            </dl>
            <p class="quiet">{labels.Hint}</p>
            </main>
            </body>
            </html>

            """);
    }

    // A contact that is nothing but a mail address or a telephone number becomes a link; a sentence stays a sentence.
    private static string Contact(string contact)
    {
        var plain = contact.Trim();
        if (plain.Length <= 100 && plain.Count(c => c == '@') == 1 && plain.All(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '.' or '-' or '_' or '+'))
        {
            return $"""<a href="mailto:{Encode(plain)}">{Encode(plain)}</a>""";
        }

        if (plain.Count(char.IsAsciiDigit) >= 3 && plain.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '/' or '(' or ')'))
        {
            var number = string.Concat(plain.Where(c => char.IsAsciiDigit(c) || c == '+'));
            return $"""<a href="tel:{Encode(number)}">{Encode(plain)}</a>""";
        }

        return Encode(contact);
    }

    // Escaped first, since an encoded U+202E still turns the line around once the browser has decoded it.
    private static string Encode(string text) => s_encoder.Encode(VisibleText.Escape(text));

    private sealed record Labels(string Id, string Host, string Time, string Helpdesk, string Hint);
}
