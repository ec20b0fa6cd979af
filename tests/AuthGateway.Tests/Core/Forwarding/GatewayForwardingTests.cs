using System.Net;
using System.Text;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Tests.Core.Forwarding;

public sealed class GatewayForwardingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Forward_WithoutAnAllow_AnswersServerErrorAndForwardsNothing(bool told)
    {
        await using var bed = await ForwardingBed.StartAsync();
        if (told)
        {
            bed.Admitted!.IsAllowed = false;
        }
        else
        {
            bed.Admitted = null;
        }

        foreach (var path in new[] { "/", "/.agw/never/web", "/%2e/x" })
        {
            using var answer = await bed.Client.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        }

        bed.Upstream.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("none", null, null)]
    [InlineData("header", "alice", null)]
    [InlineData("basic", null, "alice:pässword")]
    [InlineData("header-and-basic", "alice", "alice:pässword")]
    public async Task Identity_ByMode_IsToldFromTheLoginAndNothingElse(string mode, string? header, string? basic)
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.Identity = mode);
        var seen = await bed.GetAsync("/", ("Authorization", "Basic QUxJQ0VAZXhhbXBsZS5jb206cA=="));
        seen.Header("X-Remote-User").ShouldBe(header);
        seen.All("Authorization").ShouldBe(basic is null ? [] : ["Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(basic))]);
    }

    [Theory]
    [InlineData("session-token", null, true)]
    [InlineData("session-token", null, false)]
    [InlineData("header-and-session-token", "alice", true)]
    public async Task Identity_Token_StandsInPlaceOfThePassword(string mode, string? header, bool hasPassword)
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.Identity = mode);
        bed.Admitted!.Password = hasPassword ? bed.Admitted.Password : null;
        var seen = await bed.GetAsync("/", ("Authorization", "Basic YWxpY2U6cA=="));
        seen.Header("X-Remote-User").ShouldBe(header);
        seen.All("Authorization").ShouldBe(["Basic " + Convert.ToBase64String([.. "alice:"u8, .. bed.Admitted.Token.Utf8])]);
    }

    [Fact]
    public async Task Identity_NobodyKnown_TellsNobodyAndNoCredentials()
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.Identity = "basic");
        (bed.Admitted!.Login, bed.Admitted.Password) = (null, null);
        var seen = await bed.GetAsync("/", ("Authorization", "Basic YWxpY2U6cA=="));
        seen.All("X-Remote-User").ShouldBeEmpty();
        seen.All("Authorization").ShouldBeEmpty();
    }

    /// <summary>An upstream that believes the header takes a request without one for whatever its Basic says, or for nobody it should serve.</summary>
    [Fact]
    public async Task Identity_NobodyKnown_NeverReachesAnUpstreamThatTrustsUs()
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.Identity = "header-and-basic");
        (bed.Admitted!.Login, bed.Admitted.Password) = (null, null);
        using var answer = await bed.Client.GetAsync("/");
        ((int)answer.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        bed.Upstream.Count.ShouldBe(0);
        bed.Admitted.Failures.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Identity_NameBeyondAscii_GoesOutAsUtf8Bytes()
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.Identity = "header-and-basic");
        bed.Admitted!.Login = "jürgen";
        var seen = await bed.GetAsync("/");
        seen.Text.ShouldContain("X-Remote-User: " + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("jürgen")) + "\r\n");
        seen.Header("Authorization").ShouldBe("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("jürgen:pässword")));
    }

    [Theory]
    [InlineData("alice\r\nX-Admin: 1")]
    [InlineData("alice:bob")]
    [InlineData("alice*admin")]
    public async Task Identity_NameThatCannotStandInAHeader_IsNotForwarded(string login)
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Admitted!.Login = login;
        using var answer = await bed.Client.GetAsync("/");
        ((int)answer.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        bed.Upstream.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Headers_OfTheGateway_AreSetExactlyOnce()
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.SharedSecret = "s3cret");
        var seen = await bed.GetAsync("/", ("Cookie", "a=1; __Host-agw=stolen; b=2"), ("X-Request-Id", "mine"));
        seen.All("X-Forwarded-For").ShouldBe(["203.0.113.5"]);
        seen.All("X-Forwarded-Proto").ShouldBe(["https"]);
        seen.All("X-Forwarded-Host").ShouldBe(["mail.example.com:8443"]);
        seen.All("Host").ShouldBe(["mail.example.com:8443"]);
        seen.All("Cookie").ShouldBe(["a=1; b=2"]);
        seen.All("X-AGW-Secret").ShouldBe(["s3cret"]);
        seen.All(AuthGateway.Core.Telemetry.RequestId.HeaderName).ShouldBe(["request-1"]);
        seen.All("Expect").ShouldBeEmpty();
    }

    [Fact]
    public async Task Cookies_OnlyOurs_LeaveNoHeader()
    {
        await using var bed = await ForwardingBed.StartAsync();
        (await bed.GetAsync("/", ("Cookie", "__Host-agw=stolen"))).All("Cookie").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/caf%C3%A9%20x%25d/?a=%zz&b=%2F")]
    [InlineData("/a;b=c/@:+,'()*!$&=~")]
    [InlineData("/")]
    public async Task Target_Judged_IsForwardedByteForByte(string target)
    {
        await using var bed = await ForwardingBed.StartAsync();
        (await bed.GetAsync(target)).Target.ShouldBe(target);
    }

    [Fact]
    public async Task Destination_Judged_ReplacesTheClients()
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Admitted!.DestinationPath = "/dav/b%20c";
        (await bed.GetAsync("/", ("Destination", "https://evil.example.com/x"))).All("Destination").ShouldBe(["https://mail.example.com:8443/dav/b%20c"]);
    }

    [Theory]
    [InlineData("/Microsoft-Server-ActiveSync?Cmd=Ping", "/SOGo/Microsoft-Server-ActiveSync?Cmd=Ping")]
    [InlineData("/microsoft-server-activesync", "/SOGo/Microsoft-Server-ActiveSync")]
    [InlineData("/Microsoft-Server-ActiveSync/x", "/SOGo/Microsoft-Server-ActiveSync/x")]
    public async Task SogoActiveSync_Path_IsRewrittenAndTheFamilySet(string target, string expected)
    {
        await using var bed = await ForwardingBed.StartAsync("sogo-activesync", service => service.Identity = "header-and-basic");
        var seen = await bed.GetAsync(target);
        seen.Target.ShouldBe(expected);
        seen.All("x-webobjects-remote-user").ShouldBe(["alice"]);
        seen.All("x-webobjects-server-protocol").ShouldBe(["HTTP/1.0"]);
        seen.All("x-webobjects-server-name").ShouldBe(["mail.example.com"]);
        seen.All("x-webobjects-server-port").ShouldBe(["8443"]);
        seen.All("x-webobjects-server-url").ShouldBe(["https://mail.example.com:8443"]);
        seen.All("x-webobjects-remote-host").ShouldBe(["203.0.113.5"]);
        seen.All("x-webobjects-auth-type").ShouldBe(["Basic"]);
        seen.All("Connection").ShouldBe(["close"]);
    }

    [Fact]
    public async Task GenericWeb_GetsNothingOfSogo()
    {
        await using var bed = await ForwardingBed.StartAsync();
        (await bed.GetAsync("/")).Headers.ShouldNotContain(header => header.Key.StartsWith("x-webobjects", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3 * 1024 * 1024)]
    public async Task Body_Chunked_ArrivesWithItsLength(int length)
    {
        await using var bed = await ForwardingBed.StartAsync("sogo-web");
        var seen = await bed.SendAsync(Chunked(length));
        seen.All("Content-Length").ShouldBe([length.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        seen.All("Transfer-Encoding").ShouldBeEmpty();
        seen.Body.Length.ShouldBe(length);
        seen.Body.ShouldAllBe(value => value == 7);
    }

    /// <summary>Found out while it is forwarded, for nothing announced it.</summary>
    [Fact]
    public async Task Body_StreamedBeyondTheLimit_IsTooLargeToo()
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.MaxBodyBytes = 1000);
        using var answer = await bed.Client.SendAsync(Chunked(200_000));
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        bed.Admitted!.Failures.ShouldHaveSingleItem().Reason.ShouldBe(VerdictReason.BodyTooLarge);
    }

    [Fact]
    public async Task Body_ChunkedBeyondTheLimit_IsRefusedAndNotForwarded()
    {
        await using var bed = await ForwardingBed.StartAsync("sogo-web", service => service.MaxBodyBytes = 1000);
        using var answer = await bed.Client.SendAsync(Chunked(1001));
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        bed.Admitted!.Failures.ShouldHaveSingleItem().Reason.ShouldBe(VerdictReason.BodyTooLarge);
        bed.Upstream.Count.ShouldBe(0);
        (await bed.SendAsync(Chunked(900))).Body.Length.ShouldBe(900);
    }

    [Fact]
    public async Task Upstream_Gone_IsToldByTheCorridorOnce()
    {
        await using var bed = await ForwardingBed.StartAsync();
        await bed.StopUpstreamAsync();
        using var answer = await bed.Client.GetAsync("/");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("told upstream-unavailable");
        var (reason, detail) = bed.Admitted!.Failures.ShouldHaveSingleItem();
        reason.ShouldBe(VerdictReason.UpstreamUnavailable);
        detail.ShouldNotBeNull().ShouldStartWith("Request: ");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("cookie")]
    public async Task Upstream_Silent_IsATimeoutToldByTheCorridor(string affinity)
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.ActivityTimeout = TimeSpan.FromMilliseconds(200), affinity: affinity);
        bed.Upstream.IsSilent = true;
        using var answer = await bed.Client.GetAsync("/");
        answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        bed.Admitted!.Failures.ShouldHaveSingleItem().Reason.ShouldBe(VerdictReason.UpstreamTimeout);
    }

    [Fact]
    public async Task Upstream_BreaksOffInItsAnswer_IsSaidAlthoughTheAnswerHasBegun()
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Upstream.BreaksOff = true;
        await Should.ThrowAsync<HttpRequestException>(() => bed.Client.GetAsync("/"));
        // The client sees the break before the gateway has said what it was.
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), () => bed.Admitted!.Failures.Count > 0)).ShouldBeTrue();
        bed.Admitted!.Failures.ShouldHaveSingleItem().Detail.ShouldNotBeNull().ShouldStartWith("ResponseBodyDestination");
    }

    [Fact]
    public async Task Upstream_AnswersAnErrorItself_IsNoFailureOfOurs()
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Upstream.AnswerStatus = 503;
        using var answer = await bed.Client.GetAsync("/");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        bed.Admitted!.Failures.ShouldBeEmpty();
    }

    private static HttpRequestMessage Chunked(int length)
    {
        var body = new byte[length];
        Array.Fill(body, (byte)7);
        var request = new HttpRequestMessage(HttpMethod.Post, "/x") { Content = new StreamContent(new MemoryStream(body)) };
        request.Headers.TransferEncodingChunked = true;
        return request;
    }
}
