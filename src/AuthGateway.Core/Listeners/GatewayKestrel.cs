using System.Security.Authentication;
using System.Text;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Core.Listeners;

/// <summary>Sets Kestrel up: endpoints, the gate before TLS, the choice of certificate, and the limits of the edge.</summary>
public static partial class GatewayKestrel
{
    private const string NoBareLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    /// <summary>
    /// Makes Kestrel refuse header lines that end in a bare LF, which an upstream may read as other lines than we did (request
    /// smuggling, RFC 9112 section 2.2). Kestrel reads the switch once in a process, when the first server handles its first
    /// connection: call this first thing in the program.
    /// </summary>
    public static void RefuseBareLineFeeds() => AppContext.SetSwitch(NoBareLineFeeds, true);

    /// <summary>Configures the server. Endpoints are those of <paramref name="initial"/>; certificates and allow-lists follow <paramref name="state"/>.</summary>
    /// <param name="kestrel">The server.</param>
    /// <param name="initial">The first table.</param>
    /// <param name="state">The table in force.</param>
    /// <param name="limits">Connections.</param>
    /// <param name="takesTickets">True when Kerberos tickets are taken, which make headers large.</param>
    public static void Configure(KestrelServerOptions kestrel, ListenerTable initial, ListenerState state, LimitOptions limits, bool takesTickets = false)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        RefuseBareLineFeeds();
        SetLimits(kestrel, limits, takesTickets);
        var logger = kestrel.ApplicationServices?.GetService<ILoggerFactory>()?.CreateLogger("AuthGateway.Core.Listeners") ?? NullLogger.Instance;
        var handshakes = kestrel.ApplicationServices?.GetService<AuditLog>() is { } audit
            ? new HandshakeAudit(audit, kestrel.ApplicationServices.GetService<TimeProvider>() ?? TimeProvider.System)
            : null;
        var counter = new ConnectionCounter(limits.Connections, limits.ConnectionsPerAddress);
        // Counted apart: health must be readable just when strangers have taken every public connection.
        var staffCounter = new ConnectionCounter(limits.Connections, limits.ConnectionsPerAddress);
        foreach (var listener in initial.Listeners)
        {
            kestrel.Listen(listener.EndPoint, options => ConfigureListener(options, listener, state, listener.Kind == ListenerKind.Staff ? staffCounter : counter, handshakes, logger));
            Log.ListenerStarted(logger, listener.Name, listener.EndPoint.ToString(), listener.Tls ? "https" : "http");
        }
    }

    private static void ConfigureListener(ListenOptions options, Listener listener, ListenerState state, ConnectionCounter counter, HandshakeAudit? handshakes, ILogger logger)
    {
        var gate = new ConnectionGate(listener.Name, listener.Kind, state, counter, handshakes, logger);
        options.Use(next => connection => gate.OnConnectionAsync(connection, next));
        if (!listener.Tls)
        {
            options.Protocols = HttpProtocols.Http1;
            return;
        }

        options.Protocols = HttpProtocols.Http1AndHttp2;       // never HTTP/3: another transport with other limits
        options.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TimeSpan.FromSeconds(10),
            // An exception of this type is what Kestrel takes for a failed handshake; anything else it logs as our fault.
            OnConnection = context =>
            {
                var table = state.Current;
                var name = context.ClientHelloInfo.ServerName;
                if (table.Find(listener.Name, name) is not { } tls)
                {
                    throw new AuthenticationException("No host of this listener answers to the name in the handshake.");
                }

                if (tls.ClientCertificateRequired)
                {
                    HandshakeAudit.Begun(context.Connection, name);
                }

                return ValueTask.FromResult(tls);
            },
        });
        options.Use(next => connection =>
        {
            HandshakeAudit.Done(connection);
            return next(connection);
        });
    }

    private static void SetLimits(KestrelServerOptions kestrel, LimitOptions limits, bool takesTickets)
    {
        // The Kerberos ticket of somebody in hundreds of groups is one header of up to 48 KiB.
        var headers = (takesTickets ? 64 : 32) * 1024;
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;

        // A byte beyond ASCII passes as it came, both ways; and a Content-Length is digits or no request.
        kestrel.RequestHeaderEncodingSelector = RequestHeaderEncodings.Select;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.Limits.MaxRequestLineSize = 8 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = headers;
        kestrel.Limits.MaxRequestHeaderCount = 100;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        kestrel.Limits.MaxRequestBodySize = null;              // each service sets its own
        kestrel.Limits.MaxConcurrentConnections = null;        // the gate counts, by address too
        kestrel.Limits.MaxConcurrentUpgradedConnections = limits.UpgradedConnections;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 100;
        kestrel.Limits.Http2.MaxFrameSize = 16 * 1024;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = headers;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ListenerStarted, LogLevel.Information, "Listener {Name}: {Scheme} on {EndPoint}.")]
        public static partial void ListenerStarted(ILogger logger, string name, string endPoint, string scheme);
    }
}
