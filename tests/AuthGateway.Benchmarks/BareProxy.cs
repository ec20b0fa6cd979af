using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;

namespace AuthGateway.Benchmarks;

/// <summary>What the bare proxy is started with.</summary>
/// <param name="Port">Port on 127.0.0.1.</param>
/// <param name="CertificateFile">PEM file with the certificate.</param>
/// <param name="KeyFile">PEM file with its key.</param>
/// <param name="Upstream">Where everything is forwarded to.</param>
internal sealed record BareProxyOptions(int Port, string CertificateFile, string KeyFile, string Upstream)
{
    public static BareProxyOptions Read(ReadOnlySpan<string> args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            values[args[i]] = args[i + 1];
        }

        return new BareProxyOptions(int.Parse(Value("--port")), Value("--cert"), Value("--key"), Value("--upstream"));

        string Value(string name) => values.GetValueOrDefault(name) ?? throw new ArgumentException($"{name} is missing.");
    }
}

/// <summary>
/// The yardstick: Kestrel and YARP with the gateway's TLS, limits, route and HTTP client, and none of its checks. What is slower in
/// the gateway is the gateway's doing. Keep the settings equal to Listeners and Forwarding.
/// </summary>
internal static class BareProxy
{
    /// <summary>The name whose handshake asks for a client certificate, as the gateway's does.</summary>
    private const string PhoneHost = "eas.bed.test";

    public static async Task<int> RunAsync(BareProxyOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "/{**path}" } }],
            [Cluster(options.Upstream)]);
        var app = builder.Build();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseSessionAffinity();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        await app.RunAsync();
        return 0;
    }

    private static void Listen(KestrelServerOptions kestrel, BareProxyOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        var phones = Tls(options, asksForCertificate: true);
        var browsers = Tls(options, asksForCertificate: false);
        kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = hello => ValueTask.FromResult(hello.ClientHelloInfo.ServerName == PhoneHost ? phones : browsers) });
        });
    }

    private static SslServerAuthenticationOptions Tls(BareProxyOptions options, bool asksForCertificate)
    {
        // Through PKCS#12: a key that came from PEM directly is looked up anew in every handshake.
        using var pem = X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile);
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        return new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateRequired = asksForCertificate,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            CipherSuitesPolicy = new CipherSuitesPolicy(
            [
                TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
                TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            ]),
        };
    }

    private static ClusterConfig Cluster(string upstream) => new()
    {
        ClusterId = "upstream",
        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["0"] = new() { Address = upstream.TrimEnd('/') + "/" } },
        LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
        HttpClient = new HttpClientConfig { RequestHeaderEncoding = "iso-8859-1", ResponseHeaderEncoding = "iso-8859-1", EnableMultipleHttp2Connections = false },
        HttpRequest = new ForwarderRequestConfig
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            ActivityTimeout = TimeSpan.FromSeconds(100),
            AllowResponseBuffering = false,
        },
    };
}
