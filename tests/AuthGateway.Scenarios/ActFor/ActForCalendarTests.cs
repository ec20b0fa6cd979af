using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AuthGateway.Scenarios.Support;

namespace AuthGateway.Scenarios.ActFor;

/// <summary>A calendar client that acts for another user, before the real SOGo and the real directory.</summary>
public sealed class ActForCalendarTests(ActForGateway bed) : IClassFixture<ActForGateway>
{
    private const string Calendar = "/SOGo/dav/grace/Calendar/personal/";

    [Fact]
    public async Task HolderOfTheRight_ReadsAndWritesTheTargetsCalendar_AndTheAuditNamesBoth()
    {
        using var acting = bed.Dav("grace*alice:alice-pw");
        var answer = await acting.SendAsync("PROPFIND", Calendar, null, ("Depth", "1"));
        answer.Status.ShouldBe(207, answer.ToString());
        answer.Text.ShouldContain(Calendar);

        var entry = $"{Calendar}{Guid.NewGuid():N}.ics";
        (await acting.SendAsync("PUT", entry, Event("written by alice"))).Status.ShouldBe(201);
        using var owner = bed.Dav("grace");
        (await owner.GetAsync(entry)).Text.ShouldContain("written by alice");
        (await acting.SendAsync("DELETE", entry)).Status.ShouldBeOneOf(200, 204);

        var record = await bed.Gateway.AuditRecordAsync(_ => true, "--request", answer.RequestId);
        var (actor, user) = (await IdentityOfAsync("alice"), await IdentityOfAsync("grace"));
        (record.GetProperty("reason").GetString(), record.GetProperty("typedName").GetString(), record.GetProperty("identity").GetString()).ShouldBe(("allowed", "grace", user));
        var actedBy = record.GetProperty("actedBy");
        (actedBy.GetProperty("login").GetString(), actedBy.GetProperty("identity").GetString()).ShouldBe(("alice", actor));

        foreach (var name in (string[])["alice", "grace"])
        {
            (await bed.Gateway.AuditAsync("--user", name)).ShouldContain(found => found.GetProperty("requestId").GetString() == answer.RequestId, $"found by {name}");
        }

        (await bed.Gateway.RunCliAsync(["audit", "search", "--request", answer.RequestId])).Output.ShouldContain("grace by alice");
    }

    /// <summary>Name and password, the status, the reason.</summary>
    [Theory]
    [InlineData("alice*alice:alice-pw", 403, "act-for-denied")]
    [InlineData("bob*alice:alice-pw", 403, "act-for-denied")]
    [InlineData("nobody*alice:alice-pw", 403, "act-for-denied")]
    [InlineData("grace*carol:carol-pw", 403, "act-for-denied")]
    [InlineData("nobody*carol:carol-pw", 403, "act-for-denied")]
    [InlineData("frank*alice:alice-pw", 403, "not-in-group")]
    [InlineData("grace*alice:grace-pw", 401, "wrong-password")]
    [InlineData("grace*nobody:x", 401, "unknown-user")]
    [InlineData("grace*bob*alice:alice-pw", 401, "unknown-user")]
    [InlineData("grace*:grace-pw", 401, "unknown-user")]
    [InlineData("*alice:alice-pw", 401, "unknown-user")]
    public async Task WhoeverMayNot_GetsNothing(string login, int status, string reason)
    {
        using var client = bed.Dav(login);
        var answer = await client.SendAsync("PROPFIND", Calendar, null, ("Depth", "0"));

        answer.Status.ShouldBe(status, answer.ToString());
        (await ReasonAsync(answer)).ShouldBe(reason);
    }

    [Fact]
    public async Task UnknownAndForbidden_ReadAlike()
    {
        var texts = new List<string>();
        foreach (var login in (string[])["nobody*alice:alice-pw", "bob*alice:alice-pw", "alice*alice:alice-pw", "grace*carol:carol-pw", "nobody*carol:carol-pw"])
        {
            using var client = bed.Dav(login);
            var answer = await client.SendAsync("PROPFIND", Calendar, null, ("Depth", "0"));
            texts.Add(answer.Text.Replace(answer.RequestId, "ID", StringComparison.Ordinal));
        }

        texts.Distinct(StringComparer.Ordinal).Count().ShouldBe(1, string.Join('\n', texts));
    }

    [Fact]
    public async Task Upstream_IsToldTheTargetAndNeverThePassword()
    {
        using var acting = bed.EchoClient("grace*alice:alice-pw");
        var path = $"/SOGo/dav/grace/{Guid.NewGuid():N}";
        (await acting.SendAsync("GET", path, null, ("x-webobjects-remote-user", "erin"))).Status.ShouldBe(200);

        var seen = bed.Echo.Requests.Single(request => request.Target == path);
        (seen.Header("x-webobjects-remote-user"), seen.Header("Authorization"), seen.Header("x-webobjects-auth-type")).ShouldBe(("grace", null, null));
        seen.Text.ShouldNotContain("alice");

        // The same client as herself gets what the service is set up for.
        using var own = bed.EchoClient("alice");
        (await own.GetAsync(path + "-own")).Status.ShouldBe(200);
        bed.Echo.Requests.Single(request => request.Target == path + "-own").Header("Authorization").ShouldBe(GatewayClient.Basic("alice").ToString());
    }

    [Fact]
    public async Task OtherService_IsNotOpen()
    {
        using var acting = bed.EchoClient("grace*alice:alice-pw");
        var answer = await acting.GetAsync("/closed/");

        (answer.Status, await ReasonAsync(answer)).ShouldBe((403, "act-for-denied"));
    }

    [Fact]
    public async Task WrongPasswords_LockTheActorAndNotTheTarget()
    {
        for (var i = 0; i < 8; i++)
        {
            using var guesser = bed.Dav($"lock8*lock7:guess-{i}");
            (await guesser.SendAsync("PROPFIND", Calendar, null, ("Depth", "0"))).Status.ShouldBe(401);
        }

        using var target = bed.Dav("lock8");
        (await target.SendAsync("PROPFIND", "/SOGo/dav/lock8/", null, ("Depth", "0"))).Status.ShouldBe(207);
        using var actor = bed.Dav("lock7");
        var answer = await actor.SendAsync("PROPFIND", "/SOGo/dav/lock7/", null, ("Depth", "0"));
        (answer.Status, await ReasonAsync(answer)).ShouldBe((401, "account-locked"));
    }

    [Fact]
    public async Task Check_WarnsThatItIsOn()
    {
        var run = await bed.Gateway.RunCliAsync(["check"]);

        (run.Output + run.Error).ShouldContain("AuthGateway:ActFor");
    }

    private static StringContent Event(string summary) => new(
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bed//EN\r\nBEGIN:VEVENT\r\nUID:{Guid.NewGuid():N}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        Encoding.UTF8,
        new MediaTypeHeaderValue("text/calendar"));

    private async Task<string?> ReasonAsync(Answer answer) => (await bed.Gateway.AuditRecordAsync(_ => true, "--request", answer.RequestId)).GetProperty("reason").GetString();

    /// <summary>The key of a user's identity, from a sign-in of her own.</summary>
    private async Task<string?> IdentityOfAsync(string user)
    {
        using var client = bed.Dav(user);
        (await client.SendAsync("PROPFIND", $"/SOGo/dav/{user}/", null, ("Depth", "0"))).Status.ShouldBe((int)HttpStatusCode.MultiStatus);
        var own = await bed.Gateway.AuditRecordAsync(
            record => record.GetProperty("reason").GetString() == "allowed" && (!record.TryGetProperty("actedBy", out var actor) || actor.ValueKind == JsonValueKind.Null), "--user", user);
        return own.GetProperty("identity").GetString();
    }
}
