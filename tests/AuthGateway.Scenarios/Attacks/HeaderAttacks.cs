using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>HD and SE-06: upstreams hear about the user and his address from the gateway only.</summary>
[Collection(AttackGroup.Name)]
public sealed class HeaderAttacks(AttackGateway gateway)
{
    private static readonly string[] IdentityNames =
    [
        "X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Auth-Request-User", "X-WebAuth-User", "X-User", "X-Authenticated-User", "x-webobjects-remote-user",
        "X-SSL-Client-S-DN", "SSL-Client-Cert", "X-Client-Cert", "X-AGW-Secret", "X-ARR-ClientCert", "Proxy-User",
    ];

    private static AttackRequest Get(string target) => new("GET", AttackGateway.Mail, target);

    public static TheoryData<HttpVersion> Versions => [HttpVersion.Http1, HttpVersion.Http2];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task HD_01_who_the_user_is_cannot_be_claimed(HttpVersion version)
    {
        foreach (var name in IdentityNames)
        {
            var (open, _) = await gateway.ForwardedAsync(version, Get("/public/a").With(name, "dave"));
            open.All(name).ShouldBeEmpty(name);
        }

        var (known, _) = await gateway.ForwardedAsync(version, IdentityNames.Aggregate(Get("/owa/").As("alice"), (request, name) => request.With(name, "dave")));
        known.All("X-Remote-User").ShouldBe(["alice"]);
        known.Text.ShouldNotContain("dave");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task HD_02_nor_in_a_spelling_that_upstreams_read_alike(HttpVersion version)
    {
        foreach (var name in (string[])["X_Remote_User", "REMOTE_USER", "X_Forwarded_For", "X-Remote_User", "X.Remote.User", "x_webobjects_remote_user"])
        {
            await gateway.RefusedAsync(version, Get("/public/a").With(name, "dave"), 400);
        }

        var (received, _) = await gateway.ForwardedAsync(version, Get("/public/a").With("X_Other", "1"));
        received.Text.ShouldNotContain("X_Other", Case.Insensitive);
    }

    [Fact]
    public async Task HD_03_Connection_cannot_take_out_what_the_gateway_sets()
    {
        var request = Get("/owa/").As("alice").With("Connection", "close, X-Remote-User, X-Forwarded-For, X-Forwarded-Proto, Host, Cookie").With("Cookie", "a=b");
        var (received, _) = await gateway.ForwardedAsync(HttpVersion.Http1, request);
        received.All("X-Remote-User").ShouldBe(["alice"]);
        received.All("X-Forwarded-For").ShouldBe(["127.0.0.1"]);
        received.All("X-Forwarded-Proto").ShouldBe(["https"]);
        received.All("Cookie").ShouldBe(["a=b"]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task HD_04_the_client_address_cannot_be_claimed(HttpVersion version)
    {
        var request = Get("/public/a").With("X-Forwarded-For", "10.0.0.1").With("X-Forwarded-For", "10.0.0.2").With("X-Real-IP", "10.0.0.3")
            .With("Forwarded", "for=10.0.0.4").With("True-Client-IP", "10.0.0.5").With("X-Forwarded-Host", "evil.test").With("X-Forwarded-Proto", "http");
        var (received, _) = await gateway.ForwardedAsync(version, request);
        received.All("X-Forwarded-For").ShouldBe(["127.0.0.1"]);
        received.All("X-Forwarded-Proto").ShouldBe(["https"]);
        received.Text.ShouldNotContain("10.0.0.");
        received.Text.ShouldNotContain("evil.test");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task HD_05_the_original_target_cannot_be_claimed(HttpVersion version)
    {
        var names = new[] { "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Prefix", "X-Original-URI" };
        await gateway.RefusedAsync(version, names.Aggregate(Get("/owa/"), (request, name) => request.With(name, "/public/a")), 401);
        var (received, _) = await gateway.ForwardedAsync(version, names.Aggregate(Get("/owa/").As("alice"), (request, name) => request.With(name, "/evil")));
        received.Text.ShouldNotContain("/evil");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task HD_06_two_credentials_are_none(HttpVersion version)
    {
        var alice = AttackRequest.Basic("alice", "alice-pw");
        var wrong = AttackRequest.Basic("lock1", "guess");
        await gateway.RefusedAsync(version, Get("/owa/").With("Authorization", alice).With("Authorization", wrong), 400);
        await gateway.RefusedAsync(version, Get("/owa/").With("Authorization", $"{alice}, {wrong}"), 400);
        await gateway.RefusedAsync(version, Get("/owa/").With("Authorization", $"{wrong}, {alice}"), 400);
        var lockouts = await gateway.Process.RunCliAsync(["lockout", "list", "--json"]);
        lockouts.Output.ShouldNotContain("lock1");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task HD_07_an_upstream_cannot_speak_in_our_name(HttpVersion version)
    {
        gateway.Echo.AnswerHeaders["/public/evil"] =
            "Set-Cookie: __Host-agw=evil; Path=/; Secure\r\nSet-Cookie: own=1\r\nStrict-Transport-Security: max-age=0\r\nServer: X/1.2\r\nX-Powered-By: PHP\r\n"
            + "X-AspNet-Version: 4\r\nAlt-Svc: h2=\"evil.test:443\"\r\n";
        var (_, answer) = await gateway.ForwardedAsync(version, Get("/public/evil"));
        answer.All("Set-Cookie").ShouldBe(["own=1"]);
        answer.All("Strict-Transport-Security").ShouldBe(["max-age=63072000; includeSubDomains"]);
        answer.All("Server").ShouldBeEmpty();
        answer.All("X-Powered-By").ShouldBeEmpty();
        answer.All("X-AspNet-Version").ShouldBeEmpty();
        answer.All("Alt-Svc").ShouldBeEmpty();
        answer.Header("X-Request-Id").ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task SE_06_the_password_stays_here_unless_the_service_says_otherwise(HttpVersion version)
    {
        var (received, _) = await gateway.ForwardedAsync(version, Get("/owa/").As("alice").With("Cookie", "__Host-agw=x; own=1"));
        received.All("Authorization").ShouldBeEmpty();
        received.All("Cookie").ShouldBe(["own=1"]);
        received.Text.ShouldNotContain("alice-pw");

        var (open, _) = await gateway.ForwardedAsync(version, Get("/public/a").As("alice"));
        open.All("Authorization").ShouldBeEmpty();

        var phone = new AttackRequest("OPTIONS", AttackGateway.Eas, "/Microsoft-Server-ActiveSync").As("ALICE", "alice-pw");
        var (told, _) = await gateway.ForwardedAsync(version, phone);
        told.All("Authorization").ShouldBe([AttackRequest.Basic("alice", "alice-pw")]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Values_beyond_ASCII_are_forwarded_and_not_an_error(HttpVersion version)
    {
        gateway.Echo.AnswerHeaders["/public/beyond"] = "X-Answer: gr\u00FC\u00DFe\r\n";
        var (received, answer) = await gateway.ForwardedAsync(version, Get("/public/beyond").With("X-Subject", "gr\u00FC\u00DFe").With("X-Utf8", "gr\u00C3\u00BC\u00C3\u009Fe"));
        received.Header("X-Subject").ShouldBe("gr\u00FC\u00DFe");
        received.Header("X-Utf8").ShouldBe("gr\u00C3\u00BC\u00C3\u009Fe");
        answer.Header("X-Answer").ShouldBe("gr\u00FC\u00DFe");
    }
}
