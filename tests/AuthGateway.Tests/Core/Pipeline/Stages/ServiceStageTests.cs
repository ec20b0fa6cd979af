using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Core.Services;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Pipeline.Stages;

public sealed class ServiceStageTests
{
    private const string Query = "Cmd=Sync&User=alice&DeviceId=ABC1&DeviceType=iPhone";
    private readonly RequestBed _bed = new();
    private readonly ServiceStage _stage = new();

    public ServiceStageTests()
    {
        var services = _bed.Services.Services;
        services["web"] = ServiceBed.Web("/web", "/public");
        services["web"].ClosedPaths = ["/web/closed"];
        services["web"].Rules =
        [
            new() { Path = "/public", Policy = "open" },
            new() { Path = "/web/admin", Policy = "deny" },
            new() { Path = "/web/office", From = ["office"], Policy = "password" },
            new() { Path = "/web/office", Policy = "deny" },
            new() { Path = "/web", Policy = "password" },
        ];
        services["phones"] = ServiceBed.Service("generic-activesync", "app");
        services["dav"] = ServiceBed.Service("sogo-dav", "sogo");
        services["dav"].Identity = "header-and-basic";
        services["dav"].Rules = [new() { Path = "/SOGo/dav/shared", Policy = "both2" }, new() { Policy = "password" }];
        services["dav"].ClosedPaths = ["/SOGo/dav/closed"];
        services["davlike"] = ServiceBed.Web("/files");
        services["davlike"].Methods = ["GET", "PUT", "MOVE", "PROPFIND"];
        services["davlike"].Rules = [new() { Path = "/files/admin", Policy = "deny" }, new() { Policy = "password" }];
        services["share"] = ServiceBed.Web("/share");
        services["share"].Methods = ["GET", "PUT", "MOVE"];
        services["share"].Rules =
        [
            new() { Path = "/share/inbox", Methods = ["PUT"], Policy = "deny" },
            new() { Path = "/share/secret", Methods = ["GET"], Policy = "both2" },
            new() { Policy = "password" },
        ];
        _bed.Services.Policies["both2"] = new() { Factors = ["password"], Groups = ["admins"] };
        _bed.Services.Hosts["inner.example.com"] = new() { Listeners = ["inner"] };
        services["inner"] = ServiceBed.Web("/");
        services["inner"].Hosts = ["inner.example.com"];
    }

    [Theory]
    [InlineData("GET", "/web", "continue")]
    [InlineData("GET", "/WEB/Mail", "continue")]
    [InlineData("GET", "/other", "no-service")]
    [InlineData("GET", "/webx", "no-service")]
    [InlineData("OPTIONS", "*", "no-service")]
    [InlineData("PUT", "/web/a", "method-not-allowed")]
    [InlineData("get", "/web/a", "method-not-allowed")]
    [InlineData("GET", "/web/closed", "closed-path")]
    [InlineData("GET", "/Web/Closed/x", "closed-path")]
    [InlineData("GET", "/web/closed;x/y", "closed-path")]
    [InlineData("GET", "/web/admin", "denied-by-rule")]
    [InlineData("GET", "/web/ADMIN/x", "denied-by-rule")]
    [InlineData("GET", "/web/admin;a=b/x", "denied-by-rule")]
    [InlineData("GET", "/web/%61dmin", "denied-by-rule")]
    [InlineData("GET", "//web//admin", "denied-by-rule")]
    [InlineData("GET", "/web/office", "denied-by-rule")]
    [InlineData("GET", "/public/a.css", "continue")]
    [InlineData("POST", "/public/a", "no-rule")]
    [InlineData("GET", "/PUBLIC/a", "no-rule")]
    [InlineData("GET", "/public;x/a", "bad-request")]
    [InlineData("GET", "/public/a%2Fb", "bad-request")]
    [InlineData("GET", "/web/a%252e", "bad-request")]
    [InlineData("GET", "/web/a.", "bad-request")]
    [InlineData("GET", "/web/a:b", "bad-request")]
    [InlineData("GET", "/nowhere/a%2Fb", "bad-request")]
    public void Judge_Target_FindsServiceRuleAndPolicy(string method, string target, string outcome) =>
        RequestBed.Judge(_stage, _bed.Request(target, method)).ShouldBe(outcome);

    [Theory]
    [InlineData("10.1.2.3", "continue", 3)]
    [InlineData("192.0.2.1", "denied-by-rule", 4)]
    public void Judge_Network_PicksTheRule(string peer, string outcome, int rule)
    {
        var request = _bed.Request("/web/office", peer: peer);
        RequestBed.Judge(_stage, request).ShouldBe(outcome);
        request.Rule!.Number.ShouldBe(rule);
        _stage.Describe(request).ShouldBe($"web (preset generic-web), rule {rule} → policy {request.Policy.Name}");
    }

    [Theory]
    [InlineData("unknown.example.com", "public", "no-service")]
    [InlineData("inner.example.com", "public", "no-service")]
    [InlineData("inner.example.com", "Inner", "no-service")]
    [InlineData("inner.example.com", "inner", "continue")]
    public void Judge_Host_IsServedOnItsListenersOnly(string host, string listener, string outcome) =>
        RequestBed.Judge(_stage, _bed.Request(host: host, listener: listener)).ShouldBe(outcome);

    [Theory]
    [InlineData("/.well-known/caldav", "/SOGo/dav/")]
    [InlineData("/.well-known/carddav;x", "/SOGo/dav/")]
    public void Judge_Redirect_IsAnsweredBeforeAnyLogin(string target, string to)
    {
        var request = _bed.Request(target, "PROPFIND");
        RequestBed.Judge(_stage, request).ShouldBe("redirected");
        request.RedirectTo.ShouldBe(to);
        request.Rule.ShouldBeNull();
    }

    /// <summary>An encoded slash reads as part of a name or as a separator; both must lead to one policy.</summary>
    [Theory]
    [InlineData("/SOGo/dav/alice%2Fx", "continue")]
    [InlineData("/SOGo/dav%2Fshared/x", "no-service")]
    [InlineData("/SOGo/dav/shared%2Fx", "bad-request")]
    [InlineData("/SOGo/dav/x%2Fshared", "continue")]
    [InlineData("/SOGo/dav/closed%2Fx", "bad-request")]
    [InlineData("/SOGo/dav/public%2fx", "bad-request")]
    [InlineData("/SOGo/dav/%2Fshared", "bad-request")]
    [InlineData("/SOGo/dav/;%2Fshared", "bad-request")]
    public void Judge_EncodedSlash_TwoReadingsMustAgree(string target, string outcome) =>
        RequestBed.Judge(_stage, _bed.Request(target, depth: "1")).ShouldBe(outcome == "no-service" ? "bad-request" : outcome);

    [Theory]
    [InlineData("0", "continue")]
    [InlineData("1", "continue")]
    [InlineData("infinity", "depth-not-allowed")]
    [InlineData("1,noroot", "depth-not-allowed")]
    [InlineData("", "depth-not-allowed")]
    [InlineData(null, "depth-not-allowed")]
    public void Judge_Propfind_NeedsDepthZeroOrOne(string? depth, string outcome)
    {
        RequestBed.Judge(_stage, _bed.Request("/SOGo/dav/alice", "PROPFIND", depth: depth)).ShouldBe(outcome);
        RequestBed.Judge(_stage, _bed.Request("/files/alice", "PROPFIND", depth: depth)).ShouldBe(outcome);
        RequestBed.Judge(_stage, _bed.Request("/SOGo/dav/alice", "REPORT", depth: depth)).ShouldBe("continue");
    }

    [Fact]
    public void Judge_PropfindWithTwoDepths_IsRefused() =>
        RequestBed.Judge(_stage, _bed.Request("/SOGo/dav/alice", "PROPFIND", depth: new(["0", "infinity"]))).ShouldBe("depth-not-allowed");

    [Theory]
    [InlineData("https://mail.example.com/SOGo/dav/alice/b", "continue")]
    [InlineData("HTTPS://MAIL.example.com:443/SOGo/dav/alice/b", "continue")]
    [InlineData("/SOGo/dav/alice/b", "continue")]
    [InlineData("https://mail.example.com/SOGo/dav/shared/b", "destination-not-allowed")]
    [InlineData("/sogo/DAV/Shared/b", "destination-not-allowed")]
    [InlineData("/SOGo/dav/shared%2Fb", "destination-not-allowed")]
    [InlineData("/SOGo/dav/shared;x/b", "destination-not-allowed")]
    [InlineData("/SOGo/dav/closed/b", "destination-not-allowed")]
    [InlineData("/SOGo/dav/public/b", "destination-not-allowed")]
    [InlineData("/web/b", "destination-not-allowed")]
    [InlineData("/nowhere", "destination-not-allowed")]
    [InlineData("/.well-known/caldav", "destination-not-allowed")]
    [InlineData("https://eas.example.com/SOGo/dav/alice/b", "destination-not-allowed")]
    [InlineData("https://mail.example.com:8443/SOGo/dav/alice/b", "destination-not-allowed")]
    [InlineData("http://mail.example.com/SOGo/dav/alice/b", "destination-not-allowed")]
    [InlineData("//evil.example.com/SOGo/dav/alice/b", "destination-not-allowed")]
    [InlineData("https://mail.example.com/SOGo/dav/alice/../shared/b", "bad-request")]
    [InlineData("/SOGo/dav/alice/%2e%2e/shared", "bad-request")]
    [InlineData("https://alice@mail.example.com/SOGo/dav/alice/b", "bad-request")]
    [InlineData("", "bad-request")]
    [InlineData("*", "bad-request")]
    public void Judge_Destination_MeetsTheRulesOfARequest(string destination, string outcome)
    {
        var request = _bed.Request("/SOGo/dav/alice/a", "MOVE", destination: destination);
        RequestBed.Judge(_stage, request).ShouldBe(outcome);
        (request.DestinationTarget is not null).ShouldBe(outcome == "continue");
    }

    /// <summary>A file server under a web preset obeys Destination like one under a DAV preset.</summary>
    [Theory]
    [InlineData("/files/b", "continue")]
    [InlineData("/files/admin/b", "destination-not-allowed")]
    [InlineData("/web/b", "destination-not-allowed")]
    [InlineData("https://evil.example.com/files/b", "destination-not-allowed")]
    [InlineData("/files/a%2Fb", "bad-request")]
    [InlineData("/files/b.", "bad-request")]
    public void Judge_DestinationOnAWebService_IsJudgedAlike(string destination, string outcome)
    {
        var request = _bed.Request("/files/a", "MOVE", destination: destination);
        RequestBed.Judge(_stage, request).ShouldBe(outcome);
        (request.DestinationTarget is not null).ShouldBe(outcome == "continue");
    }

    /// <summary>What MOVE brings to a path is written there, so the rule for PUT guards it.</summary>
    [Theory]
    [InlineData("/share/b", "continue")]
    [InlineData("/share/inbox/b", "destination-not-allowed")]
    [InlineData("/share/inbox;x/b", "destination-not-allowed")]
    public void Judge_Destination_MeetsTheRulesOfAPut(string destination, string outcome) =>
        RequestBed.Judge(_stage, _bed.Request("/share/a", "MOVE", destination: destination)).ShouldBe(outcome);

    [Theory]
    [InlineData("/share/x;y=1/z", "continue")]
    [InlineData("/share/secret;y/z", "bad-request")]
    [InlineData("/share;y/z", "bad-request")]
    [InlineData("/share/secret/z;y", "continue")]
    public void Judge_Parameters_BothReadingsMustAgree(string target, string outcome) =>
        RequestBed.Judge(_stage, _bed.Request(target)).ShouldBe(outcome);

    [Theory]
    [InlineData("https://mail.example.com", 443, "continue")]
    [InlineData("HTTPS://MAIL.EXAMPLE.COM", 443, "continue")]
    [InlineData("https://mail.example.com:8443", 8443, "continue")]
    [InlineData("https://mail.example.com", 8443, "foreign-origin")]
    [InlineData("https://evil.example.com", 443, "foreign-origin")]
    [InlineData("http://mail.example.com", 443, "foreign-origin")]
    [InlineData("https://mail.example.com.evil.example", 443, "foreign-origin")]
    [InlineData("null", 443, "foreign-origin")]
    [InlineData("", 443, "foreign-origin")]
    public void Judge_WebSocket_OfAForeignPage_IsRefused(string origin, int port, string outcome)
    {
        RequestBed.Judge(_stage, _bed.Request("/web/ws", webSocket: true, origin: origin, port: port)).ShouldBe(outcome);
        RequestBed.Judge(_stage, _bed.Request("/web/ws", webSocket: false, origin: origin, port: port)).ShouldBe("continue");
    }

    [Fact]
    public void Judge_WebSocket_TwoOriginsOrNone()
    {
        RequestBed.Judge(_stage, _bed.Request("/web/ws", webSocket: true, origin: new(["https://mail.example.com", "https://mail.example.com"]))).ShouldBe("foreign-origin");
        RequestBed.Judge(_stage, _bed.Request("/web/ws", webSocket: true)).ShouldBe("continue");
    }

    [Theory]
    [InlineData("POST", "?" + Query, "continue")]
    [InlineData("OPTIONS", "", "continue")]
    [InlineData("POST", "", "activesync-query")]
    [InlineData("POST", "?" + Query + "&User=bob", "activesync-query")]
    [InlineData("POST", "?Cmd=Sync&User=alice&DeviceType=iPhone", "activesync-query")]
    [InlineData("GET", "?" + Query, "method-not-allowed")]
    public void Judge_ActiveSync_QueryMustBeCanonical(string method, string query, string outcome)
    {
        var request = _bed.Request("/Microsoft-Server-ActiveSync" + query, method);
        RequestBed.Judge(_stage, request).ShouldBe(outcome);
        if (outcome == "activesync-query")
        {
            request.Detail.ShouldNotBeNull().ShouldStartWith("ActiveSync query refused");
        }
    }
}
