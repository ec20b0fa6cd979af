using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Reload;

/// <summary>Certificates and revocation lists change while connections are open.</summary>
public sealed class CertificateReloadTests
{
    private const string Host = "mail.bed.test";

    [Fact]
    public async Task NewCertificate_IsShownInTheNextHandshake_AndABadOneNever()
    {
        await Bed.EnsureUpAsync();
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup { Configuration = Sample.Configuration() });
        var first = await ShownAsync(gateway);
        using var open = new GatewayClient(gateway, Host);
        (await open.GetAsync("/.well-known/caldav")).Status.ShouldBe(301);
        using var next = Issue(Host);

        // The certificate without its key: not a pair, so the old one goes on.
        await WriteAsync(gateway, "pki/server.crt", next.ExportCertificatePem());
        await ComplainedAsync(gateway);
        (await ShownAsync(gateway)).ShouldBe(first);

        using var key = next.GetECDsaPrivateKey()!;
        await WriteAsync(gateway, "pki/server.key", key.ExportPkcs8PrivateKeyPem());
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => await ShownAsync(gateway) == next.Thumbprint)).ShouldBeTrue(gateway.Errors);
        // Who was connected stays connected.
        (await open.GetAsync("/.well-known/caldav")).Status.ShouldBe(301);

        await WriteAsync(gateway, "pki/server.crt", "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n");
        await ComplainedAsync(gateway);
        (await ShownAsync(gateway)).ShouldBe(next.Thumbprint);
    }

    [Fact]
    public async Task Revocation_ReachesAnOpenConnection()
    {
        await Bed.EnsureUpAsync();
        await using var echo = new EchoUpstream();
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(configuration =>
            {
                configuration["Devices"]!["Authorities"]!["bed"]!["CrlFile"] = "pki/ca-empty.crl";
                configuration["Upstreams"]!["sogo"]!["Destinations"] = new JsonArray(echo.Url);
            }),
        });
        using var certificate = Bed.Certificate("revoked");
        await using var phone = await RawHttp1.ConnectAsync(
            new RawConnect(gateway.EndPoint("public")) { Sni = "eas.bed.test", Certificate = certificate, Within = TimeSpan.FromSeconds(40) });
        (await AskAsync(phone)).ShouldBe(200);

        await WriteAsync(gateway, "pki/ca-empty.crl", await File.ReadAllTextAsync(Bed.Pki("ca.crl")));

        (await Deadline.PollAsync(TimeSpan.FromSeconds(15), async () => await AskAsync(phone) == 403)).ShouldBeTrue("The certificate has been revoked.");
        (await gateway.AuditRecordAsync(_ => true, "--reason", "device-revoked")).GetProperty("certificateOwner").GetString().ShouldBe("carol@bed.test");
    }

    [Theory]
    [InlineData("rogue.crl")]
    [InlineData("ca-stale.crl")]
    public async Task RevocationListThatCannotBeBelieved_OpensNothing(string list)
    {
        await Bed.EnsureUpAsync();
        await using var echo = new EchoUpstream();
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(configuration => configuration["Upstreams"]!["sogo"]!["Destinations"] = new JsonArray(echo.Url)),
        });
        var loaded = (await gateway.StatusAsync()).GetProperty("lastLoad").GetProperty("at").GetDateTimeOffset();

        await WriteAsync(gateway, "pki/ca.crl", await File.ReadAllTextAsync(Bed.Pki(list)));
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await gateway.StatusAsync()).GetProperty("lastLoad").GetProperty("at").GetDateTimeOffset() > loaded))
            .ShouldBeTrue("The new list should be looked at.");

        // carol's certificate stays revoked, whether the old list stands or every certificate of the authority is refused.
        using var carol = new GatewayClient(gateway, "eas.bed.test", "revoked", "carol");
        (await carol.SendAsync("OPTIONS", "/Microsoft-Server-ActiveSync")).Status.ShouldBe(403);
    }

    // The load stands, for one host's bad file is not everybody's; the host goes on with what it had, and the status says so.
    private static async Task ComplainedAsync(GatewayProcess gateway)
    {
        JsonElement status = default;
        (await Deadline.PollAsync(TimeSpan.FromSeconds(20), async () =>
        {
            status = await gateway.StatusAsync();
            return status.GetProperty("certificates").EnumerateArray().Any(each =>
                each.GetProperty("host").GetString() == Host && each.GetProperty("problem").ValueKind == JsonValueKind.String);
        })).ShouldBeTrue(status.ToString());
    }

    private static async Task<int> AskAsync(RawHttp1 phone)
    {
        await phone.SendAsync($"OPTIONS /Microsoft-Server-ActiveSync HTTP/1.1\r\nHost: eas.bed.test\r\nAuthorization: {GatewayClient.Basic("carol")}\r\n\r\n");
        var answer = await phone.ReadAsync();
        return answer.ShouldNotBeNull("The connection should stay open.").Status;
    }

    private static async Task<string> ShownAsync(GatewayProcess gateway)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var stream = await new RawConnect(gateway.EndPoint("public")) { Sni = Host }.OpenAsync(SslApplicationProtocol.Http11, limit.Token);
        await using (stream)
        {
            using var shown = X509CertificateLoader.LoadCertificate(((SslStream)stream).RemoteCertificate!.GetRawCertData());
            return shown.Thumbprint;
        }
    }

    /// <summary>A certificate by the bed's authority.</summary>
    private static X509Certificate2 Issue(string host)
    {
        using var issuer = X509Certificate2.CreateFromPemFile(Bed.Pki("ca.crt"), Bed.Pki("ca.key"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(issuer, new DateTimeOffset(issuer.NotBefore.ToUniversalTime()).AddSeconds(1), DateTimeOffset.UtcNow.AddDays(30), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    private static async Task WriteAsync(GatewayProcess gateway, string file, string text)
    {
        var path = Path.Combine(gateway.State, file);
        await File.WriteAllTextAsync(path + ".new", text);
        File.SetUnixFileMode(path + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(path + ".new", path, overwrite: true);
    }
}
