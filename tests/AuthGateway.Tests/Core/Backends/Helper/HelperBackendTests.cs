using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Helper;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Gateway;
using AuthGateway.Tests.Core.Backends.Programs;

namespace AuthGateway.Tests.Core.Backends.Helper;

public sealed class HelperBackendTests : IAsyncDisposable
{
    private static readonly Secret Password = Secret.FromText("pw");

    private readonly ManualTimeProvider _time = new();
    private readonly ListLogger _log = new();
    private readonly List<FakeProgram> _programs = [];
    private readonly HelperBackend _backend;
    private string? _startFault;

    public HelperBackendTests() => _backend = new HelperBackend(
        new HelperBackendOptions { Name = "helper", Program = "/check", MailDomain = "example.org", Groups = ["staff"], MaxParallel = 4 }, Start, _time, _log);

    private FakeProgram Program => _programs[^1];

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            program.Exit(0);
        }

        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task Verify_AnswersInAnyOrder_ReachTheirQuestions()
    {
        var first = await AskFirstAsync("alice");
        var second = Verify("bob");
        (await Program.HearAsync()).ShouldBe("3 VRFY (authgateway) bob@example.org pw");
        var third = Verify("carol@EXAMPLE.org");
        (await Program.HearAsync()).ShouldBe("4 VRFY (authgateway) carol@example.org pw");

        await Program.SayAsync("4 ERROR wrong\n3 ERROR Unknown user bob\n2 OK\n");

        (await Settled(third)).ShouldBeOfType<BackendAnswer.Rejected>();
        (await Settled(second)).ShouldBeOfType<BackendAnswer.UnknownUser>();
        var identity = (await Settled(first)).ShouldBeOfType<BackendAnswer.Accepted>().Identity;
        identity.Key.ShouldBe("helper:alice");
        (identity.Login, identity.Mail, string.Join(',', identity.Groups)).ShouldBe(("alice", "alice@example.org", "staff"));
        _programs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Verify_Failure_IsAnOutage()
    {
        var asked = await AskFirstAsync("alice");
        await Program.SayAsync("* note\n2 FAILURE no\u0007database\n");

        (await Settled(asked)).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldBe("the program answered FAILURE no\\u0007database");
        _log.Entries.ShouldContain(entry => entry.Id == EventIds.ProgramSaid && entry.Text.EndsWith("note", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_NoAnswer_KillsTheProgram_AndItRestsLongerEachTime()
    {
        foreach (var wait in (int[])[1, 2, 4])
        {
            var asked = await AskFirstAsync("alice");
            var beside = Verify("bob");
            await Program.HearAsync();
            _time.Advance(TimeSpan.FromSeconds(5));

            var late = (await Settled(asked)).ShouldBeOfType<BackendAnswer.Unavailable>();
            late.Why.ShouldContain("no answer in time");
            late.SecretShown.ShouldBeTrue();
            (await Settled(beside)).ShouldBeOfType<BackendAnswer.Unavailable>().SecretShown.ShouldBeTrue();
            Program.WasKilled.ShouldBeTrue();

            var count = _programs.Count;
            await EndedAsync(count);
            var resting = (await Verify("alice")).ShouldBeOfType<BackendAnswer.Unavailable>();
            resting.Why.ShouldContain("not running");
            resting.SecretShown.ShouldBeFalse();
            _time.Advance(TimeSpan.FromSeconds(wait) - TimeSpan.FromMilliseconds(1));
            (await Verify("alice")).ShouldBeOfType<BackendAnswer.Unavailable>();
            _programs.Count.ShouldBe(count, "it rests");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Attack case HP-02 and its kin: what a program must not do, whatever it said before.</summary>
    [Theory]
    [InlineData("2 OK\n2 OK\n", EventIds.HelperAnsweredUnasked)]
    [InlineData("2 ERROR no\n2 OK\n", EventIds.HelperAnsweredUnasked)]
    [InlineData("2 OK\n7 OK\n", EventIds.HelperAnsweredUnasked)]
    [InlineData("1 INTF 1\n2 OK\n", EventIds.HelperAnsweredUnasked)]
    [InlineData("2 OK\nhello\n", EventIds.HelperBrokeProtocol)]
    [InlineData("OK\n", EventIds.HelperBrokeProtocol)]
    [InlineData("\n2 OK\n", EventIds.HelperBrokeProtocol)]
    public async Task Verify_BrokenProtocol_IsNotBelieved(string said, int logged)
    {
        var asked = await AskFirstAsync("alice");

        await Program.SayAsync(said);

        (await Settled(asked)).ShouldBeOfType<BackendAnswer.Unavailable>().SecretShown.ShouldBeTrue();
        Program.WasKilled.ShouldBeTrue();
        _log.Entries.ShouldContain(entry => entry.Id == logged);
    }

    [Fact]
    public async Task Verify_CallerGivesUp_CountsWhatWasShownAndShowsNothingAfterwards()
    {
        using var deadline = new CancellationTokenSource();
        var early = Verify("alice", Password, deadline.Token);
        (await Program.HearAsync()).ShouldBe("1 INTF 1");
        await deadline.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(early);

        await Program.SayAsync("1 INTF 1\n");
        using var second = new CancellationTokenSource();
        var shown = Verify("bob", Password, second.Token);
        (await Program.HearAsync()).ShouldNotBeNull().ShouldContain("VRFY (authgateway) bob@example.org", customMessage: "alice is asked about no more");
        await second.CancelAsync();

        (await shown).ShouldBeOfType<BackendAnswer.Unavailable>().SecretShown.ShouldBeTrue();
    }

    [Fact]
    public async Task Find_NameOfAnotherDomain_IsUnknown()
    {
        UserName.TryParse("carol@other.org", out var name).ShouldBeTrue();

        (await _backend.FindAsync(name, default)).ShouldBeOfType<BackendLookup.UnknownUser>();
    }

    [Fact]
    public async Task Verify_SecondOkALittleLater_IsNotBelievedEither()
    {
        var asked = await AskFirstAsync("alice");
        await Program.SayAsync("2 OK\n");
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => _time.ActiveTimers > 0)).ShouldBeTrue();
        await Program.SayAsync("2 OK\n");

        // No time passes: only the end of the program can answer.
        (await asked.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("or twice");
    }

    [Fact]
    public async Task Verify_OkAndThenExit_IsNotBelieved()
    {
        var asked = await AskFirstAsync("alice");
        await Program.SayAsync("2 OK\n");
        Program.Exit(1);

        (await asked.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeOfType<BackendAnswer.Unavailable>();
    }

    [Fact]
    public async Task Verify_OverlongLine_KillsTheProgram()
    {
        var asked = await AskFirstAsync("alice");
        await Program.SayAsync("2 OK" + new string(' ', HelperLine.LongestBytes));

        (await Settled(asked)).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("too long");
        Program.WasKilled.ShouldBeTrue();
    }

    [Fact]
    public async Task Verify_FloodOfInformation_KillsTheProgram()
    {
        var asked = await AskFirstAsync("alice");
        for (var i = 0; i <= HelperSession.MostInformation / 100; i++)
        {
            await Program.SayAsync(string.Concat(Enumerable.Repeat("* busy\n", 100)));
        }

        (await Settled(asked)).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("too much");
        _log.Entries.Count(entry => entry.Id == EventIds.ProgramSaid).ShouldBe(ProgramNotes.PerMinute);
    }

    [Theory]
    [InlineData("1 INTF 1\n", true)]
    [InlineData("1 INTF 7\n", true)]
    [InlineData("1 OK\n", true)]
    [InlineData("1 INTF 0\n", false)]
    [InlineData("1 ERROR what\n", false)]
    [InlineData("2 OK\n", false)]
    public async Task Probe_Greeting_SaysWhetherItSpeaksOurProtocol(string answer, bool works)
    {
        var probe = _backend.ProbeAsync(default).AsTask();
        (await Program.HearAsync()).ShouldBe("1 INTF 1");

        await Program.SayAsync(answer);

        ((await Settled(probe)) is null).ShouldBe(works);
    }

    [Fact]
    public async Task Probe_ProgramThatCannotStart_IsSaid()
    {
        _startFault = "no such file";

        (await _backend.ProbeAsync(default)).ShouldBe("no such file");
    }

    [Fact]
    public async Task Verify_MoreThanInFlight_WaitsForALane()
    {
        var asked = new List<Task<BackendAnswer>> { await AskFirstAsync("u2") };
        asked.AddRange(Enumerable.Range(3, 5).Select(number => Verify($"u{number}")));
        foreach (var number in Enumerable.Range(3, 3))
        {
            (await Program.HearAsync()).ShouldStartWith($"{number} VRFY");
        }

        await Program.SayAsync("5 ERROR no\n");
        (await Program.HearAsync()).ShouldStartWith("6 VRFY");
        await Program.SayAsync("2 ERROR no\n3 ERROR no\n4 ERROR no\n6 ERROR no\n");
        (await Program.HearAsync()).ShouldStartWith("7 VRFY");
        await Program.SayAsync("7 ERROR no\n");

        foreach (var one in asked)
        {
            (await Settled(one)).ShouldBeOfType<BackendAnswer.Rejected>();
        }
    }

    [Fact]
    public async Task Verify_WhatCannotBeTold_IsRefusedWithoutAsking()
    {
        (await Verify("alice", Secret.FromText("a\nb"))).ShouldBeOfType<BackendAnswer.Rejected>();
        _programs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Dispose_LetsRunningChecksEnd_ThenClosesTheInput()
    {
        var asked = await AskFirstAsync("alice");
        var closing = _backend.DisposeAsync().AsTask();
        (await Verify("bob")).ShouldBeOfType<BackendAnswer.Unavailable>().Why.ShouldContain("reload");
        closing.IsCompleted.ShouldBeFalse();

        await Program.SayAsync("2 OK\n");

        (await Settled(asked)).ShouldBeOfType<BackendAnswer.Accepted>();
        (await Settled(Program.HearAsync())).ShouldBeNull("its input is closed");
        Program.Exit(0);
        await Settled(Finished(closing));
        Program.WasKilled.ShouldBeFalse();
    }

    private static async Task<bool> Finished(Task task)
    {
        await task;
        return true;
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

    /// <summary>Starts a program with a first question, and returns when it has heard it.</summary>
    private async Task<Task<BackendAnswer>> AskFirstAsync(string name)
    {
        var count = _programs.Count;
        var asked = Verify(name);
        _programs.Count.ShouldBe(count + 1, "a new program is started");
        (await Program.HearAsync()).ShouldBe("1 INTF 1");
        await Program.SayAsync("1 INTF 1\n");
        (await Program.HearAsync()).ShouldBe($"2 VRFY (authgateway) {name}@example.org pw");
        return asked;
    }

    private Task<BackendAnswer> Verify(string typed) => Verify(typed, Password);

    private async Task<BackendAnswer> Verify(string typed, Secret secret, CancellationToken cancellationToken = default)
    {
        UserName.TryParse(typed, out var name).ShouldBeTrue();
        var found = (await _backend.FindAsync(name, default)).ShouldBeOfType<BackendLookup.Found>();
        return await _backend.VerifyAsync(found, secret, cancellationToken);
    }

    /// <summary>Waits for a result while the time an OK is held back passes.</summary>
    private async Task<T> Settled<T>(Task<T> task)
    {
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), () =>
        {
            if (!task.IsCompleted)
            {
                _time.Advance(HelperSession.Settle);
            }

            return task.IsCompleted;
        })).ShouldBeTrue();
        return await task;
    }

    /// <summary>Waits until the end of a program is noted.</summary>
    private async Task EndedAsync(int count) =>
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), () => _log.Entries.Count(entry => entry.Id == EventIds.HelperEnded) == count)).ShouldBeTrue();
}
