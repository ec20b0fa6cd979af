using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Outages;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Tunnels;

/// <summary>The sample configuration whose directory is behind an SSH server, with a network of the test's own before that.</summary>
internal sealed class TunnelGateway : IAsyncDisposable
{
    public const string Host = "mail.bed.test";
    public const string Name = "office";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static int s_user = 100;

    private GatewayProcess? _gateway;
    private string _configuration = "";

    private TunnelGateway(SshServer server) => (Server, Network) = (server, new TcpRelay(server.Port));

    public SshServer Server { get; }

    public TcpRelay Network { get; }

    public EchoUpstream Echo { get; } = new();

    public GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("The gateway was not started.");

    /// <summary>Starts everything, and waits until the tunnel is open.</summary>
    public static async Task<TunnelGateway> StartAsync(Action<JsonObject, TunnelGateway>? change = null, string state = "up")
    {
        await Bed.EnsureUpAsync();
        var bed = new TunnelGateway(await SshServer.StartNewAsync());
        try
        {
            var fingerprint = await SshServer.FingerprintAsync("host_ed25519");
            bed._gateway = await GatewayProcess.StartAsync(bed.Setup(fingerprint, change));
            await bed.BecomesAsync(state);
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a configuration with these changes is told at its start.</summary>
    public static async Task<ProgramRun> RefusedAsync(Action<JsonObject, TunnelGateway> change)
    {
        await Bed.EnsureUpAsync();
        await using var bed = new TunnelGateway(await SshServer.StartNewAsync());
        return await GatewayProcess.RunRefusedAsync(bed.Setup(await SshServer.FingerprintAsync("host_ed25519"), change));
    }

    public static JsonObject Tunnel(JsonObject gateway, string name = Name) => gateway["Tunnels"]![name]!.AsObject();

    /// <summary>A tunnel to the test's server.</summary>
    public JsonObject NewTunnel(string fingerprint) => new()
    {
        ["Host"] = "127.0.0.1",
        ["Port"] = Network.Port,
        ["User"] = SshServer.User,
        ["KeyFile"] = "secrets/tunnel-key",
        ["Fingerprint"] = fingerprint,
        ["KeepAliveInterval"] = "1s",
        ["KeepAliveCount"] = 2,
        ["ConnectTimeout"] = "3s",
    };

    /// <summary>Puts a changed configuration in force.</summary>
    public Task ReloadAsync(Action<JsonObject> change)
    {
        var root = JsonNode.Parse(_configuration)!.AsObject();
        change(root["AuthGateway"]!.AsObject());
        _configuration = root.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        return Gateway.ReloadAsync(_configuration);
    }

    /// <summary>Waits until a tunnel is in a state.</summary>
    public async Task<JsonElement> BecomesAsync(string state, string name = Name, TimeSpan? within = null)
    {
        JsonElement tunnel = default;
        (await Deadline.PollAsync(within ?? TimeSpan.FromSeconds(10), async () => (tunnel = await StatusAsync(name)).GetProperty("state").GetString() == state))
            .ShouldBeTrue($"{name} becomes {state}, is {tunnel}\n{Gateway.Errors}");
        return tunnel;
    }

    /// <summary>A tunnel as <c>/status</c> tells it.</summary>
    public async Task<JsonElement> StatusAsync(string name = Name) =>
        (await Gateway.StatusAsync()).GetProperty("tunnels").EnumerateArray().Single(tunnel => tunnel.GetProperty("name").GetString() == name);

    /// <summary>A login of somebody who has not logged in before, so that the directory must be asked.</summary>
    public async Task<int> LoginAsync(string? password = null)
    {
        var user = string.Create(CultureInfo.InvariantCulture, $"u1{Interlocked.Increment(ref s_user):000}");
        using var client = new GatewayClient(Gateway, Host, null, $"{user}:{password ?? "load-pw"}");
        return (await client.SendAsync("PROPFIND", "/SOGo/dav/x/", null, ("Depth", "0"))).Status;
    }

    /// <summary>Logins until one works.</summary>
    public async Task RecoversAsync(TimeSpan within) =>
        (await Deadline.PollAsync(within, async () => await LoginAsync() == 200)).ShouldBeTrue($"Logins work again within {within}.\n{Gateway.Errors}");

    /// <summary>How many failures are counted.</summary>
    public async Task<int> FailuresAsync() => JsonNode.Parse((await Gateway.RunCliAsync(["lockout", "list", "--json"])).Output)!.AsArray().Count;

    /// <summary>Every ssh that was started with this gateway's folder.</summary>
    public IReadOnlyList<int> Processes() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && CommandLine(id).Contains(Gateway.State, StringComparison.Ordinal) && CommandLine(id).Contains("StrictHostKeyChecking", StringComparison.Ordinal)),
    ];

    public static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Network.DisposeAsync();
        await Echo.DisposeAsync();
        await Server.DisposeAsync();
    }

    private GatewaySetup Setup(string fingerprint, Action<JsonObject, TunnelGateway>? change)
    {
        _configuration = Sample.Configuration(gateway =>
        {
            // The server's certificate names localhost, whose address is the far end's.
            gateway.Directory()["Hosts"] = new JsonArray("ldaps://localhost:3636");
            gateway.Directory()["Tunnel"] = Name;
            gateway["Tunnels"] = new JsonObject { [Name] = NewTunnel(fingerprint) };
            gateway.RaiseAddressLimit();
            gateway["Upstreams"]!["sogo"] = new JsonObject { ["Destinations"] = new JsonArray(Echo.Url) };
            gateway["Upstreams"]!["sogo-trusted"] = new JsonObject { ["Destinations"] = new JsonArray(Echo.TrustingUrl), ["TrustsIdentityHeader"] = true };
            change?.Invoke(gateway, this);
        });
        return new GatewaySetup
        {
            Configuration = _configuration,
            Prepare = state =>
            {
                Copy("user_ed25519", Path.Combine(state, "secrets", "tunnel-key"));
                Copy("locked_ed25519", Path.Combine(state, "secrets", "locked-key"));
                Write(Path.Combine(state, "secrets", "tunnel-password"), SshServer.Password);
                Write(Path.Combine(state, "secrets", "wrong-password"), "not it");
                Write(Path.Combine(state, "secrets", "passphrase"), "locked-pw");
            },
        };
    }

    private static void Copy(string key, string to)
    {
        File.Copy(SshServer.File(key), to);
        File.SetUnixFileMode(to, Private);
    }

    private static void Write(string file, string text)
    {
        File.WriteAllText(file, text + "\n");
        File.SetUnixFileMode(file, Private);
    }
}
