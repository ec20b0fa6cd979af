using System.Net;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Pipeline;

/// <summary>Opens the access request: the strict reading of framing, host, target and header names, before anything is judged.</summary>
internal static class AccessRequestReader
{
    /// <summary>What came of it: a request, or the reason for refusing with a word for the log.</summary>
    internal readonly record struct Outcome(AccessRequest? Request, VerdictReason? Refusal, string? Detail, bool Close = false);

    public static Outcome Open(HttpContext context, GatewayTable table, string listener, DateTimeOffset now)
    {
        var http = context.Request;
        var framing = FramingRules.Check(http.Protocol, http.Headers);
        if (framing != FramingFault.None)
        {
            return Refuse(VerdictReason.BadRequest, $"framing: {framing}", close: true);
        }

        // An extended CONNECT (RFC 8441) is the HTTP/2 spelling of a WebSocket's GET and is judged as one.
        var connect = context.Features.Get<IHttpExtendedConnectFeature>();
        var webSocket2 = connect is { IsExtendedConnect: true };
        if (MethodRules.IsNeverAllowed(http.Method, connect?.Protocol))
        {
            return Refuse(VerdictReason.MethodNotAllowed, null);
        }

        var port = context.Connection.LocalPort;
        if (!HostName.TryCanonicalize(http.Host.Value ?? "", port, out var host))
        {
            return Refuse(VerdictReason.NoService, "the host name is not one");
        }

        // A handshake names one host; a request for another would skip that host's certificate rules.
        var sni = context.Features.Get<ITlsHandshakeFeature>()?.HostName;
        if (!string.IsNullOrEmpty(sni) && !(HostName.TryCanonicalize(sni, port, out var handshake) && string.Equals(handshake, host, StringComparison.Ordinal)))
        {
            return Refuse(VerdictReason.Misdirected, null);
        }

        // Without a name the handshake asked for no certificate, so no host that wants one may be reached this way.
        if (string.IsNullOrEmpty(sni) && table.Services.FindHost(host) is { ClientCertificate: not Services.ClientCertificateMode.None })
        {
            return Refuse(VerdictReason.Misdirected, "the handshake named no host");
        }

        var raw = webSocket2 ? http.Path.ToUriComponent() + http.QueryString.ToUriComponent() : context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var (fault, target) = CanonicalTarget.Parse(raw, http.Method);
        if (target is null)
        {
            return Refuse(VerdictReason.BadRequest, $"target: {fault}");
        }

        if (target.Authority is { } authority && !(HostName.TryCanonicalize(authority, port, out var named) && string.Equals(named, host, StringComparison.Ordinal)))
        {
            return Refuse(VerdictReason.BadRequest, "target and Host name different hosts");
        }

        // Read before the header goes: only a trusted forwarder's word counts, and the upstream gets our own.
        var forwardedFor = http.Headers["X-Forwarded-For"];
#pragma warning disable RS0030 // The one place that reads the peer; the client-address stage decides with it.
        var peer = context.Connection.RemoteIpAddress ?? IPAddress.None;
#pragma warning restore RS0030
        ForwardedName? said = null;
        if (table.TrustedHeader is { } trusted && !trusted.TryTake(http.Headers, peer, out said))
        {
            return Refuse(VerdictReason.BadRequest, "a header name imitates the trusted one");
        }

        if (!ProtectedHeaders.Clean(http.Headers))
        {
            return Refuse(VerdictReason.BadRequest, "a header name imitates one the gateway sets");
        }

        return new Outcome(
            new AccessRequest
            {
                RequestId = context.TraceIdentifier,
                Table = table,
                ReceivedAt = now,
                Listener = listener,
                Host = host,
                // As the client wrote it: behind a forwarded port (443 to 8443) the listener's own port is one nobody can reach.
                Authority = http.Host.Port is null or 443 ? host : $"{host}:{port}",
                Port = port,
                Method = webSocket2 ? "GET" : http.Method,
                Target = target,
                Peer = peer,
                ForwardedFor = forwardedFor,
                Authorization = http.Headers.Authorization,
                ForwardedName = said,
                FetchSite = http.Headers["Sec-Fetch-Site"],
                Destination = http.Headers["Destination"],
                Depth = http.Headers["Depth"],
                // Only a GET can become one (RFC 6455, 4.1); on anything else the header is noise, and it is not forwarded.
                IsWebSocket = webSocket2 || http.Method is "GET" && http.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase),
                Origin = http.Headers.Origin,
                Token = ReadToken(http.Headers.Cookie),
                IsNavigation = IsNavigation(http.Headers),
                IsBrowser = http.Headers.ContainsKey("Sec-Fetch-Mode") || IsNavigation(http.Headers),
                UserAgent = http.Headers.UserAgent,
                Certificate = context.Connection.ClientCertificate,
            },
            null,
            null);
    }

    private static SessionToken? ReadToken(StringValues cookies) =>
        cookies.Count > 0 && GatewayCookies.Read(cookies, GatewayCookies.Session) is { } value && SessionToken.TryParse(value, out var token) ? token : null;

    /// <summary>Browsers say so themselves (Fetch Metadata); older ones by wanting HTML, which phones and DAV clients never ask for.</summary>
    private static bool IsNavigation(IHeaderDictionary headers) => headers["Sec-Fetch-Mode"] is [{ } mode]
        ? mode is "navigate"
        : headers.Accept is [{ } accept, ..] && accept.Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static Outcome Refuse(VerdictReason reason, string? detail, bool close = false) => new(null, reason, detail, close);
}
