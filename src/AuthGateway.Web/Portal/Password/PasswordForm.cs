using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.Password;

/// <summary>What the form for a new password shows.</summary>
internal sealed record PasswordFormState
{
    /// <summary>Name as typed; never a password.</summary>
    public string Name { get; init; } = "";

    /// <summary>True for who is signed in: the name is given then.</summary>
    public bool NameIsGiven { get; init; }

    /// <summary>Why the page is shown, or null.</summary>
    public string? Hint { get; init; }

    /// <summary>What went wrong, or null.</summary>
    public string? Error { get; init; }

    /// <summary>What the directory said about it: text of another's server.</summary>
    public string? Said { get; init; }

    /// <summary>Where "later" leads, or null where there is no later.</summary>
    public string? Later { get; init; }

    public int Status { get; init; } = StatusCodes.Status200OK;
}

/// <summary>The form for a new password.</summary>
internal static class PasswordForm
{
    public static Task ShowAsync(PortalVisit visit, PasswordFormState state)
    {
        var title = visit.Say(PasswordWords.Title);
        return visit.ShowAsync(new PortalPage
        {
            Status = state.Status,
            Title = title,
            Content = Html.Of(
                $"""
                <h1>{title}</h1>
                {Fields.Error(state.Error)}
                {Html.If(state.Said is not null, () => Html.Of($"<p>{visit.Say(PasswordWords.Said, state.Said!)}</p>"))}
                {Html.If(state.Hint is not null && state.Error is null, () => Html.Of($"""<p class="remedy">{state.Hint}</p>"""))}
                <form method="post" action="{visit.Keeping(PortalPaths.Password)}">
                {visit.FormToken.Field}
                {Name(visit, state)}
                <label for="password">{visit.Say(PasswordWords.Current)}</label>
                <input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required {Fields.Focus(state.Error, first: state.Name.Length > 0)}>
                <label for="new">{visit.Say(PasswordWords.New)}</label>
                <input id="new" name="new" type="password" autocomplete="new-password" maxlength="256" required aria-describedby="new-hint">
                <p class="quiet" id="new-hint">{visit.Say(PasswordWords.Hint)}</p>
                <label for="repeat">{visit.Say(PasswordWords.Repeat)}</label>
                <input id="repeat" name="repeat" type="password" autocomplete="new-password" maxlength="256" required>
                <button class="full">{visit.Say(PasswordWords.Do)}</button>
                </form>
                <p class="quiet">{visit.Say(PasswordWords.EndsSessions)}</p>
                {Html.If(state.Later is not null, () => Html.Of($"""<p class="choices"><a href="{state.Later}">{visit.Say(PasswordWords.Later)}</a></p>"""))}
                """),
        });
    }

    /// <summary>A sentence about a password that will not serve much longer.</summary>
    public static string Tell(PortalVisit visit, PasswordWarning warning) => warning switch
    {
        { GraceLoginsLeft: { } left } => visit.Say(PasswordWords.Grace, left),
        { ExpiresAt: { } at } => visit.Say(PasswordWords.Expires, PageParts.DayText(visit.Language, at)),
        _ => visit.Say(PasswordWords.ExpiresSoon),
    };

    private static Html Name(PortalVisit visit, PasswordFormState state) => state.NameIsGiven
        // Hidden from eyes, not from programs that keep passwords: they need to know whose this is.
        ? Html.Of($"""<input type="hidden" name="name" autocomplete="username" value="{state.Name}">""")
        : Html.Of(
            $"""
            <label for="name">{visit.Say(PasswordWords.Name)}</label>
            <input id="name" name="name" type="text" value="{state.Name}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="256" required {Fields.Focus(state.Error, first: state.Name.Length == 0)}>
            """);
}
