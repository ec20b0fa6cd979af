using AuthGateway.Core.Login;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Forms;

namespace AuthGateway.Web.Portal.SignIn;

/// <summary>Asks before it signs out, since a link alone must not; then ends the session here, on the server and in the browser's memory.</summary>
internal sealed class SignOutPage(SignInFlow flow) : IPortalHandler
{
    public IReadOnlyList<string> Paths { get; } = [PortalPaths.SignOut];

    public Task GetAsync(PortalVisit visit)
    {
        if (visit.Request.Session is not { } session)
        {
            return ShowDoneAsync(visit);
        }

        var title = visit.Say(SignInWords.OutTitle);
        return visit.ShowAsync(new PortalPage
        {
            Title = title,
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                <p class="remedy">{visit.Say(SignInWords.OutText, visit.NameOf(session.User), visit.Request.Host)}</p>
                <form method="post" action="{PortalPaths.SignOut}">
                {visit.FormToken.Field}
                <button class="full">{visit.Say(SignInWords.SignOut)}</button>
                </form>
                <p class="choices"><a href="{visit.Target.Path}">{visit.Say(SignInWords.Stay)}</a></p>
                """),
        });
    }

    public async Task PostAsync(PortalVisit visit, Form form)
    {
        // Whatever the store says: the browser loses its cookie.
        visit.Forget();
        if (visit.Request.Session is { } session)
        {
            await flow.SignOutAsync(session, visit.SignIn, CancellationToken.None);
        }

        visit.Http.Response.Headers["Clear-Site-Data"] = "\"cache\", \"cookies\", \"storage\"";
        await ShowDoneAsync(visit);
    }

    private static Task ShowDoneAsync(PortalVisit visit)
    {
        var title = visit.Say(SignInWords.DoneTitle);
        return visit.ShowAsync(new PortalPage
        {
            Title = title,
            HasForm = false,
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                <p class="remedy">{visit.Say(SignInWords.DoneText)}</p>
                <p><a class="button full" href="{PortalPaths.SignIn}">{visit.Say(SignInWords.SignInAgain)}</a></p>
                """),
        });
    }
}
