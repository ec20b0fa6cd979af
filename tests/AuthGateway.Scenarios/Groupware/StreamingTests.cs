using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>What takes its time: WebSockets, streams, long polls, and upstreams that do not answer.</summary>
public sealed class StreamingTests : IAsyncLifetime
{
    private static readonly int[] s_sizes = [5, 200, 70_000];

    private HoldUpstream? _hold;
    private GatewayProcess? _gateway;

    private GatewayProcess Gateway => _gateway!;

    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        _hold = await HoldUpstream.StartAsync();
        _gateway = await SlowGateway.StartAsync(_hold);
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        if (_hold is not null)
        {
            await _hold.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task WebSocket_IsEchoed(string version)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        using var client = new GatewayClient(Gateway, SlowGateway.WebHost);
        using var socket = new ClientWebSocket { Options = { HttpVersion = Version.Parse(version), HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
        await socket.ConnectAsync(new Uri($"wss://{SlowGateway.WebHost}/ws"), client.Invoker, limit.Token);
        foreach (var size in s_sizes)
        {
            await EchoAsync(socket, size, limit.Token);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", limit.Token);
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task WebSocket_OfAnotherSitesPage_IsRefused()
    {
        using var client = new GatewayClient(Gateway, SlowGateway.WebHost);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.test");
        socket.Options.CollectHttpResponseDetails = true;
        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"wss://{SlowGateway.WebHost}/ws"), client.Invoker, CancellationToken.None));
        socket.HttpStatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Stream_ArrivesAsItIsSent(string version)
    {
        using var client = new GatewayClient(Gateway, SlowGateway.WebHost, version: Version.Parse(version));
        using var response = await client.BeginAsync(client.Request("GET", "/stream"));
        await using var body = await response.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(body);
        var watch = Stopwatch.StartNew();
        var arrivals = new List<TimeSpan>();
        while (await reader.ReadLineAsync() is not null)
        {
            arrivals.Add(watch.Elapsed);
        }

        // Five lines, 200 ms apart; collected on the way they would all come with the last.
        arrivals.Count.ShouldBe(5);
        (arrivals[^1] - arrivals[0]).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task LongPoll_IsHeldAndAnswered()
    {
        using var client = new GatewayClient(Gateway, SlowGateway.WebHost);
        var watch = Stopwatch.StartNew();
        var answer = await client.GetAsync("/poll?seconds=3");
        answer.Status.ShouldBe(200);
        answer.Text.ShouldBe("held 3 s\n");
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(2.9));
    }

    [Fact]
    public async Task SilentUpstream_IsATimeoutOfOurs()
    {
        using var client = new GatewayClient(Gateway, SlowGateway.WebHost);
        var watch = Stopwatch.StartNew();
        var answer = await client.GetAsync("/impatient?seconds=30");
        answer.Status.ShouldBe(504, answer.ToString());
        answer.Text.ShouldContain(answer.RequestId);
        watch.Elapsed.ShouldBeInRange(SlowGateway.Patience - TimeSpan.FromMilliseconds(100), SlowGateway.Patience + TimeSpan.FromSeconds(5));
        await _hold!.WaitForCountAsync(0, TimeSpan.FromSeconds(5));
        await RecordedAsync(answer, "upstream-timeout");
    }

    [Theory]
    [InlineData("*/*", "text/plain; charset=utf-8", "The service does not answer right now.")]
    [InlineData("text/html", "text/html; charset=utf-8", "<h1")]
    public async Task UpstreamThatIsDown_IsABadGatewayToldToPeopleAndFoundByTheHelpdesk(string accept, string type, string contains)
    {
        using var client = new GatewayClient(Gateway, SlowGateway.WebHost);
        var answer = await client.GetAsync("/down", ("Accept", accept));
        answer.Status.ShouldBe(502, answer.ToString());
        answer.Header("Content-Type").ShouldBe(type);
        answer.Text.ShouldContain(answer.RequestId);
        answer.Text.ShouldContain(contains);
        await RecordedAsync(answer, "upstream-unavailable");
    }

    [Fact]
    public async Task UpstreamThatResets_IsABadGateway()
    {
        using var client = new GatewayClient(Gateway, SlowGateway.WebHost);
        (await client.GetAsync("/reset")).Status.ShouldBe(502);
    }

    private async Task RecordedAsync(Answer answer, string reason)
    {
        var record = await Gateway.AuditRecordAsync(_ => true, "--request", answer.RequestId);
        record.GetProperty("reason").GetString().ShouldBe(reason);
    }

    private static async Task EchoAsync(ClientWebSocket socket, int size, CancellationToken cancellationToken)
    {
        var sent = Encoding.ASCII.GetBytes(new string('w', size));
        await socket.SendAsync(sent, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        var received = new MemoryStream();
        var buffer = new byte[16 * 1024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            received.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        received.ToArray().ShouldBe(sent);
    }
}

/// <summary>Clients that stay with the upstream they began with.</summary>
public sealed class AffinityTests
{
    [Fact]
    public async Task Cookie_KeepsAClientOnItsUpstream()
    {
        await using var hold = await HoldUpstream.StartAsync(2);
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(configuration =>
            {
                configuration.AddHost(SlowGateway.WebHost);
                configuration.AddService("sticky", SlowGateway.WebHost, "generic-web", "open", hold.Url());
                configuration["Upstreams"]!["sticky"] = new JsonObject { ["Destinations"] = new JsonArray(hold.Url(), hold.Url(1)), ["Affinity"] = "cookie" };
            }),
        });
        var ports = new HashSet<int>();
        for (var visitor = 0; visitor < 20; visitor++)
        {
            using var client = new GatewayClient(gateway, SlowGateway.WebHost);
            var first = await client.GetAsync("/affinity");
            first.Status.ShouldBe(200, first.ToString());
            var cookie = first.Header("Set-Cookie").ShouldNotBeNull();
            cookie.ShouldContain("httponly", Case.Insensitive);
            cookie.ShouldContain("secure", Case.Insensitive);
            var port = Port(first);
            ports.Add(port);
            for (var visit = 0; visit < 5; visit++)
            {
                var again = await client.GetAsync("/affinity", ("Cookie", $"{cookie.Split(';')[0]}; own=1"));
                Port(again).ShouldBe(port);
                // Ours is not the upstream's business; its own is.
                Cookie(again).ShouldBe("own=1");
            }
        }

        ports.Count.ShouldBe(2, "twenty visitors should not all have met the same upstream");
    }

    private static int Port(Answer answer) => Seen(answer, "port").GetInt32();

    private static string? Cookie(Answer answer) => Seen(answer, "cookie").GetString();

    private static JsonElement Seen(Answer answer, string name)
    {
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.GetProperty(name).Clone();
    }
}
