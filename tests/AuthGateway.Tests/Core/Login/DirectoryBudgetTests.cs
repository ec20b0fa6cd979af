using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Tests.Core.Backends;

namespace AuthGateway.Tests.Core.Login;

public sealed class DirectoryBudgetTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(30);
    private readonly LoginBed _bed = new(new LockoutOptions { Account = { Limit = 50 }, Place = { Limit = 50 } });

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 1, 1)]
    [InlineData(4, 2, 1)]
    [InlineData(5, 3, 2)]
    [InlineData(10, 8, 4)]
    public void Of_Threshold_KeepsTwoBelowAndHalfForTheOwner(int threshold, int everybody, int strangers)
    {
        var budget = DirectoryBudget.Of(threshold, Window);

        (budget.Everybody.Limit, budget.Strangers.Limit).ShouldBe((everybody, strangers));
        budget.Everybody.WindowMs.ShouldBe((long)TimeSpan.FromMinutes(31).TotalMilliseconds);
        budget.Memory.ShouldBe(TimeSpan.FromMinutes(32), "longer than the budget remembers");
    }

    [Fact]
    public void Of_OnlyASuccessClears_NeverEndsAndDoesNotOverflow()
    {
        var budget = DirectoryBudget.Of(5, TimeSpan.MaxValue);

        budget.Everybody.DurationMs.ShouldBe(LockoutRule.ForeverMs);
        budget.Memory.ShouldBeGreaterThan(TimeSpan.FromDays(3650));
    }

    [Fact]
    public async Task Prove_StrangersSpendTheirShare_TheOwnerHasRoomWhereSheIsKnown()
    {
        await _bed.TryAsync(LoginBed.Right);
        _bed.Directory.DirectoryLockout = new DirectoryLockout(10, Window);
        await _bed.GuessAsync(20, LoginBed.Away);

        _bed.Directory.Verifies.ShouldBe(1 + 4);
        (await _bed.TryAsync(_bed.Request(LoginBed.Right, "203.0.113.9", scope: "dav"))).ShouldBe("directory-budget");
        (await _bed.TryAsync("a typo")).ShouldBe("wrong-password");
        _bed.Clock.Advance(TimeSpan.FromMinutes(3));
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
        (await _bed.FailuresAsync("budget")).ShouldBe(0, "the directory has begun anew too");
        (await _bed.TryAsync(_bed.Request(LoginBed.Right, "203.0.113.9", scope: "dav"))).ShouldBe("allowed");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public async Task Prove_WhoeverGuesses_TheDirectoryNeverReachesItsLimit(int threshold)
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(threshold, Window);
        var counted = 0;
        var (worst, last) = (0, DateTimeOffset.MinValue);
        _bed.Directory.Check = (secret, _) =>
        {
            // As Active Directory counts: anew when the last failure is longer ago than its window.
            counted = _bed.Clock.GetUtcNow() - last > Window ? 1 : counted + 1;
            last = _bed.Clock.GetUtcNow();
            worst = Math.Max(worst, counted);
            return Task.FromResult<BackendAnswer?>(new BackendAnswer.Rejected());
        };
        for (var i = 0; i < 400; i++)
        {
            await _bed.TryAsync($"guess {i}", $"198.51.{i % 7}.{i % 50}");
            _bed.Clock.Advance(TimeSpan.FromMinutes(i % 3));
        }

        worst.ShouldBeGreaterThan(0);
        worst.ShouldBeLessThanOrEqualTo(Math.Max(1, threshold - 2));
    }

    [Fact]
    public async Task Prove_SixtyFourGuessesAtOnce_NeverExceedTheBudget()
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(5, Window);
        var gate = new TaskCompletionSource();
        _bed.Directory.Check = async (_, _) =>
        {
            await gate.Task;
            return new BackendAnswer.Rejected();
        };
        var guesses = Enumerable.Range(0, 64).Select(i => Task.Run(() => _bed.TryAsync($"guess {i}", $"198.51.100.{i}"))).ToArray();
        gate.SetResult();
        await Task.WhenAll(guesses).WaitAsync(TimeSpan.FromSeconds(20));

        _bed.Directory.Verifies.ShouldBe(3, "of a user without a familiar place nothing is kept back");
    }

    [Fact]
    public async Task Prove_OldPasswordForADay_CostsOneFailureAWindow()
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(5, Window);
        for (var i = 0; i < 24 * 60; i++)
        {
            await _bed.TryAsync("old");
            _bed.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        _bed.Directory.Verifies.ShouldBeInRange(2, (24 * 60 / 31) + 1);
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed", "the owner is never held off by her own phone");
    }

    [Fact]
    public async Task Prove_BindWithoutAnAnswer_StaysInTheBudgetAlone()
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(10, Window);
        _bed.IsDown = true;
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("backend-unavailable");

        (await _bed.FailuresAsync("budget:")).ShouldBe(1);
        (await _bed.FailuresAsync("user:")).ShouldBe(0);
        (await _bed.FailuresAsync("addr:")).ShouldBe(0);
        _bed.IsDown = false;
        await _bed.TryAsync(LoginBed.Right);
        (await _bed.FailuresAsync("budget")).ShouldBe(0);
    }

    [Theory]
    [InlineData("busy", 0)]
    [InlineData("expired", 0)]
    [InlineData("disabled", 1)]
    public async Task Prove_NoGuess_LeavesTheBudgetAlone(string answer, int counted)
    {
        var backend = new ScriptedBackend("ad", answer) { DirectoryLockout = new DirectoryLockout(10, Window) };
        _bed.Chain = new BackendChain([new ChainLink(backend)]);
        await _bed.TryAsync("secret");

        (await _bed.FailuresAsync("budget:")).ShouldBe(counted);
    }

    [Fact]
    public async Task Prove_OutageThatCountedNothing_CostsNothing()
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(10, Window);
        _bed.Directory.Check = (_, _) => Task.FromResult<BackendAnswer?>(new BackendAnswer.Unavailable("not reached") { NothingCounted = true });
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("backend-unavailable");

        (await _bed.FailuresAsync("")).ShouldBe(0);
    }

    /// <summary>A stranger who goes on is shut out by his address; nobody else pays for it.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task Prove_NothingShown_CostsAtMostAStrangersAddress(bool isFamiliar, int ofAddress)
    {
        if (isFamiliar)
        {
            await _bed.TryAsync(LoginBed.Right);
        }

        _bed.Directory.DirectoryLockout = new DirectoryLockout(10, Window);
        _bed.Directory.Check = (_, _) => Task.FromResult<BackendAnswer?>(new BackendAnswer.AccountState(AccountStates.Locked, SecretProven: false) { NothingShown = true });
        (await _bed.TryAsync("secret")).ShouldBe("account-state");

        (await _bed.FailuresAsync("addr:")).ShouldBe(ofAddress);
        (await _bed.FailuresAsync("ad:1")).ShouldBe(0);
    }

    [Fact]
    public async Task Prove_LaterBackendAcceptsForADay_TheFirstOneIsShownThatPasswordOnceAWindow()
    {
        var local = new ScriptedBackend("local", "yes");
        _bed.Directory.DirectoryLockout = new DirectoryLockout(5, Window);
        _bed.Chain = new BackendChain([new ChainLink(_bed.Directory, NextWhenRejected: true), new ChainLink(local)]);
        (await _bed.TryAsync("of the local account")).ShouldBe("allowed");
        (await _bed.FailuresAsync("budget:ad:1")).ShouldBe(1, "the directory has counted it");
        for (var i = 0; i < 24 * 20; i++)
        {
            _bed.Clock.Advance(TimeSpan.FromMinutes(3));
            (await _bed.TryAsync("of the local account")).ShouldBe("allowed");
        }

        local.Verifies.ShouldBe((24 * 20) + 1);
        _bed.Directory.Verifies.ShouldBeInRange(2, (24 * 60 / 31) + 1);
        (await _bed.FailuresAsync("user:")).ShouldBe(0);
    }

    [Theory]
    [InlineData("busy")]
    [InlineData("expired")]
    public async Task Prove_LaterBackendIsNoGuess_TheFirstOneKeepsWhatItJudged(string answer)
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(10, Window);
        var local = new ScriptedBackend("local", answer) { DirectoryLockout = new DirectoryLockout(10, Window) };
        _bed.Chain = new BackendChain([new ChainLink(_bed.Directory, NextWhenRejected: true), new ChainLink(local)]);
        await _bed.TryAsync("wrong there");

        (await _bed.FailuresAsync("budget:ad:1")).ShouldBe(1);
        (await _bed.FailuresAsync("budget:local:1")).ShouldBe(0);
    }

    [Fact]
    public async Task Prove_LogOnly_KeepsTheBudget()
    {
        var bed = new LoginBed(new LockoutOptions { Mode = "log-only" });
        bed.Directory.DirectoryLockout = new DirectoryLockout(10, Window);
        await bed.GuessAsync(20, LoginBed.Away);

        bed.Directory.Verifies.ShouldBe(8);
    }

    [Fact]
    public async Task Prove_SuccessWhileAnotherBindIsUnderWay_TakesBackItsOwnChargeOnly()
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(10, Window);
        var gate = new TaskCompletionSource();
        _bed.Directory.Check = async (secret, _) =>
        {
            if (secret.FixedTimeEquals(Secret.FromText(LoginBed.Right)))
            {
                return new BackendAnswer.Accepted(_bed.Directory.Identity);
            }

            await gate.Task;
            return new BackendAnswer.Rejected();
        };
        var guess = _bed.TryAsync("guess", LoginBed.Away);
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
        gate.SetResult();
        await guess.WaitAsync(TimeSpan.FromSeconds(20));

        (await _bed.FailuresAsync("budget:")).ShouldBe(1);
    }
}
