using System.Net;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Services.ActiveSync;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Sessions.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Pipeline;

/// <summary>
/// What is known so far about one HTTP request. The upper half is what came in, the lower half what the stages found;
/// a stage writes what it decides and reads what the stages before it decided.
/// </summary>
internal sealed class AccessRequest : IAdmittedRequest, IPortalRequest
{
    private bool _isFirstMeeting;

    /// <summary>The gateway's own id of the request.</summary>
    public required string RequestId { get; init; }

    /// <summary>The runtime picture taken once, at the door; a reload does not touch this request.</summary>
    public required GatewayTable Table { get; init; }

    /// <summary>Now, at the door.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Name of the listener the connection came in on.</summary>
    public required string Listener { get; init; }

    /// <summary>Canonical host.</summary>
    public required string Host { get; init; }

    /// <summary>Host as links must name it: with the port when it is not 443.</summary>
    public required string Authority { get; init; }

    /// <summary>Port of the listener.</summary>
    public required int Port { get; init; }

    /// <summary>Method the rules see; an HTTP/2 WebSocket counts as the GET it replaces.</summary>
    public required string Method { get; init; }

    /// <summary>The canonical target.</summary>
    public required CanonicalTarget Target { get; init; }

    /// <summary>The other end of the socket.</summary>
    public required IPAddress Peer { get; init; }

    /// <summary>Lines of <c>X-Forwarded-For</c>.</summary>
    public StringValues ForwardedFor { get; init; }

    /// <summary>Lines of <c>Authorization</c>.</summary>
    public StringValues Authorization { get; init; }

    /// <summary>What a trusted forwarder said about the user, or null.</summary>
    public ForwardedName? ForwardedName { get; init; }

    /// <summary>From where the browser says a request was made (Fetch Metadata).</summary>
    public StringValues FetchSite { get; init; }

    /// <summary>The <c>Destination</c> of COPY and MOVE.</summary>
    public StringValues Destination { get; init; }

    /// <summary>The <c>Depth</c> of a DAV request.</summary>
    public StringValues Depth { get; init; }

    /// <summary>True when the client asks for a WebSocket.</summary>
    public bool IsWebSocket { get; init; }

    /// <summary>The <c>Origin</c> a browser names.</summary>
    public StringValues Origin { get; init; }

    /// <summary>The token of the session cookie, or null.</summary>
    public SessionToken? Token { get; init; }

    /// <summary>True when a browser asks for a page to show: the only kind of request that is answered by leading it to another page.</summary>
    public bool IsNavigation { get; init; }

    /// <summary>True when a browser asks for anything: a 401 must not make it ask for a password by itself.</summary>
    public bool IsBrowser { get; init; }

    /// <summary>For the audit.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The certificate of the TLS handshake, or null.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Set when nobody is really asking: the user as told, so that nothing is charged and no directory asked.</summary>
    public UserIdentity? RehearsedUser { get; init; }

    /// <summary>Counters that this user's logins are known to be judged by, for <c>explain</c> to look at.</summary>
    public IReadOnlyList<LockoutKey> RehearsedCounters { get; init; } = [];

    /// <summary>Factors told when nobody is really asking.</summary>
    public FactorSet RehearsedFactors { get; init; }

    /// <summary>Whom the user as told acts for, or null.</summary>
    public UserIdentity? RehearsedTarget { get; init; }

    /// <summary>True when what is open already is judged again: a lock that strangers may have caused closes nothing.</summary>
    public bool IgnoresLocks { get; init; }

    /// <summary>True when the request of a token is judged again: what it was proven by is known to live, and is not shown anew.</summary>
    public bool IsOfToken { get; init; }

    /// <summary>When what this request opened was last judged with its credentials, and stood; null when it never was judged again.</summary>
    public DateTimeOffset? StoodAt { get; set; }

    /// <summary>True for <c>explain</c>.</summary>
    public bool IsRehearsal { get; init; }

    // What the stages found.

    /// <summary>Set by the client-address stage.</summary>
    public IPAddress ClientAddress { get; set; } = IPAddress.None;

    /// <summary>Forwarded entries read.</summary>
    public int ForwarderHops { get; set; }

    /// <summary>Set by the service stage.</summary>
    public PublishedHost? PublishedHost { get; set; }

    /// <summary>Set by the service stage.</summary>
    public Service? Service { get; set; }

    /// <summary>Set by the service stage.</summary>
    public Rule? Rule { get; set; }

    /// <summary>Set by the service stage together with <see cref="Rule"/>.</summary>
    public Policy Policy => Rule?.Policy ?? Policy.DenyAll;

    /// <summary>Path the gateway redirects to by itself.</summary>
    public string? RedirectTo { get; set; }

    /// <summary>Verified destination of COPY and MOVE, or null.</summary>
    public CanonicalTarget? DestinationTarget { get; set; }

    /// <summary>The ActiveSync query, on ActiveSync services.</summary>
    public ActiveSyncQuery? ActiveSync { get; set; }

    /// <summary>Set by the device stage when it looked.</summary>
    public DeviceCheck? Device { get; set; }

    /// <summary>Credentials as sent; forwarded only by services that say so, and only when verified.</summary>
    public BasicCredentials? Credentials { get; set; }

    /// <summary>The live session the browser came with, pending ones included; set by the login stage.</summary>
    public Session? Session { get; set; }

    /// <summary>Both names of <c>target*actor</c>, when the request came under such a one; set by the login stage.</summary>
    public ActForName? ActsFor { get; set; }

    /// <summary>Who has proven himself and acts for <see cref="Identity"/>; set by the act-for stage. Null where everybody acts for himself.</summary>
    public UserIdentity? Actor { get; set; }

    /// <summary>Who it is, once a backend has said so: whoever proves himself up to the act-for stage, and from there on whose mailbox it is.</summary>
    public UserIdentity? Identity { get; set; }

    /// <summary>The name a ticket, certificate or header told, for the audit; null where a name was typed.</summary>
    public string? ToldName { get; set; }

    /// <summary>What lets the client of a ticket know us; goes into the answer.</summary>
    public string? TicketAnswer { get; set; }

    /// <summary>True where a client is asked for a ticket beside the password.</summary>
    public bool OffersTicket =>
        Table.Tickets.Offers(ClientAddress)
        && Service is { } service
        && (service.Logins & LoginWays.Basic) != 0
        && Policy.TakesInsteadOfPassword(FactorSet.Kerberos);

    /// <summary>True when a page of this very host made the request.</summary>
    public bool IsOwnOrigin =>
        Origin is [{ } origin]
        && origin.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        && origin.AsSpan("https://".Length).Equals(Authority, StringComparison.OrdinalIgnoreCase);

    /// <summary>The proof behind <see cref="Identity"/>.</summary>
    public LoginResult.Proven? Proof { get; set; }

    /// <summary>Factors proven so far.</summary>
    public FactorSet Proven { get; set; }

    /// <summary>What the factor stage said, for its own line in <c>explain</c>.</summary>
    public Verdict FactorVerdict { get; set; }

    /// <summary>One sentence more for audit and <c>explain</c>, without secrets.</summary>
    public string? Detail { get; set; }

    /// <summary>The answer of the whole corridor; its default refuses.</summary>
    public Verdict Verdict { get; set; }

    /// <summary>Who tells a failure after the Allow; set with it.</summary>
    public LateFailure? Late { get; set; }

    /// <summary>Who makes tokens for upstreams; set with an Allow.</summary>
    public TokenIssuer? Tokens { get; set; }

    string? IPortalRequest.DeviceOwner => Device?.Device?.Owner;

    DeviceCertificate? IPortalRequest.Device => Device?.Device;

    // What the forwarder sees of it.

    bool IAdmittedRequest.IsAllowed => Verdict.Kind == VerdictKind.Allow;

    Service IAdmittedRequest.Service => Service ?? throw new InvalidOperationException("No service was decided.");

    string IAdmittedRequest.Port => Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    string IAdmittedRequest.EncodedPath => Target.Encoded;

    string IAdmittedRequest.Query => Target.Query;

    string IAdmittedRequest.ClientAddress => ClientAddress.ToString();

    string? IAdmittedRequest.DestinationPath => DestinationTarget is { } target ? target.Encoded + target.Query : null;

    string? IAdmittedRequest.Login => Identity?.Login;

    // Opened for the request that hands it on, and for no other. Who acts for another has proven his own, which is not the password of whom the
    // upstream is told.
    Secret? IAdmittedRequest.Password =>
        Actor is not null || ActsFor is not null || (Proven & FactorSet.Password) == 0 ? null
        : Credentials is { } credentials ? credentials.Password
        : Session is { } session && Token is { } token ? session.OpenPassword(token) : null;

    // No grant names a service that hands out tokens; that the rules say so is not relied upon.
    UpstreamToken IAdmittedRequest.TakeToken() => Actor is not null
        ? throw new InvalidOperationException("Nobody who acts for another gets a token of the other's.")
        : (Tokens ?? throw new InvalidOperationException("The request was not admitted by the corridor.")).Take(this);

    /// <summary>Judges this request again while it is open; set for WebSockets.</summary>
    public Func<AccessRequest, ValueTask<bool>>? Standing { get; set; }

    bool IAdmittedRequest.BringsForeignCookies =>
        _isFirstMeeting = Identity is not null && Session is { } session && Service is { Identity: not IdentityForwarding.None } service && session.MeetsFirst(service.Name);

    bool IAdmittedRequest.IsOwnCookie(string name) => Session?.OwnsCookie(name) ?? true;

    void IAdmittedRequest.KeepOwnCookies(StringValues setCookies)
    {
        if (Session is { } session)
        {
            foreach (var line in setCookies)
            {
                session.KeepCookie((line ?? "").Split('=')[0].Trim());
            }
        }
    }

    ValueTask<bool> IAdmittedRequest.StillStandsAsync() => Standing is { } standing ? standing(this) : new(true);

    CancellationToken IAdmittedRequest.Ended => Session?.Ended ?? Proof?.AppPassword?.Password.Ended ?? default;

    bool IAdmittedRequest.HasSession => Session is not null;

    string IAdmittedRequest.Realm => Table.Login.Realm;

    Task IAdmittedRequest.FailAsync(HttpContext context, VerdictReason reason, string? detail)
    {
        // Our own answer takes the place of the one that would have let somebody else's cookies expire: the next request leaves them behind again.
        if (_isFirstMeeting)
        {
            Session!.ForgetMeeting(Service!.Name);
        }

        return (Late ?? throw new InvalidOperationException("The request was not admitted by the corridor.")).TellAsync(context, this, reason, detail);
    }
}
