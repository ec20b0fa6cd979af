using System.Globalization;
using System.Text;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Forms;
using AuthGateway.Web.Portal.Password;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.SignIn;

/// <summary>Name and password; and, for who has proven them already, where to go from here.</summary>
internal sealed class SignInPage(SignInFlow flow, SecondFactorFlow factors) : IPortalHandler
{
    private const int SentSeconds = 10;

    public IReadOnlyList<string> Paths { get; } = [PortalPaths.SignIn];

    public Task GetAsync(PortalVisit visit)
    {
        if (visit.CompleteSession is not { } session || visit.Single("again") is "1")
        {
            return ShowFormAsync(visit, "", null, StatusCodes.Status200OK);
        }

        // Who was just sent on from here and is back is not sent on again: somebody beyond us leads here, and both would go on for ever.
        var target = visit.Target.Path;
        if (visit.Wish is { } wish && wish == target && GatewayCookies.Read(visit.Http.Request.Headers.Cookie, GatewayCookies.Sent) is null)
        {
            visit.SetCookie(GatewayCookies.Sent, "1", "Lax", SentSeconds);
            return visit.GoAsync(target);
        }

        return ShowSignedInAsync(visit, session, target);
    }

    public async Task PostAsync(PortalVisit visit, Form form)
    {
        // A blank behind the name comes from keyboards that complete words.
        var typed = form.Get("name").Trim();
        var password = form.Get("password");
        var result = UserName.TryParse(typed, out var name) && Encoding.UTF8.GetByteCount(password) <= Secret.MaxBytes
            ? await flow.SignInAsync(
                new SignInRequest(LoginOf(visit, name, password), visit.Target.OwesFactor, visit.Request.PublishedHost?.KeepsPassword ?? false, visit.Request.Session) { DeviceOwner = visit.Request.DeviceOwner },
                visit.SignIn,
                visit.Aborted)
            : await flow.RefuseUnreadableNameAsync(visit.Table.Login, typed, visit.SignIn, visit.Aborted);
        switch (result)
        {
            case SignInResult.Proven proven:
                await Arrival.GoOnAsync(visit, proven.Opened, factors);
                return;
            case SignInResult.Refused { CanChangePassword: true, ProvenState: { } due }:
                var why = AccountStateWords.For(due, visit.Language) ?? new RefusalText(visit.Say(PasswordWords.MustChange), "");
                await (visit.MayChangePassword
                    ? PasswordForm.ShowAsync(visit, new PasswordFormState { Name = typed, Hint = $"{why.What} {why.Remedy}" })
                    : ShowFormAsync(visit, typed, null, StatusCodes.Status403Forbidden, why with { Remedy = visit.Say(PasswordWords.MustChangeElsewhere) }));
                return;
            case SignInResult.Unavailable unavailable:
                visit.Http.Response.Headers.RetryAfter = "30";
                await ShowFormAsync(visit, typed, unavailable.Reason, unavailable.Reason.Status);
                return;
            case SignInResult.Refused refused:
                // One status for all that must not be told apart, and no header that makes a browser ask by itself.
                var isAddressLocked = ReferenceEquals(refused.Reason, VerdictReason.AddressLocked);
                if (isAddressLocked)
                {
                    visit.Http.Response.Headers.RetryAfter = (visit.Table.Lockout.Address.DurationMs / 1000).ToString(CultureInfo.InvariantCulture);
                }

                // The state is there only for who has typed the right password; everybody else gets the one text for all.
                var state = refused.ProvenState is { } word ? AccountStateWords.For(word, visit.Language) : null;
                await ShowFormAsync(visit, typed, refused.Reason, isAddressLocked ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized, state);
                return;
        }
    }

    /// <summary>What is judged when somebody types a name and a password into a page of ours.</summary>
    internal static LoginRequest LoginOf(PortalVisit visit, UserName name, string password) => new(
        visit.Table.Chain,
        visit.Table.Generation,
        visit.Table.Lockout,
        visit.Table.Login,
        name,
        Secret.FromText(password),
        visit.Request.ClientAddress,
        Arrival.ScopeOf(visit),
        visit.Request.Device?.Thumbprint);

    /// <summary>The form, with what went wrong above it and the other ways of signing in below.</summary>
    internal static Task ShowFormAsync(PortalVisit visit, string name, VerdictReason? reason, int status, RefusalText? state = null)
    {
        var text = state ?? (reason is null ? null : RefusalWords.For(reason, visit.Language));
        var error = text is null ? null : $"{text.What} {text.Remedy}";
        var title = visit.Say(SignInWords.Title, visit.Request.Host);
        var hint = Html.If(visit.CompleteSession is not null && error is null, () => Html.Of($"""<p class="remedy">{visit.Say(SignInWords.Again)}</p>"""));
        var contact = Html.If(
            visit.Table.HelpdeskContact.Length > 0, () => Html.Of($"""<p class="quiet last">{visit.Say(SignInWords.Trouble)} {PageParts.Contact(visit.Table.HelpdeskContact)}</p>"""));
        return visit.ShowAsync(new PortalPage
        {
            Status = status,
            Title = title,
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                {Fields.Error(error)}
                {hint}
                <form method="post" action="{visit.Keeping(PortalPaths.SignIn)}">
                {visit.FormToken.Field}
                <label for="name">{visit.Say(SignInWords.Name)}</label>
                <input id="name" name="name" type="text" value="{name}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="256" required {Fields.Focus(error, first: true)}>
                <label for="password">{visit.Say(SignInWords.Password)}</label>
                <div class="joined">
                <input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required {Fields.Focus(error, first: false)}>
                <button type="button" class="inside" hidden data-show="password" data-on="{visit.Say(SignInWords.Hide)}" data-on-label="{visit.Say(SignInWords.HideLabel)}" aria-label="{visit.Say(SignInWords.ShowLabel)}">{visit.Say(SignInWords.Show)}</button>
                </div>
                <button class="full">{visit.Say(SignInWords.SignIn)}</button>
                </form>
                {SignOnPage.Choices(visit)}
                {contact}
                """),
        });
    }

    private static Task ShowSignedInAsync(PortalVisit visit, Session session, string target) => visit.ShowAsync(new PortalPage
    {
        Title = visit.Say(SignInWords.AlreadyTitle),
        HasForm = false,
        Content = Html.Of(
            $"""
            <h1>{visit.Say(SignInWords.AlreadyTitle)}</h1>
            <p class="remedy">{visit.Say(SignInWords.AlreadyText, visit.NameOf(session.User), visit.Request.Host)}</p>
            <p><a class="button full" href="{target}">{visit.Say(SignInWords.Continue)}</a></p>
            <p class="choices"><a href="{AgainLink(visit)}">{visit.Say(SignInWords.SomeoneElse)}</a><a href="{PortalPaths.Account}">{visit.Say(SignInWords.MyAccount)}</a><a href="{PortalPaths.SignOut}">{visit.Say(SignInWords.SignOut)}</a></p>
            """),
    });

    /// <summary>The form, also for who is signed in.</summary>
    internal static string AgainLink(PortalVisit visit)
    {
        var link = visit.Keeping(PortalPaths.SignIn);
        return link + (link.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "again=1";
    }
}
