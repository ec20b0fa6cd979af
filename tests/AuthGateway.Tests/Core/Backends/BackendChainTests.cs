using System.Collections.Frozen;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Backends;

public sealed class BackendChainTests
{
    private static readonly Secret Password = Secret.FromText("correct horse");

    /// <summary>
    /// What the chain is: answers of the first and the second backend, how the first one's link is set, what comes of it,
    /// whose counter keeps the attempt, and which backends saw the secret.
    /// </summary>
    public static TheoryData<string, string, string, string, string, string> Semantics => new()
    {
        // first        second       link        result            counted  saw the secret
        { "yes",       "yes",       "",         "accepted by 1",   "1",     "1" },    // the flow takes the last charge back
        { "no",        "yes",       "",         "rejected by 1",   "1",     "1" },    // LD-06: never a namesake after a definite no
        { "no",        "down",      "",         "rejected by 1",   "1",     "1" },
        { "expired",   "yes",       "",         "state of 1",      "",      "1" },    // right password: no guess
        { "disabled",  "yes",       "",         "state of 1",      "1",     "1" },
        { "locked",    "yes",       "",         "locked by 1",     "",      "" },
        { "busy",      "yes",       "",         "busy",            "",      "1" },

        { "unknown",   "yes",       "",         "accepted by 2",   "2",     "2" },
        { "unknown",   "no",        "",         "rejected by 2",   "2",     "2" },
        { "unknown",   "unknown",   "",         "unknown",         "",      "" },
        { "unknown",   "expired",   "",         "state of 2",      "",      "2" },
        { "unknown",   "disabled",  "",         "state of 2",      "2",     "2" },
        { "unknown",   "locked",    "",         "locked by 2",     "",      "" },
        { "unknown",   "down",      "",         "unavailable",     "",      "" },
        { "unknown",   "down-late", "",         "unavailable",     "",      "2" },
        { "unknown",   "busy",      "",         "busy",            "",      "2" },

        { "down",      "yes",       "",         "accepted by 2",   "2",     "2" },
        { "down",      "no",        "",         "unavailable",     "2",     "2" },    // decision 0004: 503, and yet counted
        { "down",      "unknown",   "",         "unavailable",     "",      "" },
        { "down",      "expired",   "",         "unavailable",     "",      "2" },
        { "down",      "disabled",  "",         "unavailable",     "2",     "2" },
        { "down",      "locked",    "",         "unavailable",     "",      "" },
        { "down",      "down",      "",         "unavailable",     "",      "" },
        { "down",      "busy",      "",         "busy",            "",      "2" },
        { "down-late", "yes",       "",         "accepted by 2",   "2",     "1 2" },
        { "down-late", "no",        "",         "unavailable",     "2",     "1 2" },
        { "down-late", "unknown",   "",         "unavailable",     "",      "1" },

        { "down-shown", "yes",      "",         "accepted by 2",   "2",     "1 2" },  // a program was shown it: an accepted login was no guess
        { "down-shown", "no",       "",         "unavailable",     "1 2",   "1 2" },
        { "down-shown", "unknown",  "",         "unavailable",     "1",     "1" },    // no answer in time is one, where a no is slow
        { "down-shown", "yes",      "refuse",   "unavailable",     "1",     "1" },
        { "unknown",   "down-shown", "",        "unavailable",     "2",     "2" },
        { "no",        "down-shown", "rejected", "unavailable",    "1 2",   "1 2" },

        { "down",      "yes",       "refuse",   "unavailable",     "",      "" },
        { "down-late", "yes",       "refuse",   "unavailable",     "",      "1" },
        { "unknown",   "yes",       "refuse",   "accepted by 2",   "2",     "2" },
        { "no",        "yes",       "refuse",   "rejected by 1",   "1",     "1" },

        { "no",        "yes",       "rejected", "accepted by 2",   "2",     "1 2" },  // "any password that fits": the first charge goes
        { "no",        "no",        "rejected", "rejected by 1",   "1 2",   "1 2" },
        { "no",        "unknown",   "rejected", "rejected by 1",   "1",     "1" },
        { "no",        "down",      "rejected", "unavailable",     "1",     "1" },
        { "no",        "down-late", "rejected", "unavailable",     "1",     "1 2" },
        { "no",        "expired",   "rejected", "state of 2",      "1",     "1 2" },
        { "no",        "locked",    "rejected", "locked by 2",     "1",     "1" },
        { "locked",    "yes",       "rejected", "locked by 1",     "",      "" },
        { "expired",   "yes",       "rejected", "state of 1",      "",      "1" },
        { "yes",       "no",        "rejected", "accepted by 1",   "1",     "1" },

        { "nobody",    "yes",       "",         "accepted by 2",   "2",     "1 2" },  // unknown, and only the secret could tell
        { "nobody",    "no",        "",         "rejected by 2",   "2",     "1 2" },
        { "nobody",    "unknown",   "",         "unknown",         "",      "1" },
        { "nobody",    "down",      "",         "unavailable",     "",      "1" },
        { "unknown",   "nobody",    "",         "unknown",         "",      "2" },
        { "down",      "nobody",    "",         "unavailable",     "",      "2" },
        { "no",        "nobody",    "rejected", "rejected by 1",   "1",     "1 2" },

        { "ambiguous", "yes",       "",         "unknown",         "",      "" },    // LD-05: the next one's namesake is a third person
        { "ambiguous", "down",      "",         "unknown",         "",      "" },
        { "ambiguous", "yes",       "rejected", "unknown",         "",      "" },
        { "unknown",   "ambiguous", "",         "unknown",         "",      "" },
        { "down",      "ambiguous", "",         "unavailable",     "",      "" },
        { "no",        "ambiguous", "rejected", "rejected by 1",   "1",     "1" },

        { "known",     "yes",       "",         "rejected by 1",   "",      "" },    // the same wrong secret again: counted once, shown to nobody
        { "known",     "yes",       "rejected", "accepted by 2",   "2",     "2" },
        { "known",     "no",        "rejected", "rejected by 1",   "2",     "2" },
        { "unknown",   "known",     "",         "rejected by 2",   "",      "" },
        { "down",      "known",     "",         "unavailable",     "",      "" },
        { "spent",     "yes",       "",         "spent by 1",      "",      "" },    // one more might lock the account in the directory
        { "spent",     "yes",       "rejected", "spent by 1",      "",      "" },
        { "unknown",   "spent",     "",         "spent by 2",      "",      "" },
        { "down",      "spent",     "",         "unavailable",     "",      "" },

        { "yes",       "yes",       "elsewhere", "accepted by 2",  "2",     "2" },    // UsageContext: the first is not asked for this service
        { "down",      "unknown",   "elsewhere", "unknown",        "",      "" },
        { "no",        "no",        "elsewhere", "rejected by 2",  "2",     "2" },
    };

    [Theory]
    [MemberData(nameof(Semantics))]
    public async Task Verify_TwoBackends_DecidesAndCountsAsTheTableSays(
        string first, string second, string link, string result, string counted, string saw)
    {
        ScriptedBackend[] backends = [new("1", first), new("2", second)];
        var chain = new BackendChain(
        [
            new ChainLink(backends[0], NextWhenUnavailable: link != "refuse", NextWhenRejected: link == "rejected")
            {
                UsageContext = link == "elsewhere" ? FrozenSet.ToFrozenSet(["portal"]) : null,
            },
            new ChainLink(backends[1]),
        ]);
        string[] Of(string word) => [.. backends.Where((_, i) => (i == 0 ? first : second) == word).Select(b => b.Name)];
        var ledger = new Ledger(locked: Of("locked")) { KnownWrong = Of("known"), Spent = Of("spent") };

        var answer = await chain.VerifyAsync(Name("alice"), Password, "webmail", ledger, CancellationToken.None);

        Tell(answer).ShouldBe(result);
        string.Join(' ', ledger.Counted).ShouldBe(counted);
        string.Join(' ', backends.Where(b => b.Verifies > 0).Select(b => b.Name)).ShouldBe(saw);
    }

    [Fact] // LD-05
    public async Task Resolve_NameOfTwo_IsNobodyAndAsksNoOther()
    {
        var next = new ScriptedBackend("2", "yes");

        var resolution = await new BackendChain([new ChainLink(new ScriptedBackend("1", "ambiguous")), new ChainLink(next)])
            .ResolveAsync(Name("alice"), "webmail", null, CancellationToken.None);

        resolution.ShouldBeOfType<Resolution.UnknownUser>().Told.ShouldBe("1=ambiguous");
        next.Finds.ShouldBe(0);
    }

    [Fact]
    public async Task Verify_EmptySecret_ReachesNoBackend()
    {
        var backend = new ScriptedBackend("1", "yes");

        await Should.ThrowAsync<ArgumentException>(
            async () => await new BackendChain([new ChainLink(backend)]).VerifyAsync(Name("alice"), Secret.FromText(""), "webmail", new Ledger([]), default));

        backend.Finds.ShouldBe(0);
        backend.Verifies.ShouldBe(0);
    }

    [Fact]
    public async Task Verify_DeadlineWhileChecking_IsAnOutageAndTakesTheChargeBack()
    {
        using var deadline = new CancellationTokenSource();
        var slow = new ScriptedBackend("1", "yes")
        {
            Check = async (_, token) =>
            {
                await deadline.CancelAsync();
                token.ThrowIfCancellationRequested();
                return null;
            },
        };
        var next = new ScriptedBackend("2", "yes");
        var ledger = new Ledger([]);

        var answer = await new BackendChain([new ChainLink(slow), new ChainLink(next)]).VerifyAsync(Name("alice"), Password, "webmail", ledger, deadline.Token);

        answer.ShouldBeOfType<ChainAnswer.Unavailable>().Told.ShouldBe("1=unavailable");
        ledger.Counted.ShouldBeEmpty();
        next.Finds.ShouldBe(0);
    }

    [Fact]
    public async Task Verify_BackendThrows_TakesTheChargeBack()
    {
        var broken = new ScriptedBackend("1", "yes") { Check = (_, _) => throw new InvalidOperationException("bug") };
        var ledger = new Ledger([]);

        await Should.ThrowAsync<InvalidOperationException>(
            async () => await new BackendChain([new ChainLink(broken)]).VerifyAsync(Name("alice"), Password, "webmail", ledger, default));

        ledger.Counted.ShouldBeEmpty();
    }

    public static TheoryData<BackendAnswer, Withdrawal?> Withdrawals => new()
    {
        { new BackendAnswer.Rejected(), null },
        { new BackendAnswer.Rejected { IsCertain = false }, null },
        { new BackendAnswer.UnknownUser(), Withdrawal.WithBudget },
        { new BackendAnswer.Busy(), Withdrawal.WithBudget },
        { new BackendAnswer.AccountState(AccountStates.Disabled, SecretProven: false), null },
        { new BackendAnswer.AccountState(AccountStates.Locked, SecretProven: false) { NothingShown = true }, Withdrawal.NothingShown },
        { new BackendAnswer.AccountState(AccountStates.Expired, SecretProven: true), Withdrawal.WithBudget },
        { new BackendAnswer.Unavailable("no answer to the bind"), Withdrawal.Charge },
        { new BackendAnswer.Unavailable("not reached") { NothingCounted = true }, Withdrawal.WithBudget },
        { new BackendAnswer.Unavailable("no answer in time") { SecretShown = true }, null },
    };

    [Theory]
    [MemberData(nameof(Withdrawals))]
    public async Task Verify_Answer_TakesBackWhatItCannotHaveCost(BackendAnswer answer, Withdrawal? taken)
    {
        var ledger = new Ledger([]);
        await new BackendChain([new ChainLink(new ScriptedBackend("1", "no") { Check = (_, _) => Task.FromResult<BackendAnswer?>(answer) })])
            .VerifyAsync(Name("alice"), Password, "webmail", ledger, default);

        ledger.Withdrawn.ShouldBe(taken is { } what ? [what] : []);
    }

    [Fact]
    public async Task Verify_NoBackends_KnowsNobody() =>
        (await new BackendChain([]).VerifyAsync(Name("alice"), Password, "webmail", new Ledger([]), default)).ShouldBeOfType<ChainAnswer.UnknownUser>();

    [Fact]
    public async Task Retire_Successor_ClosesOnlyWhatItDoesNotUse()
    {
        var kept = new ScriptedBackend("1", "yes");
        var gone = new ScriptedBackend("2", "yes");

        await new BackendChain([new ChainLink(kept), new ChainLink(gone)])
            .RetireAsync(new BackendChain([new ChainLink(kept)]), TimeSpan.Zero, TimeProvider.System, default);

        kept.IsDisposed.ShouldBeFalse();
        gone.IsDisposed.ShouldBeTrue();
    }

    internal static UserName Name(string text) => UserName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    private static string Tell(ChainAnswer answer) => answer switch
    {
        ChainAnswer.Accepted accepted => $"accepted by {accepted.Backend}",
        ChainAnswer.Rejected rejected => $"rejected by {rejected.Identity.Backend}",
        ChainAnswer.AccountState state => $"state of {state.Identity.Backend}",
        ChainAnswer.Locked { OfDirectory: true } spent => $"spent by {spent.Identity.Backend}",
        ChainAnswer.Locked locked => $"locked by {locked.Identity.Backend}",
        ChainAnswer.Busy => "busy",
        ChainAnswer.UnknownUser => "unknown",
        _ => "unavailable",
    };

    [Theory]
    [InlineData(false, null, true)]
    [InlineData(true, null, false)]
    [InlineData(true, "webmail", true)]
    [InlineData(true, "portal", false)]
    [InlineData(false, "portal", false)]
    public void Serves_IdentityThatDoesNotSayWhatItOpens_OpensNothingWhereGroupsOpenServices(bool limits, string? opened, bool serves)
    {
        var chain = new BackendChain([new ChainLink(new ScriptedBackend("ad", "yes")) { LimitsServices = limits }]);
        var user = new AuthGateway.Core.Identities.UserIdentity("ad", "1", "alice", null, null, [], []) { UsageContexts = opened is null ? null : FrozenSet.ToFrozenSet([opened]) };

        chain.Serves(user, "webmail").ShouldBe(serves);
    }

    internal sealed class Ledger(string[] locked) : IAttemptLedger
    {
        public List<string> Counted { get; } = [];

        public List<Withdrawal> Withdrawn { get; } = [];

        public string[] KnownWrong { get; init; } = [];

        public string[] Spent { get; init; } = [];

        public ValueTask<ChargeOutcome> ChargeAsync(BackendLookup.Found user, CancellationToken cancellationToken)
        {
            if (locked.Contains(user.Identity.Backend))
            {
                return new(ChargeOutcome.Locked);
            }

            if (KnownWrong.Contains(user.Identity.Backend) || Spent.Contains(user.Identity.Backend))
            {
                return new(KnownWrong.Contains(user.Identity.Backend) ? ChargeOutcome.KnownWrong : ChargeOutcome.BudgetSpent);
            }

            Counted.Add(user.Identity.Backend);
            return new(ChargeOutcome.Charged);
        }

        public ValueTask WithdrawAsync(UserIdentity identity, Withdrawal what, CancellationToken cancellationToken)
        {
            Withdrawn.Add(what);
            cancellationToken.IsCancellationRequested.ShouldBeFalse("a charge is taken back even when time is up");
            // Where nothing was counted there is nothing to take back.
            Counted.Remove(identity.Backend).ShouldBe(!KnownWrong.Contains(identity.Backend));
            return ValueTask.CompletedTask;
        }
    }
}
