using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.Enrolment;

/// <summary>Recovery codes, shown once: in two columns, to be printed or copied.</summary>
internal static class RecoveryCodeList
{
    /// <summary>The page's content.</summary>
    /// <param name="visit">The request.</param>
    /// <param name="codes">To be shown.</param>
    /// <param name="before">A sentence in front.</param>
    /// <param name="next">Where the link below leads.</param>
    public static Task ShowAsync(PortalVisit visit, IReadOnlyList<string> codes, Phrase before, string next) => visit.ShowAsync(new PortalPage
    {
        Title = visit.Say(EnrolmentWords.CodesTitle),
        Width = "",
        HasForm = false,
        Content = Html.Of(
            $"""
            <h1>{visit.Say(EnrolmentWords.CodesTitle)}</h1>
            <p class="state good">✓ {visit.Say(before)}</p>
            <p>{visit.Say(EnrolmentWords.CodesText)}</p>
            <p class="print-only">{visit.Request.Host} · {visit.Request.Session?.User.Login} · {PageParts.Text(visit.Language, visit.Request.ReceivedAt)}</p>
            <ul class="codes" id="codes">
            {Html.Join(codes.Select(code => Html.Of($"<li><code>{code}</code></li>\n")))}
            </ul>
            <p class="actions" hidden data-script><button type="button" class="second" data-print>{visit.Say(EnrolmentWords.Print)}</button><button type="button" class="second" data-copy="codes" data-done="{visit.Say(EnrolmentWords.Copied)}">{visit.Say(EnrolmentWords.CopyAll)}</button></p>
            <p class="no-print"><a class="button full" href="{next}">{visit.Say(EnrolmentWords.Continue)}</a></p>
            """),
    });
}
