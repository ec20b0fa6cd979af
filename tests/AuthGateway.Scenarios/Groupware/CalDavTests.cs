using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AuthGateway.Scenarios.Support;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>A calendar client before the real SOGo.</summary>
public sealed class CalDavTests(SogoGateway sogo) : IClassFixture<SogoGateway>
{
    private const string Calendars = "/SOGo/dav/grace/Calendar/";

    [Theory]
    [InlineData("GET", "/.well-known/caldav")]
    [InlineData("PROPFIND", "/.well-known/caldav")]
    [InlineData("GET", "/.well-known/carddav")]
    public async Task WellKnown_LeadsToDavByHttps_WithoutLogin(string method, string path)
    {
        using var client = sogo.Web();
        var answer = await client.SendAsync(method, path);

        answer.Status.ShouldBeOneOf(301, 307, 308);
        answer.Header("Location").ShouldBe("https://mail.bed.test/SOGo/dav/");
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("1", 3)]
    public async Task Propfind_WithDepth_GoesThrough(string depth, int least)
    {
        using var client = sogo.Web("grace");
        var answer = await client.SendAsync("PROPFIND", Calendars, null, ("Depth", depth));

        answer.Status.ShouldBe(207, answer.ToString());
        (answer.Text.Split("<D:response>").Length - 1).ShouldBeGreaterThanOrEqualTo(least);
        answer.Text.ShouldContain(Calendars);
    }

    [Theory]
    [InlineData("infinity")]
    [InlineData(null)]
    public async Task Propfind_OfAWholeTree_IsRefused(string? depth)
    {
        using var client = sogo.Web("grace");
        var answer = depth is null ? await client.SendAsync("PROPFIND", Calendars) : await client.SendAsync("PROPFIND", Calendars, null, ("Depth", depth));

        answer.Status.ShouldBe(403, answer.ToString());
        (await sogo.ReasonAsync(answer)).ShouldBe("depth-not-allowed");
    }

    /// <summary>SOGo closes a connection without announcing it; a request that met one it had just left was answered 502, a few in a hundred.</summary>
    [Fact]
    public async Task Events_OfThreeClientsAtOnce_NeverMeetAConnectionThatSogoHasLeft()
    {
        var calendar = $"{Calendars}{Guid.NewGuid():N}/";
        using var owner = sogo.Web("grace");
        (await owner.SendAsync("MKCALENDAR", calendar)).Status.ShouldBe(201);
        try
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, 3).Select(async number =>
            {
                using var client = sogo.Web("grace");
                var seen = new List<int>();
                for (var i = 0; i < 30; i++)
                {
                    var entry = $"{calendar}{number}-{i}.ics";
                    var content = new StringContent($"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bed//EN\r\nBEGIN:VEVENT\r\nUID:{number}-{i}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", Encoding.UTF8, "text/calendar");
                    seen.Add((await client.SendAsync("PUT", entry, content)).Status);
                    seen.Add((await client.SendAsync("GET", entry)).Status);
                    seen.Add((await client.SendAsync("DELETE", entry)).Status);
                }

                return seen;
            }));
            statuses.SelectMany(status => status).Where(status => status >= 400).ShouldBeEmpty();
        }
        finally
        {
            await owner.SendAsync("DELETE", calendar);
        }
    }

    [Fact]
    public async Task Event_LivesThroughTheGateway()
    {
        var uid = $"{Guid.NewGuid():N}@bed.test";
        var calendar = $"{Calendars}{Guid.NewGuid():N}/";
        var entry = calendar + "caf%C3%A9%20x.ics";
        using var client = sogo.Web("grace");
        (await client.SendAsync("MKCALENDAR", calendar)).Status.ShouldBe(201);
        try
        {
            var put = await client.SendAsync("PUT", entry, Calendar(uid, "Café"));
            put.Status.ShouldBe(201, put.ToString());
            put.Header("ETag").ShouldNotBeNullOrEmpty();

            var got = await client.GetAsync(entry);
            got.Status.ShouldBe(200, got.ToString());
            got.Text.ShouldContain("SUMMARY:Café");
            got.Header("Content-Type").ShouldBe("text/calendar; charset=utf-8");

            var report = await client.SendAsync("REPORT", calendar, Query(), ("Depth", "1"));
            report.Status.ShouldBe(207, report.ToString());
            report.Text.ShouldContain(uid);
            report.Text.ShouldContain("caf%C3%A9%20x.ics");

            (await client.SendAsync("PUT", entry, Calendar(uid, "Late"), ("If-Match", "\"another\""))).Status.ShouldBe(412);

            // SOGo moves only within its own idea of the host, which therefore has to be the public one.
            var moved = await client.SendAsync("MOVE", entry, null, ("Destination", $"https://mail.bed.test{Calendars}personal/{uid}.ics"));
            moved.Status.ShouldBe(201, moved.ToString());
            (await client.GetAsync($"{Calendars}personal/{uid}.ics")).Text.ShouldContain(uid);
            (await client.SendAsync("DELETE", $"{Calendars}personal/{uid}.ics")).Status.ShouldBeOneOf(200, 204);
            (await client.GetAsync($"{Calendars}personal/{uid}.ics")).Status.ShouldBe(404);
        }
        finally
        {
            await client.SendAsync("DELETE", calendar);
        }
    }

    [Theory]
    [InlineData("https://elsewhere.test/SOGo/dav/grace/Calendar/personal/x.ics")]
    [InlineData("https://mail.bed.test/SOGo/so/grace/Calendar/x.ics")]
    public async Task Move_OutOfTheService_IsRefused(string destination)
    {
        using var client = sogo.Web("grace");
        var answer = await client.SendAsync("MOVE", Calendars + "personal/none.ics", null, ("Destination", destination));

        answer.Status.ShouldBe(403, answer.ToString());
        (await sogo.ReasonAsync(answer)).ShouldBe("destination-not-allowed");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task PutWithoutLength_ReachesSogo(string version)
    {
        var entry = $"{Calendars}personal/{Guid.NewGuid():N}.ics";
        using var client = sogo.Web("grace", Version.Parse(version));
        var body = new ContentWithoutLength(await Calendar(Guid.NewGuid().ToString("N"), "Chunked").ReadAsByteArrayAsync());
        body.Headers.ContentType = new MediaTypeHeaderValue("text/calendar") { CharSet = "utf-8" };
        var answer = await client.SendAsync("PUT", entry, body);

        answer.Status.ShouldBe(201, answer.ToString());
        (await client.SendAsync("DELETE", entry)).Status.ShouldBeOneOf(200, 204);
    }

    [Theory]
    [InlineData("/SOGo/dav/alice/caf%C3%A9%20x%25d/")]
    [InlineData("/SOGo/dav/alice/a%2Bb/%C3%BC@b;c=d,e/(x)!$'*.ics")]
    public async Task Path_ReachesTheUpstreamByteForByte(string path)
    {
        using var client = new GatewayClient(sogo.Gateway, SogoGateway.EchoHost, null, "alice");
        (await client.SendAsync("PROPFIND", path, null, ("Depth", "0"))).Status.ShouldBe(200);
        sogo.Echo.Requests.ShouldContain(request => request.Target == path);
    }

    [Fact]
    public async Task Headers_OfDavSurvive()
    {
        var path = $"/SOGo/dav/alice/{Guid.NewGuid():N}";
        (string, string)[] sent =
        [
            ("Depth", "1"), ("If", "(<urn:uuid:1>)"), ("Overwrite", "F"), ("Lock-Token", "<urn:uuid:1>"), ("Timeout", "Second-60"), ("Prefer", "return-minimal"), ("Brief", "t"),
            ("If-Schedule-Tag-Match", "\"1\""),
        ];
        using var client = new GatewayClient(sogo.Gateway, SogoGateway.EchoHost, null, "alice");
        (await client.SendAsync("PROPPATCH", path, null, sent)).Status.ShouldBe(200);

        var seen = sogo.Echo.Requests.Single(request => request.Target == path);
        foreach (var (name, value) in sent)
        {
            seen.Header(name).ShouldBe(value, name);
        }

        seen.Header("x-webobjects-server-url").ShouldBe($"https://{SogoGateway.EchoHost}");
        seen.Header("x-webobjects-remote-host").ShouldBe(client.Source.ToString());
    }

    [Fact]
    public async Task WrongPassword_IsAskedAgain()
    {
        using var client = sogo.Web("lock5:no");
        var answer = await client.SendAsync("PROPFIND", Calendars, null, ("Depth", "0"));
        answer.Status.ShouldBe((int)HttpStatusCode.Unauthorized);
        answer.Header("WWW-Authenticate").ShouldBe("Basic realm=\"Mail\", charset=\"UTF-8\"");
        (await sogo.ReasonAsync(answer)).ShouldBe("wrong-password");
    }

    [Fact]
    public async Task PublicCalendars_AreClosed()
    {
        using var client = sogo.Web("grace");
        var answer = await client.GetAsync("/SOGo/dav/public/grace/Calendar/");
        answer.Status.ShouldBe(403);
        (await sogo.ReasonAsync(answer)).ShouldBe("closed-path");
    }

    private static StringContent Calendar(string uid, string summary)
    {
        var content = new StringContent(
            $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//AuthGateway//Test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260601T100000Z\r\n"
            + $"DTEND:20260601T110000Z\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/calendar") { CharSet = "utf-8" };
        return content;
    }

    private static StringContent Query() => new(
        """
        <C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>
        <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>
        """,
        Encoding.UTF8,
        "application/xml");
}
