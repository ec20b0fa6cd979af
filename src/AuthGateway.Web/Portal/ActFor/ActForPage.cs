using System.Globalization;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Account;
using AuthGateway.Web.Portal.Forms;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.ActFor;

/// <summary>Begins and ends acting for another user. It lists nobody: who is acted for is typed, and an unknown name is refused like any other that may not be acted for.</summary>
internal sealed class ActForPage(ActingFlow flow, SecondFactorFlow factors) : IPortalHandler
{
    public IReadOnlyList<string> Paths { get; } = [PortalPaths.ActFor, PortalPaths.ActForEnd];

    /// <summary>True for a holder of the right on some service of the host, from where he is.</summary>
    public static bool IsOpenTo(PortalVisit visit, Session session) =>
        visit.Table.ActFor.IsOn && ServicesOf(visit).Any(service => visit.Table.ActFor.MayAct(session.User, service, visit.Request.ClientAddress));

    public async Task GetAsync(PortalVisit visit)
    {
        if (visit.Path == PortalPaths.ActForEnd)
        {
            await visit.GoAsync(PortalPaths.ActFor);
            return;
        }

        if (await PassAsync(visit) is { } session)
        {
            await ShowFormAsync(visit, "", "", null, StatusCodes.Status200OK);
        }
    }

    public Task PostAsync(PortalVisit visit, Form form) => visit.Path == PortalPaths.ActForEnd ? EndAsync(visit) : BeginAsync(visit, form);

    private async Task BeginAsync(PortalVisit visit, Form form)
    {
        if (await PassAsync(visit) is not { } session || visit.Request.Token is not { } token)
        {
            return;
        }

        var (typed, reason) = (form.Get("target").Trim(), form.Get("reason").Trim());
        if (reason.Length is 0 or > ActingFlow.LongestReason)
        {
            await ShowFormAsync(visit, typed, reason, visit.Say(ActForPageWords.ReasonMissing), StatusCodes.Status400BadRequest);
            return;
        }

        if (!UserName.TryParse(typed, out var target))
        {
            await ShowFormAsync(visit, typed, reason, Words(visit), VerdictReason.ActForDenied.Status);
            return;
        }

        var table = visit.Table;
        var result = await flow.BeginAsync(
            new ActingStart(session, token, table.ActFor, table.Chain, table.Generation, table.Login, [.. ServicesOf(visit)], target, reason), visit.SignIn, visit.Aborted);
        switch (result)
        {
            case SignInResult.Proven begun:
                Change(visit, begun.Opened);
                await visit.GoAsync(PortalPaths.ActFor);
                return;
            case SignInResult.Unavailable unavailable:
                await Notice.TellAsync(visit, unavailable.Reason);
                return;
            case SignInResult.Refused { Reason: var refused } when ReferenceEquals(refused, VerdictReason.SessionEnded):
                await visit.SignInFirstAsync(PortalPaths.ActFor);
                return;
            default:
                await ShowFormAsync(visit, typed, reason, Words(visit), VerdictReason.ActForDenied.Status);
                return;
        }
    }

    /// <summary>Always open to who acts, whatever has become of his right.</summary>
    private async Task EndAsync(PortalVisit visit)
    {
        if (visit.CompleteSession is { ActsFor: not null } session && visit.Request.Token is { } token && await flow.EndAsync(session, token, visit.SignIn, CancellationToken.None) is { } opened)
        {
            Change(visit, opened);
        }

        await visit.GoAsync(PortalPaths.Account);
    }

    /// <summary>The session, when this visit may begin to act; else it has been answered.</summary>
    private async ValueTask<Session?> PassAsync(PortalVisit visit)
    {
        if (!visit.Table.ActFor.IsOn && visit.CompleteSession is not { ActsFor: not null })
        {
            await Notice.TellAsync(visit, VerdictReason.NoService);
            return null;
        }

        if (visit.CompleteSession is not { } session)
        {
            await visit.SignInFirstAsync(PortalPaths.ActFor);
            return null;
        }

        if (session.ActsFor is { } target)
        {
            await ShowActingAsync(visit, session, target);
            return null;
        }

        var enrolled = await factors.FindAsync(session.User, visit.Aborted);
        if (AccountGate.KnowsNameOnly(session))
        {
            await visit.GoAsync(PortalVisit.Leading(PortalPaths.SignIn, PortalPaths.ActFor) + "&again=1");
            return null;
        }

        if (AccountGate.NeedsFactor(session, enrolled))
        {
            await visit.GoAsync(PortalVisit.Leading(PortalPaths.Factor, PortalPaths.ActFor));
            return null;
        }

        if (!IsOpenTo(visit, session))
        {
            await Notice.TellAsync(visit, VerdictReason.ActForDenied);
            return null;
        }

        if (!flow.IsRecent(session))
        {
            await visit.GoAsync(enrolled.Any ? PortalVisit.Leading(PortalPaths.Factor, PortalPaths.ActFor) : PortalVisit.Leading(PortalPaths.SignIn, PortalPaths.ActFor) + "&again=1");
            return null;
        }

        return session;
    }

    /// <summary>What an upstream's pages have kept in the browser belongs to the one, and the next page to the other.</summary>
    private static void Change(PortalVisit visit, OpenedSession opened)
    {
        visit.Keep(opened);
        visit.Http.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
    }

    private static IEnumerable<string> ServicesOf(PortalVisit visit) => visit.Table.Services.Services
        .Where(service => (service.Logins & LoginWays.Form) != 0 && service.Hosts.Contains(visit.Request.Host, StringComparer.Ordinal))
        .Select(service => service.Name);

    private static string Words(PortalVisit visit)
    {
        var text = RefusalWords.For(VerdictReason.ActForDenied, visit.Language);
        return $"{text.What} {text.Remedy}";
    }

    private static Task ShowFormAsync(PortalVisit visit, string target, string reason, string? error, int status)
    {
        var title = visit.Say(ActForPageWords.Title);
        var minutes = ((int)visit.Table.ActFor.Lifetime.TotalMinutes).ToString(CultureInfo.InvariantCulture);
        return visit.ShowAsync(new PortalPage
        {
            Status = status,
            Title = title,
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                {Fields.Error(error)}
                <p>{visit.Say(ActForPageWords.Text, visit.Request.Host, minutes)}</p>
                <form method="post" action="{PortalPaths.ActFor}">
                {visit.FormToken.Field}
                <label for="target">{visit.Say(ActForPageWords.Target)}</label>
                <input id="target" name="target" type="text" value="{target}" autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="256" required {Fields.Focus(error, first: true)}>
                <label for="reason">{visit.Say(ActForPageWords.Reason)}</label>
                <input id="reason" name="reason" type="text" value="{reason}" autocomplete="off" maxlength="200" required aria-describedby="reason-hint">
                <p class="quiet hint" id="reason-hint">{visit.Say(ActForPageWords.ReasonHint)}</p>
                <button class="full">{visit.Say(ActForPageWords.Begin)}</button>
                </form>
                <p class="choices"><a href="{PortalPaths.Account}">{visit.Say(AccountWords.Title)}</a></p>
                """),
        });
    }

    private static Task ShowActingAsync(PortalVisit visit, Session session, UserIdentity target)
    {
        var name = visit.NameOf(target);
        var title = visit.Say(ActForPageWords.ActingTitle, name);
        return visit.ShowAsync(new PortalPage
        {
            Title = title,
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                <p class="remedy">{visit.Say(ActForPageWords.ActingText, visit.Request.Host, name, PageParts.Text(visit.Language, session.Record.EndsAt))}</p>
                <p><a class="button full" href="{visit.Request.PublishedHost?.Home}">{visit.Say(ActForPageWords.Open, visit.Request.Host)}</a></p>
                <p class="choices"><a href="{PortalPaths.SignOut}">{visit.Say(AccountWords.SignOut)}</a></p>
                """),
        });
    }
}
