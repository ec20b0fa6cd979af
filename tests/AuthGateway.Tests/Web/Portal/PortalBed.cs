using System.Net;
using System.Text;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Login;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit.Stores;
using AuthGateway.TestKit;
using AuthGateway.Tests.Core.Factors.AppPasswords;
using AuthGateway.Tests.Core.Backends;
using AuthGateway.Tests.Core.Login.Tickets;
using AuthGateway.Tests.Core.Services;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Account;
using AuthGateway.Web.Portal.ActFor;
using AuthGateway.Web.Portal.Enrolment;
using AuthGateway.Web.Portal.Factor;
using AuthGateway.Web.Portal.Password;
using AuthGateway.Web.Portal.SignIn;
using AuthGateway.Web.Portal;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Web.Portal;

/// <summary>The gateway's pages over stores in memory: <c>/files</c> asks for the password, <c>/owa</c> for a code as well, enrolment is open inside.</summary>
internal sealed class PortalBed
{
    public const string Host = ServiceBed.Mail;
    public const string Right = "correct horse";
    public const string Inside = "10.1.2.3";
    public const string Outside = "203.0.113.7";

    private readonly PortalMiddleware _portal;
    private readonly ServiceBed _services = new();
    private readonly GatewayState _state = new();

    public PortalBed()
    {
        _services.Policies["two"] = new() { Factors = ["password", "totp"] };
        _services.Services.Clear();
        _services.Services["files"] = ServiceBed.Web("/files");
        _services.Services["mail"] = ServiceBed.Web("/owa");
        _services.Services["mail"].Rules[0].Policy = "two";
        User = new UserIdentity("ad", "1", "alice", "alice@example.com", null, [], []);

        Guard = new LockoutGuard(Lockouts, Clock, NullLogger<LockoutGuard>.Instance);
        Sessions = new LiveSessions(SessionStore, Clock, NullLogger<LiveSessions>.Instance);
        var audit = new AuditLog(Audit, Clock, NullLogger<AuditLog>.Instance);
        var login = new LoginFlow(Guard, Clock, NullLogger<LoginFlow>.Instance);
        var appPasswords = new AppPasswordBench(Clock).Flow(login, Guard);
        var signIn = new SignInFlow(
            login, appPasswords, new SignOnFlow(login, Clock, NullLogger<SignOnFlow>.Instance), new TicketGate(Tickets, NullLogger<TicketGate>.Instance), Sessions, audit, Clock, NullLogger<SignInFlow>.Instance);
        var factors = new SecondFactorFlow(Guard, Apps, RecoveryCodes, Sessions, audit, Clock, NullLogger<SecondFactorFlow>.Instance);
        var enrolment = new EnrolmentFlow(Apps, RecoveryCodes, Invitations, Sessions, Guard, audit, Clock, NullLogger<EnrolmentFlow>.Instance);
        var password = new PasswordChangeFlow(login, appPasswords, Guard, Sessions, audit, Clock, NullLogger<PasswordChangeFlow>.Instance);
        var acting = new ActingFlow(new ActForFlow(login, Clock, NullLogger<ActForFlow>.Instance), Sessions, audit, Clock, NullLogger<ActingFlow>.Instance);
        _portal = new PortalMiddleware(
            context =>
            {
                context.Response.StatusCode = 299;
                return Task.CompletedTask;
            },
            [new SignInPage(signIn, factors), new TicketPage(signIn, factors), new SignOnPage(signIn, factors), new FactorPage(factors), new EnrolPage(enrolment), new PasswordPage(password, factors), new AccountPage(factors, Sessions), new AccountActions(signIn, factors, enrolment), new SignOutPage(signIn), new ActForPage(acting, factors)],
            signIn,
            new Branding(_state),
            NullLogger<PortalMiddleware>.Instance);
    }

    public ScriptedTickets Tickets { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    public InMemoryLockoutStore Lockouts { get; } = new();

    public InMemorySessionStore SessionStore { get; } = new();

    public InMemoryTotpStore Apps { get; } = new();

    public InMemoryRecoveryCodeStore RecoveryCodes { get; } = new();

    public InMemoryEnrolmentCodeStore Invitations { get; } = new();

    public InMemoryAuditStore Audit { get; } = new();

    public LockoutGuard Guard { get; }

    public LiveSessions Sessions { get; }

    /// <summary>Asked instead of the one backend that knows <see cref="User"/>.</summary>
    public IBackend? Directory { get; set; }

    /// <summary>From where a password that must be changed may be changed; null for everywhere.</summary>
    public string? PasswordChangeFrom { get; set; }

    /// <summary>Who may act for whom.</summary>
    public ActForOptions Acting { get; } = new();

    public TimeSpan ContactMaxAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Who the password belongs to.</summary>
    public UserIdentity User { get; set; }

    /// <summary>What the right password is answered instead of yes.</summary>
    public BackendAnswer? Answer { get; set; }

    public string Product { get; set; } = "Example Mail";

    public string HelpdeskContact { get; set; } = "helpdesk@example.com";

    /// <summary>An app of the user; its codes are <see cref="Code"/>.</summary>
    public async Task<TotpCredential> AddAppAsync(string label = "Pixel")
    {
        var app = new TotpCredential
        {
            Id = Guid.NewGuid().ToString("N"), IdentityKey = User.Key, Login = User.Login, Label = label, Seed = TotpSeed.New(), Algorithm = TotpAlgorithm.Sha1, Digits = 6,
            CreatedAt = Clock.GetUtcNow(), LastStep = 0,
        };
        (await Apps.AddAsync(app, 5, CancellationToken.None)).ShouldBeTrue();
        return app;
    }

    public string Code(TotpCredential app) => TotpCode.Of(app.Seed, app.Algorithm, app.Digits, TotpCode.StepOf(Clock.GetUtcNow()));

    public PortalBrowser Browser(string address = Inside) => new(this, IPAddress.Parse(address));

    public async Task<HttpContext> SendAsync(HttpContext context, IPAddress address)
    {
        var table = Table();
        _state.Swap(table);
        var cookie = GatewayCookies.Read(context.Request.Headers.Cookie, GatewayCookies.Session);
        var token = SessionToken.TryParse(cookie, out var read) ? read : null;
        context.Features.Set<IPortalRequest>(new AccessRequest
        {
            RequestId = "abcdEFGH12345678",
            Table = table,
            ReceivedAt = Clock.GetUtcNow(),
            Listener = "public",
            Host = Host,
            Authority = Host,
            Port = 443,
            Method = context.Request.Method,
            Target = CanonicalTarget.Parse("/.agw/", "GET").Target!,
            Peer = address,
            ClientAddress = address,
            UserAgent = context.Request.Headers.UserAgent,
            Token = token,
            Session = token is null ? null : Sessions.Find(token, Host, table.Sessions),
            PublishedHost = table.Services.FindHost(Host),
        });
        await _portal.InvokeAsync(context);
        return context;
    }

    /// <summary>What is not for the portal.</summary>
    public async Task<int> PassAsync()
    {
        var context = new DefaultHttpContext();
        await _portal.InvokeAsync(context);
        return context.Response.StatusCode;
    }

    private GatewayTable Table()
    {
        NetworkSet.TryParse(["10.0.0.0/8"], out var inside, out _).ShouldBeTrue();
        var changeFrom = NetworkSet.Any;
        if (PasswordChangeFrom is { } from)
        {
            NetworkSet.TryParse([from], out changeFrom, out _).ShouldBeTrue();
        }

        var services = _services.Sound();
        return new GatewayTable
        {
            ActFor = ActForTable.Build(Acting, services, NetworkCatalog.Build(_services.Networks, new FaultList()), new FaultList()),
            Generation = 1,
            BuiltAt = Clock.GetUtcNow(),
            Services = services,
            Devices = AuthGateway.Core.Devices.DeviceTrust.Empty,
            PasswordChangeFrom = changeFrom,
            Chain = new BackendChain([new ChainLink(Directory ?? new ScriptedBackend("ad", "no")
            {
                Check = (secret, _) => Task.FromResult<BackendAnswer?>(Encoding.UTF8.GetString(secret.Utf8) == Right ? Answer ?? new BackendAnswer.Accepted(User) : null),
            })]),
            Lockout = LockoutPolicy.From(new LockoutOptions()),
            Login = new LoginOptions { FailureFloor = TimeSpan.Zero, ContactMaxAge = ContactMaxAge },
            Factors = new FactorPolicy { Issuer = "Example", EnrolFrom = inside },
            Product = Product,
            HelpdeskContact = HelpdeskContact,
            HelpUrl = "https://intranet.example.com/help",
        };
    }
}

/// <summary>An answer as a browser got it.</summary>
internal sealed record PortalAnswer(int Status, IHeaderDictionary Headers, string Text)
{
    public string? Location => Headers.Location;

    public IReadOnlyList<string> SetCookies => [.. Headers.SetCookie.Select(line => line!)];
}

/// <summary>A browser without scripts that keeps cookies.</summary>
internal sealed class PortalBrowser(PortalBed bed, IPAddress address)
{
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    public string Language { get; set; } = "en";

    public string? Session => Cookies.GetValueOrDefault(GatewayCookies.Session);

    public Task<PortalAnswer> GetAsync(string target) => SendAsync("GET", target, null, []);

    /// <summary>Sends a form with the token, as a page of ours would.</summary>
    public async Task<PortalAnswer> PostAsync(string target, params (string Name, string Value)[] fields)
    {
        if (!Cookies.ContainsKey(GatewayCookies.Form))
        {
            await GetAsync("/.agw/sign-in?again=1");
        }

        return await SendAsync("POST", target, Encode([("form", Cookies[GatewayCookies.Form]), .. fields]), [("Origin", $"https://{PortalBed.Host}"), ("Sec-Fetch-Site", "same-origin")]);
    }

    public Task<PortalAnswer> SignInAsync(string wish = "/files/", string password = PortalBed.Right, string name = "alice") =>
        PostAsync($"/.agw/sign-in?rd={Uri.EscapeDataString(wish)}", ("name", name), ("password", password));

    public async Task<PortalAnswer> SendAsync(string method, string target, string? body, (string Name, string Value)[] headers, string contentType = "application/x-www-form-urlencoded")
    {
        var context = new DefaultHttpContext();
        var question = target.IndexOf('?', StringComparison.Ordinal);
        context.Request.Method = method;
        context.Request.Path = question < 0 ? target : target[..question];
        context.Request.QueryString = new QueryString(question < 0 ? "" : target[question..]);
        context.Request.Headers.AcceptLanguage = Language;
        context.Request.Headers.UserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        if (Cookies.Count > 0)
        {
            context.Request.Headers.Cookie = string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        }

        if (body is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            context.Request.ContentType = contentType;
            context.Request.ContentLength = bytes.Length;
            context.Request.Body = new MemoryStream(bytes);
        }

        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        using var answer = new MemoryStream();
        context.Response.Body = answer;
        await bed.SendAsync(context, address);
        foreach (var line in context.Response.Headers.SetCookie)
        {
            var pair = line!.Split(';')[0].Split('=', 2);
            if (line.Contains("Max-Age=0;", StringComparison.Ordinal))
            {
                Cookies.Remove(pair[0]);
            }
            else
            {
                Cookies[pair[0]] = pair[1];
            }
        }

        return new PortalAnswer(context.Response.StatusCode, context.Response.Headers, Encoding.UTF8.GetString(answer.ToArray()));
    }

    public static string Encode((string Name, string Value)[] fields) =>
        string.Join('&', fields.Select(field => $"{Uri.EscapeDataString(field.Name)}={Uri.EscapeDataString(field.Value)}"));
}
