using AuthGateway.Core.Lockout;
using AuthGateway.Tests.Conventions;
using AuthGateway.Tests.Core.Login;

namespace AuthGateway.Tests.Core.Lockout;

/// <summary>Runs the table of <c>docs/lockout.md</c>, line by line, against the very flow that judges logins.</summary>
public sealed class LockoutTableTests
{
    private static readonly string[] s_states = ["open", "last", "locked", "ended", "for good"];
    private static readonly string[] s_events = ["wrong", "again", "right", "outage", "wait", "clear"];

    public static TheoryData<string, string, string, string, string> Lines()
    {
        var data = new TheoryData<string, string, string, string, string>();
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "lockout.md")))
        {
            string[] cells = [.. line.Split('|').Select(cell => cell.Trim())];
            if (cells.Length == 7 && s_states.Contains(cells[1], StringComparer.Ordinal))
            {
                data.Add(cells[1], cells[2], cells[3], cells[4], cells[5]);
            }
        }

        return data;
    }

    [Fact]
    public void Table_IsWhole() => Lines().Count.ShouldBe(s_states.Length * s_events.Length);

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Counter_InAState_AnswersAsTheTableSays(string state, string happens, string next, string counted, string told)
    {
        s_events.Contains(happens, StringComparer.Ordinal).ShouldBeTrue();
        foreach (var isFamiliar in new[] { false, true })
        {
            var bed = new LoginBed(new LockoutOptions { Account = { Limit = 4, HardLimit = state == "for good" ? 4 : 0 }, Place = { Limit = 4 } });
            if (isFamiliar)
            {
                (await bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
                bed.Flow.ForgetAll();
            }

            var kind = isFamiliar ? "place:" : "user:";
            await bed.TryAsync("refused before");
            await bed.GuessAsync(state switch { "open" => 0, "last" => 2, _ => 3 }, LoginBed.Home);
            if (state == "ended")
            {
                bed.Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromMilliseconds(1));
            }

            (await StateAsync(bed, kind)).ShouldBe(state);
            var before = await FailuresAsync(bed, kind);
            (await HappenAsync(bed, kind, happens)).ShouldBe(told, $"{kind} {state}, {happens}");
            (await StateAsync(bed, kind)).ShouldBe(next, $"{kind} {state}, {happens}");
            var after = await FailuresAsync(bed, kind);
            (state == "ended" ? after == 1 : after == before + 1).ShouldBe(counted == "yes", $"{kind} {state}, {happens}: {before} to {after}");
        }
    }

    private static async Task<string> HappenAsync(LoginBed bed, string kind, string happens)
    {
        switch (happens)
        {
            case "wrong":
                return await bed.TryAsync("never sent before");
            case "again":
                return await bed.TryAsync("refused before");
            case "right":
                return await bed.TryAsync(LoginBed.Right);
            case "outage":
                bed.IsDown = true;
                return await bed.TryAsync("never sent before");
            case "wait":
                bed.Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromMilliseconds(1));
                return "nothing";
            default:
                foreach (var entry in await bed.Store.ListAsync(kind, 10, default))
                {
                    await bed.Guard.ClearAsync(LockoutKey.FromText(entry.Key), default);
                }

                return "nothing";
        }
    }

    /// <summary>What the next failure would find.</summary>
    private static async Task<string> StateAsync(LoginBed bed, string kind)
    {
        var nowMs = bed.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var entry = (await bed.Store.ListAsync(kind, 10, default)).SingleOrDefault();
        return entry is null ? "open"
            : entry.LockedUntilMs > nowMs + LockoutRule.ForeverMs / 2 ? "for good"
            : entry.LockedUntilMs > nowMs ? "locked"
            : entry.LockedUntilMs > 0 ? "ended"
            : entry.LastAtMs < nowMs - bed.Lockout.Account.WindowMs || entry.Failures < 3 ? "open"
            : "last";
    }

    private static async Task<int> FailuresAsync(LoginBed bed, string kind) => (await bed.Store.ListAsync(kind, 10, default)).Sum(entry => entry.Failures);
}
