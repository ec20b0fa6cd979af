using System.Globalization;
using System.Text.Json.Nodes;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Programs;

/// <summary>HP-01, HP-02 and what else may become of a helper, with real programs.</summary>
public sealed class HelperTests
{
    private const int Killed = 9;

    /// <summary>Does what the name asks for; notes what it is told, and its process id.</summary>
    private const string OddHelper =
        """
        #!/usr/bin/python3
        import os, subprocess, sys, threading, time
        notes = "@folder@/notes/"
        held = {}
        open(notes + "pid-%d" % os.getpid(), "w").close()
        def say(text): os.write(1, text.encode())
        for line in sys.stdin.buffer:
            with open(notes + "told", "ab") as told: told.write(line)
            number, word, *rest = line.decode().rstrip("\n").split(" ")
            name = rest[1] if word == "VRFY" else ""
            if word == "INTF": say(number + " INTF 1\n")
            elif name == "hang": continue
            elif name == "family": subprocess.Popen(["/bin/sleep", "300"])
            elif name == "exit": say(number + " OK\n"); os._exit(1)
            elif name == "twice": say(number + " OK\n" + number + " OK\n")
            elif name == "late": say(number + " OK\n"); time.sleep(0.01); say(number + " OK\n")
            elif name == "noise": say("debug: all is well\n" + number + " OK\n")
            elif name == "failure": say(number + " FAILURE no database\n")
            elif name == "chatter": say("* one\n* two \x1b[31m\n"); print("stderr too", file=sys.stderr, flush=True); say(number + " OK\n")
            elif name == "flood":
                while True: say("x" * 65536)
            elif name == "babble":
                while True: say("* x\n" * 16384)
            elif name.startswith("held"): held[name] = number
            elif name == "release":
                for who in sorted(held, reverse=True):
                    with open(notes + "released", "a") as order: order.write(who + "\n")
                    say(held[who] + (" ERROR no\n" if who == "held1" else " OK\n"))
                say(number + " ERROR no\n")
            elif name.startswith("slow"): threading.Timer(0.2, say, [number + " OK\n"]).start()
            else: say(number + (" OK\n" if rest[2] == name + "-pw" else " ERROR no\n"))
        time.sleep(300)  # does not go when its input ends
        """;

    [Fact]
    public async Task The_shipped_sample_says_yes_no_and_unknown_and_the_next_backend_is_asked()
    {
        await using var bed = new ProgramGateway();
        var program = bed.CopySample("helper.py");
        var accounts = bed.Write("accounts.json", """{ "anna@example.org": "anna-pw", "bert@other.org": "bert-pw", "bert": "bert-pw" }""");
        var helper = Helper(program, accounts);
        helper["MailDomain"] = "example.org";
        helper["Groups"] = new JsonArray("admins");
        await bed.StartAsync(helper, new JsonObject { ["Name"] = "local", ["Type"] = "local" });
        (await bed.Process.RunCliAsync(["user", "add", "lokal", "--password-stdin"], "a long and local password\n")).ExitCode.ShouldBe(0);

        (await bed.LoginAsync("Anna", "anna-pw")).Status.ShouldBe(200);
        (await bed.LoginAsync("anna@EXAMPLE.org", "anna-pw", "/dav/shared-admin/x")).Status.ShouldBe(200);
        (await bed.LoginAsync("bert@other.org", "bert-pw")).Status.ShouldBe(401, "names of another domain are unknown here");
        (await bed.LoginAsync("anna", "wrong")).Status.ShouldBe(401);
        (await bed.LoginAsync("nobody", "x")).Status.ShouldBe(401);
        (await bed.LoginAsync("lokal", "a long and local password")).Status.ShouldBe(200);
        bed.Children().Count.ShouldBe(1);
        (await bed.Process.RunCliAsync(["backend", "test", "helper"])).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task HP_01_whatever_stands_in_a_password_arrives_as_it_is_or_not_at_all()
    {
        string[] told = ["$(id)", "`id`", "a b  c", "\"quoted\" \\ back", "; rm -rf /", "ümläut €", "-x --help", "(imap)", new('x', 1000)];
        string[] refused = ["line\nfeed", "nul\0byte", "tab\tstop", new('x', 10_240)];
        await using var bed = new ProgramGateway();
        var accounts = new JsonObject();
        for (var i = 0; i < told.Length; i++)
        {
            accounts[$"u{i}"] = told[i];
        }

        // Right, should one arrive whole; and what a line that ends too early would make of the first.
        for (var i = 0; i < refused.Length; i++)
        {
            accounts[$"r{i}"] = refused[i];
        }

        accounts["early"] = "line";

        await bed.StartAsync(Helper(bed.CopySample("helper.py"), bed.Write("accounts.json", accounts.ToJsonString())));

        for (var i = 0; i < told.Length; i++)
        {
            (await bed.LoginAsync($"u{i}", told[i])).Status.ShouldBe(200, told[i]);
            (await bed.LoginAsync($"u{i}", told[i] + "x")).Status.ShouldBe(401, told[i]);
        }

        for (var i = 0; i < refused.Length; i++)
        {
            (await bed.LoginAsync($"r{i}", refused[i])).Status.ShouldBeOneOf(400, 401);
        }

        (await bed.LoginAsync("early", refused[0])).Status.ShouldBeOneOf(400, 401);
        (await bed.LoginAsync("early", "line")).Status.ShouldBe(200);

        // Nothing of a login is where other users of the machine could read it.
        var child = bed.Children().ShouldHaveSingleItem();
        var public_ = File.ReadAllText($"/proc/{child}/cmdline") + File.ReadAllText($"/proc/{child}/environ");
        told.ShouldAllBe(password => !public_.Contains(password, StringComparison.Ordinal));
        File.ReadAllText($"/proc/{child}/environ").TrimEnd('\0').Split('\0').Select(pair => pair.Split('=')[0]).ShouldBe(["PATH", "LANG"], ignoreOrder: true);
        File.ReadAllLines($"/proc/{child}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).ShouldNotContain("\t0", customMessage: "not root");
        foreach (var set in (string[])["CapInh", "CapPrm", "CapEff", "CapAmb"])
        {
            File.ReadAllLines($"/proc/{child}/status").ShouldContain(line => line == $"{set}:\t0000000000000000");
        }

        bed.Process.Errors.ShouldNotContain("rm -rf");
    }

    [Fact]
    public async Task HP_02_a_helper_that_hangs_is_killed_after_five_seconds_with_all_it_started()
    {
        await using var bed = await OddAsync(timeout: null);
        (await bed.LoginAsync("anna", "anna-pw")).Status.ShouldBe(200);
        var family = bed.LoginAsync("family", "x");
        (await Deadline.PollAsync(TimeSpan.FromSeconds(4), () => bed.Children().Count == 2)).ShouldBeTrue("the helper and its child");
        var children = bed.Children();

        var (status, took) = await family;

        status.ShouldBe(503);
        took.ShouldBeInRange(TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(8));
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => !children.Any(ProgramGateway.Lives))).ShouldBeTrue();
        await bed.RecoversAsync("bert", "bert-pw");
        (await bed.FailuresAsync()).ShouldBe(2, "it was shown the password: the account and the address");
    }

    [Theory]
    [InlineData("exit", "right after its OK")]
    [InlineData("twice", "or twice")]
    [InlineData("late", "or twice")]
    [InlineData("noise", "no answer")]
    [InlineData("failure", "no database")]
    [InlineData("flood", "too long")]
    [InlineData("babble", "too much")]
    public async Task HP_02_a_helper_that_breaks_the_rules_lets_nobody_in(string name, string told)
    {
        await using var bed = await OddAsync();

        (await bed.LoginAsync(name, "x")).Status.ShouldBe(503, bed.Process.Errors);

        bed.Echo.Count.ShouldBe(0);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => bed.Process.Errors.Contains(told, StringComparison.Ordinal))).ShouldBeTrue(bed.Process.Errors);
        Memory(bed.Process.Id).ShouldBeLessThan(400_000);
        await bed.RecoversAsync("anna", "anna-pw");
        (await bed.FailuresAsync()).ShouldBe(name == "failure" ? 0 : 2, "it was shown the password and broke its word: the account and the address");
    }

    [Fact]
    public async Task What_a_helper_says_beside_its_answers_is_in_the_log_and_harmless()
    {
        await using var bed = await OddAsync();

        (await bed.LoginAsync("chatter", "x")).Status.ShouldBe(200);

        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () =>
            bed.Process.Errors.Contains("two \\\\u001b[31m", StringComparison.Ordinal) && bed.Process.Errors.Contains("stderr too", StringComparison.Ordinal))).ShouldBeTrue(bed.Process.Errors);
        bed.Process.Errors.ShouldNotContain("\u001b[31m");
    }

    [Fact]
    public async Task A_killed_helper_is_an_outage_until_it_runs_again()
    {
        await using var bed = await OddAsync(timeout: null);
        (await bed.LoginAsync("anna", "anna-pw")).Status.ShouldBe(200);
        var waiting = bed.LoginAsync("hang", "x");
        (await Deadline.PollAsync(TimeSpan.FromSeconds(4), () => Told(bed).Contains("hang", StringComparison.Ordinal))).ShouldBeTrue();

        Kill(bed.Children().ShouldHaveSingleItem());

        var (status, took) = await waiting;
        status.ShouldBe(503);
        took.ShouldBeLessThan(TimeSpan.FromSeconds(4));
        (await bed.LoginAsync("bert", "bert-pw")).Status.ShouldBe(503, "it rests for a second");
        await bed.RecoversAsync("bert", "bert-pw");
        (await bed.FailuresAsync()).ShouldBe(2, "who was waiting and the address; nobody whose password was not shown");
    }

    [Fact]
    public async Task Two_hundred_logins_at_once_are_all_answered_rightly()
    {
        await using var bed = await OddAsync(timeout: null);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
            (number, (await bed.LoginAsync($"u{number}", number % 5 == 0 ? "wrong" : $"u{number}-pw")).Status)));

        foreach (var (number, status) in answers)
        {
            status.ShouldBe(number % 5 == 0 ? 401 : 200, $"u{number}");
        }

        bed.Children().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Answers_come_in_any_order_and_each_is_its_own_login_s()
    {
        await using var bed = await OddAsync(timeout: "30s");
        var held = Enumerable.Range(0, 3).Select(number => bed.LoginAsync($"held{number}", "x")).ToList();
        (await Deadline.PollAsync(TimeSpan.FromSeconds(4), () => Told(bed).Split("held").Length == 4)).ShouldBeTrue();

        // Asked later, answered earlier, by the same process.
        (await bed.LoginAsync("anna", "anna-pw")).Status.ShouldBe(200);
        (await bed.LoginAsync("anna", "wrong")).Status.ShouldBe(401);
        held.ShouldAllBe(login => !login.IsCompleted);
        (await bed.LoginAsync("release", "x")).Status.ShouldBe(401);

        // Last first: yes, no, yes.
        (await Task.WhenAll(held)).Select(login => login.Status).ShouldBe([200, 401, 200]);
        bed.Children().ShouldHaveSingleItem();
        (await File.ReadAllLinesAsync(Path.Combine(bed.Notes, "released"))).Select(name => name[..5]).ShouldBe(["held2", "held1", "held0"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_left_behind_when_the_gateway_ends(bool inOrder)
    {
        await using var bed = await OddAsync();
        (await bed.LoginAsync("anna", "anna-pw")).Status.ShouldBe(200);
        var children = bed.Children();
        children.ShouldNotBeEmpty();

        if (inOrder)
        {
            (await bed.Process.StopAsync()).ShouldBe(0);
        }
        else
        {
            await bed.Process.KillAsync();
        }

        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => !children.Any(ProgramGateway.Lives))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_reload_starts_the_new_program_and_retires_the_old_one_after_its_logins()
    {
        await using var bed = await OddAsync(timeout: null);
        (await bed.LoginAsync("anna", "anna-pw")).Status.ShouldBe(200);
        var old = bed.Children().ShouldHaveSingleItem();
        await bed.ReloadAsync(Helper(bed.PathOf("odd.py")));
        (await bed.LoginAsync("anna", "anna-pw")).Status.ShouldBe(200);
        bed.Children().ShouldBe([old], "what did not change stays");

        var slow = bed.LoginAsync("slow", "x");
        await bed.ReloadAsync(Helper(bed.PathOf("odd.py"), "changed"));

        (await slow).Status.ShouldBe(200);
        (await bed.LoginAsync("bert", "bert-pw")).Status.ShouldBe(200);
        bed.Children().Count(id => id != old).ShouldBe(1);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(45), () => !ProgramGateway.Lives(old))).ShouldBeTrue("after the grace of a reload");
    }

    [Fact]
    public async Task A_program_others_may_change_stops_the_start()
    {
        await using var bed = new ProgramGateway();
        var program = bed.Write("check", "#!/bin/true\n");
        File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.OtherWrite);

        var run = await bed.RefusedAsync(Helper(program));

        run.ExitCode.ShouldBe(3);
        (run.Error + run.Output).ShouldContain("may be changed by others than its owner");
    }

    private static string Told(ProgramGateway bed)
    {
        var path = Path.Combine(bed.Notes, "told");
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    private static async Task<ProgramGateway> OddAsync(string? timeout = "2s")
    {
        var bed = new ProgramGateway();
        var helper = Helper(bed.Write("odd.py", OddHelper));
        if (timeout is not null)
        {
            helper["Timeout"] = timeout;
        }

        await bed.StartAsync(helper);
        return bed;
    }

    private static JsonObject Helper(string program, params string[] arguments) => new()
    {
        ["Name"] = "helper",
        ["Type"] = "helper",
        ["Program"] = program,
        ["Arguments"] = new JsonArray([.. arguments.Select(argument => JsonValue.Create(argument))]),
    };

    /// <summary>Resident kilobytes.</summary>
    private static int Memory(int process) => int.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private static void Kill(int process)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{Killed}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }
}
