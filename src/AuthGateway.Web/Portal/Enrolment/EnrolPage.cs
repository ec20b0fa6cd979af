using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Forms;
using AuthGateway.Web.Portal.SignIn;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.Enrolment;

/// <summary>Sets up an authenticator app in three steps on one page; before it, whatever still has to be proven.</summary>
internal sealed class EnrolPage(EnrolmentFlow flow) : IPortalHandler
{
    private const string Invite = "invite";

    public IReadOnlyList<string> Paths { get; } = [PortalPaths.Enrol];

    public Task GetAsync(PortalVisit visit) =>
        visit.Request.Session is { } session ? ShowAsync(visit, session, null, "", StatusCodes.Status200OK) : visit.SignInFirstAsync(Here(visit));

    public async Task PostAsync(PortalVisit visit, Form form)
    {
        if (visit.Request is not { Session: { } session, Token: { } token })
        {
            await visit.SignInFirstAsync(Here(visit));
        }
        else if (form.Get("step") is Invite)
        {
            await OfferCodeAsync(visit, session, token, form);
        }
        else
        {
            await ConfirmAsync(visit, session, token, form);
        }
    }

    private async Task OfferCodeAsync(PortalVisit visit, Session session, SessionToken token, Form form)
    {
        switch (await flow.OfferCodeAsync(session, token, form.Get("code"), visit.SignIn, visit.Aborted))
        {
            case SignInResult.Proven:
                await visit.GoAsync(visit.Keeping(PortalPaths.Enrol));
                return;
            case SignInResult.Refused refused:
                await ShowAsync(visit, session, visit.Say(EnrolmentWords.InviteWrong), "", refused.Reason.Status);
                return;
            default:
                await Notice.TellAsync(visit, VerdictReason.StoreUnavailable);
                return;
        }
    }

    private async Task ConfirmAsync(PortalVisit visit, Session session, SessionToken token, Form form)
    {
        var label = form.Get("label");
        switch (await flow.ConfirmAsync(session, token, form.Get("code"), label, visit.SignIn, visit.Aborted))
        {
            case EnrolmentResult.Enrolled enrolled:
                visit.Keep(enrolled.Opened);
                await (enrolled.RecoveryCodes.Count == 0
                    ? visit.GoAsync(visit.Target.Path)
                    : RecoveryCodeList.ShowAsync(visit, enrolled.RecoveryCodes, EnrolmentWords.AppDone, visit.Target.Path));
                return;
            case EnrolmentResult.Refused { Reason: var reason } when ReferenceEquals(reason, VerdictReason.WrongCode):
                var text = RefusalWords.For(reason, visit.Language);
                await ShowAsync(visit, session, $"{text.What} {text.Remedy}", label, StatusCodes.Status401Unauthorized);
                return;
            case EnrolmentResult.Refused { Reason: var reason } when ReferenceEquals(reason, VerdictReason.SessionEnded):
                await visit.SignInFirstAsync(Here(visit));
                return;
            case EnrolmentResult.Refused:
                // The page knows what is missing.
                await visit.GoAsync(visit.Keeping(PortalPaths.Enrol));
                return;
            default:
                await Notice.TellAsync(visit, VerdictReason.StoreUnavailable);
                return;
        }
    }

    private async Task ShowAsync(PortalVisit visit, Session session, string? error, string label, int status)
    {
        switch (await flow.GateAsync(session, visit.SignIn, visit.Aborted))
        {
            case EnrolmentGate.NeedsFactor:
                await visit.GoAsync(PortalVisit.Leading(PortalPaths.Factor, Here(visit)));
                return;
            case EnrolmentGate.NeedsSignIn:
                await visit.GoAsync(PortalVisit.Leading(PortalPaths.SignIn, Here(visit)) + "&again=1");
                return;
            case EnrolmentGate.NeedsCode:
                await ShowInviteAsync(visit, session, error, status);
                return;
            case EnrolmentGate.Full:
                await ShowFullAsync(visit);
                return;
            case EnrolmentGate.Open:
            default:
                await ShowStepsAsync(visit, flow.Show(session, visit.SignIn), error, label, status);
                return;
        }
    }

    // This page, and where it leads afterwards.
    private static string Here(PortalVisit visit) => visit.Keeping(PortalPaths.Enrol);

    private static Task ShowStepsAsync(PortalVisit visit, EnrolmentDraft draft, string? error, string label, int status)
    {
        var title = visit.Say(EnrolmentWords.Title);
        return visit.ShowAsync(new PortalPage
        {
            Status = status,
            Title = title,
            Width = "",
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                {Fields.Error(error)}
                <p>{visit.Say(EnrolmentWords.Intro)}</p>
                <ol class="steps">
                <li>
                <h2>{visit.Say(EnrolmentWords.InstallTitle)}</h2>
                <p>{visit.Say(EnrolmentWords.InstallText)}</p>
                </li>
                <li>
                <h2>{visit.Say(EnrolmentWords.ScanTitle)}</h2>
                <p>{visit.Say(EnrolmentWords.ScanText)}</p>
                {QrCode.Draw(draft.Uri, visit.Say(EnrolmentWords.QrLabel))}
                <p class="phone-only"><a href="{draft.Uri}">{visit.Say(EnrolmentWords.OnThisPhone)}</a></p>
                <p class="tight">{visit.Say(EnrolmentWords.TypeInstead)}</p>
                <p class="key"><code id="key" data-value="{draft.Typed}">{Groups(draft.Typed)}</code> <button type="button" class="second" hidden data-script data-copy="key" data-done="{visit.Say(EnrolmentWords.Copied)}">{visit.Say(EnrolmentWords.Copy)}</button></p>
                </li>
                <li>
                <h2>{visit.Say(EnrolmentWords.ConfirmTitle)}</h2>
                <form method="post" action="{visit.Keeping(PortalPaths.Enrol)}">
                {visit.FormToken.Field}
                <input type="hidden" name="step" value="confirm">
                <label for="label">{visit.Say(EnrolmentWords.Label)}</label>
                <input id="label" name="label" type="text" value="{label}" maxlength="64" autocomplete="off" aria-describedby="label-hint">
                <p class="quiet hint" id="label-hint">{visit.Say(EnrolmentWords.LabelHint)}</p>
                <label for="code">{visit.Say(EnrolmentWords.Code)}</label>
                <input id="code" class="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="16" spellcheck="false" required {Fields.Focus(error, first: false)}>
                <button class="full">{visit.Say(EnrolmentWords.Confirm)}</button>
                </form>
                </li>
                </ol>
                """),
        });
    }

    private static Task ShowInviteAsync(PortalVisit visit, Session session, string? error, int status)
    {
        var title = visit.Say(EnrolmentWords.InviteTitle);
        var contact = Html.If(visit.Table.HelpdeskContact.Length > 0, () => Html.Of($"""<p class="quiet">{visit.Say(SignInWords.Helpdesk)} {PageParts.Contact(visit.Table.HelpdeskContact)}</p>"""));
        return visit.ShowAsync(new PortalPage
        {
            Status = status,
            Title = title,
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                {Fields.Error(error)}
                <p>{visit.Say(EnrolmentWords.InviteText)}</p>
                <form method="post" action="{visit.Keeping(PortalPaths.Enrol)}">
                {visit.FormToken.Field}
                <input type="hidden" name="step" value="{Invite}">
                <label for="code">{visit.Say(EnrolmentWords.InviteLabel)}</label>
                <input id="code" class="code" name="code" type="text" autocomplete="one-time-code" autocapitalize="characters" autocorrect="off" maxlength="64" spellcheck="false" required {Fields.Focus(error, first: true)}>
                <button class="full">{visit.Say(EnrolmentWords.Next)}</button>
                </form>
                {contact}
                <p class="quiet last">{visit.Say(SignInWords.OutText, session.User.Login, visit.Request.Host)} <a href="{PortalPaths.SignOut}">{visit.Say(SignInWords.SignOut)}</a></p>
                """),
        });
    }

    private static Task ShowFullAsync(PortalVisit visit) => visit.ShowAsync(new PortalPage
    {
        Title = visit.Say(EnrolmentWords.FullTitle),
        HasForm = false,
        Content = Html.Of(
            $"""
            <h1>{visit.Say(EnrolmentWords.FullTitle)}</h1>
            <p class="remedy">{visit.Say(EnrolmentWords.FullText)}</p>
            <p><a class="button full" href="{PortalPaths.Account}">{visit.Say(EnrolmentWords.MyAccount)}</a></p>
            """),
    });

    private static string Groups(string key) => string.Join(' ', key.Chunk(4).Select(group => new string(group)));
}
