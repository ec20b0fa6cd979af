using System.Net.Http.Headers;
using System.Text;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Services;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace AuthGateway.Core.Forwarding;

/// <summary>What every request to an upstream gets and loses; applied to each route, there is no other way out.</summary>
internal sealed class UpstreamTransforms : ITransformProvider
{
    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        context.UseDefaultForwarders = false;

        // Said before ours, or YARP appends its own, which drops our Host whenever it is what the client sent: nearly always.
        context.AddOriginalHost(useOriginal: true);
        context.RequestTransforms.Add(new UpstreamRequestTransform());
        context.ResponseTransforms.Add(new UpstreamResponseTransform());
    }
}

/// <summary>Builds the one request the upstream sees: the judged target, our headers, the verified identity.</summary>
internal sealed class UpstreamRequestTransform : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var admitted = context.HttpContext.Features.Get<IAdmittedRequest>()
            ?? throw new InvalidOperationException("A request without a verdict reached the proxy.");
        var service = admitted.Service;
        var request = context.ProxyRequest;
        var headers = request.Headers;

        request.RequestUri = new Uri(
            string.Concat(context.DestinationPrefix.AsSpan().TrimEnd('/'), Rewrite(service, admitted.EncodedPath), admitted.Query),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        headers.Host = admitted.Authority;

        // HttpClient would wait for a 100 of the upstream; ours was sent by the server already.
        headers.ExpectContinue = null;
        headers.Remove("Expect");
        headers.Remove("Authorization");
        headers.Remove("Cookie");
        var cookies = GatewayCookies.Strip(context.HttpContext.Request.Headers.Cookie);
        if (cookies.Count > 0 && admitted.BringsForeignCookies)
        {
            var foreign = new ForeignCookies(cookies, admitted);
            context.HttpContext.Features.Set(foreign);
            cookies = foreign.Own;
        }

        if (cookies.Count > 0)
        {
            headers.TryAddWithoutValidation("Cookie", (IEnumerable<string?>)cookies);
        }

        headers.TryAddWithoutValidation(GatewayHeaders.ForwardedFor, admitted.ClientAddress);
        headers.TryAddWithoutValidation(GatewayHeaders.ForwardedProto, "https");
        headers.TryAddWithoutValidation(GatewayHeaders.ForwardedHost, admitted.Authority);
        headers.Remove(RequestId.HeaderName);
        headers.TryAddWithoutValidation(RequestId.HeaderName, admitted.RequestId);
        if (service.SharedSecret is { } secret)
        {
            headers.TryAddWithoutValidation(GatewayHeaders.SharedSecret, secret);
        }

        if (admitted.DestinationPath is { } destination)
        {
            headers.Remove("Destination");
            headers.TryAddWithoutValidation("Destination", $"https://{admitted.Authority}{destination}");
        }

        TellIdentity(headers, service, admitted);
        if (service.IsSogo)
        {
            TellSogo(headers, admitted);
        }

        if (!service.ReuseConnections && !admitted.IsWebSocket)
        {
            headers.ConnectionClose = true;
        }

        return ValueTask.CompletedTask;
    }

    private static ReadOnlySpan<char> Rewrite(Service service, string path)
    {
        // The match was made without regard to case; what follows the prefix is kept as it is.
        return service.Rewrite is { } rewrite && path.StartsWith(rewrite.From, StringComparison.OrdinalIgnoreCase)
            ? string.Concat(rewrite.To, path.AsSpan(rewrite.From.Length))
            : path;
    }

    private static void TellIdentity(HttpRequestHeaders headers, Service service, IAdmittedRequest admitted)
    {
        // An upstream that trusts us must never see a request without the name or with another one.
        if (admitted.Login is not { } login)
        {
            if (service.IsTrustedByUpstream)
            {
                throw new InvalidOperationException("Nobody is known, and the upstream believes whatever name it is told.");
            }

            return;
        }

        if (!UserName.TryParse(login, out _))
        {
            throw new InvalidOperationException("The login name of the identity cannot stand in a header.");
        }

        if (service.TellsByHeader)
        {
            headers.Remove(service.IdentityHeader);
            if (!headers.TryAddWithoutValidation(service.IdentityHeader, HeaderText(login)))
            {
                throw new InvalidOperationException("The identity header could not be set.");
            }
        }

        if (service.Identity is IdentityForwarding.Basic or IdentityForwarding.HeaderAndBasic && admitted.Password is { } password)
        {
            headers.TryAddWithoutValidation("Authorization", Basic(login, password.Utf8));
        }
        else if (service.HandsOutTokens)
        {
            // Whatever was proven, and with whatever: no password goes where a token is expected.
            headers.TryAddWithoutValidation("Authorization", Basic(login, admitted.TakeToken().Utf8));
        }
    }

    /// <summary>Header bytes go out as Latin-1, so a name beyond ASCII is handed over as its UTF-8 bytes, one character each.</summary>
    private static string HeaderText(string login) => Ascii.IsValid(login) ? login : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(login));

    private static string Basic(string login, ReadOnlySpan<byte> password)
    {
        // Rebuilt from what was verified: the upstream must log in the identity, not the spelling somebody typed.
        var length = Encoding.UTF8.GetMaxByteCount(login.Length) + 1 + password.Length;
        var buffer = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var used = Encoding.UTF8.GetBytes(login, buffer);
        buffer[used++] = (byte)':';
        password.CopyTo(buffer[used..]);
        var text = string.Concat("Basic ", Convert.ToBase64String(buffer[..(used + password.Length)]));
        buffer.Clear();
        return text;
    }

    /// <summary>SOGo builds links and redirects from these (its own sample for Apache sets the same).</summary>
    private static void TellSogo(HttpRequestHeaders headers, IAdmittedRequest admitted)
    {
        headers.TryAddWithoutValidation("x-webobjects-server-protocol", "HTTP/1.0");
        headers.TryAddWithoutValidation("x-webobjects-server-name", admitted.Host);
        // The port of the public address, which is the listener's only when the client named it.
        headers.TryAddWithoutValidation("x-webobjects-server-port", admitted.Authority.Length == admitted.Host.Length ? "443" : admitted.Port);
        headers.TryAddWithoutValidation("x-webobjects-server-url", $"https://{admitted.Authority}");
        headers.TryAddWithoutValidation("x-webobjects-remote-host", admitted.ClientAddress);
        if (admitted.Service.Identity == IdentityForwarding.HeaderAndBasic ? admitted.Password is not null : admitted.Service.HandsOutTokens && admitted.Login is not null)
        {
            headers.TryAddWithoutValidation("x-webobjects-auth-type", "Basic");
        }
    }
}

/// <summary>What every answer of an upstream loses and gets.</summary>
internal sealed class UpstreamResponseTransform : ResponseTransform
{
    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var headers = context.HttpContext.Response.Headers;
        ResponseHeaders.Clean(headers);
        var admitted = context.HttpContext.Features.Get<IAdmittedRequest>();
        headers[RequestId.HeaderName] = admitted?.RequestId ?? context.HttpContext.TraceIdentifier;
        if (context.HttpContext.Response.StatusCode == StatusCodes.Status401Unauthorized && admitted is { Login: not null, Service.Identity: not IdentityForwarding.None })
        {
            if (admitted.HasSession)
            {
                // A browser with a session would ask for the password in a window of its own, and go on sending it when the session is over.
                headers.Remove("WWW-Authenticate");
            }
            else
            {
                // Verified here and refused there: clients must be asked for Basic again whatever the upstream speaks.
                headers.WWWAuthenticate = $"Basic realm=\"{admitted.Realm}\", charset=\"UTF-8\"";
            }
        }

        admitted?.KeepOwnCookies(headers.SetCookie);
        context.HttpContext.Features.Get<ForeignCookies>()?.Expire(context.HttpContext);

        return ValueTask.CompletedTask;
    }
}
