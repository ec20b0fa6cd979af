using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Tests.Core.Forwarding;

/// <summary>What ends a request that is being forwarded: its session's end, and for a WebSocket a judgement that has changed.</summary>
public sealed class OpenRequestTests
{
    [Fact]
    public async Task Open_SessionEnds_IsCut()
    {
        await using var bed = await ForwardingBed.StartAsync();
        using var end = new CancellationTokenSource();
        bed.Admitted!.Ended = end.Token;
        using var socket = await ConnectAsync(bed);
        await end.CancelAsync();
        await Should.ThrowAsync<WebSocketException>(() => ReceiveAsync(socket));
    }

    [Fact]
    public async Task Open_SessionHasEndedBefore_ForwardsNothing()
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Admitted!.Ended = new CancellationToken(canceled: true);
        await Should.ThrowAsync<HttpRequestException>(() => bed.Client.GetAsync("/"));
    }

    [Fact]
    public async Task WebSocket_JudgedAgainEveryHalfMinute_IsCutWhenItNoLongerStands()
    {
        await using var bed = await ForwardingBed.StartAsync();
        var judged = 0;
        var stands = true;
        bed.Admitted!.Stands = () =>
        {
            judged++;
            return new(stands);
        };
        using var socket = await ConnectAsync(bed);
        bed.Clock.Advance(TimeSpan.FromSeconds(29));
        judged.ShouldBe(0);
        bed.Clock.Advance(TimeSpan.FromSeconds(1));
        judged.ShouldBe(1);
        socket.State.ShouldBe(WebSocketState.Open);
        stands = false;
        bed.Clock.Advance(TimeSpan.FromSeconds(30));
        judged.ShouldBe(2);
        await Should.ThrowAsync<WebSocketException>(() => ReceiveAsync(socket));
    }

    [Fact]
    public async Task WebSocket_JudgingThrows_IsCut()
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Admitted!.Stands = () => throw new InvalidOperationException("broken");
        using var socket = await ConnectAsync(bed);
        bed.Clock.Advance(TimeSpan.FromSeconds(30));
        await Should.ThrowAsync<WebSocketException>(() => ReceiveAsync(socket));
    }

    [Fact]
    public async Task OtherRequest_IsNotJudgedAgain()
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Admitted!.Stands = () => throw new InvalidOperationException("nobody asks");
        (await bed.GetAsync("/")).Method.ShouldBe("GET");
        bed.Clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public async Task ForeignCookies_OfTheFirstRequest_StayBehindAndExpire()
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Admitted!.BringsForeignCookies = true;
        bed.Upstream.AnswerHeaders["/a/b/c"] = "Set-Cookie: kept=new; Path=/a\r\n";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/a/b/c");
        request.Headers.Add("Cookie", "kept=old; gone=1; __Host-agw=secret; bad name=2");
        using var answer = await bed.Client.SendAsync(request);
        bed.Upstream.Requests[^1].All("Cookie").ShouldBeEmpty();
        var lines = answer.Headers.GetValues("Set-Cookie").ToList();
        lines.Where(line => line.StartsWith("kept=", StringComparison.Ordinal)).ShouldBe(["kept=new; Path=/a"]);
        lines.Where(line => line.StartsWith("gone=", StringComparison.Ordinal)).ShouldBe(
        [
            "gone=; Max-Age=0; Path=/; Secure; HttpOnly", "gone=; Max-Age=0; Path=/a; Secure; HttpOnly", "gone=; Max-Age=0; Path=/a/; Secure; HttpOnly",
            "gone=; Max-Age=0; Path=/a/b; Secure; HttpOnly", "gone=; Max-Age=0; Path=/a/b/; Secure; HttpOnly",
        ]);
        lines.Any(line => line.Contains("agw", StringComparison.Ordinal) || line.StartsWith("bad", StringComparison.Ordinal)).ShouldBeFalse();
    }

    [Fact]
    public async Task ForeignCookies_WhatAnUpstreamSetSinceTheSignIn_IsLeftAlone()
    {
        await using var bed = await ForwardingBed.StartAsync();
        bed.Admitted!.BringsForeignCookies = true;
        bed.Admitted.OwnCookies.Add("mine");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/x");
        request.Headers.Add("Cookie", "mine=1; theirs=2");
        using var answer = await bed.Client.SendAsync(request);
        bed.Upstream.Requests[^1].All("Cookie").ShouldBe(["mine=1"]);
        answer.Headers.GetValues("Set-Cookie").ShouldAllBe(line => line.StartsWith("theirs=;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_ByTheUpstream_ASessionIsNotAskedForBasic()
    {
        await using var bed = await ForwardingBed.StartAsync(change: service => service.Identity = "header");
        bed.Admitted!.HasSession = true;
        bed.Upstream.AnswerHeaders["/x"] = "WWW-Authenticate: Basic realm=\"theirs\"\r\n";
        bed.Upstream.AnswerStatus = 401;
        using var answer = await bed.Client.GetAsync("/x");
        ((int)answer.StatusCode, answer.Headers.WwwAuthenticate.Count).ShouldBe((401, 0));
    }

    [Fact]
    public async Task ForeignCookies_OfALaterRequest_GoThrough()
    {
        await using var bed = await ForwardingBed.StartAsync();
        (await bed.GetAsync("/", ("Cookie", "theirs=1; __Host-agw=secret"))).All("Cookie").ShouldBe(["theirs=1"]);
    }

    private static async Task<ClientWebSocket> ConnectAsync(ForwardingBed bed)
    {
        bed.Admitted!.IsWebSocket = true;
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = new Version(1, 1);
        await socket.ConnectAsync(new UriBuilder(bed.Client.BaseAddress!) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None);
        return socket;
    }

    private static Task<WebSocketReceiveResult> ReceiveAsync(ClientWebSocket socket) => socket.ReceiveAsync(new ArraySegment<byte>(new byte[16]), CancellationToken.None);
}
