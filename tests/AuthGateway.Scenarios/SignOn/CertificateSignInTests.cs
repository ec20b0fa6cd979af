using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.SignIn;

namespace AuthGateway.Scenarios.SignOn;

/// <summary>The device certificate alone says who it is, where a policy says so.</summary>
[Collection(SignOnGroup.Name)]
public sealed class CertificateSignInTests(SignOnGateway gateway)
{
    private static readonly AttackRequest Ping = new("POST", SignOnGateway.Eas, "/Microsoft-Server-ActiveSync?Cmd=Ping&User=alice&DeviceId=D1&DeviceType=iPhone") { Body = [] };

    /// <summary>Certificate, Basic beside it, what comes of it.</summary>
    public static TheoryData<HttpVersion, string, string, string> Table
    {
        get
        {
            var table = new TheoryData<HttpVersion, string, string, string>();
            foreach (var version in new[] { HttpVersion.Http1, HttpVersion.Http2 })
            {
                table.Add(version, "alice", "", "alice");
                table.Add(version, "alice", "alice:alice-pw", "alice");
                table.Add(version, "alice", "alice:an outdated password", "alice");
                table.Add(version, "alice", "alice@bed.test:", "alice");
                table.Add(version, "alice", "bob:bob-pw", "identity-mismatch");
                table.Add(version, "bob", "", "activesync-user");
                table.Add(version, "none", "", "no-device-certificate");
                table.Add(version, "none", "alice:alice-pw", "no-device-certificate");
                table.Add(version, "nobody", "", "unknown-user");
                table.Add(version, "other domain", "", "certificate-domain");
                table.Add(version, "domain of another authority", "", "certificate-domain");
                table.Add(version, "authority without domains", "", "credentials-missing");
                table.Add(version, "authority without domains", "alice:alice-pw", "factors-missing");
                table.Add(version, "two owners", "", "device-no-owner");
                table.Add(version, "owner in the subject", "", "device-no-owner");
                table.Add(version, "expired", "", "device-expired");
                table.Add(version, "server usage", "", "device-unsuitable");
                table.Add(version, "filter", "", "device-no-owner");
                table.Add(version, "revoked", "", "device-revoked");
                table.Add(version, "rogue", "", "device-unknown-authority");
            }

            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task A_phone_with_its_certificate_alone_is_its_owner(HttpVersion version, string device, string basic, string outcome)
    {
        using var certificate = gateway.Device(device);
        var before = gateway.Echo.Count;
        var request = basic.Length == 0 ? Ping : Ping.As(basic.Split(':')[0], basic.Split(':')[1]);

        var response = await gateway.SendAsync(version, request, certificate);

        if (outcome == "alice")
        {
            response.Status.ShouldBe(200, response.ToString());
            gateway.Echo.Count.ShouldBe(before + 1);
            gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe(["alice"]);
            gateway.Echo.Requests[^1].All("Authorization").ShouldBeEmpty("nobody has looked at this password");
            return;
        }

        gateway.Echo.Count.ShouldBe(before);
        response.Status.ShouldBeOneOf(401, 403);
        if (outcome is not "credentials-missing")
        {
            await gateway.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == outcome, "--request", response.Header("X-Request-Id")!);
        }
    }

    [Fact]
    public async Task The_record_names_certificate_owner_user_and_factor()
    {
        using var certificate = gateway.Device("alice");
        var response = await gateway.SendAsync(HttpVersion.Http1, Ping, certificate);
        response.Status.ShouldBe(200);
        var record = await gateway.Process.AuditRecordAsync(record => record.GetProperty("event").GetString() == "sign-in", "--request", response.Header("X-Request-Id")!);
        record.GetProperty("factors").GetString().ShouldBe("device");
        record.GetProperty("identity").GetString().ShouldNotBeNull().ShouldStartWith("directory:");
        record.GetProperty("certificateOwner").GetString().ShouldBe("alice@bed.test");
    }

    [Fact]
    public async Task An_outdated_password_beside_the_certificate_locks_nobody()
    {
        using var certificate = gateway.Device("alice");
        for (var i = 0; i < 12; i++)
        {
            (await gateway.SendAsync(HttpVersion.Http1, Ping.As("alice", $"outdated {i}"), certificate)).Status.ShouldBe(200);
        }

        (await gateway.Process.RunCliAsync(["lockout", "list", "--json"])).Output.ShouldNotContain("alice");
    }

    [Fact]
    public async Task A_disabled_account_is_refused_whatever_its_certificate()
    {
        using var certificate = gateway.Device("guest");
        var ping = Ping with { Target = Ping.Target.Replace("User=alice", "User=guest", StringComparison.Ordinal) };
        (await gateway.SendAsync(HttpVersion.Http1, ping, certificate)).Status.ShouldBe(200);
        (await gateway.Process.RunCliAsync(["user", "disable", "guest"])).ExitCode.ShouldBe(0);
        (await AuthGateway.TestKit.Gateway.Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await gateway.SendAsync(HttpVersion.Http1, ping, certificate)).Status == 401)).ShouldBeTrue();
        (await gateway.Process.RunCliAsync(["user", "enable", "guest"])).ExitCode.ShouldBe(0);
        (await AuthGateway.TestKit.Gateway.Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await gateway.SendAsync(HttpVersion.Http1, ping, certificate)).Status == 200)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("GET", "", 200)]
    [InlineData("GET", "Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: navigate", 200)]
    [InlineData("GET", "Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: no-cors", 403)]
    [InlineData("POST", "Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: navigate", 403)]
    [InlineData("POST", "Origin: https://evil.test", 403)]
    [InlineData("POST", "Sec-Fetch-Site: same-origin; Sec-Fetch-Mode: cors", 200)]
    public async Task A_browser_with_the_certificate_opens_pages_and_other_sites_cannot_use_it(string method, string headers, int status)
    {
        using var certificate = gateway.Device("alice");
        var request = new AttackRequest(method, SignOnGateway.Eas, "/web/") { Body = method == "POST" ? [] : null };
        foreach (var header in headers.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            request = request.With(header.Split(": ")[0], header.Split(": ")[1]);
        }

        (await gateway.SendAsync(HttpVersion.Http1, request, certificate)).Status.ShouldBe(status);
    }
}
