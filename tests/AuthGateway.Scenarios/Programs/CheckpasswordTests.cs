using System.Text.Json.Nodes;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Programs;

/// <summary>Checkpassword programs: Debian's checkpw, the shipped sample, and one that misbehaves.</summary>
public sealed class CheckpasswordTests
{
    private const string Odd =
        """
        #!/usr/bin/python3
        import os, signal, subprocess, sys
        login, password, stamp = os.read(3, 512).split(b"\0")[:3]
        with open("@folder@/notes/told", "ab") as told: told.write(repr((login, password, sys.argv[1:], sorted(os.environ), os.getuid())).encode() + b"\n")
        os.write(2, b"OK\n"); os.write(1, b"OK\n")
        if login == b"hang": subprocess.run(["/bin/sleep", "300"])
        if login == b"signal": os.kill(os.getpid(), signal.SIGTERM)
        if login == b"lies": os.write(1, b"0 OK\n"); os._exit(1)
        if login == b"later": os._exit(111)
        if login == b"misuse": os._exit(2)
        if login == b"crash": raise Exception("what")
        if password != login + b"-pw": os._exit(1)
        os.execv(sys.argv[-1], sys.argv[-1:])
        """;

    [Fact]
    public async Task Debians_checkpw_signs_in_the_owner_of_a_maildir()
    {
        await Bed.EnsureUsersAsync();
        await using var bed = new ProgramGateway();
        var backend = Backend("/usr/bin/checkpw");
        backend["RunAs"] = "root"; // it becomes the user before it says yes
        await bed.StartAsync(backend);

        (await bed.LoginAsync("agw-olga", "maildir-pw")).Status.ShouldBe(200);
        (await bed.LoginAsync("agw-olga", "maildir-pw2")).Status.ShouldBe(401);
        (await bed.LoginAsync("agw-nobody-of-that-name", "maildir-pw")).Status.ShouldBe(401);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => bed.Children().Count == 0)).ShouldBeTrue("a process for a check, and no longer");
    }

    [Fact]
    public async Task The_shipped_sample_says_yes_and_no()
    {
        await using var bed = new ProgramGateway();
        await bed.StartAsync(Backend(bed.CopySample("checkpassword.py"), bed.Write("accounts.json", """{ "anna": "a \"b\" $(id)" }""")));

        (await bed.LoginAsync("anna", "a \"b\" $(id)")).Status.ShouldBe(200);
        (await bed.LoginAsync("anna", "a")).Status.ShouldBe(401);
        (await bed.LoginAsync("bert", "a")).Status.ShouldBe(401);
        File.WriteAllText(bed.PathOf("accounts.json"), "{");
        (await bed.LoginAsync("anna", "another")).Status.ShouldBe(503);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => bed.Process.Errors.Contains("Expecting property name", StringComparison.Ordinal))).ShouldBeTrue(bed.Process.Errors);
    }

    [Theory]
    [InlineData("anna", "anna-pw", 200)]
    [InlineData("anna", "wrong", 401)]
    [InlineData("lies", "lies-pw", 401)]
    [InlineData("later", "later-pw", 503)]
    [InlineData("misuse", "misuse-pw", 503)]
    [InlineData("signal", "signal-pw", 503)]
    [InlineData("anna", "$(id) \"x\" ümläut", 401)]
    public async Task HP_02_only_exit_code_zero_says_yes(string user, string password, int status)
    {
        await using var bed = new ProgramGateway();
        await bed.StartAsync(Backend(bed.Write("odd.py", Odd), "fixed argument"));

        (await bed.LoginAsync(user, password)).Status.ShouldBe(status);

        // HP-01: verbatim on the descriptor, and nowhere else; not root.
        var told = File.ReadAllText(Path.Combine(bed.Notes, "told"));
        told.ShouldContain("['fixed argument', '/bin/true'], ['LANG', 'PATH'], 65534)");
        if (password.Contains('$', StringComparison.Ordinal))
        {
            told.ShouldContain("""b'$(id) "x" \xc3\xbcml\xc3\xa4ut'""");
        }

        (await bed.FailuresAsync()).ShouldBe(status == 200 || user == "later" ? 0 : 2, "the account and the address: it was shown the password and did not say that it could not find out");
    }

    [Theory]
    [InlineData("line\nfeed", "line")]
    [InlineData("nul\0byte", "nul")]
    [InlineData("\0", "")]
    public async Task HP_01_what_would_end_a_field_too_early_is_nobody_s_password(string password, string early)
    {
        await using var bed = new ProgramGateway();
        var accounts = new JsonObject { ["whole"] = password, ["early"] = early };
        await bed.StartAsync(Backend(bed.CopySample("checkpassword.py"), bed.Write("accounts.json", accounts.ToJsonString())));

        // Neither as its beginning nor as the whole: no header with a control character is a password (RFC 7617 section 2).
        (await bed.LoginAsync("early", password)).Status.ShouldBe(400);
        (await bed.LoginAsync("whole", password)).Status.ShouldBe(400);
        bed.Echo.Count.ShouldBe(0);
    }

    [Fact]
    public async Task HP_02_a_program_that_hangs_is_killed_after_five_seconds_with_all_it_started()
    {
        await using var bed = new ProgramGateway();
        await bed.StartAsync(Backend(bed.Write("odd.py", Odd)));
        var hang = bed.LoginAsync("hang", "x");
        (await Deadline.PollAsync(TimeSpan.FromSeconds(4), () => bed.Children().Count == 2)).ShouldBeTrue("the program and its child");
        var children = bed.Children();
        (await bed.LoginAsync("anna", "anna-pw")).Status.ShouldBe(200, "others go on");

        var (status, took) = await hang;

        status.ShouldBe(503);
        took.ShouldBeInRange(TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(8));
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => !children.Any(ProgramGateway.Lives))).ShouldBeTrue();
    }

    [Fact]
    public async Task The_longest_message_is_five_hundred_and_twelve_bytes()
    {
        await using var bed = new ProgramGateway();
        await bed.StartAsync(Backend(bed.Write("odd.py", Odd)));

        (await bed.LoginAsync("anna", new string('x', 600))).Status.ShouldBe(401);
        (await bed.LoginAsync("anna", new string('x', 10_240))).Status.ShouldBeOneOf(400, 401);
        File.Exists(Path.Combine(bed.Notes, "told")).ShouldBeFalse("it was not asked");
    }

    private static JsonObject Backend(string program, params string[] arguments) => new()
    {
        ["Name"] = "check",
        ["Type"] = "checkpassword",
        ["Program"] = program,
        ["Arguments"] = new JsonArray([.. arguments.Select(argument => JsonValue.Create(argument))]),
    };
}
