using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.Outages;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.SignOn;

/// <summary>A sound ticket, and a sound certificate, while nobody can say whose account it is: come again later, never "that is not you".</summary>
[Collection(SignOnGroup.Name)]
public sealed class DirectoryAwayTests(SignOnGateway gateway) : IAsyncLifetime
{
    // A half-open server is waited for for five seconds, and rests ten after it failed.
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);

    private readonly TcpRelay _directory = new(3636);
    private GatewayProcess? _process;

    private GatewayProcess Process => _process ?? throw new InvalidOperationException("The gateway did not start.");

    public async Task InitializeAsync() => _process = await GatewayProcess.StartAsync(gateway.Setup(configuration => configuration
        .Replace("ldaps://127.0.0.1:3636", $"ldaps://127.0.0.1:{_directory.Port}", StringComparison.Ordinal)));

    public async Task DisposeAsync()
    {
        await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _directory.DisposeAsync();
    }

    [Theory]
    [InlineData("ticket", "gone")]
    [InlineData("ticket", "half-open")]
    [InlineData("certificate", "gone")]
    [InlineData("certificate", "half-open")]
    public async Task Who_comes_without_a_password_while_the_directory_is_away_is_told_to_come_again_and_nothing_is_counted(string way, string outage)
    {
        using var certificate = way == "certificate" ? gateway.Device("alice") : null;
        (await SendAsync(certificate)).Status.ShouldBe(200);

        if (outage == "gone")
        {
            _directory.Stop();
        }
        else
        {
            _directory.Freeze();
        }

        // What was found out a moment ago may serve for two seconds more.
        var told = new List<RawResponse>();
        (await Deadline.PollAsync(s_soon, async () =>
        {
            told.Add(await SendAsync(certificate));
            return told[^1].Status == 503;
        })).ShouldBeTrue();
        told.Select(response => response.Status).Distinct().ShouldBeSubsetOf([200, 503]);
        told[^1].Header("Retry-After").ShouldNotBeNull();
        told[^1].All("WWW-Authenticate").ShouldBeEmpty("a phone that is asked for a password asks its owner for one");
        await Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "backend-unavailable", "--request", told[^1].Header("X-Request-Id")!);
        (await SendAsync(certificate)).Status.ShouldBe(503, "and again, while the server rests");

        _directory.Restore();
        (await Deadline.PollAsync(s_soon, async () => (await SendAsync(certificate)).Status == 200)).ShouldBeTrue();
        JsonNode.Parse((await Process.RunCliAsync(["lockout", "list", "--json"])).Output)!.AsArray().ShouldBeEmpty();
    }

    /// <summary>By certificate as a phone, else by ticket as a program: a new one each time, for the gateway takes none twice.</summary>
    private async Task<RawResponse> SendAsync(X509Certificate2? certificate)
    {
        var request = certificate is null
            ? new AttackRequest("PROPFIND", SignOnGateway.Dav, "/alice/").With("Depth", "0").With("Authorization", Tickets.Header("alice", "alice-pw", SignOnGateway.Dav))
            : new AttackRequest("POST", SignOnGateway.Eas, "/Microsoft-Server-ActiveSync?Cmd=Ping&User=alice&DeviceId=D1&DeviceType=iPhone") { Body = [] };
        var connect = new RawConnect(Process.EndPoint("public")) { Sni = request.Host, Certificate = certificate, Source = IPAddress.Parse("127.0.0.77") };
        return (await RawHttp1.ExchangeAsync(connect, request.ToHttp1(connect.EndPoint.Port))).ShouldNotBeNull();
    }
}
