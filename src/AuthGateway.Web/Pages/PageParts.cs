using System.Globalization;

namespace AuthGateway.Web.Pages;

/// <summary>Pieces more than one page has.</summary>
internal static class PageParts
{
    private static readonly Phrase s_id = new("Request id", "Vorgangsnummer");
    private static readonly Phrase s_address = new("Address", "Adresse");
    private static readonly Phrase s_time = new("Time", "Zeit");
    private static readonly Phrase s_helpdesk = new("Helpdesk", "Helpdesk");

    private static readonly Phrase s_hint = new(
        "Tell the helpdesk this request id: with it they find out what happened.", "Nennen Sie dem Helpdesk diese Vorgangsnummer; damit findet er, was geschehen ist.");

    /// <summary>What a refused person tells the helpdesk.</summary>
    public static Html Facts(string language, string requestId, string host, DateTimeOffset at, string contact)
    {
        var hostRow = host.Length == 0 ? default : Html.Of($"<div><dt>{s_address.In(language)}</dt><dd>{host}</dd></div>");
        var contactRow = string.IsNullOrWhiteSpace(contact) ? default : Html.Of($"<div><dt>{s_helpdesk.In(language)}</dt><dd>{Contact(contact)}</dd></div>");
        return Html.Of(
            $"""
            <dl class="facts">
            <div class="id"><dt>{s_id.In(language)}</dt><dd><code>{requestId}</code></dd></div>
            {hostRow}
            <div><dt>{s_time.In(language)}</dt><dd>{Time(language, at)}</dd></div>
            {contactRow}
            </dl>
            <p class="quiet">{s_hint.In(language)}</p>
            """);
    }

    /// <summary>A moment in full.</summary>
    public static Html Time(string language, DateTimeOffset at) => Html.Of($"""<time datetime="{Machine(at)}">{Text(language, at)}</time>""");

    /// <summary>A moment as people read it; always UTC, for the server does not know where they are.</summary>
    public static string Text(string language, DateTimeOffset at) =>
        at.UtcDateTime.ToString(language == "de" ? "dd.MM.yyyy HH:mm:ss 'UTC'" : "yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The day alone.</summary>
    public static Html Day(string language, DateTimeOffset at) => Html.Of(
        $"""<time datetime="{Machine(at)}" title="{Text(language, at)}">{DayText(language, at)}</time>""");

    /// <summary>The day alone, as people read it.</summary>
    public static string DayText(string language, DateTimeOffset at) => at.UtcDateTime.ToString(language == "de" ? "dd.MM.yyyy" : "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The time of a <c>datetime</c> attribute.</summary>
    public static string Machine(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A contact that is nothing but a mail address or a telephone number becomes a link; a sentence stays a sentence.</summary>
    public static Html Contact(string contact)
    {
        var plain = contact.Trim();
        if (plain.Length <= 100 && plain.Count(c => c == '@') == 1 && plain.All(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '.' or '-' or '_' or '+'))
        {
            return Html.Of($"""<a href="mailto:{plain}">{plain}</a>""");
        }

        if (plain.Count(char.IsAsciiDigit) >= 3 && plain.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '/' or '(' or ')'))
        {
            var number = string.Concat(plain.Where(c => char.IsAsciiDigit(c) || c == '+'));
            return Html.Of($"""<a href="tel:{number}">{plain}</a>""");
        }

        return Html.Of($"{contact}");
    }
}
