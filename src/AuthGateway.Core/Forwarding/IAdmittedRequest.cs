using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Forwarding;

/// <summary>
/// What the forwarder needs of a request the corridor has allowed. Its presence among the request's features is the
/// permission: the corridor sets it with an Allow and nothing else does.
/// </summary>
internal interface IAdmittedRequest
{
    /// <summary>True only for a request with an Allow verdict.</summary>
    bool IsAllowed { get; }

    /// <summary>The gateway's id of the request.</summary>
    string RequestId { get; }

    /// <summary>The service that was judged.</summary>
    Service Service { get; }

    /// <summary>Canonical host.</summary>
    string Host { get; }

    /// <summary>Host with the port where it is not 443.</summary>
    string Authority { get; }

    /// <summary>Port as text.</summary>
    string Port { get; }

    /// <summary>The judged path in its one encoded form.</summary>
    string EncodedPath { get; }

    /// <summary>The query with its question mark, or empty.</summary>
    string Query { get; }

    /// <summary>Client address as text.</summary>
    string ClientAddress { get; }

    /// <summary>The judged destination of COPY and MOVE in encoded form, or null.</summary>
    string? DestinationPath { get; }

    /// <summary>Login name for the upstream, or null when nobody needs to be known.</summary>
    string? Login { get; }

    /// <summary>The verified password, or null.</summary>
    Secret? Password { get; }

    /// <summary>The token that goes to the upstream in place of a password; asked for by services that hand one out, and only where a login is known.</summary>
    UpstreamToken TakeToken();

    /// <summary>True when the client asks for a WebSocket.</summary>
    bool IsWebSocket { get; }

    /// <summary>Cancelled when the session or the app password behind the request is signed out or revoked; never cancelled without one.</summary>
    CancellationToken Ended { get; }

    /// <summary>True when a signed-in browser made the request.</summary>
    bool HasSession { get; }

    /// <summary>
    /// True when the cookies the browser brings for this upstream may be somebody else's: the first request of a sign-in to a service that is told
    /// who it is. Asked once for each request.
    /// </summary>
    bool BringsForeignCookies { get; }

    /// <summary>True for a cookie that an upstream has set since the sign-in: it is this person's own.</summary>
    bool IsOwnCookie(string name);

    /// <summary>Remembers the cookies an upstream sets, as this person's own.</summary>
    void KeepOwnCookies(StringValues setCookies);

    /// <summary>Judges an open WebSocket again, by the table now in force; false when it would not be let in any more.</summary>
    ValueTask<bool> StillStandsAsync();

    /// <summary>Realm told to Basic clients.</summary>
    string Realm { get; }

    /// <summary>Has it recorded, and told unless the answer has begun, that the request could not be served after all.</summary>
    Task FailAsync(HttpContext context, VerdictReason reason, string? detail);
}
