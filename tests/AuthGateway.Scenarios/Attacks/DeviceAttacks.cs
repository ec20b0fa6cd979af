using System.Security.Cryptography.X509Certificates;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>MT: only a sound certificate of the right authority, together with its owner's password, opens a host for devices.</summary>
[Collection(AttackGroup.Name)]
public sealed class DeviceAttacks(AttackGateway gateway)
{
    private static readonly AttackRequest Device = new("GET", AttackGateway.Mtls, "/");

    public static TheoryData<HttpVersion> Versions => [HttpVersion.Http1, HttpVersion.Http2];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_sound_device_with_its_owner_s_password_is_let_in(HttpVersion version)
    {
        var (received, _) = await gateway.ForwardedAsync(version, Device.As("alice"), gateway.AliceDevice);
        received.All("X-Remote-User").ShouldBe(["alice"]);
        await Refused(version, Device, gateway.AliceDevice, "credentials-missing", 401);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MT_01_without_a_certificate_nobody_comes_in(HttpVersion version) =>
        await Refused(version, Device.As("alice"), null, "no-device-certificate");

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MT_02_another_authority_of_the_same_name_is_another_authority(HttpVersion version)
    {
        using var rogue = TestAuthority.Create();
        using var forged = AttackGateway.Usable(rogue.IssueClient("alice@bed.test"));
        await Refused(version, Device.As("alice"), forged, "device-unknown-authority");
        using var mallory = Bed.Certificate("mallory");
        await Refused(version, Device.As("alice"), mallory, "device-unknown-authority");
    }

    public static TheoryData<HttpVersion, string, string> Unsound
    {
        get
        {
            var table = new TheoryData<HttpVersion, string, string>();
            foreach (var version in new[] { HttpVersion.Http1, HttpVersion.Http2 })
            {
                table.Add(version, "server usage", "device-unsuitable");
                table.Add(version, "no usage", "device-unsuitable");
                table.Add(version, "authority", "device-unsuitable");
                table.Add(version, "no signature", "device-unsuitable");
                table.Add(version, "small key", "device-unsuitable");
                table.Add(version, "expired", "device-expired");
                table.Add(version, "not yet", "device-not-yet-valid");
                table.Add(version, "two owners", "device-no-owner");
                table.Add(version, "owner in the subject", "device-no-owner");
            }

            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Unsound))]
    public async Task MT_03_04_unsound_certificates_are_rejected(HttpVersion version, string fault, string reason)
    {
        var sound = new ClientCertificateOptions { Mails = ["alice@bed.test"] };
        var now = DateTimeOffset.UtcNow;
        using var certificate = AttackGateway.Usable(gateway.Authority.IssueClient(fault switch
        {
            "server usage" => sound with { Usages = [TestAuthority.ServerAuthentication] },
            "no usage" => sound with { Usages = [] },
            "authority" => sound with { Authority = true },
            "no signature" => sound with { KeyUsage = X509KeyUsageFlags.KeyEncipherment },
            "small key" => sound with { RsaBits = 1024 },
            "expired" => sound with { NotBefore = now.AddDays(-20), NotAfter = now.AddDays(-1) },
            "not yet" => sound with { NotBefore = now.AddDays(1), NotAfter = now.AddDays(20) },
            "two owners" => sound with { Mails = ["alice@bed.test", "bob@bed.test"] },
            _ => sound with { Mails = [], Subject = "CN=alice@bed.test" },
        }));
        await Refused(version, Device.As("alice"), certificate, reason);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MT_05_a_revoked_device_is_rejected(HttpVersion version) =>
        await Refused(version, Device.As("alice"), gateway.RevokedDevice, "device-revoked");

    [Fact]
    public async Task MT_05_a_revocation_reaches_connections_that_are_open()
    {
        using var lost = AttackGateway.Usable(gateway.Authority.IssueClient("alice@bed.test"));
        await using var first = await RawHttp1.ConnectAsync(gateway.Connect(AttackGateway.Mtls, lost) with { Within = TimeSpan.FromSeconds(70) });
        await using var second = await RawHttp2.ConnectAsync(gateway.Connect(AttackGateway.Mtls, lost) with { Within = TimeSpan.FromSeconds(70) });
        var request = Device.As("alice");
        var port = gateway.Process.EndPoint("public").Port;
        async Task<int?> AskFirst()
        {
            await first.SendAsync(request.ToHttp1(port));
            return (await first.ReadAsync())?.Status;
        }

        (await AskFirst()).ShouldBe(200);
        (await second.ExchangeAsync(request.ToHttp2(port)))!.Status.ShouldBe(200);
        gateway.Revoke(gateway.Process.State, gateway.RevokedDevice, lost);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(60), async () => await AskFirst() is not 200)).ShouldBeTrue("a revocation list must be taken up within 60 s");
        (await second.ExchangeAsync(request.ToHttp2(port)))?.Status.ShouldBe(403);
        await Refused(HttpVersion.Http1, request, lost, "device-revoked");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MT_06_the_device_of_one_person_does_not_carry_another(HttpVersion version)
    {
        await Refused(version, Device.As("bob"), gateway.AliceDevice, "identity-mismatch");
        using var bobs = AttackGateway.Usable(gateway.Authority.IssueClient("bob@bed.test", "alice"));
        await Refused(version, Device.As("alice"), bobs, "identity-mismatch");
    }

    private async Task Refused(HttpVersion version, AttackRequest request, X509Certificate2? certificate, string reason, int status = 403)
    {
        var before = gateway.Echo.Count;
        var response = await gateway.SendAsync(version, request, certificate);
        gateway.Echo.Count.ShouldBe(before);
        if (response is null)
        {
            // Refused in the handshake: fine, but a request id would have been kinder.
            reason.ShouldNotBe("identity-mismatch", StringComparer.Ordinal);
            return;
        }

        response.Status.ShouldBe(status, response.ToString());
        if (status == 403)
        {
            await gateway.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == reason, "--request", response.Header("X-Request-Id")!);
        }
    }
}
