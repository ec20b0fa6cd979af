using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.ActFor;

/// <summary>Says on every page of ours for whom somebody acts, with the way back beside it. First in the document, so that it is heard first.</summary>
internal static class ActingBanner
{
    /// <summary>On pages with forms.</summary>
    public static Html For(PortalVisit visit, Session session, string target)
    {
        var what = visit.Say(ActForPageWords.Banner, target);
        return Html.Of(
            $"""
            <aside class="acting" aria-label="{what}">
            <p><strong>{what}</strong> {visit.Say(ActForPageWords.BannerWho, visit.NameOf(session.User))}</p>
            <form method="post" action="{PortalPaths.ActForEnd}">{visit.FormToken.Field}<button class="second small">{visit.Say(ActForPageWords.Back)}</button></form>
            </aside>
            """);
    }

    /// <summary>On refusals, which have no forms.</summary>
    public static Html ForRefusal(string language, string? target)
    {
        if (target is null)
        {
            return default;
        }

        var what = ActForPageWords.Banner.In(language, target);
        return Html.Of(
            $"""
            <aside class="acting" aria-label="{what}">
            <p><strong>{what}</strong></p>
            <a class="button second small" href="{PortalPaths.ActFor}">{ActForPageWords.Manage.In(language)}</a>
            </aside>
            """);
    }
}
