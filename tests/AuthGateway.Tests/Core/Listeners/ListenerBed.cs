using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Services;
using AuthGateway.TestKit.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AuthGateway.Tests.Core.Listeners;

/// <summary>Real Kestrel on loopback, set up as the gateway sets it up, with hosts mail.gw.test (no client certificate) and mtls.gw.test (asks).</summary>
internal sealed class ListenerBed : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("agw-listeners").FullName;
    private WebApplication? _app;

    public ListenerBed()
    {
        Listeners["plain"] = new ListenerOptions { Url = "http://127.0.0.1:0" };
        Listeners["public"] = new ListenerOptions { Url = "https://127.0.0.1:0" };
        Listeners["staff"] = new ListenerOptions { Url = "https://127.0.0.1:0", Kind = "staff" };
        AddHost("mail.gw.test");
        AddHost("mtls.gw.test", "required");
    }

    public TestAuthority Authority { get; } = TestAuthority.Create("Gateway Test CA");

    public TestAuthority Devices { get; } = TestAuthority.Create();

    public Dictionary<string, ListenerOptions> Listeners { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, HostOptions> Hosts { get; } = new(StringComparer.Ordinal);

    public LimitOptions Limits { get; } = new();

    public FaultList Faults { get; private set; } = new();

    public DeviceTrust Trust { get; private set; } = DeviceTrust.Empty;

    public ListenerState State { get; private set; } = null!;

    private readonly SemaphoreSlim _ended = new(0);

    public bool Demo { get; set; }

    /// <summary>The switch is read once in a process; a fake upstream of another test must not be the first server.</summary>
    [ModuleInitializer]
    internal static void RefuseBareLineFeeds() => GatewayKestrel.RefuseBareLineFeeds();

    public string PathOf(string name) => Path.Combine(_folder, name);

    public HostOptions AddHost(string host, string asks = "none")
    {
        WriteCertificate(host, Authority.IssueServer(host));
        return Hosts[host] = new HostOptions { CertificateFile = PathOf(host + ".pem"), KeyFile = PathOf(host + ".key"), ClientCertificate = asks };
    }

    public void WriteCertificate(string host, X509Certificate2 certificate) =>
        TestAuthority.WritePem(certificate, PathOf(host + ".pem"), PathOf(host + ".key"), Authority.Certificate);

    public DeviceTrust BuildTrust(byte[]? crl = null)
    {
        var options = new DeviceOptions { Authorities = { ["phones"] = new() { CaFile = Devices.WriteCa(PathOf("devices.pem")), CrlFile = crl is null ? "" : TestAuthority.WriteCrl(PathOf("devices.crl"), crl) } } };
        return Trust = DeviceTrust.Build(options, new FaultList()).ShouldNotBeNull();
    }

    public ListenerTable? Build(ListenerTable? previous = null)
    {
        Faults = new FaultList();
        if (Trust.Certificates.Count == 0)
        {
            BuildTrust();
        }

        return ListenerTable.Build(Listeners, Hosts, Trust, NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal), Faults), Demo, Faults, previous, TimeProvider.System, NullLogger.Instance);
    }

    public async Task StartAsync()
    {
        var table = Build();
        Faults.All.Where(fault => fault.Severity == FaultSeverity.Error).ShouldBeEmpty();
        State = new ListenerState(table.ShouldNotBeNull());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Around everything the gateway puts on a connection, the gate included.
            kestrel.ConfigureEndpointDefaults(options => options.Use(next => async connection =>
            {
                try
                {
                    await next(connection);
                }
                finally
                {
                    _ended.Release();
                }
            }));
            GatewayKestrel.Configure(kestrel, table, State, Limits);
        });
        _app = builder.Build();
        _app.UsePlainListener(State);
        _app.Run(context =>
        {
            var check = Trust.Check(context.Connection.ClientCertificate, DateTimeOffset.UtcNow);
            var listener = context.Features.Get<IListenerFeature>();
            return context.Response.WriteAsync($"{listener?.Name} {listener?.Kind} {listener?.Peer} {context.Request.Protocol} {check.Refusal?.Code ?? check.Owner}\n");
        });
        await _app.StartAsync();
    }

    /// <summary>Waits until the server is done with so many connections, its counters included.</summary>
    public async Task EndedAsync(int connections)
    {
        for (var i = 0; i < connections; i++)
        {
            (await _ended.WaitAsync(Patience)).ShouldBeTrue($"only {i} of {connections} connections have ended");
        }
    }

    public KestrelServerOptions Kestrel => _app!.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;

    public int Port(string listener)
    {
        var addresses = _app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        return new Uri(addresses[Listeners.Keys.Order(StringComparer.Ordinal).ToList().IndexOf(listener)]).Port;
    }

    public async Task<TcpClient> ConnectAsync(string listener, string from = "127.0.0.1")
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(IPAddress.Loopback, Port(listener)).WaitAsync(Patience);
        return client;
    }

    public async Task<TlsSession> HandshakeAsync(string? sni, X509Certificate2? certificate = null, string listener = "public", Action<SslClientAuthenticationOptions>? adjust = null)
    {
        var client = await ConnectAsync(listener);
        var session = new TlsSession(client, new SslStream(client.GetStream()));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = sni ?? "",
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            LocalCertificateSelectionCallback = (_, _, _, _, issuers) =>
            {
                session.Asked |= issuers.Length > 0;
                session.Issuers = issuers.Length > 0 ? issuers : session.Issuers;
                return certificate!;
            },
        };
        adjust?.Invoke(options);
        try
        {
            await session.Stream.AuthenticateAsClientAsync(options).WaitAsync(Patience);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public async Task<string> SendAsync(Stream stream, string request)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request)).AsTask().WaitAsync(Patience);
        return await ReadAllAsync(stream);
    }

    public static async Task<string> ReadAllAsync(Stream stream)
    {
        using var patience = new CancellationTokenSource(Patience);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, patience.Token)) > 0;)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // reset: what came before it counts
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _app.StopAsync(patience.Token);
            await _app.DisposeAsync();
        }

        Authority.Dispose();
        Devices.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal sealed class TlsSession(TcpClient client, SslStream stream) : IDisposable
    {
        public SslStream Stream => stream;

        public bool Asked { get; set; }

        public string[] Issuers { get; set; } = [];

        public string Serial => ((X509Certificate2)stream.RemoteCertificate!).SerialNumber;

        public void Dispose()
        {
            stream.Dispose();
            client.Dispose();
        }
    }
}
