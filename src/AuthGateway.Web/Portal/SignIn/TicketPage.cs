using AuthGateway.Core.Login;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Forms;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.SignIn;

/// <summary>
/// Turns the ticket of a computer that is logged in to a domain into a session. A page somebody goes to, never a picture or a script that a page of
/// somebody else loads; and what it asks for, the browser gives by itself.
/// </summary>
internal sealed class TicketPage(SignInFlow flow, SecondFactorFlow factors) : IPortalHandler
{
    public IReadOnlyList<string> Paths { get; } = [PortalPaths.Ticket];

    public async Task GetAsync(PortalVisit visit)
    {
        if ((SignInChoices.At(visit.Request, visit.Target) & FactorSet.Kerberos) == 0)
        {
            await visit.GoAsync(visit.Keeping(PortalPaths.SignIn));
            return;
        }

        if (FindForeign(visit.Http.Request.Headers) is { } foreign)
        {
            await flow.RefuseFormAsync(visit.Request.Session, visit.SignIn, foreign, visit.Aborted);
            await Notice.TellAsync(visit, VerdictReason.ForeignForm);
            return;
        }

        switch (await flow.JudgeTicketAsync(visit.Http.Request.Headers.Authorization, visit.Table.Tickets, visit.SignIn, visit.Aborted))
        {
            case TicketOutcome.Accepted ticket:
                await SignInAsync(visit, ticket);
                return;
            case TicketOutcome.Refused refused:
                await ShowAsync(visit, RefusalWords.For(refused.Reason, visit.Language), StatusCodes.Status403Forbidden);
                return;
            default:
                visit.Http.Response.Headers.WWWAuthenticate = TicketGate.Scheme;
                await ShowAsync(visit, new RefusalText(visit.Say(SignInWords.NoTicketTitle), visit.Say(SignInWords.NoTicketText)), StatusCodes.Status401Unauthorized);
                return;
        }
    }

    public Task PostAsync(PortalVisit visit, Form form) => visit.GoAsync(visit.Keeping(PortalPaths.Ticket));

    private async Task SignInAsync(PortalVisit visit, TicketOutcome.Accepted ticket)
    {
        var request = Arrival.Of(visit, ticket.Name, FactorSet.Kerberos);
        switch (await flow.SignInAsync(request with { SignOn = request.SignOn with { Backend = ticket.Backend }, Told = ticket.Principal }, visit.SignIn, visit.Aborted))
        {
            case SignInResult.Proven proven:
                if (ticket.Answer is { } answer)
                {
                    visit.Http.Response.Headers.WWWAuthenticate = answer;
                }

                await Arrival.GoOnAsync(visit, proven.Opened, factors);
                return;
            case SignInResult.Unavailable unavailable:
                await Notice.TellAsync(visit, unavailable.Reason);
                return;
            case SignInResult.Refused refused:
                // Not 401: the ticket is sound, and sending another would change nothing.
                var text = ReferenceEquals(refused.Reason, VerdictReason.IdentityMismatch) ? RefusalWords.For(refused.Reason, visit.Language) : RefusalWords.For(VerdictReason.RealmNotAllowed, visit.Language);
                await ShowAsync(visit, text, StatusCodes.Status403Forbidden);
                return;
        }
    }

    /// <summary>Browsers say of each request what it is for. One that says nothing, or something else, gets no session out of its owner's ticket.</summary>
    private static string? FindForeign(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Mode"] is not ["navigate"] || headers["Sec-Fetch-Dest"] is not ["document"] ? "the ticket page was not opened as a page"
        : headers["Sec-Fetch-Site"] is not (["same-origin"] or ["none"]) ? "another site led to the ticket page"
        : null;

    private static Task ShowAsync(PortalVisit visit, RefusalText text, int status) => visit.ShowAsync(new PortalPage
    {
        Status = status,
        Title = text.What,
        Width = "",
        HasForm = false,
        Content = Html.Of(
            $"""
            <h1>{text.What}</h1>
            <p class="remedy">{text.Remedy}</p>
            <p><a class="button" href="{visit.Keeping(PortalPaths.SignIn)}">{visit.Say(SignInWords.WithPassword)}</a></p>
            <p class="choices"><a href="{visit.Keeping(PortalPaths.Ticket)}">{visit.Say(SignInWords.TicketAgain)}</a></p>
            {PageParts.Facts(visit.Language, visit.Request.RequestId, visit.Request.Host, visit.Request.ReceivedAt, visit.Table.HelpdeskContact)}
            """),
    });
}
