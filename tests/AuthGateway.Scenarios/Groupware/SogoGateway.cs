using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>The sample configuration in front of the real SOGo, with one more host for upstreams that show what reaches them.</summary>
public sealed class SogoGateway : IAsyncLifetime
{
    /// <summary>Where the echoing upstream is published as SOGo's ActiveSync and as SOGo's DAV.</summary>
    internal const string EchoHost = "auth.bed.test";

    /// <summary>Where nothing but SOGo's web is published, to everybody.</summary>
    internal const string WebOnlyHost = "web.bed.test";

    private GatewayProcess? _gateway;

    internal GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("The gateway has not been started.");

    internal EchoUpstream Echo { get; } = new();

    /// <summary>SOGo without anything between.</summary>
    internal HttpClient Sogo { get; } = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero })
    {
        BaseAddress = new Uri("http://127.0.0.1:20000"),
        Timeout = TimeSpan.FromSeconds(30),
    };

    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        _gateway = await GatewayProcess.StartAsync(new GatewaySetup { Configuration = Sample.Configuration(Change) });
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        Sogo.Dispose();
        await Echo.DisposeAsync();
    }

    /// <summary>A phone with a certificate and a login.</summary>
    internal GatewayClient Phone(string? certificate = "alice", string? login = "alice", Version? version = null) =>
        new(Gateway, Groupware.Phone.Host, certificate, login, version);

    /// <summary>A browser or a DAV client, on the host that asks no certificate.</summary>
    internal GatewayClient Web(string? login = null, Version? version = null) => new(Gateway, "mail.bed.test", null, login, version);

    /// <summary>The record of this very request.</summary>
    internal async Task<JsonElement> RecordAsync(Answer answer) => await Gateway.AuditRecordAsync(_ => true, "--request", answer.RequestId);

    /// <summary>The reason in the record of this very request.</summary>
    internal async Task<string?> ReasonAsync(Answer answer) => (await RecordAsync(answer)).GetProperty("reason").GetString();

    private void Change(JsonObject gateway)
    {
        gateway.AddHost(EchoHost);
        gateway.AddService("echo-activesync", EchoHost, "sogo-activesync", "password", Echo.Url);
        gateway.AddService("echo-dav", EchoHost, "sogo-dav", "password", Echo.Url);
        gateway.AddService("echo-web", EchoHost, "sogo-web", "password", Echo.TrustingUrl);
        gateway["Upstreams"]!["echo-web"]!["TrustsIdentityHeader"] = true;
        gateway.AddHost(WebOnlyHost);
        gateway.AddService("web-only", WebOnlyHost, "sogo-web", "open", Echo.Url, service => service["Identity"] = "none");
    }
}
