using System.Text.Json;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Pam;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Gateway;
using AuthGateway.Tests.Core.Backends.Programs;

namespace AuthGateway.Tests.Core.Backends.Pam;

public sealed class PamBackendTests : IAsyncDisposable
{
    private static readonly PamUser Alice = new() { Name = "alice", Uid = 1001, FullName = "Alice A", Groups = ["alice", "staff"] };

    private readonly ManualTimeProvider _time = new();
    private readonly ListLogger _log = new();
    private readonly List<FakeProgram> _programs = [];
    private readonly PamBackend _backend;
    private Func<PamRequest, PamReply?> _answer = request => new PamReply { Number = request.Number, User = request.User == "alice" ? Alice : null };

    public PamBackendTests() => _backend = new PamBackend(
        new PamBackendOptions { Name = "os", MailDomain = "example.org", Groups = ["os-users"], MaxParallel = 2, Timeout = TimeSpan.FromSeconds(5) }, Start, _time, _log);

    public async ValueTask DisposeAsync()
    {
        _programs.ForEach(program => program.Exit(0));
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task Find_User_HasTheSystemsNameAndGroups()
    {
        var found = (await FindAsync("ALICE")).ShouldBeOfType<BackendLookup.Found>();

        found.Identity.Key.ShouldBe("os:alice");
        (found.Identity.Login, found.Identity.Mail, found.Identity.DisplayName).ShouldBe(("alice", "alice@example.org", "Alice A"));
        found.Identity.Groups.Order(StringComparer.Ordinal).ShouldBe(["alice", "os-users", "staff"]);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(999u)]
    public async Task Find_UserBelowTheLeastNumber_IsUnknown(uint uid)
    {
        _answer = request => new PamReply { Number = request.Number, User = new PamUser { Name = request.User, Uid = uid } };

        (await FindAsync("daemon")).ShouldBeOfType<BackendLookup.UnknownUser>();
    }

    [Theory]
    [InlineData("account", 0, "Accepted")]
    [InlineData("authenticate", 0, "Unavailable")]
    [InlineData("start", 0, "Unavailable")]
    [InlineData("start", 26, "Unavailable")]
    [InlineData("authenticate", 7, "Rejected")]
    [InlineData("authenticate", 6, "Rejected")]
    [InlineData("authenticate", 10, "UnknownUser")]
    [InlineData("authenticate", 11, "locked False")]
    [InlineData("authenticate", 13, "expired False")]
    [InlineData("authenticate", 12, "Unavailable")]
    [InlineData("authenticate", 4, "Unavailable")]
    [InlineData("authenticate", 9, "Unavailable")]
    [InlineData("authenticate", 25, "Unavailable")]
    [InlineData("account", 12, "must-change True")]
    [InlineData("account", 13, "expired True")]
    [InlineData("account", 27, "password-expired True")]
    [InlineData("account", 6, "disabled True")]
    [InlineData("account", 7, "disabled True")]
    [InlineData("account", 10, "disabled True")]
    [InlineData("account", 11, "locked True")]
    [InlineData("account", 4, "Unavailable")]
    [InlineData("account", 25, "Unavailable")]
    [InlineData("account", -1, "Unavailable")]
    public async Task Verify_PhaseAndCode_AreTheAnswer(string phase, int code, string expected)
    {
        var answer = await VerifyAsync(request => new PamReply { Number = request.Number, Phase = phase, Code = code, User = code == 0 ? Alice : null });

        (answer is BackendAnswer.AccountState state ? $"{state.State} {state.SecretProven}" : answer.GetType().Name).ShouldBe(expected);
    }

    [Theory]
    [InlineData("root", 0u)]
    [InlineData("bob", 1002u)]
    [InlineData("alice", 999u)]
    [InlineData(null, 0u)]
    public async Task Verify_ModuleMadeSomebodyElseOfTheUser_IsNotBelieved(string? name, uint uid)
    {
        var answer = await VerifyAsync(request => new PamReply
        {
            Number = request.Number, Phase = "account", Code = 0, User = name is null ? null : new PamUser { Name = name, Uid = uid },
        });

        answer.ShouldBeOfType<BackendAnswer.Unavailable>();
    }

    [Fact]
    public async Task Verify_AnswerToAnotherQuestion_IsNotBelieved()
    {
        (await VerifyAsync(request => new PamReply { Number = request.Number - 1, Phase = "account", Code = 0, User = Alice })).ShouldBeOfType<BackendAnswer.Unavailable>();

        _programs[0].WasKilled.ShouldBeTrue();
    }

    [Fact]
    public async Task Verify_NoAnswer_KillsTheProcess_AndTheNextCheckHasANewOne()
    {
        var checking = VerifyAsync(_ => null);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), () => { _time.Advance(TimeSpan.FromSeconds(1)); return checking.IsCompleted; })).ShouldBeTrue();

        var late = (await checking).ShouldBeOfType<BackendAnswer.Unavailable>();
        late.Why.ShouldContain("killed");
        late.SecretShown.ShouldBeTrue();
        _programs[0].WasKilled.ShouldBeTrue();
        (await VerifyAsync(request => new PamReply { Number = request.Number, Phase = "account", Code = 0, User = Alice })).ShouldBeOfType<BackendAnswer.Accepted>();
        _programs.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Verify_NulInThePassword_IsRefusedWithoutAsking()
    {
        var found = (await FindAsync("alice")).ShouldBeOfType<BackendLookup.Found>();
        _answer = _ => throw new InvalidOperationException("nobody is asked");

        (await _backend.VerifyAsync(found, Secret.FromText("right\0wrong"), default)).ShouldBeOfType<BackendAnswer.Rejected>();
    }

    [Fact]
    public async Task Process_IsUsedAgain()
    {
        for (var i = 0; i < 5; i++)
        {
            (await FindAsync("alice")).ShouldBeOfType<BackendLookup.Found>();
        }

        _programs.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task State_OfAUserTheShadowFileDoesNotShow_IsUnknown(bool isKnown)
    {
        _answer = request => new PamReply { Number = request.Number, User = new PamUser { Name = "alice", Uid = 1001, IsStateKnown = isKnown } };
        var found = (await FindAsync("alice")).ShouldBeOfType<BackendLookup.Found>();

        (await _backend.RefreshAsync(found.Identity, default)).ShouldBeOfType<AccountRefresh.Current>().IsStateUnknown.ShouldBe(!isKnown);
        var complete = await _backend.CompleteAsync(found, default);
        if (isKnown)
        {
            complete.ShouldBe(found);
        }
        else
        {
            complete.ShouldBeOfType<BackendLookup.Unavailable>().Why.ShouldContain("may not read the account state of alice");
        }
    }

    [Fact]
    public async Task Refresh_SaysWhatBecameOfTheUser()
    {
        var known = ((BackendLookup.Found)await FindAsync("alice")).Identity;
        (await _backend.RefreshAsync(known, default)).ShouldBeOfType<AccountRefresh.Current>().Identity.Groups.Contains("staff").ShouldBeTrue();

        _answer = request => new PamReply { Number = request.Number, User = new PamUser { Name = "alice", Uid = 1001, State = AccountStates.Expired } };
        (await _backend.RefreshAsync(known, default)).ShouldBe(new AccountRefresh.Ended(AccountStates.Expired));

        _answer = request => new PamReply { Number = request.Number };
        (await _backend.RefreshAsync(known, default)).ShouldBeOfType<AccountRefresh.Gone>();

        _answer = request => new PamReply { Number = request.Number, Fault = "name services away" };
        (await _backend.RefreshAsync(known, default)).ShouldBeOfType<AccountRefresh.Unavailable>();
    }

    private async ValueTask<BackendLookup> FindAsync(string typed)
    {
        UserName.TryParse(typed, out var name).ShouldBeTrue();
        return await _backend.FindAsync(name, default);
    }

    private async Task<BackendAnswer> VerifyAsync(Func<PamRequest, PamReply?> check)
    {
        var found = (await FindAsync("alice")).ShouldBeOfType<BackendLookup.Found>();
        var lookup = _answer;
        _answer = request => request.Password is null ? lookup(request) : check(request);
        var answer = await _backend.VerifyAsync(found, Secret.FromText("pw"), default);
        _answer = lookup;
        return answer;
    }

    private FakeProgram Start()
    {
        var program = new FakeProgram();
        _programs.Add(program);
        _ = ServeAsync(program);
        return program;
    }

    private async Task ServeAsync(FakeProgram program)
    {
        await program.SayAsync("ready\n");
        while (await program.HearAsync() is { } line)
        {
            if (_answer(JsonSerializer.Deserialize(line, PamJson.Default.PamRequest)!) is { } reply)
            {
                await program.SayAsync(JsonSerializer.Serialize(reply, PamJson.Default.PamReply) + "\n");
            }
        }
    }
}
