using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Forms;
using AuthGateway.Web.Portal.SignIn;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.Factor;

/// <summary>Asks for a code: of an authenticator app, or a recovery code one click away.</summary>
internal sealed class FactorPage(SecondFactorFlow flow) : IPortalHandler
{
    private const string Recovery = "recovery";

    public IReadOnlyList<string> Paths { get; } = [PortalPaths.Factor];

    public async Task GetAsync(PortalVisit visit)
    {
        if (visit.Request.Session is not { } session)
        {
            await visit.GoAsync(visit.Keeping(PortalPaths.SignIn));
            return;
        }

        var enrolled = await flow.FindAsync(session.User, visit.Aborted);
        if (!enrolled.Any)
        {
            await visit.GoAsync(visit.Keeping(PortalPaths.Enrol));
            return;
        }

        await ShowAsync(visit, session, enrolled, visit.Single("method") is Recovery, null, StatusCodes.Status200OK);
    }

    public async Task PostAsync(PortalVisit visit, Form form)
    {
        if (visit.Request is not { Session: { } session, Token: { } token })
        {
            await visit.GoAsync(visit.Keeping(PortalPaths.SignIn));
            return;
        }

        var byRecovery = form.Get("method") is Recovery;
        var result = byRecovery
            ? await flow.ProveRecoveryCodeAsync(session, token, form.Get("code"), visit.SignIn, visit.Aborted)
            : await flow.ProveTotpAsync(session, token, form.Get("code"), visit.SignIn, visit.Aborted);
        switch (result)
        {
            case SignInResult.Proven proven:
                visit.Keep(proven.Opened);
                await visit.GoAsync(visit.PathAfter(proven.Opened.Session));
                return;
            case SignInResult.Refused { Reason: var reason } when ReferenceEquals(reason, VerdictReason.SessionEnded):
                await visit.GoAsync(visit.Keeping(PortalPaths.SignIn));
                return;
            case SignInResult.Refused:
                // Wrong, used and locked read alike: a thief with the password learns nothing from a code he guessed.
                var text = RefusalWords.For(VerdictReason.WrongCode, visit.Language);
                await ShowAgainAsync(visit, session, byRecovery, byRecovery ? visit.Say(FactorPageWords.WrongRecovery) : $"{text.What} {text.Remedy}", StatusCodes.Status401Unauthorized);
                return;
            case SignInResult.Unavailable:
                visit.Http.Response.Headers.RetryAfter = "30";
                await ShowAgainAsync(visit, session, byRecovery, visit.Say(FactorPageWords.Unavailable), StatusCodes.Status503ServiceUnavailable);
                return;
        }
    }

    private async Task ShowAgainAsync(PortalVisit visit, Session session, bool byRecovery, string error, int status) =>
        await ShowAsync(visit, session, await flow.FindAsync(session.User, visit.Aborted), byRecovery, error, status);

    private static Task ShowAsync(PortalVisit visit, Session session, EnrolledFactors enrolled, bool byRecovery, string? error, int status)
    {
        byRecovery |= enrolled.Apps.Count == 0;
        var title = visit.Say(session.IsPending ? FactorPageWords.Title : FactorPageWords.ConfirmTitle);
        var labels = string.Join(", ", enrolled.Apps.Select(app => app.Label).Where(label => label.Length > 0));
        var hint = byRecovery ? visit.Say(FactorPageWords.RecoveryHint)
            : labels.Length == 0 ? visit.Say(FactorPageWords.NamelessHint)
            : visit.Say(FactorPageWords.AppHint, labels);
        return visit.ShowAsync(new PortalPage
        {
            Status = status,
            Title = title,
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                {Fields.Error(error)}
                <p>{hint}</p>
                <form method="post" action="{visit.Keeping(PortalPaths.Factor)}">
                {visit.FormToken.Field}
                {(byRecovery ? RecoveryField(visit, error) : AppField(visit, enrolled, error))}
                <button class="full">{visit.Say(FactorPageWords.Confirm)}</button>
                </form>
                {OtherWay(visit, enrolled, byRecovery, labels)}
                {Lost(visit)}
                <p class="quiet last">{visit.Say(FactorPageWords.SignedInAs, session.User.Login)} <a href="{SignInPage.AgainLink(visit)}">{visit.Say(FactorPageWords.SomeoneElse)}</a></p>
                """),
        });
    }

    private static Html AppField(PortalVisit visit, EnrolledFactors enrolled, string? error)
    {
        // Only where every app has codes of one length does the last digit say that the code is whole.
        var digits = enrolled.Apps.Select(app => app.Digits).Distinct().ToArray() is [var one] ? one : 0;
        return Html.Of(
            $"""
            <label for="code">{visit.Say(FactorPageWords.Code)}</label>
            <input id="code" class="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="16" spellcheck="false" required data-digits="{digits}" {Fields.Focus(error, first: true)}>
            """);
    }

    private static Html RecoveryField(PortalVisit visit, string? error) => Html.Of(
        $"""
        <input type="hidden" name="method" value="{Recovery}">
        <label for="code">{visit.Say(FactorPageWords.RecoveryCode)}</label>
        <input id="code" class="code" name="code" type="text" autocomplete="one-time-code" autocapitalize="characters" autocorrect="off" maxlength="64" spellcheck="false" required {Fields.Focus(error, first: true)}>
        """);

    private static Html OtherWay(PortalVisit visit, EnrolledFactors enrolled, bool byRecovery, string labels)
    {
        if (enrolled.Apps.Count == 0 || enrolled.RecoveryCodes == 0)
        {
            return default;
        }

        var link = visit.Keeping(PortalPaths.Factor);
        var (target, name) = byRecovery
            ? (link, labels.Length == 0 ? visit.Say(FactorPageWords.UseApp) : visit.Say(FactorPageWords.UseNamedApp, labels))
            : ($"{link}{(link.Contains('?', StringComparison.Ordinal) ? "&" : "?")}method={Recovery}", visit.Say(FactorPageWords.UseRecovery));
        return Html.Of(
            $"""
            <h2 class="label">{visit.Say(FactorPageWords.OtherWays)}</h2>
            <p class="choices"><a href="{target}">{name}</a></p>
            """);
    }

    private static Html Lost(PortalVisit visit)
    {
        var contact = Html.If(visit.Table.HelpdeskContact.Length > 0, () => Html.Of($"<p>{PageParts.Contact(visit.Table.HelpdeskContact)}</p>"));
        return Html.Of($"""<details><summary>{visit.Say(FactorPageWords.Lost)}</summary><p>{visit.Say(FactorPageWords.LostText)}</p>{contact}</details>""");
    }
}
