using System.CommandLine;
using System.Text.Json;
using AuthGateway.Commands;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Tests.Commands;

public sealed class CommandTests
{
    private const string Password = "four words in a row";
    private readonly CommandBench _bench = new();

    [Fact]
    public async Task UserAdd_TypedTwice_AddsRecordsAndSignals()
    {
        (await _bench.Types(Password, Password).RunAsync("user", "add", "Alice", "--mail", "alice@example.com", "--group", "mobile", "--group", "staff")).ShouldBe(ExitCodes.Done);

        var account = _bench.Accounts.ShouldHaveSingleItem();
        account.Groups.ShouldBe(["mobile", "staff"]);
        _bench.Hasher.Verify(Secret.FromText(Password), account.PasswordHash).ShouldBeTrue();
        var record = _bench.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.Identity).ShouldBe((AuditEvents.Administration, "user-added", "done", $"local:{account.Id}"));
        record.Detail.ShouldNotBeNull().ShouldContain(Environment.UserName);
        _bench.Raised.ShouldBe([SignalNames.AccountsChanged]);
        (_bench.Result + _bench.Progress).ShouldNotContain(Password);
    }

    [Fact]
    public async Task UserAdd_FromStandardInput_TakesTheFirstLine()
    {
        _bench.IsInteractive = false;
        _bench.Input = new StringReader(Password + "\r\nsomething else\n");

        (await _bench.RunAsync("user", "add", "bob", "--password-stdin", "--json")).ShouldBe(ExitCodes.Done);

        _bench.Hasher.Verify(Secret.FromText(Password), _bench.Accounts[0].PasswordHash).ShouldBeTrue();
        using var json = JsonDocument.Parse(_bench.Result);
        json.RootElement.GetProperty("login").GetString().ShouldBe("bob");
        _bench.Result.ShouldNotContain("pbkdf2");
    }

    [Fact]
    public async Task UserAdd_NobodyToAsk_SaysHow()
    {
        _bench.IsInteractive = false;

        (await _bench.RunAsync("user", "add", "bob")).ShouldBe(ExitCodes.RefusedOrNotFound);

        _bench.Progress.ShouldContain("--password-stdin");
        _bench.Accounts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Password, "another four words here")]
    [InlineData("short", "short")]
    [InlineData(null, null)]
    public async Task UserAdd_UnfitPassword_ChangesNothing(string? first, string? second)
    {
        (await _bench.Types(first, second).RunAsync("user", "add", "bob")).ShouldBe(ExitCodes.RefusedOrNotFound);

        _bench.Accounts.ShouldBeEmpty();
        _bench.Records.ShouldBeEmpty();
    }

    [Fact]
    public async Task UserAdd_NameInvalidOrTaken_IsRefused()
    {
        await _bench.Types(Password, Password).RunAsync("user", "add", "alice", "--mail", "a@example.com");

        (await _bench.RunAsync("user", "add", "x\r\ny")).ShouldBe(ExitCodes.Usage);
        _bench.Progress.Split(Environment.NewLine)[0].ShouldContain(@"x\r\ny");
        (await _bench.RunAsync("user", "add", "ALICE")).ShouldBe(ExitCodes.RefusedOrNotFound);
        (await _bench.RunAsync("user", "add", "carol", "--mail", "A@example.com")).ShouldBe(ExitCodes.RefusedOrNotFound);
        _bench.Accounts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task UserAdd_AuditDown_ChangesNothing()
    {
        _bench.AuditIsDown = true;

        (await _bench.Types(Password, Password).RunAsync("user", "add", "alice")).ShouldBe(ExitCodes.Unavailable);

        _bench.Accounts.ShouldBeEmpty();
        _bench.Progress.ShouldContain("The disk is full.");
    }

    [Fact]
    public async Task UserDisable_ThenEnableAndPasswd_ChangeTheAccount()
    {
        await _bench.Types(Password, Password).RunAsync("user", "add", "alice");

        (await _bench.RunAsync("user", "disable", "ALICE")).ShouldBe(ExitCodes.Done);
        _bench.Accounts[0].Disabled.ShouldBeTrue();
        (await _bench.RunAsync("user", "enable", "alice")).ShouldBe(ExitCodes.Done);
        _bench.Accounts[0].Disabled.ShouldBeFalse();
        (await _bench.Types("quite another password", "quite another password").RunAsync("user", "passwd", "alice")).ShouldBe(ExitCodes.Done);
        _bench.Hasher.Verify(Secret.FromText(Password), _bench.Accounts[0].PasswordHash).ShouldBeFalse();
        _bench.Records.Select(record => record.Reason).ShouldBe(["user-added", "user-disabled", "user-enabled", "user-password-set"]);
        (await _bench.RunAsync("user", "disable", "nobody")).ShouldBe(ExitCodes.RefusedOrNotFound);
    }

    [Fact]
    public async Task UserList_Accounts_NeverShowsHashes()
    {
        await _bench.Types(Password, Password).RunAsync("user", "add", "alice");

        (await _bench.RunAsync("user", "list")).ShouldBe(ExitCodes.Done);
        _bench.Result.ShouldContain("alice");
        _bench.Result.ShouldNotContain("pbkdf2");
    }

    [Fact]
    public async Task LockoutClear_DirectoryUser_FindsTheCounterByTheAuditTrail()
    {
        _bench.Counters.Add(new LockoutEntry("user:ad:42", 5, 0, long.MaxValue / 10_000_000));
        _bench.Counters.Add(new LockoutEntry("user:ad:43", 5, 0, 0));
        _bench.Counters.Add(new LockoutEntry("name:alice", 1, 0, 0));
        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.Refusal, Reason = "wrong-password", Verdict = "challenge", TypedName = "Alice", Identity = "ad:42" });
        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.Refusal, Reason = "wrong-password", Verdict = "challenge", TypedName = "alicea", Identity = "ad:43" });

        (await _bench.RunAsync("lockout", "clear", "alice")).ShouldBe(ExitCodes.Done);

        _bench.Counters.ShouldHaveSingleItem().Key.ShouldBe("user:ad:43");
        _bench.Raised.ShouldBe([SignalNames.LockoutsChanged, SignalNames.LockoutsChanged]);
        _bench.Records.Count(record => record.Reason == "lockout-cleared").ShouldBe(2);
    }

    [Theory]
    [InlineData("203.0.113.7", "addr:203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "addr:203.0.113.7")]
    [InlineData("2001:db8:1:2::7", "addr:2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::7", "addr:2001:db8:1::/48")]
    [InlineData("addr:203.0.113.7", "addr:203.0.113.7")]
    [InlineData("place:ad:4:2:00ff", "place:ad:4:2:00ff")]
    public async Task LockoutClear_Address_ClearsItsCounter(string word, string key)
    {
        _bench.Counters.Add(new LockoutEntry(key, 20, 0, 0));

        (await _bench.RunAsync("lockout", "clear", word)).ShouldBe(ExitCodes.Done);
        _bench.Counters.ShouldBeEmpty();
        (await _bench.RunAsync("lockout", "clear", word)).ShouldBe(ExitCodes.RefusedOrNotFound);
    }

    [Fact]
    public async Task LockoutClear_User_ClearsTheCountersOfCodesPlacesAndDirectoryToo()
    {
        foreach (var key in (string[])["user:ad:42", "factor:ad:42", "factor-total:ad:42", "factor:ad:43", "place:ad:42:00ff", "budget:ad:42", "budget-strangers:ad:42"])
        {
            _bench.Counters.Add(new LockoutEntry(key, 5, 0, 0));
        }

        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.Refusal, Reason = "wrong-code", Verdict = "deny", TypedName = "alice", Identity = "ad:42" });

        (await _bench.RunAsync("lockout", "clear", "alice")).ShouldBe(ExitCodes.Done);
        _bench.Counters.ShouldHaveSingleItem().Key.ShouldBe("factor:ad:43");
        _bench.Records.Where(record => record.Reason == "lockout-cleared").ShouldAllBe(record => record.Identity == "ad:42");

        (await _bench.RunAsync("lockout", "clear", "factor:ad:43")).ShouldBe(ExitCodes.Done);
        _bench.Counters.ShouldBeEmpty();
    }

    [Fact]
    public async Task LockoutList_Locked_ShowsTheEnd()
    {
        _bench.Counters.Add(new LockoutEntry("name:x\r\ny", 5, CommandBench.Now.AddMinutes(-3).ToUnixTimeMilliseconds(), CommandBench.Now.AddMinutes(12).ToUnixTimeMilliseconds()));
        _bench.Counters.Add(new LockoutEntry("name:z", 1, 0, 0));

        (await _bench.RunAsync("lockout", "list", "--locked")).ShouldBe(ExitCodes.Done);

        _bench.Result.ShouldContain(@"name:x\r\ny");
        _bench.Result.ShouldContain("in 12 min");
        _bench.Result.ShouldNotContain("name:z");
    }

    [Fact]
    public async Task LockoutList_EveryKind_SaysWhatItCountsAndForWhom()
    {
        _bench.Counters.Add(new LockoutEntry("place:ad:42:00ff", 10, 0, CommandBench.Now.AddYears(9).ToUnixTimeMilliseconds()));
        _bench.Counters.Add(new LockoutEntry("budget-strangers:ad:42", 2, 0, 0));
        _bench.Counters.Add(new LockoutEntry("addr:2001:db8:1::/48", 2, 0, 0));
        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.Lockout, Reason = "account-locked", Verdict = "deny", TypedName = "bob", Identity = "ad:42" });

        (await _bench.RunAsync("lockout", "list")).ShouldBe(ExitCodes.Done);

        _bench.Result.ShouldContain("passwords, from a familiar place");
        _bench.Result.ShouldContain("of these, from new places");
        _bench.Result.ShouldContain("networks (/48)");
        _bench.Result.ShouldContain("when it is cleared");
        _bench.Result.Split("bob").Length.ShouldBe(3);
    }

    [Fact]
    public async Task LockoutList_Accounts_AreShownByName()
    {
        await _bench.Types(Password, Password).RunAsync("user", "add", "alice");
        var local = $"user:local:{_bench.Accounts[0].Id}";
        _bench.Counters.AddRange([new LockoutEntry(local, 5, 0, 0), new LockoutEntry("user:ad:42", 5, 0, 0), new LockoutEntry("user:ad:43", 5, 0, 0)]);
        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.Administration, Reason = "lockout-cleared", Verdict = "done", TypedName = "user:ad:42", Identity = "ad:42" });
        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.Lockout, Reason = "account-locked", Verdict = "deny", TypedName = "bob", Identity = "ad:42" });

        (await _bench.RunAsync("lockout", "list", "--json")).ShouldBe(ExitCodes.Done);

        using var json = JsonDocument.Parse(_bench.Result);
        json.RootElement.EnumerateArray().Select(counter => (counter.GetProperty("key").GetString(), counter.TryGetProperty("name", out var name) ? name.GetString() : null))
            .ShouldBe([(local, "alice"), ("user:ad:42", "bob"), ("user:ad:43", null)]);
        (await _bench.RunAsync("lockout", "list")).ShouldBe(ExitCodes.Done);
        _bench.Result.ShouldContain("alice");
    }

    [Fact]
    public async Task AuditSearch_Filters_ReachTheStore()
    {
        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.Refusal, Reason = "wrong-password", Verdict = "challenge", TypedName = "alice", Count = 31 });

        (await _bench.RunAsync("audit", "search", "--user", "alice", "--since", "2h", "--reason", "wrong-password", "--request", "r", "--device", "d", "--limit", "7")).ShouldBe(ExitCodes.Done);

        _bench.LastQuery.ShouldBe(new AuditQuery { User = "alice", Since = CommandBench.Now.AddHours(-2), Reason = "wrong-password", RequestId = "r", Device = "d", Limit = 7 });
        _bench.Result.ShouldContain("challenge: wrong-password (31 times)");
    }

    [Theory]
    [InlineData("ad:7", false, true)]
    [InlineData(null, false, false)]
    [InlineData("ad:8", false, false)]
    [InlineData("ad:7", true, false)]
    public async Task AuditSearch_AllAboutOneUser_SaysWhoThatIs(string? other, bool isActedBy, bool isShown)
    {
        var record = new AuditRecord
        {
            At = CommandBench.Now, Event = AuditEvents.SignIn, Reason = "allowed", Verdict = "allow", TypedName = "anna", Identity = "ad:7",
            Contact = new AuditContact("Anna \u202EAmes\nphone     666", "anna@example.org", "+49 30 1234"),
        };
        _bench.Records.AddRange([record, record with { Identity = other, Contact = null, ActedBy = isActedBy ? new AuditActor("ad:9", "carol") : null }]);

        (await _bench.RunAsync("audit", "search")).ShouldBe(ExitCodes.Done);

        _bench.Result.Contains("\nidentity  ad:7\nname      Anna \\u202eAmes\\nphone     666\nmail      anna@example.org\nphone     +49 30 1234\n", StringComparison.Ordinal).ShouldBe(isShown, _bench.Result);
        _bench.Result.Contains("+49 30 1234", StringComparison.Ordinal).ShouldBe(isShown);
        await _bench.RunAsync("audit", "search", "--json");
        _bench.Result.ShouldContain("\"contact\":{\"displayName\":\"Anna ");
    }

    [Fact]
    public async Task AuditSearch_ActedByAnother_NamesBoth()
    {
        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.SignIn, Reason = "allowed", Verdict = "allow", TypedName = "anna", ActedBy = new AuditActor("ad:7", "carol") });
        _bench.Records.Add(new AuditRecord { At = CommandBench.Now, Event = AuditEvents.Refusal, Reason = "wrong-password", Verdict = "deny", ActedBy = new AuditActor(null, "carol") });

        (await _bench.RunAsync("audit", "search", "--user", "carol")).ShouldBe(ExitCodes.Done);

        _bench.Result.ShouldContain("anna by carol");
        _bench.Result.ShouldContain(" by carol ");
        await _bench.RunAsync("audit", "search", "--json");
        _bench.Result.ShouldContain("\"login\":\"carol\"");
    }

    [Theory]
    [InlineData("audit", "search", "--since", "soon")]
    [InlineData("audit", "search", "--limit", "0")]
    [InlineData("user", "ad")]
    [InlineData("user", "add", "alice", "--password", "secret")]
    [InlineData("nonsense")]
    public async Task CommandLine_NotUnderstood_IsUsage(params string[] args)
    {
        (await _bench.RunAsync(args)).ShouldBe(ExitCodes.Usage);
        _bench.Result.ShouldBeEmpty();
        _bench.Progress.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task AuditSearch_NothingFound_IsNotFound() => (await _bench.RunAsync("audit", "search", "--json")).ShouldBe(ExitCodes.RefusedOrNotFound);

    [Fact]
    public void Help_EveryVerb_HasTwoExamplesThatParse()
    {
        var host = new CommandLineHost(_ => throw new NotSupportedException());
        var root = CommandBench.Root(host);
        var verbs = Below(root).ToArray();

        verbs.Length.ShouldBe(27);
        foreach (var verb in verbs.Cast<Verb>())
        {
            verb.Examples.Count.ShouldBeGreaterThanOrEqualTo(2, verb.Name);
            foreach (var example in verb.Examples)
            {
                var line = example[example.IndexOf("authgateway ", StringComparison.Ordinal)..]["authgateway ".Length..].Split(" < ")[0];
                var parsed = root.Parse(line);
                parsed.Errors.ShouldBeEmpty(example);
                parsed.CommandResult.Command.ShouldNotBe(root);
            }
        }
    }

    [Fact]
    public async Task Help_Verb_EndsWithItsExamples()
    {
        (await _bench.RunAsync("lockout", "clear", "--help")).ShouldBe(ExitCodes.Done);
        _bench.Result.ShouldContain("authgateway lockout clear alice");
    }

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(child => Below(child).Prepend(child));
}
