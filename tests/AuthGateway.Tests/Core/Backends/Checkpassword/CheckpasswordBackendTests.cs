using System.Text;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Checkpassword;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Gateway;
using AuthGateway.Tests.Core.Backends.Programs;

namespace AuthGateway.Tests.Core.Backends.Checkpassword;

public sealed class CheckpasswordBackendTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ListLogger _log = new();
    private readonly List<FakeProgram> _programs = [];
    private readonly CheckpasswordBackend _backend;
    private string? _startFault;

    public CheckpasswordBackendTests() => _backend = new CheckpasswordBackend(
        new CheckpasswordBackendOptions { Name = "cp", Program = "/bin/true", MailDomain = "example.org", MaxParallel = 2 }, Start, _time, _log);

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Theory]
    [InlineData(0, "Accepted")]
    [InlineData(1, "Rejected")]
    [InlineData(111, "Unavailable")]
    [InlineData(2, "Unavailable")]
    [InlineData(127, "Unavailable")]
    [InlineData(255, "Unavailable")]
    public async Task Verify_ExitCode_IsTheAnswer(int code, string answer)
    {
        var asked = Verify("alice@example.org", "pässword with \"all\"\n$(id)");
        (await _programs[0].HearAllAsync()).ShouldBe($"alice\0pässword with \"all\"\n$(id)\0{_time.GetUtcNow().ToUnixTimeSeconds()}\0");
        await _programs[0].ComplainAsync("OK\n");
        _programs[0].Exit(code);

        (await asked).GetType().Name.ShouldBe(answer);
    }

    [Fact]
    public async Task Verify_Hang_IsKilledInTime()
    {
        var asked = Verify("alice", "pw");
        await _programs[0].HearAllAsync();
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => _time.ActiveTimers > 0)).ShouldBeTrue();

        _time.Advance(TimeSpan.FromSeconds(5));

        var answer = (await asked.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeOfType<BackendAnswer.Unavailable>();
        answer.Why.ShouldContain("killed");
        answer.SecretShown.ShouldBeTrue();
        _programs[0].WasKilled.ShouldBeTrue();
    }

    [Fact]
    public async Task Verify_KilledByASignal_IsAnOutage()
    {
        var asked = Verify("alice", "pw");
        await _programs[0].HearAllAsync();
        _programs[0].Kill();

        (await asked).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("signal 9");
    }

    [Fact]
    public async Task Verify_NoStart_IsAnOutage()
    {
        _startFault = "no more processes";

        (await Verify("alice", "pw")).ShouldBe(new BackendAnswer.Unavailable("no more processes"));
    }

    [Theory]
    [InlineData("x\0y")]
    [InlineData("")]
    public async Task Verify_WhatCannotBeTold_IsRefusedWithoutAsking(string password)
    {
        (await Verify("alice", password)).ShouldBeOfType<BackendAnswer.Rejected>();
        _programs.ShouldBeEmpty();
    }

    [Fact]
    public void Message_LongestThatFits_IsTold_AByteMoreIsNot()
    {
        var now = _time.GetUtcNow();
        var room = CheckpasswordMessage.LongestBytes - now.ToUnixTimeSeconds().ToString().Length - 3;

        CheckpasswordMessage.Build("alice", Secret.FromText(new string('x', room - 5)), now)!.Length.ShouldBe(512);
        CheckpasswordMessage.Build("alice", Secret.FromText(new string('x', room - 4)), now).ShouldBeNull();
        Encoding.UTF8.GetString(CheckpasswordMessage.Build("a", Secret.FromText("b"), DateTimeOffset.FromUnixTimeSeconds(7))!).ShouldBe("a\0b\u00007\0");
    }

    [Fact]
    public async Task Dispose_KillsWhatRuns()
    {
        var asked = Verify("alice", "pw");
        await _programs[0].HearAllAsync();

        await _backend.DisposeAsync();

        (await asked.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("reload");
        _programs[0].WasKilled.ShouldBeTrue();
        (await Verify("alice", "pw")).ShouldBeOfType<BackendAnswer.Unavailable>();
        _programs.Count.ShouldBe(1);
    }

    private FakeProgram Start()
    {
        if (_startFault is not null)
        {
            throw new ProgramStartException(_startFault);
        }

        _programs.Add(new FakeProgram());
        return _programs[^1];
    }

    private async Task<BackendAnswer> Verify(string typed, string password)
    {
        UserName.TryParse(typed, out var name).ShouldBeTrue();
        var found = (await _backend.FindAsync(name, default)).ShouldBeOfType<BackendLookup.Found>();
        return await _backend.VerifyAsync(found, Secret.FromText(password), default);
    }
}
