using System.Security.Cryptography;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Sessions;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.ActFor;
using AuthGateway.Web.Portal.Forms;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal;

/// <summary>One request to the gateway's pages: what came, and the few ways of answering it.</summary>
internal sealed class PortalVisit
{
    private const string RelativeQuery = "?rd=";

    private readonly Branding _branding;

    public PortalVisit(HttpContext http, IPortalRequest request, Branding branding)
    {
        Http = http;
        Request = request;
        _branding = branding;
        Path = http.Request.Path.Value ?? "";
        Wish = Single("rd");
        Language = ChooseLanguage();
        FormToken = FormToken.Of(http.Request.Headers.Cookie);
    }

    public HttpContext Http { get; }

    public IPortalRequest Request { get; }

    public GatewayTable Table => Request.Table;

    public string Path { get; }

    /// <summary>Language of the answer: chosen now, chosen before, or asked for by the browser.</summary>
    public string Language { get; }

    /// <summary>What forms of this browser carry.</summary>
    public FormToken FormToken { get; }

    public CancellationToken Aborted => Http.RequestAborted;

    public bool IsGet => HttpMethods.IsGet(Http.Request.Method) || HttpMethods.IsHead(Http.Request.Method);

    public bool IsPost => HttpMethods.IsPost(Http.Request.Method);

    /// <summary>Where the browser says it wants to go; not checked.</summary>
    public string? Wish { get; }

    /// <summary>Where the person goes when all is proven, and what is owed there.</summary>
    public SignInTarget Target
    {
        get
        {
            var target = SignInTarget.Of(Table, Request.Host, Request.ClientAddress, Wish);
            return target.Path.StartsWith(GatewayAssets.ReservedPath, StringComparison.OrdinalIgnoreCase) && !PortalPaths.IsDestination(target.Path)
                ? target with { Path = Request.PublishedHost?.Home ?? "/" }
                : target;
        }
    }

    /// <summary>A session that owes nothing.</summary>
    public Session? CompleteSession => Request.Session is { IsPending: false } session ? session : null;

    public SignInContext SignIn => new(Request.RequestId, Request.Host, Request.ClientAddress, Request.UserAgent, Table.Sessions, Table.Lockout, Table.Factors) { Device = Request.Device };

    /// <summary>A query value; null when it is missing or sent twice.</summary>
    public string? Single(string name) => Http.Request.Query[name] is [{ } value] ? value : null;

    /// <summary>What a backend says of a user's name and addresses, null once that is too old to be shown.</summary>
    public UserIdentity? Contact(UserIdentity user) => user.AsOf is { } at && Request.ReceivedAt - at <= Table.Login.ContactMaxAge ? user : null;

    /// <summary>The name to call a person by.</summary>
    public string NameOf(UserIdentity user) => Contact(user)?.DisplayName ?? user.Login;

    /// <summary>True where a password that must be changed may be changed before signing in.</summary>
    public bool MayChangePassword => Table.PasswordChangeFrom.Contains(Request.ClientAddress);

    /// <summary>Where a person goes who has just proven enough: to a word about the password first, when the directory had one.</summary>
    public string PathAfter(Session session) =>
        session.PasswordWarning is not null && PasswordChangeFlow.CanChange(Table.Chain, session.User) ? Leading(PortalPaths.Password, Target.Path) : Target.Path;

    public string Say(Phrase phrase) => phrase.In(Language);

    public string Say(Phrase phrase, params object[] values) => phrase.In(Language, values);

    /// <summary>The address of a page of ours that keeps where the person wants to go.</summary>
    public string Keeping(string page) => Wish is null ? page : Leading(page, Target.Path);

    /// <summary>The address of a page of ours that leads on to a path.</summary>
    public static string Leading(string page, string path) => page + RelativeQuery + Uri.EscapeDataString(path);

    /// <summary>The same page in another language.</summary>
    public string InLanguage(string language)
    {
        // What only a post shows is shown again by its form.
        var page = Path.StartsWith(PortalPaths.Account, StringComparison.Ordinal) ? PortalPaths.Account : Path;
        var link = Keeping(page);
        var method = Single("method") is "recovery" ? "&method=recovery" : "";
        var again = Single("again") is "1" ? "&again=1" : "";
        return $"{link}{(link.Contains('?', StringComparison.Ordinal) ? "&" : "?")}lang={language}{method}{again}";
    }

    /// <summary>Hands the browser its session.</summary>
    public void Keep(OpenedSession opened) => SetCookie(GatewayCookies.Session, opened.Token.ToCookie(), "Lax");

    /// <summary>Takes the session from the browser.</summary>
    public void Forget() => SetCookie(GatewayCookies.Session, "", "Lax", maxAge: 0);

    public void SetCookie(string name, string value, string sameSite, int? maxAge = null) => Http.Response.Headers.Append(
        "Set-Cookie", $"{name}={value}; Path=/; {(maxAge is { } seconds ? $"Max-Age={seconds}; " : "")}Secure; HttpOnly; SameSite={sameSite}");

    /// <summary>Leads the browser on: to a page of ours, or to a checked path.</summary>
    public Task GoAsync(string path)
    {
        var response = Http.Response;
        response.StatusCode = IsGet ? StatusCodes.Status302Found : StatusCodes.Status303SeeOther;
        response.Headers.Location = path;
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return Task.CompletedTask;
    }

    /// <summary>Leads to the sign-in page, and back to a page of ours afterwards.</summary>
    public Task SignInFirstAsync(string back) => GoAsync(Leading(PortalPaths.SignIn, back));

    /// <summary>Answers with a page.</summary>
    public Task ShowAsync(PortalPage page)
    {
        var response = Http.Response;
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        PageHeaders.Apply(response.Headers, PageHeaders.ContentSecurityPolicyWithScript(nonce));
        response.StatusCode = page.Status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentLanguage = Language;
        response.Headers.Vary = "Accept-Language, Cookie";
        var hasForm = page.HasForm || CompleteSession is { ActsFor: not null };
        if (hasForm && FormToken.IsNew)
        {
            // Not Strict: a link from another site would come without it, get a new one, and so void the forms open in other tabs.
            // A form posted by another site does not bring a Lax cookie either, and Origin and Fetch Metadata speak against it anyway.
            SetCookie(GatewayCookies.Form, FormToken.Text, "Lax");
        }

        var acting = CompleteSession is { ActsFor: { } target } session ? ActingBanner.For(this, session, NameOf(target)) : default;
        var body = PageLayout.Render(new PageFrame
        {
            Banner = acting,
            Language = Language,
            Title = page.Title,
            Product = Table.Product,
            Branding = _branding,
            Content = page.Content,
            Footer = PortalFooter.For(this),
            Width = page.Width,
            Nonce = nonce,
            HasForm = hasForm,
        });
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(Http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, Aborted).AsTask();
    }

    private string ChooseLanguage()
    {
        if (Single("lang") is { } asked && PageLanguage.All.Contains(asked, StringComparer.Ordinal))
        {
            SetCookie(GatewayCookies.Language, asked, "Lax", maxAge: 31_536_000);
            return asked;
        }

        return GatewayCookies.Read(Http.Request.Headers.Cookie, GatewayCookies.Language) is { } chosen && PageLanguage.All.Contains(chosen, StringComparer.Ordinal)
            ? chosen
            : PageLanguage.Choose(Http.Request.Headers.AcceptLanguage);
    }
}

/// <summary>A page as its handler made it.</summary>
internal sealed record PortalPage
{
    public int Status { get; init; } = StatusCodes.Status200OK;

    public required string Title { get; init; }

    public required Html Content { get; init; }

    public string Width { get; init; } = "narrow";

    public bool HasForm { get; init; } = true;
}
