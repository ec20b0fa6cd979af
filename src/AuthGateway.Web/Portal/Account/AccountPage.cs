using AuthGateway.Core.Factors;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.ActFor;
using AuthGateway.Web.Portal.Forms;
using AuthGateway.Web.Portal.Password;

namespace AuthGateway.Web.Portal.Account;

/// <summary>What a signed-in person sees and changes of his own: apps, recovery codes, sessions.</summary>
internal sealed class AccountPage(SecondFactorFlow factors, LiveSessions sessions) : IPortalHandler
{
    public IReadOnlyList<string> Paths { get; } = [PortalPaths.Account];

    public async Task GetAsync(PortalVisit visit)
    {
        if (visit.CompleteSession is not { } session)
        {
            await visit.SignInFirstAsync(PortalPaths.Account);
            return;
        }

        if (AccountGate.KnowsNameOnly(session))
        {
            await AccountGate.AskForPasswordAsync(visit);
            return;
        }

        var enrolled = await factors.FindAsync(session.User, visit.Aborted);
        if (AccountGate.NeedsFactor(session, enrolled))
        {
            await visit.GoAsync(PortalVisit.Leading(PortalPaths.Factor, PortalPaths.Account));
            return;
        }

        var open = sessions.OfUser(session.User.Key, visit.Table.Sessions);
        var title = visit.Say(AccountWords.Title);
        await visit.ShowAsync(new PortalPage
        {
            Title = title,
            Width = "wide",
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                <div class="head">
                <p>{visit.Say(AccountWords.SignedInAs, visit.NameOf(session.User), visit.Request.Host)}{Contact(visit, session.User)}</p>
                <form method="post" action="{PortalPaths.SignOut}">{visit.FormToken.Field}<button class="second">{visit.Say(AccountWords.SignOut)}</button></form>
                </div>
                {Password(visit, session)}
                {Apps(visit, enrolled)}
                {Codes(visit, enrolled)}
                {Sessions(visit, session, open)}
                <p class="choices"><a href="{visit.Request.PublishedHost?.Home}">{visit.Say(AccountWords.Back, visit.Request.Host)}</a>{Html.If(ActForPage.IsOpenTo(visit, session), () => Html.Of($"""<a href="{PortalPaths.ActFor}">{visit.Say(ActForPageWords.Title)}</a>"""))}</p>
                """),
        });
    }

    public Task PostAsync(PortalVisit visit, Form form) => visit.GoAsync(PortalPaths.Account);

    /// <summary>What the gateway would tell her by, so that she sees when it is out of date.</summary>
    private static Html Contact(PortalVisit visit, UserIdentity user)
    {
        var facts = string.Join(" · ", new[] { visit.Contact(user)?.Mail, visit.Contact(user)?.Phone }.Where(fact => !string.IsNullOrWhiteSpace(fact)));
        return Html.If(facts.Length > 0, () => Html.Of($""" <span class="quiet sub">{facts}</span>"""));
    }

    private static Html Password(PortalVisit visit, Session session) => Html.If(
        PasswordChangeFlow.CanChange(visit.Table.Chain, session.User) || session.PasswordWarning is not null,
        () => Html.Of(
            $"""
            <section>
            <h2>{visit.Say(AccountWords.Password)}</h2>
            {Html.If(session.PasswordWarning is not null, () => Html.Of($"<p>{PasswordForm.Tell(visit, session.PasswordWarning!)}</p>"))}
            {Html.If(PasswordChangeFlow.CanChange(visit.Table.Chain, session.User), () => Html.Of($"""<p><a class="button second" href="{PortalPaths.Password}">{visit.Say(AccountWords.PasswordChange)}</a></p>"""))}
            </section>
            """));

    private static Html Apps(PortalVisit visit, EnrolledFactors enrolled)
    {
        var apps = enrolled.Apps;
        var table = apps.Count == 0
            ? Html.Of($"<p>{visit.Say(AccountWords.NoApps)}</p>")
            : Html.Of(
                $"""
                <table class="cards">
                <thead><tr><th scope="col">{visit.Say(AccountWords.Name)}</th><th scope="col">{visit.Say(AccountWords.Since)}</th><th scope="col">{visit.Say(AccountWords.LastUsed)}</th><th scope="col">{visit.Say(AccountWords.Action)}</th></tr></thead>
                <tbody>
                {Html.Join(apps.Select(app => App(visit, app, isLast: apps.Count == 1)))}
                </tbody>
                </table>
                """);
        var add = Html.If(apps.Count < FactorPolicy.MostApps, () => Html.Of(
            $"""<p><a class="button second" href="{PortalVisit.Leading(PortalPaths.Enrol, PortalPaths.Account)}">{visit.Say(apps.Count == 0 ? AccountWords.AddApp : AccountWords.AddAnother)}</a></p>"""));
        return Html.Of(
            $"""
            <section>
            <h2>{visit.Say(AccountWords.Apps)} <span class="count">{apps.Count}</span></h2>
            {table}
            {add}
            </section>
            """);
    }

    private static Html App(PortalVisit visit, TotpCredential app, bool isLast)
    {
        var name = app.Label.Length == 0 ? visit.Say(AccountWords.Nameless) : app.Label;
        var used = app.UsedAt is { } at ? RelativeTime.Of(at, visit.Request.ReceivedAt, visit.Language) : Html.Of($"{visit.Say(AccountWords.Never)}");
        return Html.Of(
            $"""
            <tr><th scope="row">{name}</th><td data-label="{visit.Say(AccountWords.Since)}">{PageParts.Day(visit.Language, app.CreatedAt)}</td><td data-label="{visit.Say(AccountWords.LastUsed)}">{used}</td><td>
            <details class="ask"><summary>{visit.Say(AccountWords.Remove)}</summary>
            <p>{visit.Say(AccountWords.RemoveAsk, name)} {Html.If(isLast, () => Html.Of($"{visit.Say(AccountWords.RemoveLast)}"))}</p>
            <form method="post" action="{PortalPaths.RemoveApp}">{visit.FormToken.Field}<input type="hidden" name="id" value="{app.Id}"><button class="danger">{visit.Say(AccountWords.RemoveDo, name)}</button></form>
            </details></td></tr>

            """);
    }

    private static Html Codes(PortalVisit visit, EnrolledFactors enrolled)
    {
        var content = enrolled.Apps.Count == 0
            ? Html.Of($"<p>{visit.Say(AccountWords.CodesNone)}</p>")
            : Html.Of(
                $"""
                <p>{visit.Say(AccountWords.CodesLeft, enrolled.RecoveryCodes)}</p>
                <details class="ask"><summary>{visit.Say(AccountWords.CodesRenew)}</summary>
                <p>{visit.Say(AccountWords.CodesAsk)}</p>
                <form method="post" action="{PortalPaths.RecoveryCodes}">{visit.FormToken.Field}<button class="danger">{visit.Say(AccountWords.CodesRenew)}</button></form>
                </details>
                """);
        return Html.Of(
            $"""
            <section>
            <h2>{visit.Say(AccountWords.Codes)} <span class="count">{enrolled.RecoveryCodes}</span></h2>
            {content}
            </section>
            """);
    }

    private static Html Sessions(PortalVisit visit, Session own, IReadOnlyList<Session> open)
    {
        var others = Html.If(open.Count > 1, () => Html.Of(
            $"""<form method="post" action="{PortalPaths.RevokeOthers}">{visit.FormToken.Field}<button class="danger">{visit.Say(AccountWords.RevokeOthers)}</button></form>"""));
        return Html.Of(
            $"""
            <section>
            <h2>{visit.Say(AccountWords.Sessions)} <span class="count">{open.Count}</span></h2>
            <table class="cards">
            <thead><tr><th scope="col">{visit.Say(AccountWords.Device)}</th><th scope="col">{visit.Say(AccountWords.Address)}</th><th scope="col">{visit.Say(AccountWords.SignedIn)}</th><th scope="col">{visit.Say(AccountWords.LastUsed)}</th><th scope="col">{visit.Say(AccountWords.Action)}</th></tr></thead>
            <tbody>
            {Html.Join(open.Select(session => Row(visit, session, isOwn: session.Id == own.Id)))}
            </tbody>
            </table>
            <p class="quiet">{visit.Say(AccountWords.RevokeHint)}</p>
            {others}
            </section>
            """);
    }

    private static Html Row(PortalVisit visit, Session session, bool isOwn)
    {
        var (record, now) = (session.Record, visit.Request.ReceivedAt);
        var device = DeviceWords.Of(record.UserAgent, visit.Language);
        var mark = isOwn ? Html.Of($"""<span class="state good">✓ {visit.Say(AccountWords.ThisOne)}</span>""")
            : Html.If(session.IsPending, () => Html.Of($"""<span class="quiet">({visit.Say(AccountWords.Unfinished)})</span>"""));
        var action = isOwn
            ? mark
            : Html.Of(
                $"""<form method="post" action="{PortalPaths.RevokeSession}">{visit.FormToken.Field}<input type="hidden" name="id" value="{session.Id}"><button class="second small" aria-label="{visit.Say(AccountWords.RevokeLabel, device)}">{visit.Say(AccountWords.Revoke)}</button></form>""");
        return Html.Of(
            $"""
            <tr><th scope="row">{device} {(isOwn ? default : mark)}<span class="quiet sub">{record.Host}</span></th><td data-label="{visit.Say(AccountWords.Address)}">{record.Address}</td><td data-label="{visit.Say(AccountWords.SignedIn)}">{RelativeTime.Of(record.CreatedAt, now, visit.Language)}</td><td data-label="{visit.Say(AccountWords.LastUsed)}">{RelativeTime.Of(session.SeenAt, now, visit.Language)}</td><td>{action}</td></tr>

            """);
    }
}
