using System.Security.Cryptography.X509Certificates;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.Directories;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.SignOn;

/// <summary>The certificate alone, its owner by user principal name, before a real Active Directory.</summary>
[Collection(SignOnGroup.Name)]
public sealed class PrincipalNameTests(SignOnGateway gateway) : IAsyncLifetime
{
    private GatewayProcess? _process;

    private GatewayProcess Process => _process ?? throw new InvalidOperationException("The gateway did not start.");

    public async Task InitializeAsync()
    {
        await Bed.EnsureServiceAsync("samba");
        _process = await GatewayProcess.StartAsync(gateway.Setup(configuration => configuration
            .Replace("\"Backends\": [", $"\"Backends\": [ {ActiveDirectory},", StringComparison.Ordinal)
            .Replace("""
                "CaFile": "pki/own.crt", "CrlFile": "pki/own.crl", "Domains": ["bed.test"]
                """.Trim(), """
                "CaFile": "pki/own.crt", "CrlFile": "pki/own.crl", "Owner": "san-upn", "Domains": ["samdom.test", "corp.test"]
                """.Trim(), StringComparison.Ordinal)));
    }

    public async Task DisposeAsync() => await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);

    private static string ActiveDirectory => ChainGateway.ActiveDirectory.Replace(
        "\"SearchPasswordFile\": \"secrets/samba-password\"", $"\"SearchPassword\": \"{Samba.SearchPassword}\"", StringComparison.Ordinal);

    [Theory]
    // Her account is anna, her principal name of another domain, her mail of a third.
    [InlineData("a.ames@corp.test", "", "anna")]
    [InlineData("A.Ames@CORP.test", "", "anna")]
    [InlineData("alice@samdom.test", "", "alice")]
    // Only the one field that is configured says who it is.
    [InlineData("alice@samdom.test", "anna.ames@example.test", "alice")]
    [InlineData("", "alice@bed.test", "device-no-owner")]
    [InlineData("alice@samdom.test;bob@samdom.test", "", "device-no-owner")]
    [InlineData("alice@bed.test", "", "certificate-domain")]
    [InlineData("nobody@samdom.test", "", "unknown-user")]
    [InlineData("*@samdom.test", "", "device-no-owner")]
    // The principal name is right and the account is not: her own sentence for it, with no password asked.
    [InlineData("disabled@samdom.test", "", "disabled")]
    [InlineData("gone@samdom.test", "", "expired")]
    [InlineData("locked@samdom.test", "", "locked")]
    // What the directory only says to a bind, and no bind is sent.
    [InlineData("hours@samdom.test", "", "logon-hours")]
    [InlineData("desk@samdom.test", "", "workstation")]
    public async Task The_principal_name_of_a_certificate_is_looked_up_in_the_directory_with_the_account_s_state(string names, string mails, string outcome)
    {
        using var certificate = gateway.Device(new ClientCertificateOptions
        {
            PrincipalNames = names.Split(';', StringSplitOptions.RemoveEmptyEntries),
            Mails = mails.Split(';', StringSplitOptions.RemoveEmptyEntries),
        });
        var before = gateway.Echo.Count;

        var response = await SendAsync(certificate);

        var record = await Process.AuditRecordAsync(_ => true, "--request", response.Header("X-Request-Id")!);
        if (outcome is "anna" or "alice")
        {
            response.Status.ShouldBe(200, record.ToString());
            gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe([outcome]);
            record.GetProperty("identity").GetString().ShouldNotBeNull().ShouldStartWith("ad:");
            return;
        }

        response.Status.ShouldBeOneOf(401, 403);
        gateway.Echo.Count.ShouldBe(before);
        if (outcome is "disabled" or "expired" or "locked" or "logon-hours" or "workstation")
        {
            record.GetProperty("reason").GetString().ShouldBe("account-state");
            record.GetProperty("detail").GetString().ShouldNotBeNull().ShouldStartWith($"{outcome}: ad=account-state");
        }
        else
        {
            record.GetProperty("reason").GetString().ShouldBe(outcome);
        }
    }

    [Fact]
    public async Task Whoever_is_disabled_in_the_directory_comes_in_by_no_certificate_and_again_when_enabled()
    {
        var user = await Samba.AddAsync();
        try
        {
            using var certificate = gateway.Device(new ClientCertificateOptions { PrincipalNames = [$"{user}@samdom.test"] });
            (await SendAsync(certificate)).Status.ShouldBe(200);

            await Samba.SetAsync(user, "userAccountControl", "514");
            (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await SendAsync(certificate)).Status == 401)).ShouldBeTrue("what was found out is kept for two seconds");
            await Samba.SetAsync(user, "userAccountControl", "512");
            (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await SendAsync(certificate)).Status == 200)).ShouldBeTrue();
        }
        finally
        {
            await Samba.RemoveAsync(user);
        }
    }

    // A wrong yes else: nobody would see that the account is disabled.
    [Fact]
    public async Task Whose_state_the_gateway_may_not_read_comes_in_by_password_and_by_no_certificate()
    {
        var user = await Samba.AddAsync();
        try
        {
            await Samba.HideStateAsync(user);
            using var certificate = gateway.Device(new ClientCertificateOptions { PrincipalNames = [$"{user}@samdom.test"] });

            var response = await SendAsync(certificate);

            response.Status.ShouldBe(503);
            var record = await Process.AuditRecordAsync(_ => true, "--request", response.Header("X-Request-Id")!);
            record.GetProperty("reason").GetString().ShouldBe("backend-unavailable");
            record.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain("may not read the account state");
            Process.Errors.ShouldContain("account restrictions");
            using var client = new GatewayClient(Process, SignOnGateway.Mail, null, $"{user}:{Samba.Password}");
            (await client.GetAsync("/basic/")).Status.ShouldBe(200);
        }
        finally
        {
            await Samba.RemoveAsync(user);
        }
    }

    private async Task<RawResponse> SendAsync(X509Certificate2? certificate)
    {
        var connect = new RawConnect(Process.EndPoint("public")) { Sni = SignOnGateway.Eas, Certificate = certificate };
        var request = new AttackRequest("GET", SignOnGateway.Eas, "/web/");
        return (await RawHttp1.ExchangeAsync(connect, request.ToHttp1(connect.EndPoint.Port))).ShouldNotBeNull();
    }
}
