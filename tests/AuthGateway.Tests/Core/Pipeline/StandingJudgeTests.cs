using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Tests.Core.Backends;

namespace AuthGateway.Tests.Core.Pipeline;

/// <summary>A WebSocket opened by a ticket, without a session.</summary>
public sealed class StandingJudgeTests
{
    private readonly RequestBed _bed = new();
    private readonly PeopleBackend _directory = new("ad");
    private readonly GatewayState _state = new();
    private readonly StandingJudge _standing;
    private UserIdentity? _judged;
    private Func<AccessRequest, Verdict> _judge = static _ => Verdict.Allow;

    public StandingJudgeTests() => _standing = new StandingJudge(new AccessJudge([new Witness(this)]), _state, _bed.Clock);

    public static TheoryData<string, bool> Answers => new()
    {
        { "current", true }, { "disabled", false }, { "deleted", false }, { "down", true }, { "hangs", true }, { "somebody else", false }, { "unconfigured", false },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Stands_TicketWithoutSession_AsksTheBackendAnew(string answer, bool stands)
    {
        var alice = _directory.Add("alice", "pw", "mobile");
        var request = Request(alice.Identity);
        switch (answer)
        {
            case "disabled":
                alice.State = AccountStates.Disabled;
                break;
            case "deleted":
                _directory.People.Clear();
                break;
            case "down":
                _directory.IsDown = true;
                break;
            case "hangs":
                _directory.Asked = _ =>
                {
                    _bed.Clock.Advance(TimeSpan.FromMinutes(1));
                    throw new OperationCanceledException();
                };
                break;
            case "somebody else":
                _directory.Asked = _ =>
                {
                    _directory.People["alice"] = new Person { Identity = new UserIdentity("other", "id-alice", "alice", null, null, [], []), Password = "" };
                    return Task.CompletedTask;
                };
                break;
            default:
                break;
        }

        Swap(answer == "unconfigured" ? new ScriptedBackend("other", "no") : _directory);
        (await _standing.StandsAsync(request)).ShouldBe(stands);
        _directory.Refreshed.Count.ShouldBe(answer == "unconfigured" ? 0 : 1);
    }

    [Fact]
    public async Task Stands_GroupsChanged_IsJudgedByTheNewOnes()
    {
        var alice = _directory.Add("alice", "pw", "mobile");
        var request = Request(alice.Identity);
        alice.Identity = new UserIdentity("ad", "id-alice", "alice", null, null, ["office"], []);
        Swap(_directory);

        (await _standing.StandsAsync(request)).ShouldBeTrue();

        _judged.ShouldNotBeNull().Groups.ShouldBe(["office"]);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public async Task Stands_BackendThatCannotBeAsked_StandsForTheUnconfirmedLifetime(int minutes, bool stands)
    {
        var script = new ScriptedBackend("ad", "yes");
        var request = Request(script.Identity.At(_bed.Clock.GetUtcNow()));
        _bed.Clock.Advance(TimeSpan.FromMinutes(minutes));
        Swap(script);

        (await _standing.StandsAsync(request)).ShouldBe(stands);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public async Task Stands_StateThatNobodyMayRead_StandsForTheUnconfirmedLifetime(int minutes, bool stands)
    {
        var alice = _directory.Add("alice", "pw", "mobile");
        alice.IsStateHidden = true;
        var request = Request(alice.Identity.At(_bed.Clock.GetUtcNow()));
        _bed.Clock.Advance(TimeSpan.FromMinutes(minutes));
        Swap(_directory);

        (await _standing.StandsAsync(request)).ShouldBe(stands);
    }

    /// <summary>What a lock would hide: whoever locks the counter his place is judged by must not keep open what would be refused without the lock.</summary>
    public static TheoryData<string, string, bool> Behind
    {
        get
        {
            var data = new TheoryData<string, string, bool>();
            foreach (var reason in new[] { VerdictReason.AccountLocked, VerdictReason.AddressLocked, VerdictReason.DirectoryBudget })
            {
                foreach (var (what, stands) in new[] { ("nothing", true), ("disabled", false), ("group lost", false), ("down", true), ("an hour", false), ("an hour, but seen since", true) })
                {
                    data.Add(reason.Code, what, stands);
                }
            }

            data.Add(VerdictReason.WrongPassword.Code, "nothing", false);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Behind))]
    public async Task Stands_BehindALock_IsJudgedByAllButTheSecret(string lockedBy, string what, bool stands)
    {
        var alice = _directory.Add("alice", "pw", "mobile");
        var request = _bed.Request(webSocket: true, authorization: RequestBed.Basic("alice", "pw"));
        (request.Identity, request.Proven) = (alice.Identity, FactorSet.Password);
        Swap(_directory);
        if (what.StartsWith("an hour", StringComparison.Ordinal))
        {
            _bed.Clock.Advance(TimeSpan.FromMinutes(50));
            if (what != "an hour")
            {
                (await _standing.StandsAsync(request)).ShouldBeTrue();
            }

            _bed.Clock.Advance(TimeSpan.FromMinutes(11));
        }

        _judge = judged => !judged.IsRehearsal
            ? Verdict.Deny(VerdictReason.All[lockedBy])
            : judged.RehearsedUser!.Groups.Contains("mobile", StringComparer.Ordinal) && judged is { RehearsedFactors: FactorSet.Password, IgnoresLocks: true, Authorization.Count: 0 }
                ? Verdict.Allow
                : Verdict.Deny(VerdictReason.NotInGroup);
        switch (what)
        {
            case "disabled":
                alice.State = AccountStates.Disabled;
                break;
            case "group lost":
                alice.Identity = new UserIdentity("ad", "id-alice", "alice", null, null, ["office"], []);
                break;
            case "down":
                _directory.IsDown = true;
                break;
            default:
                break;
        }

        (await _standing.StandsAsync(request)).ShouldBe(stands);
    }

    // A stranger who locks her counter must not cut what her password was found right for a moment ago, nor keep open what nobody can judge.
    [Theory]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public async Task Stands_BehindALockWithAStateNobodyMayRead_StandsForAWhileAfterTheLastRightPassword(int minutes, bool stands)
    {
        var alice = _directory.Add("alice", "pw", "mobile");
        alice.IsStateHidden = true;
        var request = _bed.Request(webSocket: true, authorization: RequestBed.Basic("alice", "pw"));
        (request.Identity, request.Proven) = (alice.Identity.At(_bed.Clock.GetUtcNow()), FactorSet.Password);
        Swap(_directory);
        _judge = _ => Verdict.Allow;
        _bed.Clock.Advance(TimeSpan.FromMinutes(30));
        (await _standing.StandsAsync(request)).ShouldBeTrue();
        _judge = judged => judged.IsRehearsal ? Verdict.Allow : Verdict.Deny(VerdictReason.AccountLocked);
        _bed.Clock.Advance(TimeSpan.FromMinutes(minutes));

        (await _standing.StandsAsync(request)).ShouldBe(stands);
    }

    private AccessRequest Request(UserIdentity user)
    {
        var request = _bed.Request(webSocket: true);
        (request.Identity, request.Proven) = (user, FactorSet.Kerberos);
        return request;
    }

    private void Swap(IBackend backend)
    {
        var table = _bed.Table();
        _state.Swap(new GatewayTable
        {
            Generation = 2,
            BuiltAt = table.BuiltAt,
            Services = table.Services,
            Devices = table.Devices,
            Chain = new BackendChain([new ChainLink(backend)]),
            Lockout = table.Lockout,
            Login = new LoginOptions(),
        });
    }

    private sealed class Witness(StandingJudgeTests test) : IAccessStage
    {
        public string Name => "witness";

        public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
        {
            test._judged = request.RehearsedUser;
            return new(test._judge(request));
        }

        public string Describe(AccessRequest request) => "saw it";
    }
}
