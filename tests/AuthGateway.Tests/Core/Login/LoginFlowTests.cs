using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Backends;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login;

public sealed class LoginFlowTests
{
    private const string Right = "correct horse";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemoryLockoutStore _store = new();
    private readonly LockoutPolicy _lockout = LockoutPolicy.From(new LockoutOptions());
    private readonly LoginOptions _options = new() { FailureFloor = TimeSpan.Zero };
    private readonly ScriptedBackend _directory = new("ad", "no") { Check = OnlyRight };
    private readonly LoginFlow _flow;
    private BackendChain _chain;

    public LoginFlowTests()
    {
        _flow = new LoginFlow(new LockoutGuard(_store, _clock, NullLogger<LockoutGuard>.Instance), _clock, NullLogger<LoginFlow>.Instance);
        _chain = new BackendChain([new ChainLink(_directory)]);
    }

    [Fact]
    public async Task Prove_RightPassword_IsProvenOnceThenCachedAndCountsNothing()
    {
        var first = await Proven(Right);
        var second = await Proven(Right);

        first.FromCache.ShouldBeFalse();
        second.FromCache.ShouldBeTrue();
        second.Identity.ShouldBeSameAs(first.Identity);
        second.Slot.ShouldBeSameAs(first.Slot);
        _directory.Verifies.ShouldBe(1);
        (await Failures("user:ad:1")).ShouldBe(0);
        (await Failures("addr:")).ShouldBe(0);
    }

    [Fact]
    public async Task Prove_WrongPassword_IsCountedForAccountAndAddressAndNeverCached()
    {
        (await Refused("wrong")).Reason.ShouldBe(VerdictReason.WrongPassword);
        (await Refused("wrong too")).Known!.Key.ShouldBe("ad:1");

        _directory.Verifies.ShouldBe(2);
        (await Failures("user:ad:1")).ShouldBe(2);
        (await Failures("addr:192.0.2.1")).ShouldBe(2);
    }

    [Fact]
    public async Task Prove_FiveWrongThenRight_IsLockedUntilTheDurationIsOver()
    {
        for (var i = 0; i < 5; i++)
        {
            (await Refused($"wrong {i}")).Reason.ShouldBe(VerdictReason.WrongPassword);
        }

        (await Refused(Right)).Reason.ShouldBe(VerdictReason.AccountLocked);
        _directory.Verifies.ShouldBe(5);

        _clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
        await Proven(Right);
    }

    /// <summary>Who looks for a locked person knows the login, not the number the backend gave it.</summary>
    [Theory]
    [InlineData("no", "ALICE@example.com", "alice", "ad:1")]
    [InlineData("unknown", "alyce", "alyce", null)]
    [InlineData("unknown", "Tr0ub4dor&3x", "(masked)", null)]
    public async Task Prove_LockBegins_IsRecordedUnderTheLoginOrTheTypedName(string directory, string typed, string name, string? identity)
    {
        var audit = new InMemoryAuditStore();
        var flow = new LoginFlow(
            new LockoutGuard(_store, _clock, NullLogger<LockoutGuard>.Instance), _clock, NullLogger<LoginFlow>.Instance, new AuditLog(audit, _clock, NullLogger<AuditLog>.Instance));
        _chain = new BackendChain([new ChainLink(directory == "unknown" ? new ScriptedBackend("ad", "unknown") : _directory)]);
        UserName.TryParse(typed, out var user).ShouldBeTrue();
        for (var i = 0; i < 5; i++)
        {
            await flow.ProveAsync(
                new LoginRequest(_chain, 1, _lockout, _options, user, Secret.FromText($"wrong {i}"), IPAddress.Parse("192.0.2.1"), "mail", null), default);
        }

        var record = audit.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.TypedName, record.Identity).ShouldBe((AuditEvents.Lockout, "account-locked", name, identity));
    }

    [Fact]
    public async Task Prove_FiftyWrongGuessesAtOnce_LetsOnlyTheLimitThrough()
    {
        var gate = new TaskCompletionSource();
        _directory.Check = async (_, _) =>
        {
            await gate.Task;
            return new BackendAnswer.Rejected();
        };
        var guesses = Enumerable.Range(1, 50).Select(i => Prove($"wrong {i}", address: $"192.0.2.{i}")).ToArray();

        gate.SetResult();
        var results = await Task.WhenAll(guesses).WaitAsync(Patience);

        _directory.Verifies.ShouldBeLessThanOrEqualTo(5);
        results.Count(result => result is LoginResult.Refused { Reason: var reason } && reason == VerdictReason.WrongPassword).ShouldBe(5);
        results.Count(result => result is LoginResult.Refused { Reason: var reason } && reason == VerdictReason.AccountLocked).ShouldBe(45);
    }

    [Fact]
    public async Task Prove_MoreDevicesOfOneOwnerAtOnceThanTheLimit_LetsAllIn()
    {
        var gate = new TaskCompletionSource();
        _directory.Check = async (_, _) =>
        {
            await gate.Task;
            return new BackendAnswer.Accepted(_directory.Identity);
        };
        var logins = Enumerable.Range(1, 12).Select(i => Prove(Right, address: $"192.0.2.{i}", scope: $"service-{i}")).ToArray();

        gate.SetResult();

        (await Task.WhenAll(logins).WaitAsync(Patience)).ShouldAllBe(result => result is LoginResult.Proven);
        (await Failures("user:ad:1")).ShouldBe(0);
    }

    [Fact]
    public async Task Prove_AnOfficeComingBackAtOnce_LetsAllInAndShutsOutNobodyMeanwhile()
    {
        var guard = new LockoutGuard(_store, _clock, NullLogger<LockoutGuard>.Instance);
        var flow = new LoginFlow(guard, _clock, NullLogger<LoginFlow>.Instance);
        var wide = new LockoutOptions();
        wide.Account.Limit = 1000;
        var gate = new TaskCompletionSource();
        _directory.Check = async (_, _) =>
        {
            await gate.Task;
            return new BackendAnswer.Accepted(_directory.Identity);
        };
        var logins = Enumerable.Range(1, 100)
            .Select(i => flow.ProveAsync(Request(Right, scope: $"service-{i}") with { Lockout = LockoutPolicy.From(wide) }, default).AsTask())
            .ToArray();

        guard.IsLocked(IPAddress.Parse("192.0.2.1")).ShouldBeFalse();
        gate.SetResult();

        (await Task.WhenAll(logins).WaitAsync(Patience)).ShouldAllBe(result => result is LoginResult.Proven);
        (await Failures("addr:")).ShouldBe(0);
    }

    [Fact]
    public async Task Prove_SixtyFourEqualAtOnce_AsksTheBackendOnce()
    {
        var gate = new TaskCompletionSource();
        _directory.Check = async (_, _) =>
        {
            await gate.Task;
            return new BackendAnswer.Accepted(_directory.Identity);
        };
        var logins = Enumerable.Range(0, 64).Select(_ => Task.Run(() => Prove(Right))).ToArray();

        gate.SetResult();

        (await Task.WhenAll(logins).WaitAsync(Patience)).ShouldAllBe(result => result is LoginResult.Proven);
        _directory.Verifies.ShouldBe(1);
    }

    [Fact]
    public async Task Prove_LockedWhileCached_LockBeatsCache()
    {
        await Proven(Right);
        for (var i = 0; i < 5; i++)
        {
            await Refused($"wrong {i}", address: "198.51.100.7");
        }

        (await Refused(Right)).Reason.ShouldBe(VerdictReason.AccountLocked);
    }

    [Fact]
    public async Task Prove_AddressLocked_RefusesEvenWhatIsCached()
    {
        await Proven(Right);
        _chain = new BackendChain([new ChainLink(new ScriptedBackend("ad", "unknown"))]);
        for (var i = 0; i < 20; i++)
        {
            await Refused("spray", name: $"user{i}");
        }

        (await Refused(Right)).Reason.ShouldBe(VerdictReason.AddressLocked);
    }

    [Theory]
    [InlineData("generation")]
    [InlineData("scope")]
    [InlineData("certificate")]
    [InlineData("password")]
    [InlineData("name")]
    public async Task Prove_AnyPartOfTheKeyDiffers_AsksAnew(string part)
    {
        _directory.Check = (_, _) => Task.FromResult<BackendAnswer?>(new BackendAnswer.Accepted(_directory.Identity));
        await Proven(Right);

        var result = await _flow.ProveAsync(
            Request(part == "password" ? "other" : Right, part == "name" ? "bob" : "alice", scope: part == "scope" ? "dav" : "activesync") with
            {
                Generation = part == "generation" ? 2 : 1,
                CertificateThumbprint = part == "certificate" ? "" : null,
            },
            default);

        result.ShouldBeOfType<LoginResult.Proven>().FromCache.ShouldBeFalse();
        _directory.Verifies.ShouldBe(2);
    }

    [Fact]
    public async Task Prove_LifetimeOver_AsksAnewHoweverOftenItWasUsed()
    {
        await Proven(Right);
        _clock.Advance(TimeSpan.FromSeconds(119));
        (await Proven(Right)).FromCache.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(1));

        (await Proven(Right)).FromCache.ShouldBeFalse();
    }

    [Fact]
    public async Task Prove_LifetimeZero_CachesNothing()
    {
        _options.CacheLifetime = TimeSpan.Zero;
        await Proven(Right);

        (await Proven(Right)).FromCache.ShouldBeFalse();
    }

    [Fact]
    public async Task Prove_PasswordChangedInTheDirectory_OldOneIsRefusedAfterTheLifetime()
    {
        await Proven(Right);
        _directory.Check = (_, _) => Task.FromResult<BackendAnswer?>(new BackendAnswer.Rejected());
        _clock.Advance(_options.CacheLifetime);

        (await Refused(Right)).Reason.ShouldBe(VerdictReason.WrongPassword);
    }

    [Fact]
    public async Task Forget_User_AsksAnew()
    {
        await Proven(Right);
        _flow.Forget("ad:1");

        (await Proven(Right)).FromCache.ShouldBeFalse();
    }

    [Fact]
    public async Task Forget_WhileChecking_KeepsNothingOfThatCheck()
    {
        _directory.Check = (_, _) =>
        {
            _flow.Forget("ad:1");
            return Task.FromResult<BackendAnswer?>(new BackendAnswer.Accepted(_directory.Identity));
        };
        await Proven(Right);

        (await Proven(Right)).FromCache.ShouldBeFalse();
    }

    [Fact]
    public async Task Prove_EmptyPassword_ReachesNoBackendAndCountsNothing()
    {
        (await Refused("")).Reason.ShouldBe(VerdictReason.EmptyPassword);

        _directory.Finds.ShouldBe(0);
        (await _store.ListAsync(null, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Prove_UnknownUser_IsCountedByNameAndLocksLikeAnyOther()
    {
        _chain = new BackendChain([new ChainLink(new ScriptedBackend("ad", "unknown"))]);
        for (var i = 0; i < 5; i++)
        {
            (await Refused($"guess {i}", name: "Nobody")).Reason.ShouldBe(VerdictReason.UnknownUser);
        }

        (await Refused("guess", name: "nobody")).Reason.ShouldBe(VerdictReason.AccountLocked);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task Prove_UnknownUser_CostsWhatAKnownOneWould(bool isBusy, int counted)
    {
        var local = new ScriptedBackend("local", "unknown") { IsTooBusyForDummies = isBusy };
        _chain = new BackendChain([new ChainLink(local)]);

        var result = await Prove("guess", name: "nobody");

        local.Dummies.ShouldBe(1);
        (result is LoginResult.Unavailable).ShouldBe(isBusy, "a known user would be told the same");
        (await Failures("name:nobody")).ShouldBe(counted);
        (await Failures("addr:")).ShouldBe(counted);
    }

    [Fact]
    public async Task Prove_StoreDown_ChecksNothing()
    {
        _store.IsDown = true;

        (await Prove(Right)).ShouldBeOfType<LoginResult.Unavailable>().Reason.ShouldBe(VerdictReason.StoreUnavailable);
        _directory.Verifies.ShouldBe(0);
    }

    [Theory]
    [InlineData("down", "unknown", 0)]
    [InlineData("down-late", "unknown", 0)]
    [InlineData("down", "no", 1)] // decision 0004
    [InlineData("busy", "no", 0)]
    public async Task Prove_OutageInTheChain_CountsOnlyWhatWasJudged(string first, string second, int counted)
    {
        _chain = new BackendChain([new ChainLink(new ScriptedBackend("ad", first)), new ChainLink(new ScriptedBackend("local", second))]);

        var result = (await Prove("guess")).ShouldBeOfType<LoginResult.Unavailable>();

        result.Reason.ShouldBe(first == "busy" ? VerdictReason.Busy : VerdictReason.BackendUnavailable);
        (await Failures("user:local:1")).ShouldBe(counted);
        (await Failures("user:ad:1")).ShouldBe(0);
        (await Failures("addr:")).ShouldBe(counted);
    }

    [Theory]
    [InlineData("expired", 0)]
    [InlineData("disabled", 1)]
    public async Task Prove_AccountState_CountsUnlessTheSecretWasProven(string state, int counted)
    {
        _chain = new BackendChain([new ChainLink(new ScriptedBackend("ad", state))]);

        (await Refused("guess")).Reason.ShouldBe(VerdictReason.AccountState);

        (await Failures("user:ad:1")).ShouldBe(counted);
        (await Failures("addr:")).ShouldBe(counted);
    }

    [Fact]
    public async Task Prove_SilentBackend_EndsWithTheDeadlineAndCountsNothing()
    {
        var entered = new TaskCompletionSource();
        _directory.Check = async (_, token) =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return null;
        };
        var login = Prove(Right);
        await entered.Task.WaitAsync(Patience);
        _clock.Advance(_options.ChainTimeout);

        (await login.WaitAsync(Patience)).ShouldBeOfType<LoginResult.Unavailable>().Reason.ShouldBe(VerdictReason.BackendUnavailable);
        (await Failures("user:ad:1")).ShouldBe(0);
        (await Failures("addr:")).ShouldBe(0);
    }

    [Fact]
    public async Task Prove_ClientHangsUpOnASlowNo_IsCountedAllTheSame()
    {
        var gate = new TaskCompletionSource();
        _directory.Check = async (_, _) =>
        {
            await gate.Task;
            return new BackendAnswer.Rejected();
        };
        using var client = new CancellationTokenSource();
        var impatient = _flow.ProveAsync(Request("guess"), client.Token).AsTask();
        var patient = Prove("guess");
        await client.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient.WaitAsync(Patience));

        gate.SetResult();
        await patient.WaitAsync(Patience);

        _directory.Verifies.ShouldBe(1);
        (await Failures("user:ad:1")).ShouldBe(1);
    }

    [Fact]
    public async Task Attempt_ReleasedKeepsEarlierFailures_CompletedClearsThem()
    {
        for (var i = 0; i < 3; i++)
        {
            await Refused($"wrong {i}");
        }

        await (await Proven(Right)).Attempt.ReleaseAsync(default);
        (await Failures("user:ad:1")).ShouldBe(3);

        await (await Proven(Right)).Attempt.CompleteAsync(default); // cached: clears nothing
        (await Failures("user:ad:1")).ShouldBe(3);

        var proven = await Proven(Right, scope: "dav");
        await proven.Attempt.CompleteAsync(default);
        await proven.Attempt.CompleteAsync(default);
        (await Failures("user:ad:1")).ShouldBe(0);
        (await Failures("addr:")).ShouldBe(3, "one right password does not excuse an address");
    }

    [Theory]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task Prove_Refused_TakesAtLeastTheFloor(string password)
    {
        _options.FailureFloor = TimeSpan.FromMilliseconds(250);
        var login = Prove(password);

        _clock.Advance(TimeSpan.FromMilliseconds(249));
        login.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(1 + 85));

        (await login.WaitAsync(Patience)).ShouldBeOfType<LoginResult.Refused>();
    }

    [Fact]
    public async Task Prove_Hit_AllocatesNothing()
    {
        await Proven(Right);
        var request = Request(Right);
        Hit(request, 2_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Hit(request, 1_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.ShouldBeLessThan(1_000, "less than a byte a hit");
    }

    private static Task<BackendAnswer?> OnlyRight(Secret secret, CancellationToken cancellationToken) =>
        Task.FromResult<BackendAnswer?>(secret.FixedTimeEquals(Secret.FromText(Right))
            ? new BackendAnswer.Accepted(new UserIdentity("ad", "1", "alice", null, null, [], []))
            : null);

    private void Hit(LoginRequest request, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var result = _flow.ProveAsync(request, default);
            if (!result.IsCompletedSuccessfully || result.Result is not LoginResult.Proven { FromCache: true })
            {
                throw new InvalidOperationException("not a hit");
            }
        }
    }

    private LoginRequest Request(string password, string name = "alice", string address = "192.0.2.1", string scope = "activesync") => new(
        _chain, 1, _lockout, _options, BackendChainTests.Name(name), Secret.FromText(password), IPAddress.Parse(address), scope, null);

    private Task<LoginResult> Prove(string password, string name = "alice", string address = "192.0.2.1", string scope = "activesync") =>
        _flow.ProveAsync(Request(password, name, address, scope), default).AsTask();

    private async Task<LoginResult.Proven> Proven(string password, string scope = "activesync") =>
        (await Prove(password, scope: scope)).ShouldBeOfType<LoginResult.Proven>();

    private async Task<LoginResult.Refused> Refused(string password, string name = "alice", string address = "192.0.2.1") =>
        (await Prove(password, name, address)).ShouldBeOfType<LoginResult.Refused>();

    private async Task<int> Failures(string keyPart) => (await _store.ListAsync(keyPart, 100, default)).Sum(entry => entry.Failures);
}
