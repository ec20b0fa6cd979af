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
    [InlineData(59, true)]
    [InlineData(61, false)]
    public async Task Stands_BackendThatCannotBeAsked_StandsForTheUnconfirmedLifetime(int minutes, bool stands)
    {
        var script = new ScriptedBackend("ad", "yes");
        var request = Request(script.Identity.At(_bed.Clock.GetUtcNow()));
        _bed.Clock.Advance(TimeSpan.FromMinutes(minutes));
        Swap(script);

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
            return new(Verdict.Allow);
        }

        public string Describe(AccessRequest request) => "saw it";
    }
}
