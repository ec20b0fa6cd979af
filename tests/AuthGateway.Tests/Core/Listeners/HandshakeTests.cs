using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Policies;
using AuthGateway.TestKit.Certificates;

namespace AuthGateway.Tests.Core.Listeners;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class HandshakeTests : IAsyncLifetime
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private readonly ListenerBed _bed = new();

    public Task InitializeAsync() => _bed.StartAsync();

    public Task DisposeAsync() => _bed.DisposeAsync().AsTask();

    [Theory]
    [InlineData("mail.gw.test", "mail.gw.test")]
    [InlineData("MAIL.gw.test", "mail.gw.test")]
    [InlineData("mtls.gw.test", "mtls.gw.test")]
    [InlineData(null, "mail.gw.test")]
    public async Task Handshake_KnownNameOrNone_ShowsThatHostsCertificate(string? sni, string expected)
    {
        using var session = await _bed.HandshakeAsync(sni);
        ((X509Certificate2)session.Stream.RemoteCertificate!).Subject.ShouldBe("CN=" + expected);
        session.Stream.SslProtocol.ShouldBe(SslProtocols.Tls13);
    }

    [Theory]
    [InlineData("evil.test")]
    [InlineData("mail.gw.test.evil.test")]
    [InlineData("a.mail.gw.test")]
    public async Task Handshake_UnknownName_Fails(string sni) => await Should.ThrowAsync<Exception>(() => _bed.HandshakeAsync(sni));

    [Fact]
    public async Task Handshake_OnlyHostsThatAsk_NoNameFails()
    {
        await using var bed = new ListenerBed();
        bed.Hosts.Remove("mail.gw.test");
        await bed.StartAsync();
        await Should.ThrowAsync<Exception>(() => bed.HandshakeAsync(null));
        using var named = await bed.HandshakeAsync("mtls.gw.test");
    }

    /// <summary>Clients choose among their certificates by these names; a host that does not ask shows none.</summary>
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Handshake_HostThatAsks_SendsAuthorityNames(SslProtocols protocol)
    {
        using var asking = await _bed.HandshakeAsync("mtls.gw.test", adjust: options => options.EnabledSslProtocols = protocol);
        asking.Issuers.ShouldBe([_bed.Devices.Certificate.Subject]);
        using var other = await _bed.HandshakeAsync("mail.gw.test", adjust: options => options.EnabledSslProtocols = protocol);
        other.Asked.ShouldBeFalse();
    }

    /// <summary>MT-01 to MT-05 in the handshake: it lets everything through, and HTTP knows why to refuse.</summary>
    [Theory]
    [InlineData("none", "no-device-certificate")]
    [InlineData("good", "alice@gw.test")]
    [InlineData("impostor", "device-unknown-authority")]
    [InlineData("server-only", "device-unsuitable")]
    [InlineData("ca-true", "device-unsuitable")]
    [InlineData("expired", "device-expired")]
    [InlineData("not-yet", "device-not-yet-valid")]
    public async Task Handshake_AnyClientCertificate_PassesAndHttpSaysWhy(string which, string expected)
    {
        using var impostor = TestAuthority.Create();
        var now = DateTimeOffset.UtcNow;
        var sound = new ClientCertificateOptions { Mails = ["alice@gw.test"] };
        using var certificate = which switch
        {
            "none" => null,
            "impostor" => impostor.IssueClient(sound),
            "server-only" => _bed.Devices.IssueClient(sound with { Usages = [TestAuthority.ServerAuthentication] }),
            "ca-true" => _bed.Devices.IssueClient(sound with { Authority = true }),
            "expired" => _bed.Devices.IssueClient(sound with { NotBefore = now.AddDays(-9), NotAfter = now.AddDays(-1) }),
            "not-yet" => _bed.Devices.IssueClient(sound with { NotBefore = now.AddDays(1) }),
            _ => _bed.Devices.IssueClient(sound),
        };
        foreach (var protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            using var session = await _bed.HandshakeAsync("mtls.gw.test", certificate, adjust: options => options.EnabledSslProtocols = protocol);
            (await _bed.SendAsync(session.Stream, Get)).ShouldContain($"public Public 127.0.0.1 HTTP/1.1 {expected}\n");
        }
    }

    [Fact]
    public async Task Handshake_CertificateOfferedToHostThatDoesNotAsk_IsNotSeen()
    {
        using var certificate = _bed.Devices.IssueClient("alice@gw.test");
        using var session = await _bed.HandshakeAsync("mail.gw.test", certificate);
        (await _bed.SendAsync(session.Stream, Get)).ShouldContain(" no-device-certificate");
    }

    /// <summary>MT-05 on a connection that stays open while the list changes.</summary>
    [Fact]
    public async Task Request_CertificateRevokedMeanwhile_IsRefusedOnTheOpenConnection()
    {
        using var certificate = _bed.Devices.IssueClient("alice@gw.test");
        using var session = await _bed.HandshakeAsync("mtls.gw.test", certificate);
        await session.Stream.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        var buffer = new byte[4096];
        var seen = "";
        while (!seen.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
        {
            seen += System.Text.Encoding.Latin1.GetString(buffer, 0, await session.Stream.ReadAsync(buffer).AsTask().WaitAsync(ListenerBed.Patience));
        }

        seen.ShouldContain(" alice@gw.test");
        _bed.BuildTrust(_bed.Devices.RevocationList([certificate]));
        (await _bed.SendAsync(session.Stream, Get)).ShouldContain(" " + VerdictReason.DeviceRevoked.Code);
    }

    [Fact]
    public async Task Request_Http2_KnowsListenerAndCertificate()
    {
        using var certificate = _bed.Devices.IssueClient("alice@gw.test");
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true, LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate },
            ConnectCallback = async (_, _) => (await _bed.ConnectAsync("public")).GetStream(),
        };
        using var client = new HttpClient(handler) { Timeout = ListenerBed.Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://mtls.gw.test/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request);
        (await response.Content.ReadAsStringAsync()).ShouldBe("public Public 127.0.0.1 HTTP/2 alice@gw.test\n");
        response.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task Staff_AnyName_ShowsACertificateAndNeverAsks()
    {
        using var session = await _bed.HandshakeAsync("whatever", listener: "staff");
        session.Asked.ShouldBeFalse();
        (await _bed.SendAsync(session.Stream, Get)).ShouldContain("staff Staff");
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false)]
    public async Task Handshake_Tls12Suites_OnlyThoseWithAuthenticatedEncryption(TlsCipherSuite suite, bool taken)
    {
        Task<ListenerBed.TlsSession> Try() => _bed.HandshakeAsync("mail.gw.test", adjust: options =>
        {
            options.EnabledSslProtocols = SslProtocols.Tls12;
            options.CipherSuitesPolicy = new CipherSuitesPolicy([suite]);
        });
        if (taken)
        {
            using var session = await Try();
            session.Stream.NegotiatedCipherSuite.ShouldBe(suite);
        }
        else
        {
            await Should.ThrowAsync<Exception>(Try);
        }
    }

    /// <summary>By hand, because a client library would refuse TLS 1.1 before the server can; TLS 1.2 in the same words shows that the words are right.</summary>
    [Theory]
    [InlineData(0x03, 0x16)]
    [InlineData(0x02, 0x15)]
    public async Task Handshake_Tls11_IsAnsweredWithAnAlert(byte minor, byte expectedRecord)
    {
        byte[] extensions = [0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3];
        byte[] hello = [3, minor, .. new byte[32], 0, 0, 4, 0xc0, 0x2b, 0xc0, 0x09, 1, 0, 0, (byte)extensions.Length, .. extensions];
        byte[] record = [0x16, 3, 1, 0, (byte)(hello.Length + 4), 1, 0, 0, (byte)hello.Length, .. hello];
        using var client = await _bed.ConnectAsync("public");
        await client.GetStream().WriteAsync(record);
        var answer = new byte[1];
        var read = await client.GetStream().ReadAsync(answer).AsTask().WaitAsync(ListenerBed.Patience);
        if (minor == 2 && read == 0)
        {
            return;
        }

        answer[0].ShouldBe(expectedRecord);
    }

    /// <summary>
    /// With openssl's own client, which says whether a session was resumed. The platform keeps no sessions for options that choose
    /// their suites; with the choice taken away a host that does not ask resumes, which shows that the test can see it, and a host that
    /// asks still does not.
    /// </summary>
    [Theory]
    [InlineData("mail.gw.test", "-tls1_2", true, false)]
    [InlineData("mail.gw.test", "-tls1_3", true, false)]
    [InlineData("mail.gw.test", "-tls1_2", false, true)]
    [InlineData("mail.gw.test", "-tls1_3", false, true)]
    [InlineData("mtls.gw.test", "-tls1_2", false, false)]
    [InlineData("mtls.gw.test", "-tls1_3", false, false)]
    public async Task Resumption_NeverWhereACertificateIsAsked(string host, string version, bool asConfigured, bool resumes)
    {
        if (!File.Exists("/usr/bin/openssl"))
        {
            return;
        }

        if (!asConfigured)
        {
            _bed.State.Current.Find("public", host).ShouldNotBeNull().CipherSuitesPolicy = null;
        }

        var session = _bed.PathOf("session.pem");
        (await OpenSslAsync(host, version, "-sess_out", session)).ShouldContain("New, TLS");
        var again = File.Exists(session) ? await OpenSslAsync(host, version, "-sess_in", session) : "New, TLS";
        again.ShouldContain(resumes ? "Reused, TLS" : "New, TLS");
    }

    private async Task<string> OpenSslAsync(string host, string version, string what, string session)
    {
        var start = new ProcessStartInfo("/usr/bin/openssl", ["s_client", "-connect", $"127.0.0.1:{_bed.Port("public")}", "-servername", host, version, "-ign_eof", what, session])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(ListenerBed.Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.StandardInput.WriteAsync(Get);
            process.StandardInput.Close();
            await errors;
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
