using System.Globalization;
using System.Net;
using System.Text.Json;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Directory;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Peace;

/// <summary>Charges outlive the process that made them, and two processes never make more than one would.</summary>
public sealed class ChargeTests
{
    private const string User = "anna";

    private static readonly string s_dn = PeaceGateway.DnOf(User);

    [Fact]
    public async Task A_kill_between_charge_and_answer_loses_no_charge()
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, User);
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.Backend(directory, """{ "Threshold": "8" }"""), authority: authority);
        (await gateway.LoginAsync("nobody", "x")).Status.ShouldBe(401); // the search user is bound from now on
        directory.On(DirectoryRequest.Bind, Mischief.Silence);
        for (var round = 1; round <= 3; round++)
        {
            var binds = directory.BindsAs(s_dn);
            var guess = gateway.LoginAsync(User, $"guess-{round}", IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.54.{round}.1")));
            await directory.UntilAsync(one => one.BindsAs(s_dn) > binds);

            await gateway.Process.KillAsync();
            await Should.ThrowAsync<Exception>(guess);

            await directory.DropConnectionsAsync();
            directory.On(DirectoryRequest.Bind, Mischief.Honest);
            await gateway.Process.StartAsync();
            var counters = await gateway.CountersAsync("one:");
            FailuresOf(counters, "user:").ShouldBe(round);
            FailuresOf(counters, "budget:").ShouldBe(round, "its directory may have counted it");
            FailuresOf(await gateway.CountersAsync($"addr:127.54.{round}.1"), "addr:").ShouldBe(1);
            (await gateway.LoginAsync("nobody", $"x{round}")).Status.ShouldBe(401);
            directory.On(DirectoryRequest.Bind, Mischief.Silence);
        }
    }

    [Theory]
    [InlineData("none", 5)]
    [InlineData("5", 3)]
    public async Task Two_processes_on_one_store_let_no_more_than_the_limit_through(string threshold, int limit)
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, User);
        var backend = PeaceGateway.Backend(directory, $$"""{ "Threshold": "{{threshold}}" }""");
        await using var one = await PeaceGateway.StartAsync(backend, authority: authority);
        await using var two = await PeaceGateway.StartAsync(backend, twin: one, authority: authority);
        // Both are warm, so that the guesses meet.
        (await one.LoginAsync("nobody", "x")).Status.ShouldBe(401);
        (await two.LoginAsync("nobody", "y")).Status.ShouldBe(401);

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
            (i % 2 == 0 ? one : two).LoginAsync(User, $"guess-{i}", IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.55.{i}.1")))));

        answers.ShouldAllBe(answer => answer.Status == 401 || answer.Status == 503);
        answers.Count(answer => answer.Status == 401).ShouldBeGreaterThan(limit);
        directory.BindsAs(s_dn).ShouldBeInRange(1, limit);
        // And what one has locked the other refuses: the right password too.
        foreach (var gateway in new[] { one, two })
        {
            (await gateway.LoginAsync(User, $"{User}-pw", IPAddress.Parse("127.55.99.1"))).Status.ShouldBe(401);
        }

        directory.BindsAs(s_dn).ShouldBeLessThanOrEqualTo(limit);
    }

    private static int FailuresOf(IEnumerable<JsonElement> counters, string kind) =>
        counters.Where(counter => counter.GetProperty("key").GetString()!.StartsWith(kind, StringComparison.Ordinal)).Sum(counter => counter.GetProperty("failures").GetInt32());
}
