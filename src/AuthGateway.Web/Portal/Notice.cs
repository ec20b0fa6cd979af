using AuthGateway.Core.Policies;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal;

/// <summary>Pages that say one thing and lead somewhere.</summary>
internal static class Notice
{
    private static readonly Phrase s_again = new("Open the page anew", "Seite neu öffnen");
    private static readonly Phrase s_cookiesTitle = new("Your browser does not keep cookies.", "Ihr Browser merkt sich keine Cookies.");

    private static readonly Phrase s_cookiesText = new(
        "Signing in needs them: allow cookies for this site in the settings of your browser, then try again. Nothing was sent on.",
        "Die Anmeldung braucht sie: Erlauben Sie Cookies für diese Website in den Einstellungen Ihres Browsers und versuchen Sie es noch einmal. Weitergegeben wurde nichts.");

    /// <summary>A refusal, in the words of refusals, with a way back to the page.</summary>
    public static Task TellAsync(PortalVisit visit, VerdictReason reason, int? status = null)
    {
        if (reason.Status == StatusCodes.Status503ServiceUnavailable)
        {
            visit.Http.Response.Headers.RetryAfter = "30";
        }

        var text = RefusalWords.For(reason, visit.Language);
        return ShowAsync(visit, status ?? reason.Status, text.What, text.Remedy, ReferenceEquals(reason, VerdictReason.NoService) ? null : visit.Keeping(Page(visit)), withFacts: true);
    }

    /// <summary>Says that nothing goes without cookies.</summary>
    public static Task AskForCookiesAsync(PortalVisit visit) =>
        ShowAsync(visit, StatusCodes.Status403Forbidden, visit.Say(s_cookiesTitle), visit.Say(s_cookiesText), visit.Keeping(Page(visit)), withFacts: false);

    private static Task ShowAsync(PortalVisit visit, int status, string title, string text, string? link, bool withFacts) => visit.ShowAsync(new PortalPage
    {
        Status = status,
        Title = title,
        Width = "",
        HasForm = false,
        Content = Html.Of(
            $"""
            <h1>{title}</h1>
            <p class="remedy">{text}</p>
            {Html.If(link is not null, () => Html.Of($"""<p><a class="button" href="{link}">{visit.Say(s_again)}</a></p>"""))}
            {Html.If(withFacts, () => PageParts.Facts(visit.Language, visit.Request.RequestId, visit.Request.Host, visit.Request.ReceivedAt, visit.Table.HelpdeskContact))}
            """),
    });

    private static string Page(PortalVisit visit) => visit.Path.StartsWith(PortalPaths.Account, StringComparison.Ordinal) ? PortalPaths.Account : visit.Path;
}
