namespace AuthGateway.Scenarios.Attacks;

/// <summary>PA: no spelling of a path walks past the rule that protects it.</summary>
[Collection(AttackGroup.Name)]
public sealed class PathAttacks(AttackGateway gateway)
{
    private static AttackRequest Get(string target) => new("GET", AttackGateway.Mail, target);

    public static TheoryData<HttpVersion, string> Climbing => Table(
        "/public/../owa/", "/public/%2e%2e/owa/", "/public/.%2E/owa/", "/public/./../owa/", "/public/..;x/owa/", "/public/..;/owa/", "/../owa/",
        "/public/..%2fowa/", "/public/%2e%2e%2fowa/", "/public/..%2Fowa/", "/public/%252e%252e/owa/", "/public/..%252fowa/",
        "/public/..%5cowa/", "/public/..\\owa/", "/public\\..\\owa/", "/public/%5c../owa/",
        "/public/%c0%ae%c0%ae/owa/", "/public/%u002e%u002e/owa/", "/public/\uFF0E\uFF0E/owa/", "/public/%ef%bc%8e%ef%bc%8e/owa/", "/public/%2e%2e%00/owa/",
        "/public/a#/../owa/", "/public/. ./owa/", "/public/%20../owa/", "/public/.../owa/");

    [Theory]
    [MemberData(nameof(Climbing))]
    public async Task PA_01_02_03_a_path_that_climbs_is_refused(HttpVersion version, string target) =>
        await gateway.RefusedAsync(version, Get(target), 400);

    public static TheoryData<HttpVersion, string> Protected => Table(
        "//owa/", "/owa//x", "///owa///x", "/OWA/", "/oWa/x", "/PUBLIC/x", "/Public/x", "/publicx", "/owa/?x=/public/a.css", "/?/public/a", "/owa/;/public/",
        "/owa;/public/a.css", "/%6fwa/", "/%70ublic2/", "/owa/%41");

    [Theory]
    [MemberData(nameof(Protected))]
    public async Task PA_04_05_06_every_spelling_of_a_protected_path_asks_for_a_login(HttpVersion version, string target)
    {
        var response = await gateway.RefusedAsync(version, Get(target), 401);
        response!.Header("WWW-Authenticate").ShouldStartWith("Basic ");
    }

    [Theory]
    [InlineData(HttpVersion.Http1)]
    [InlineData(HttpVersion.Http2)]
    public async Task PA_04_after_the_login_the_upstream_sees_single_slashes(HttpVersion version)
    {
        var (received, _) = await gateway.ForwardedAsync(version, Get("//owa///x//?q=//").As("alice"));
        received.Target.ShouldBe("/owa/x/?q=//");
    }

    [Theory]
    [InlineData(HttpVersion.Http1)]
    [InlineData(HttpVersion.Http2)]
    public async Task PA_05_the_open_path_opens_only_as_it_is_written_and_only_for_reading(HttpVersion version)
    {
        var (received, _) = await gateway.ForwardedAsync(version, Get("/public/a"));
        received.Target.ShouldBe("/public/a");
        received.All("X-Remote-User").ShouldBeEmpty();
        await gateway.RefusedAsync(version, Get("/public/a") with { Method = "POST", Body = [] }, 401);
        await gateway.RefusedAsync(version, Get("/public;x/a"), 400, 401);
        await gateway.RefusedAsync(version, Get("/public/a;x"), 400);
    }

    [Theory]
    [InlineData(HttpVersion.Http1)]
    [InlineData(HttpVersion.Http2)]
    public async Task PA_07_names_with_escapes_reach_a_DAV_upstream_byte_for_byte(HttpVersion version)
    {
        const string Target = "/dav/alice/caf%C3%A9%20x%25d/";
        var request = new AttackRequest("PROPFIND", AttackGateway.Dav, Target) { Body = [] }.With("Depth", "1").As("alice");
        var (received, _) = await gateway.ForwardedAsync(version, request);
        received.Target.ShouldBe(Target);
    }

    public static TheoryData<HttpVersion, string> Controls => Table(
        "/owa%00.css", "/owa/%0d%0ax", "/owa/%0a", "/owa/%7f", "/owa/%1f", "/owa/%c2%85", "/owa/a%", "/owa/%zz", "/owa/%ff", "/owa/\tx");

    [Theory]
    [MemberData(nameof(Controls))]
    public async Task PA_08_control_characters_are_refused_and_the_log_stays_one_line(HttpVersion version, string target)
    {
        await gateway.RefusedAsync(version, Get(target).As("alice"), 400);
        gateway.Process.Errors.ShouldNotContain('\0');
        gateway.Process.Errors.ShouldNotContain("\u0085");
    }

    private static TheoryData<HttpVersion, string> Table(params string[] targets)
    {
        var table = new TheoryData<HttpVersion, string>();
        foreach (var target in targets)
        {
            table.Add(HttpVersion.Http1, target);
            table.Add(HttpVersion.Http2, target);
        }

        return table;
    }
}
