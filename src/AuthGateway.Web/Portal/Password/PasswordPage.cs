using System.Globalization;
using System.Text;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Account;
using AuthGateway.Web.Portal.Forms;
using AuthGateway.Web.Portal.SignIn;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.Password;

/// <summary>Changes a password: of who is signed in, or of who cannot sign in before it is changed.</summary>
internal sealed class PasswordPage(PasswordChangeFlow flow, SecondFactorFlow factors) : IPortalHandler
{
    public IReadOnlyList<string> Paths { get; } = [PortalPaths.Password];

    public async Task GetAsync(PortalVisit visit)
    {
        if (!await IsLedElsewhereAsync(visit))
        {
            await PasswordForm.ShowAsync(visit, StateFor(visit));
        }
    }

    public async Task PostAsync(PortalVisit visit, Form form)
    {
        if (await IsLedElsewhereAsync(visit))
        {
            return;
        }

        var own = visit.CompleteSession;
        var typed = own is null ? form.Get("name").Trim() : own.User.Login;
        var password = form.Get("password");
        var result = UserName.TryParse(typed, out var name) && Encoding.UTF8.GetByteCount(password) <= Secret.MaxBytes
            ? await flow.ChangeAsync(
                new PasswordChangeRequest(LoginOf(visit, name, password, own), Secret.FromText(form.Get("new")), Secret.FromText(form.Get("repeat")), own) { DeviceOwner = visit.Request.DeviceOwner },
                visit.SignIn,
                visit.Aborted)
            : await flow.RefuseUnreadableNameAsync(visit.Table.Login, typed, visit.SignIn, visit.Aborted);
        await TellAsync(visit, StateFor(visit) with { Name = typed }, result);
    }

    private static Task TellAsync(PortalVisit visit, PasswordFormState state, PasswordChangeResult result)
    {
        switch (result)
        {
            case PasswordChangeResult.Changed:
                visit.Forget();
                return SayAsync(visit, PasswordWords.DoneTitle, PasswordWords.DoneText, visit.Keeping(PortalPaths.SignIn));
            case PasswordChangeResult.Unsure:
                visit.Forget();
                return SayAsync(visit, PasswordWords.UnsureTitle, PasswordWords.UnsureText, visit.Keeping(PortalPaths.SignIn), StatusCodes.Status503ServiceUnavailable);
            case PasswordChangeResult.SignInFirst:
                return SayAsync(visit, PasswordWords.FirstTitle, PasswordWords.FirstText, PortalVisit.Leading(PortalPaths.SignIn, PortalPaths.Password));
            case PasswordChangeResult.Unfit unfit:
                return PasswordForm.ShowAsync(visit, state with { Error = visit.Say(WordsOf(unfit.Fault)), Status = StatusCodes.Status400BadRequest });
            case PasswordChangeResult.NotTaken taken:
                return PasswordForm.ShowAsync(visit, state with { Error = visit.Say(WordsOf(taken.Rule)), Said = taken.Text, Status = StatusCodes.Status400BadRequest });
            case PasswordChangeResult.Unavailable unavailable:
                visit.Http.Response.Headers.RetryAfter = "30";
                return PasswordForm.ShowAsync(visit, state with { Error = WordsOf(visit, unavailable.Reason), Status = unavailable.Reason.Status });
            case PasswordChangeResult.Refused refused:
                // As on the sign-in page: one answer for wrong, unknown and locked.
                var isAddressLocked = ReferenceEquals(refused.Reason, VerdictReason.AddressLocked);
                if (isAddressLocked)
                {
                    visit.Http.Response.Headers.RetryAfter = (visit.Table.Lockout.Address.DurationMs / 1000).ToString(CultureInfo.InvariantCulture);
                }

                return PasswordForm.ShowAsync(
                    visit, state with { Error = WordsOf(visit, refused.Reason), Status = isAddressLocked ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized });
            default:
                throw new InvalidOperationException("The change of a password gave no answer.");
        }
    }

    /// <summary>True when the page is not for this visit, which is then answered.</summary>
    private async ValueTask<bool> IsLedElsewhereAsync(PortalVisit visit)
    {
        if (visit.CompleteSession is { } session)
        {
            if (AccountGate.NeedsFactor(session, await factors.FindAsync(session.User, visit.Aborted)))
            {
                await visit.GoAsync(PortalVisit.Leading(PortalPaths.Factor, PortalPaths.Password));
                return true;
            }

            if (!PasswordChangeFlow.CanChange(visit.Table.Chain, session.User))
            {
                await SayAsync(visit, PasswordWords.NotHereTitle, PasswordWords.RuleNotAllowed, PortalPaths.Account, StatusCodes.Status200OK, PasswordWords.Back);
                return true;
            }

            return false;
        }

        if (visit.Request.Session is not null)
        {
            // The password was right, so there is a way in.
            await visit.GoAsync(PortalVisit.Leading(PortalPaths.Factor, PortalPaths.Password));
            return true;
        }

        if (!visit.Table.Chain.Links.Any(link => link.Backend is IPasswordChanger))
        {
            await Notice.TellAsync(visit, VerdictReason.NoService);
            return true;
        }

        if (!visit.MayChangePassword)
        {
            await Notice.TellAsync(visit, VerdictReason.AddressNotAllowed);
            return true;
        }

        return false;
    }

    private static PasswordFormState StateFor(PortalVisit visit)
    {
        if (visit.CompleteSession is not { } session)
        {
            return new PasswordFormState();
        }

        var target = visit.Target.Path;
        return new PasswordFormState
        {
            Name = session.User.Login,
            NameIsGiven = true,
            Hint = session.PasswordWarning is { } warning ? PasswordForm.Tell(visit, warning) : null,
            Later = target.StartsWith(PortalPaths.Password, StringComparison.Ordinal) || visit.Wish is null ? PortalPaths.Account : target,
        };
    }

    /// <summary>Who is signed in is asked for by his own backend, whatever service the home of this host belongs to.</summary>
    private static LoginRequest LoginOf(PortalVisit visit, UserName name, string password, Session? own)
    {
        var login = SignInPage.LoginOf(visit, name, password);
        return own is not null && visit.Table.Chain.Find(own.User.Backend) is { } link && !link.Serves(login.Scope) ? login with { Scope = link.UsageContext!.Items[0] } : login;
    }

    private static Phrase WordsOf(NewPasswordFault fault) => fault switch
    {
        NewPasswordFault.Characters => PasswordWords.UnfitCharacters,
        NewPasswordFault.Repeat => PasswordWords.UnfitRepeat,
        NewPasswordFault.Same => PasswordWords.UnfitSame,
        _ => PasswordWords.UnfitLength,
    };

    internal static Phrase WordsOf(string rule) => rule switch
    {
        "policy" => PasswordWords.RulePolicy,
        "too-young" => PasswordWords.RuleTooYoung,
        "locked" => PasswordWords.RuleLocked,
        "same" => PasswordWords.UnfitSame,
        "characters" => PasswordWords.UnfitCharacters,
        "too-short" => PasswordWords.RuleTooShort,
        "too-long" => PasswordWords.UnfitLength,
        "too-common" => PasswordWords.RuleTooCommon,
        "login-name" => PasswordWords.RuleLoginName,
        "repeated" => PasswordWords.RuleRepeated,
        "unchecked" => PasswordWords.RuleUnchecked,
        _ => PasswordWords.RuleNotAllowed,
    };

    private static string WordsOf(PortalVisit visit, VerdictReason reason)
    {
        var text = RefusalWords.For(reason, visit.Language);
        return $"{text.What} {text.Remedy}";
    }

    private static Task SayAsync(PortalVisit visit, Phrase title, Phrase text, string link, int status = StatusCodes.Status200OK, Phrase? button = null) => visit.ShowAsync(new PortalPage
    {
        Status = status,
        Title = visit.Say(title),
        HasForm = false,
        Content = Html.Of(
            $"""
            <h1>{visit.Say(title)}</h1>
            <p class="remedy">{visit.Say(text)}</p>
            <p><a class="button full" href="{link}">{visit.Say(button ?? PasswordWords.SignIn)}</a></p>
            {Html.If(visit.Table.HelpdeskContact.Length > 0, () => Html.Of($"""<p class="quiet last">{visit.Say(SignInWords.Helpdesk)} {PageParts.Contact(visit.Table.HelpdeskContact)}</p>"""))}
            """),
    });
}
