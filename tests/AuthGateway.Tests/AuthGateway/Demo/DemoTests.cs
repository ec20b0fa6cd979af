using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using AuthGateway.Demo;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Tests.Demo;

public sealed class DemoTests : IDisposable
{
    private const string Secret = "a secret of the demo, long enough";
    private readonly string _folder = Directory.CreateTempSubdirectory("agw-demo-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("03016A00000756520330000101")]
    [InlineData("03016A00000E45464748034D532D4541532D50726F766973696F6E696E672D5742584D4C0001010101")]
    [InlineData("03016A000012455D070101")]
    [InlineData("03016A00000D45480336300001494A4B0376636172642F706572736F6E616C00014C03436F6E74616374730001010101")]
    public void Wbxml_DocumentOfAPhone_IsReadAndWrittenAlike(string hex)
    {
        WbxmlReader.TryRead(Convert.FromHexString(hex), out var root).ShouldBeTrue();
        Convert.ToHexString(WbxmlWriter.Write(root)).ShouldBe(hex);
    }

    [Theory]
    [InlineData("")]
    [InlineData("03016A00")]
    [InlineData("02016A000007565203300001")]
    [InlineData("03016A000007565203300001")]
    [InlineData("03016A0000075652033001")]
    [InlineData("03016A00000756520330000101015603")]
    [InlineData("03016A0000075652C3FFFFFF0101")]
    [InlineData("03016A00C5")]
    public void Wbxml_BrokenDocument_IsRefused(string hex) => WbxmlReader.TryRead(Convert.FromHexString(hex), out _).ShouldBeFalse();

    [Fact]
    public void Wbxml_DeepDocument_IsRefused() =>
        WbxmlReader.TryRead([0x03, 0x01, 0x6A, 0x00, .. Enumerable.Repeat((byte)0x45, 1000), .. Enumerable.Repeat((byte)0x01, 1000)], out _).ShouldBeFalse();

    [Fact]
    public void FolderSync_FirstKey_ListsFolders()
    {
        WbxmlReader.TryRead(Convert.FromHexString("03016A00000756520330000101"), out var asked);

        var bytes = WbxmlWriter.Write(DemoActiveSync.FolderSync(asked));

        Convert.ToHexString(bytes).ShouldStartWith("03016A000007564C033100015203310001");
        WbxmlReader.TryRead(bytes, out var root).ShouldBeTrue();
        root.Child(7, 0x0E)!.Children.Count.ShouldBe(7);
    }

    [Theory]
    [InlineData("1", 10)]
    [InlineData("60", 60)]
    [InlineData("99999", 3540)]
    [InlineData("-5", 480)]
    public void Ping_Heartbeat_IsBounded(string asked, int seconds) =>
        DemoActiveSync.Heartbeat(WbxmlNode.Of(13, 0x05, WbxmlNode.Of(13, 0x08, asked))).TotalSeconds.ShouldBe(seconds);

    [Fact]
    public async Task Upstream_WithoutTheSecret_RefusesEverything()
    {
        await using var upstream = await DemoUpstream.StartAsync(Secret, 0, TimeProvider.System, CancellationToken.None);
        using var client = Client(upstream, null);
        using var stranger = Client(upstream, Secret + "x");

        (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await stranger.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await client.GetAsync("/Microsoft-Server-ActiveSync")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Upstream_Page_ShowsTheUserAndMasksSecrets()
    {
        await using var upstream = await DemoUpstream.StartAsync(Secret, 0, TimeProvider.System, CancellationToken.None);
        using var client = Client(upstream, Secret);
        client.DefaultRequestHeaders.Add(DemoUpstream.IdentityHeader, "<script>alice");
        client.DefaultRequestHeaders.Add("Authorization", "Basic YWxpY2U6cHc=");

        var html = await client.GetStringAsync("/");

        html.ShouldContain("You are &lt;script&gt;alice.");
        html.ShouldNotContain("<script>");
        html.ShouldNotContain("YWxpY2U6cHc=");
        html.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task Upstream_ActiveSync_AnswersAPhone()
    {
        await using var upstream = await DemoUpstream.StartAsync(Secret, 0, TimeProvider.System, CancellationToken.None);
        using var client = Client(upstream, Secret);

        using var options = await client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/Microsoft-Server-ActiveSync"));
        options.Headers.GetValues("MS-ASProtocolVersions").Single().ShouldContain("14.1");
        (await PostAsync(client, "FolderSync", "03016A00000756520330000101")).ShouldStartWith("03016A000007564C0331");
        (await PostAsync(client, "Sync", "")).ShouldBeEmpty();
        (await PostAsync(client, "Ping", "")).ShouldBe("03016A00000D45470333000101");
        (await PostAsync(client, "Provision", "03016A00000E45464748034D532D4541532D50726F766973696F6E696E672D5742584D4C0001010101")).ShouldContain("4B03320001");
        using var large = await client.PostAsync("/Microsoft-Server-ActiveSync?Cmd=Sync", new ByteArrayContent(new byte[80_000]));
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Upstream_Ping_HoldsUntilTheHeartbeat()
    {
        var time = new HeldTime();
        await using var upstream = await DemoUpstream.StartAsync(Secret, 0, time, CancellationToken.None);
        using var client = Client(upstream, Secret);

        var ping = PostAsync(client, "Ping", "03016A00000D4548033630000101");
        (await time.Asked.Task.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(TimeSpan.FromSeconds(60));
        ping.IsCompleted.ShouldBeFalse();
        time.Fire();

        (await ping.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe("03016A00000D45470331000101");
    }

    [Fact]
    public void Material_Twice_KeepsWhatIsThere()
    {
        var folder = Path.Combine(_folder, "demo");
        var first = DemoMaterial.Prepare(folder, TimeProvider.System);
        var certificate = File.ReadAllText(first.Alice);
        var second = DemoMaterial.Prepare(folder, TimeProvider.System);

        File.ReadAllText(second.Alice).ShouldBe(certificate);
        second.Passwords["alice"].ShouldBe(first.Passwords["alice"]);
        second.Passwords["alice"].Length.ShouldBe(16);
        second.SharedSecret.ShouldBe(first.SharedSecret);
        Directory.GetFiles(folder, "*.tmp").ShouldBeEmpty();
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var file in Directory.GetFiles(folder))
            {
                File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
            }
        }
    }

    [Fact]
    public void Material_Devices_ChainToTheirOwnAuthoritiesOnly()
    {
        var material = DemoMaterial.Prepare(_folder, TimeProvider.System);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(material.DeviceAuthority);
        using var alice = X509Certificate2.CreateFromPemFile(material.Alice);
        using var mallory = X509Certificate2.CreateFromPemFile(material.Mallory);

        alice.HasPrivateKey.ShouldBeTrue();
        alice.GetNameInfo(X509NameType.EmailName, false).ShouldBe("alice@demo.test");
        Chains(alice, authority).ShouldBeTrue();
        Chains(mallory, authority).ShouldBeFalse();
    }

    [Fact]
    public void Configuration_Text_IsJsonThatNamesTheMaterial()
    {
        var material = DemoMaterial.Prepare(_folder, TimeProvider.System);

        using var json = JsonDocument.Parse(DemoConfiguration.Write(material, new Uri("http://127.0.0.1:12345"), new DemoPorts()));

        var gateway = json.RootElement.GetProperty("AuthGateway");
        gateway.GetProperty("Upstreams").GetProperty("demo").GetProperty("Destinations")[0].GetString().ShouldBe("http://127.0.0.1:12345");
        gateway.GetProperty("Hosts").GetProperty("eas.demo.localhost").GetProperty("ClientCertificate").GetString().ShouldBe("required");
        gateway.ToString().ShouldNotContain(material.SharedSecret);
        var banner = DemoBanner.Write(material, new DemoPorts(), new Uri("http://127.0.0.1:12345"));
        banner.ShouldContain("https://mail.demo.localhost:8443/");
        banner.ShouldContain(material.Passwords["bob"]);
    }

    private static bool Chains(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private static HttpClient Client(DemoUpstream upstream, string? secret)
    {
        var client = new HttpClient { BaseAddress = upstream.Address };
        if (secret is not null)
        {
            client.DefaultRequestHeaders.Add(DemoUpstream.SecretHeader, secret);
        }

        return client;
    }

    private static async Task<string> PostAsync(HttpClient client, string command, string hex)
    {
        using var content = new ByteArrayContent(Convert.FromHexString(hex));
        using var answer = await client.PostAsync($"/Microsoft-Server-ActiveSync?Cmd={command}&User=alice&DeviceId=DEMO1&DeviceType=Demo", content);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return Convert.ToHexString(await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Real time, except that timers wait for the test.</summary>
    private sealed class HeldTime : TimeProvider
    {
        private TimerCallback? _callback;
        private object? _state;

        public TaskCompletionSource<TimeSpan> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fire() => _callback!(_state);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            Asked.TrySetResult(dueTime);
            return new Held();
        }

        private sealed class Held : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
