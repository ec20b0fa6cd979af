using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Pipeline;

public sealed class AccessJudgeTests
{
    private readonly RequestBed _bed = new();
    private readonly List<string> _asked = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Judge_NobodyAnswers_IsRefused(bool later)
    {
        foreach (var stages in new IAccessStage[][] { [], [Stage("a", Verdict.Continue, later)], [Stage("a", default, later)], [Stage("a", new Verdict(VerdictKind.Allow, null), later)], [Stage("a", Verdict.Continue, later), Stage("b", default, later)] })
        {
            var request = _bed.Request();
            (await new AccessJudge(stages).JudgeAsync(request, default)).ShouldBe(Verdict.Deny(VerdictReason.Unjudged));
            request.Verdict.ShouldBe(Verdict.Deny(VerdictReason.Unjudged));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Judge_Stages_AreAskedInOrderUpToTheFirstAnswer(bool later)
    {
        var judge = new AccessJudge([Stage("a", Verdict.Continue, later), Stage("b", Verdict.Continue, false), Stage("c", Verdict.Deny(VerdictReason.NoRule), later), Stage("d", Verdict.Allow, false)]);
        (await judge.JudgeAsync(_bed.Request(), default)).ShouldBe(Verdict.Deny(VerdictReason.NoRule));
        _asked.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Judge_StageThrows_LeavesARequestThatIsNotAllowed()
    {
        var request = _bed.Request();
        await Should.ThrowAsync<InvalidOperationException>(async () => await new AccessJudge([new Broken()]).JudgeAsync(request, default));
        ((AuthGateway.Core.Forwarding.IAdmittedRequest)request).IsAllowed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("/", "alice", RequestBed.Right, "allowed")]
    [InlineData("/", "alice", "wrong", "wrong-password")]
    [InlineData("/", null, "", "credentials-missing")]
    [InlineData("/closed/x", "alice", RequestBed.Right, "closed-path")]
    [InlineData("/admin", "alice", RequestBed.Right, "not-in-group")]
    [InlineData("/office", "alice", RequestBed.Right, "address-not-allowed")]
    public async Task Corridor_WholeRequest_EndsWithOneReason(string path, string? user, string password, string outcome)
    {
        _bed.Services.Policies["admins"] = new() { Factors = ["password"], Groups = ["admins"] };
        _bed.Services.Policies["inside"] = new() { Factors = ["password"], Networks = ["office"] };
        _bed.Services.Services["web"] = ServiceBed.Web("/");
        _bed.Services.Services["web"].ClosedPaths = ["/closed"];
        _bed.Services.Services["web"].Rules = [new() { Path = "/admin", Policy = "admins" }, new() { Path = "/office", Policy = "inside" }, new() { Policy = "password" }];
        var request = _bed.Request(path, authorization: user is null ? default : RequestBed.Basic(user, password));
        RequestBed.Word(await _bed.Judge().JudgeAsync(request, default)).ShouldBe(outcome);
        ((AuthGateway.Core.Forwarding.IAdmittedRequest)request).IsAllowed.ShouldBe(outcome == "allowed");
    }

    private Scripted Stage(string name, Verdict verdict, bool later) => new(name, verdict, later, _asked);

    private sealed class Scripted(string name, Verdict verdict, bool later, List<string> asked) : IAccessStage
    {
        public string Name => name;

        public async ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
        {
            asked.Add(name);
            if (later)
            {
                await Task.Yield();
            }

            return verdict;
        }

        public string Describe(AccessRequest request) => name;
    }

    private sealed class Broken : IAccessStage
    {
        public string Name => "broken";

        public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public string Describe(AccessRequest request) => "";
    }
}
