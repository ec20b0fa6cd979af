using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Outages;

/// <summary>The program is killed in the middle of logins, again and again, in one state directory.</summary>
public sealed class PowerCutTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Ready = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task KillDuringLogins_KeepsWhatWasAcknowledged()
    {
        await using var bed = await DirectoryGateway.StartAsync(gateway =>
        {
            gateway["Lockout"]!["Account"]!["Limit"] = 100;
            // Without the directory, which other tests take away at times.
            gateway["Backends"] = Sample.Node("""[{ "Name": "local", "Type": "local" }]""");
            gateway["Login"] = Sample.Node("""{ "FailureFloor": "00:00:00" }""");
        });
        (await bed.Gateway.RunCliAsync(["user", "add", "survivor", "--password-stdin"], "a-local-password\n")).ExitCode.ShouldBe(0);
        var starts = new List<TimeSpan>();
        var acknowledged = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        var rounds = 0;
        while (watch.Elapsed < Duration)
        {
            rounds++;
            await CutAsync(bed, rounds, acknowledged);

            await bed.Gateway.StartAsync();
            using var process = Process.GetProcessById(bed.Gateway.Id);
            starts.Add(process.TotalProcessorTime);
        }

        rounds.ShouldBeGreaterThan(2);
        (await bed.LoginAsync("survivor:a-local-password")).Answer.Status.ShouldBe(200);
        // In the processor's time, for this machine's own is shared with the other tests; what a cut leaves to mend would show in it.
        starts.Order().ElementAt(starts.Count / 2).ShouldBeLessThan(Ready, string.Join(", ", starts));

        var counters = (await CountersAsync(bed)).ToDictionary(each => each.GetProperty("key").GetString()!, each => each.GetProperty("failures").GetInt32(), StringComparer.Ordinal);
        acknowledged.Values.Sum().ShouldBeGreaterThan(rounds);
        foreach (var (name, count) in acknowledged)
        {
            counters.GetValueOrDefault($"name:{name}").ShouldBeGreaterThanOrEqualTo(count, name);
        }

        var records = await bed.Gateway.AuditAsync("--reason", "unknown-user", "--limit", "10000");
        foreach (var name in acknowledged.Keys)
        {
            records.ShouldContain(record => record.GetProperty("typedName").GetString() == name, name);
        }
    }

    // Guesses at names nobody has: they are counted in our store and trouble no directory's counters.
    private static async Task CutAsync(DirectoryGateway bed, int round, ConcurrentDictionary<string, int> acknowledged)
    {
        var told = 0;
        var enough = RandomNumberGenerator.GetInt32(2, 7);
        using var stop = new CancellationTokenSource();
        var guessers = Enumerable.Range(0, 4).Select(async number =>
        {
            var name = $"ghost-{round}-{number}";
            for (var guess = 1; !stop.IsCancellationRequested; guess++)
            {
                // The same one again would count once.
                using var client = new GatewayClient(bed.Gateway, DirectoryGateway.Host, null, $"{name}:guess-{guess}");
                try
                {
                    var answer = await client.SendAsync("PROPFIND", "/SOGo/dav/x/", null, ("Depth", "0"));
                    if (answer.Status == 503)
                    {
                        // Too many password checks at once for this machine: nothing was acknowledged.
                        continue;
                    }

                    answer.Status.ShouldBe(401, answer.ToString());
                    acknowledged.AddOrUpdate(name, 1, (_, count) => count + 1);
                    Interlocked.Increment(ref told);
                }
                catch (HttpRequestException) when (told >= enough)
                {
                    return;
                }
            }
        }).ToList();
        (await Deadline.PollAsync(TimeSpan.FromSeconds(60), () => Volatile.Read(ref told) >= enough || guessers.Exists(each => each.IsFaulted))).ShouldBeTrue("Guesses should be answered.");
        await bed.Gateway.KillAsync();
        await stop.CancelAsync();
        await Task.WhenAll(guessers);
    }

    private static async Task<List<JsonElement>> CountersAsync(DirectoryGateway bed)
    {
        var run = await bed.Gateway.RunCliAsync(["lockout", "list", "ghost", "--limit", "10000", "--json"]);
        run.ExitCode.ShouldBe(0, run.Error);
        return JsonSerializer.Deserialize<List<JsonElement>>(run.Output)!;
    }
}
