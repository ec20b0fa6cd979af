using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.Tests.Core.Backends;

namespace AuthGateway.Tests.Core.Login;

public sealed class LoginShieldTests
{
    private readonly LoginBed _bed = new();

    [Fact]
    public async Task Prove_SameWrongFiveHundredTimes_CountsAndBindsOnce()
    {
        (await _bed.TryAsync("old")).ShouldBe("wrong-password");
        for (var i = 0; i < 499; i++)
        {
            _bed.Clock.Advance(TimeSpan.FromSeconds(1));
            (await _bed.TryAsync("old")).ShouldBe("repeated-password");
        }

        (_bed.Directory.Finds, _bed.Directory.Verifies).ShouldBe((1, 1));
        (await _bed.FailuresAsync("user:")).ShouldBe(1);
        (await _bed.FailuresAsync("addr:")).ShouldBe(1);
    }

    [Fact]
    public async Task Prove_SameWrongInAnotherSpellingPlaceOrService_ReachesNoDirectoryAndCountsForTheAddressAlone()
    {
        await _bed.TryAsync(LoginBed.Right);
        await _bed.TryAsync("old");
        string[] told =
        [
            await _bed.TryAsync(_bed.Request("old", name: "ALICE@example.com")),
            await _bed.TryAsync(_bed.Request("old", scope: "dav")),
            await _bed.TryAsync(_bed.Request("old", from: LoginBed.Away)),
            await _bed.TryAsync(_bed.Request("old", device: "PHONE1")),
        ];

        told.ShouldAllBe(reason => reason == "repeated-password");
        _bed.Directory.Verifies.ShouldBe(2);
        (await _bed.FailuresAsync("place:")).ShouldBe(1);
        (await _bed.FailuresAsync("user:")).ShouldBe(0);
        (await _bed.FailuresAsync($"addr:{LoginBed.Away}")).ShouldBe(1);
        (await _bed.FailuresAsync($"addr:{LoginBed.Home}")).ShouldBe(1);
    }

    [Fact]
    public async Task Prove_SameWrongFromManyServicesAtOnce_BindsOnce()
    {
        var gate = new TaskCompletionSource();
        _bed.Directory.Check = async (_, _) =>
        {
            await gate.Task;
            return new BackendAnswer.Rejected();
        };
        var logins = Enumerable.Range(0, 8).Select(i => _bed.TryAsync(_bed.Request("old", scope: $"service-{i}"))).ToArray();
        gate.SetResult();

        (await Task.WhenAll(logins).WaitAsync(TimeSpan.FromSeconds(20))).Count(reason => reason == "wrong-password").ShouldBe(1);
        _bed.Directory.Verifies.ShouldBe(1);
    }

    [Fact]
    public async Task Prove_WindowOver_AsksAgainHoweverOftenItWasRepeatedAndCountsNothing()
    {
        await _bed.TryAsync("old");
        _bed.Clock.Advance(TimeSpan.FromMinutes(14));
        (await _bed.TryAsync("old")).ShouldBe("repeated-password");
        _bed.Directory.Verifies.ShouldBe(1);
        _bed.Clock.Advance(TimeSpan.FromSeconds(61));

        (await _bed.TryAsync("old")).ShouldBe("repeated-password");
        _bed.Directory.Verifies.ShouldBe(2);
        (await _bed.FailuresAsync("user:")).ShouldBe(0, "the charge began a new window and was taken back");
    }

    [Fact]
    public async Task Prove_OldPasswordForAWeek_LocksNobodyForGood()
    {
        await _bed.TryAsync(LoginBed.Right);
        for (var i = 0; i < 7 * 24 * 12; i++)
        {
            await _bed.TryAsync("old");
            _bed.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        _bed.Directory.Verifies.ShouldBeGreaterThan(200);
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
    }

    [Fact]
    public async Task Prove_PasswordSetToWhatThePhoneSends_IsFoundByItsMarkWithinTheInterval()
    {
        _bed.Directory.Mark = "monday";
        await _bed.TryAsync("new");
        (_bed.Password, _bed.Directory.Mark) = ("new", "tuesday");
        (await _bed.TryAsync("new")).ShouldBe("repeated-password");
        _bed.Clock.Advance(TimeSpan.FromSeconds(31));

        (await _bed.TryAsync("new")).ShouldBe("allowed");
    }

    [Fact]
    public async Task Prove_MarkUnchanged_IsLookedIntoWithoutABindOnceInTheInterval()
    {
        _bed.Directory.Mark = "monday";
        await _bed.TryAsync("old");
        _bed.Clock.Advance(TimeSpan.FromSeconds(31));
        for (var i = 0; i < 5; i++)
        {
            (await _bed.TryAsync("old")).ShouldBe("repeated-password");
        }

        (_bed.Directory.Finds, _bed.Directory.Verifies).ShouldBe((2, 1));
        (await _bed.FailuresAsync("addr:")).ShouldBe(1);
    }

    [Fact]
    public async Task Prove_TypedWithoutAMark_AsksTheBackendNowAndThen()
    {
        (await _bed.TryAsync("new", types: true)).ShouldBe("wrong-password");
        (await _bed.TryAsync("new", types: true)).ShouldBe("repeated-password");
        _bed.Password = "new";
        _bed.Clock.Advance(TimeSpan.FromSeconds(31));

        (await _bed.TryAsync("new", types: true)).ShouldBe("allowed");
        (await _bed.TryAsync("new")).ShouldBe("allowed", "the phone is believed at once");
    }

    [Fact]
    public async Task Prove_TypedWithTheSameMark_IsKnownWrong()
    {
        _bed.Directory.Mark = "monday";
        await _bed.TryAsync("old", types: true);
        _bed.Clock.Advance(TimeSpan.FromMinutes(1));

        (await _bed.TryAsync("old", types: true)).ShouldBe("repeated-password");
        _bed.Directory.Verifies.ShouldBe(1);
    }

    [Fact]
    public async Task Prove_TypedAgainAndAgainWithoutAMark_IsCountedLikeAnyOtherGuess()
    {
        for (var i = 0; i < 20; i++)
        {
            await _bed.TryAsync("old", types: true);
            _bed.Clock.Advance(TimeSpan.FromSeconds(31));
        }

        _bed.Directory.Verifies.ShouldBe(5);
        (await _bed.FailuresAsync("user:")).ShouldBe(5);
        (await _bed.FailuresAsync("addr:")).ShouldBeGreaterThanOrEqualTo(5);
    }

    [Fact]
    public async Task Prove_ExpiredRefusalMetAgainByAStranger_StaysCountedForTheAddress()
    {
        await _bed.TryAsync("old");
        _bed.Clock.Advance(TimeSpan.FromMinutes(16));
        (await _bed.TryAsync("old")).ShouldBe("repeated-password");

        (await _bed.FailuresAsync("user:")).ShouldBe(0);
        (await _bed.FailuresAsync("addr:")).ShouldBe(1);
    }

    [Fact]
    public async Task Prove_TypedAfterAWhileThoughTheMarkIsTheSame_AsksTheBackendUnderAFullCharge()
    {
        _bed.Directory.Mark = "monday";
        await _bed.TryAsync("new", types: true);
        _bed.Clock.Advance(TimeSpan.FromMinutes(5));
        (await _bed.TryAsync("new", types: true)).ShouldBe("wrong-password");
        (await _bed.FailuresAsync("user:")).ShouldBe(2);
        _bed.Clock.Advance(TimeSpan.FromMinutes(5));
        _bed.Password = "new";

        (await _bed.TryAsync("new", types: true)).ShouldBe("allowed", "what the directory meant by its no is over");
        (await _bed.TryAsync("new")).ShouldBe("allowed");
    }

    [Fact]
    public async Task Prove_UncertainNo_CountsAndIsNotHeldAgainstTheSecret()
    {
        var isLocked = true;
        _bed.Directory.Mark = "monday";
        _bed.Directory.Check = (_, _) => Task.FromResult<BackendAnswer?>(
            isLocked ? new BackendAnswer.Rejected { IsCertain = false } : new BackendAnswer.Accepted(_bed.Directory.Identity));
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("wrong-password");
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("wrong-password");
        (await _bed.FailuresAsync("user:")).ShouldBe(2);
        isLocked = false;

        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
    }

    [Fact]
    public async Task Prove_UncertainNoAfterACertainOne_AsksTheUncertainOneAgain()
    {
        var other = new ScriptedBackend("other", "no") { Check = (_, _) => Task.FromResult<BackendAnswer?>(new BackendAnswer.Rejected { IsCertain = false }) };
        _bed.Chain = new BackendChain([new ChainLink(_bed.Directory, NextWhenRejected: true), new ChainLink(other)]);
        await _bed.TryAsync("old");
        await _bed.TryAsync("old");

        (_bed.Directory.Verifies, other.Verifies).ShouldBe((1, 2));
    }

    [Fact]
    public async Task Prove_LaterBackendAcceptsManyAtOnce_TheFirstOneIsAskedOnce()
    {
        var gate = new TaskCompletionSource();
        var local = new ScriptedBackend("local", "yes")
        {
            Check = async (_, _) =>
            {
                await gate.Task;
                return null;
            },
        };
        _bed.Chain = new BackendChain([new ChainLink(_bed.Directory, NextWhenRejected: true), new ChainLink(local)]);
        var logins = Enumerable.Range(0, 8).Select(i => _bed.TryAsync(_bed.Request("of the local account", scope: $"service-{i}"))).ToArray();
        gate.SetResult();

        (await Task.WhenAll(logins).WaitAsync(TimeSpan.FromSeconds(20))).ShouldAllBe(reason => reason == "allowed");
        _bed.Directory.Verifies.ShouldBe(1);
    }

    [Fact]
    public async Task Prove_NewPasswordAccepted_EndsWhatWasGivenOutUponTheOldOne()
    {
        var tokens = new Tokens();
        _bed.Flow.Resolved.Follower = tokens;
        await _bed.TryAsync(LoginBed.Right);
        await _bed.TryAsync(LoginBed.Right, LoginBed.Away);
        tokens.Forgotten.ShouldBeEmpty();
        _bed.Password = "new";
        await _bed.TryAsync("new");

        tokens.Forgotten.ShouldBe(["ad:1"]);
    }

    private sealed class Tokens : IForgetLogins
    {
        public List<string> Forgotten { get; } = [];

        public void Forget(string identityKey) => Forgotten.Add(identityKey);

        public void ForgetOthersOf(UserIdentity identity)
        {
        }

        public void ForgetAll()
        {
        }
    }

    [Theory]
    [InlineData("forget")]
    [InlineData("forget-all")]
    [InlineData("clear")]
    public async Task Prove_Forgotten_AsksAgain(string how)
    {
        await _bed.TryAsync("new");
        _bed.Password = "new";
        switch (how)
        {
            case "forget":
                _bed.Flow.Forget("ad:1");
                break;
            case "clear":
                _bed.Flow.ForgetRefusals();
                break;
            default:
                _bed.Flow.ForgetAll();
                break;
        }

        (await _bed.TryAsync("new")).ShouldBe("allowed");
    }

    [Fact]
    public async Task Forget_WhileChecking_KeepsNothingOfThatRefusal()
    {
        _bed.Directory.Check = (_, _) =>
        {
            _bed.Flow.Forget("ad:1");
            return Task.FromResult<BackendAnswer?>(new BackendAnswer.Rejected());
        };
        await _bed.TryAsync("new");

        (await _bed.TryAsync("new")).ShouldBe("wrong-password");
    }

    /// <summary>Only a plain no enters: what our side could not check, and an account's state, say nothing about the secret.</summary>
    [Theory]
    [InlineData("down-late", "backend-unavailable")]
    [InlineData("down-shown", "backend-unavailable")]
    [InlineData("busy", "busy")]
    [InlineData("disabled", "account-state")]
    [InlineData("expired", "account-state")]
    public async Task Prove_NoPlainNo_IsNotRemembered(string answer, string told)
    {
        var backend = new ScriptedBackend("ad", answer);
        _bed.Chain = new BackendChain([new ChainLink(backend)]);
        (await _bed.TryAsync("secret")).ShouldBe(told);
        (await _bed.TryAsync("secret")).ShouldBe(told);

        backend.Verifies.ShouldBe(2);
    }

    [Fact]
    public async Task Prove_UnknownName_IsAnsweredAlike()
    {
        var nobody = new ScriptedBackend("ad", "unknown");
        _bed.Chain = new BackendChain([new ChainLink(nobody)]);
        (await _bed.TryAsync("old")).ShouldBe("unknown-user");
        for (var i = 0; i < 10; i++)
        {
            (await _bed.TryAsync("old")).ShouldBe("repeated-password");
        }

        (await _bed.FailuresAsync("name:")).ShouldBe(1);
        (nobody.Finds, nobody.Dummies).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Prove_NameComesToBeKnown_IsFoundWithinTheInterval()
    {
        _bed.Chain = new BackendChain([new ChainLink(new ScriptedBackend("ad", "unknown"))]);
        await _bed.TryAsync(LoginBed.Right);
        _bed.Chain = new BackendChain([new ChainLink(_bed.Directory)]);
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("repeated-password");
        _bed.Clock.Advance(TimeSpan.FromSeconds(31));

        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
    }

    [Fact]
    public async Task RefuseGuess_SameSecretAgain_IsCountedOnceAndTellsNothingToTheBackends()
    {
        var request = _bed.Request(LoginBed.Right);
        for (var i = 0; i < 20; i++)
        {
            (await _bed.Flow.RefuseGuessAsync(request, new Guess(() => new(_bed.Directory.Identity), VerdictReason.WrongPassword, "an app password"), _bed.Clock.GetTimestamp(), default)).ShouldBeOfType<LoginResult.Refused>();
        }

        (await _bed.FailuresAsync("user:")).ShouldBe(1);
        (await _bed.TryAsync(request)).ShouldBe("allowed");
    }

    /// <summary>A phone with the right password that waits for the end of a lock does not shut out everybody behind its address.</summary>
    [Fact]
    public async Task Prove_RightOneDuringALock_ChargesItsAddressOnce()
    {
        await _bed.GuessAsync(5, "203.0.113.50");
        for (var i = 0; i < 100; i++)
        {
            (await _bed.TryAsync(LoginBed.Right, LoginBed.Away)).ShouldBe("account-locked");
            _bed.Clock.Advance(TimeSpan.FromSeconds(8));
        }

        (await _bed.FailuresAsync($"addr:{LoginBed.Away}")).ShouldBe(1);
        _bed.Clock.Advance(TimeSpan.FromMinutes(5));
        (await _bed.TryAsync(LoginBed.Right, LoginBed.Away)).ShouldBe("allowed", "the lock is over");
    }

    /// <summary>A directory that begins anew only at a right password: an old phone must not fill its count over the weekend.</summary>
    [Fact]
    public async Task Prove_OldPasswordForDays_CostsOneBindWhereOnlyASuccessClears()
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(5, TimeSpan.MaxValue);
        for (var i = 0; i < 200; i++)
        {
            await _bed.TryAsync("old");
            _bed.Clock.Advance(TimeSpan.FromHours(1));
        }

        _bed.Directory.Verifies.ShouldBe(1);
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
    }

    /// <summary>Of several servers asked in turn one has counted what the others have not: a success at another takes nothing back but its own.</summary>
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 2)]
    public async Task Prove_SuccessAtOneOfSeveralServers_ClearsNoBudget(bool perServer, int left)
    {
        _bed.Directory.DirectoryLockout = new DirectoryLockout(6, TimeSpan.FromMinutes(30)) { IsPerServer = perServer };
        await _bed.GuessAsync(2, LoginBed.Away);
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");

        (await _bed.FailuresAsync("budget:")).ShouldBe(left);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("monday", "tuesday", true)]
    [InlineData("monday", "monday", false)]
    public async Task Prove_NewPasswordAccepted_EndsTheOldOneUnlessNothingChanged(string? before, string? after, bool ends)
    {
        _bed.Directory.Mark = before;
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
        (_bed.Password, _bed.Directory.Mark) = ("new", after);
        (await _bed.TryAsync("new", LoginBed.Away, types: true)).ShouldBe("allowed");

        (await _bed.TryAsync(LoginBed.Right)).ShouldBe(ends ? "wrong-password" : "allowed");
    }
}
