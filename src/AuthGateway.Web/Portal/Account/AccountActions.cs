using AuthGateway.Core.Login;
using AuthGateway.Core.Sessions;
using AuthGateway.Web.Portal.Enrolment;
using AuthGateway.Web.Portal.Forms;

namespace AuthGateway.Web.Portal.Account;

/// <summary>What the account page's buttons do. Opened by their address they lead to the page.</summary>
internal sealed class AccountActions(SignInFlow signIn, SecondFactorFlow factors, EnrolmentFlow enrolment) : IPortalHandler
{
    public IReadOnlyList<string> Paths { get; } = [PortalPaths.RevokeSession, PortalPaths.RevokeOthers, PortalPaths.RemoveApp, PortalPaths.RecoveryCodes];

    public Task GetAsync(PortalVisit visit) => visit.GoAsync(PortalPaths.Account);

    public async Task PostAsync(PortalVisit visit, Form form)
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

        if (AccountGate.NeedsFactor(session, await factors.FindAsync(session.User, visit.Aborted)))
        {
            await ProveFirstAsync(visit);
            return;
        }

        await (visit.Path switch
        {
            PortalPaths.RevokeSession => RevokeAsync(visit, session, form.Get("id")),
            PortalPaths.RevokeOthers => RevokeAsync(visit, session, null),
            PortalPaths.RemoveApp => RemoveAsync(visit, session, form.Get("id")),
            PortalPaths.RecoveryCodes => RenewAsync(visit, session),
            _ => visit.GoAsync(PortalPaths.Account),
        });
    }

    private async Task RevokeAsync(PortalVisit visit, Session session, string? id)
    {
        // Not under the browser's token: what was asked for is done, whoever hangs up. One that is gone already is what was wanted.
        _ = await signIn.RevokeOwnAsync(session, id, visit.SignIn, CancellationToken.None);
        await visit.GoAsync(PortalPaths.Account);
    }

    private async Task RemoveAsync(PortalVisit visit, Session session, string id)
    {
        if (enrolment.GateOfOwner(session) != EnrolmentGate.Open)
        {
            await ProveFirstAsync(visit);
            return;
        }

        _ = await enrolment.RemoveAsync(session, id, visit.SignIn, CancellationToken.None);
        await visit.GoAsync(PortalPaths.Account);
    }

    private async Task RenewAsync(PortalVisit visit, Session session)
    {
        if (await enrolment.RenewRecoveryCodesAsync(session, visit.SignIn, CancellationToken.None) is { } codes)
        {
            await RecoveryCodeList.ShowAsync(visit, codes, EnrolmentWords.CodesVoid, PortalPaths.Account);
        }
        else
        {
            await ProveFirstAsync(visit);
        }
    }

    // The page asks again afterwards: a code typed in must not remove what the person has forgotten about.
    private static Task ProveFirstAsync(PortalVisit visit) => visit.GoAsync(PortalVisit.Leading(PortalPaths.Factor, PortalPaths.Account));
}
