using System.Net;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;

namespace AuthGateway.Tests.Core.Login;

public sealed class LoginFlightsTests
{
    private static readonly LoginFlights.Key Key = new(default, LockoutKey.ForAddress(IPAddress.Loopback), false);
    private static readonly LoginResult No = new LoginResult.Refused(VerdictReason.WrongPassword, null, "");

    private readonly LoginFlights _flights = new();
    private readonly TaskCompletionSource<LoginResult> _judgement = new();
    private int _judged;

    [Fact]
    public async Task Join_WhileOneIsUnderWay_SharesItsResult()
    {
        Task<LoginResult>[] all = [Join(), Join(), Join()];
        _judgement.SetResult(No);

        (await Task.WhenAll(all)).ShouldBe([No, No, No]);
        _judged.ShouldBe(1);
    }

    [Fact]
    public async Task Join_AfterLanding_IsJudgedAnew()
    {
        _judgement.SetResult(No);

        await Join();
        await Join();

        _judged.ShouldBe(2);
    }

    [Fact]
    public async Task Join_OwnerHangsUp_OthersGetTheResult()
    {
        using var gone = new CancellationTokenSource();
        var owner = Join().WaitAsync(gone.Token);
        var other = Join();
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(owner);

        _judgement.SetResult(No);

        (await other).ShouldBe(No);
        _judged.ShouldBe(1);
    }

    [Fact]
    public async Task Join_JudgementFails_FailsForAllAndForNobodyAfterwards()
    {
        Task<LoginResult>[] all = [Join(), Join()];
        _judgement.SetException(new InvalidOperationException("broken"));

        foreach (var one in all)
        {
            (await Should.ThrowAsync<InvalidOperationException>(one)).Message.ShouldBe("broken");
        }

        (await _flights.JoinAsync(Key, () => Task.FromResult(No))).ShouldBe(No);
    }

    /// <summary>A client that gives up leaves nobody to see a failure: it must not come back as an error of the process.</summary>
    [Fact]
    public void Join_NobodyWaitsForAFailure_IsObserved()
    {
        var unseen = 0;
        EventHandler<UnobservedTaskExceptionEventArgs> count = (_, e) => unseen += e.Exception.InnerException is NotSupportedException ? 1 : 0;
        TaskScheduler.UnobservedTaskException += count;
        try
        {
            Forget();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            unseen.ShouldBe(0);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= count;
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget() => _ = new LoginFlights().JoinAsync(Key, () => Task.FromException<LoginResult>(new NotSupportedException()));

    private Task<LoginResult> Join() => _flights.JoinAsync(Key, () =>
    {
        _judged++;
        return _judgement.Task;
    });
}
