using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.Programs;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Chains;

/// <summary>What an administrator may say about the order of asking, with a real directory and a namesake behind it.</summary>
public sealed class ChainRulesTests
{
    [Fact]
    public async Task A_definite_no_stops_unless_any_password_that_fits_is_asked_for()
    {
        await using var bed = await StartAsync();
        (await bed.LoginAsync("alice", "alice-pw")).Status.ShouldBe(200);
        (await bed.LoginAsync("alice", "the namesake's")).Status.ShouldBe(401);

        var backends = Backends(bed);
        backends[0]["Next"] = new JsonArray("rejected");
        await bed.ReloadAsync(backends);

        (await bed.LoginAsync("alice", "the namesake's")).Status.ShouldBe(200);
        var record = await bed.Process.AuditRecordAsync(record => record.GetProperty("verdict").GetString() == "allow", "--user", "alice");
        record.GetProperty("identity").GetString().ShouldBe("helper:alice");
        (await bed.LoginAsync("alice", "neither")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_backend_is_asked_for_the_services_it_names_and_for_no_other()
    {
        await using var bed = await StartAsync(backend => backend["UsageContext"] = new JsonArray("dav"));

        (await bed.LoginAsync("bob", "bob-pw", "/dav/x")).Status.ShouldBe(200);
        (await bed.LoginAsync("bob", "bob-pw")).Status.ShouldBe(401);
        var record = await bed.Process.AuditRecordAsync(record => record.GetProperty("service").GetString() == "webmail", "--reason", "unknown-user");
        record.GetProperty("detail").GetString().ShouldBe("helper=unknown-user");
        (await bed.LoginAsync("alice", "the namesake's")).Status.ShouldBe(200, "the namesake of the next backend is asked here");
    }

    private static async Task<ProgramGateway> StartAsync(Action<JsonObject>? change = null)
    {
        await Bed.EnsureUpAsync();
        var bed = new ProgramGateway();
        bed.CopySample("helper.py");
        bed.Write("accounts.json", """{ "alice": "the namesake's" }""");
        var backends = Backends(bed);
        change?.Invoke(backends[0]);
        await bed.StartAsync(backends);
        return bed;
    }

    private static JsonObject[] Backends(ProgramGateway bed) =>
    [
        JsonNode.Parse($"[{AttackGateway.RealBackends}]")!.AsArray()[0]!.DeepClone().AsObject(),
        new JsonObject { ["Name"] = "helper", ["Type"] = "helper", ["Program"] = bed.PathOf("helper.py"), ["Arguments"] = new JsonArray(bed.PathOf("accounts.json")) },
    ];
}
