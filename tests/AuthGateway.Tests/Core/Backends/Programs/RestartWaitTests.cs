using AuthGateway.Core.Backends.Programs;
using AuthGateway.TestKit;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class RestartWaitTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Ended_AgainAndAgain_WaitsLonger_UpToThirtySeconds()
    {
        var wait = new RestartWait(_time);
        wait.Rest.ShouldBe(TimeSpan.Zero);
        var waits = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            wait.Started();
            waits.Add(wait.Ended().TotalSeconds);
            wait.Rest.ShouldBeGreaterThan(TimeSpan.Zero);
            _time.Advance(TimeSpan.FromSeconds(waits[^1]));
            wait.Rest.ShouldBe(TimeSpan.Zero);
        }

        waits.ShouldBe([1, 2, 4, 8, 16, 30, 30]);
    }

    [Fact]
    public void Ended_AfterALongRun_WaitsASecondAgain()
    {
        var wait = new RestartWait(_time);
        for (var i = 0; i < 4; i++)
        {
            wait.Started();
            wait.Ended();
        }

        wait.Started();
        _time.Advance(RestartWait.Longest);

        wait.Ended().ShouldBe(RestartWait.Shortest);
    }
}
