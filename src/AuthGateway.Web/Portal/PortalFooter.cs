using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal;

/// <summary>The quiet links below the card: help and the other language.</summary>
internal static class PortalFooter
{
    private static readonly Phrase s_help = new("Help with signing in", "Hilfe zur Anmeldung");

    public static Html For(PortalVisit visit)
    {
        var help = Html.If(visit.Table.HelpUrl.Length > 0, () => Html.Of($"""<a href="{visit.Table.HelpUrl}" rel="noreferrer">{visit.Say(s_help)}</a>"""));
        var (code, name) = visit.Language == "de" ? ("en", "English") : ("de", "Deutsch");
        return Html.Of($"""{help}<a href="{visit.InLanguage(code)}" lang="{code}" hreflang="{code}">{name}</a>""");
    }
}
