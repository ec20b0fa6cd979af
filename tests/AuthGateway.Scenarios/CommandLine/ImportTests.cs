using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Outages;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.CommandLine;

/// <summary>Accounts of other programs are taken over beside a gateway that runs.</summary>
public sealed class ImportTests
{
    private const string Words = "kelp orbit lantern";

    private static readonly TimeSpan Effect = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task ImportedAccounts_LogInWithTheirOldPasswords_AndTheirHashesAreReplaced()
    {
        await using var bed = await StartAsync();
        // Made by the programs themselves.
        var apr1 = (await ProgramRun.ExecuteAsync("openssl", ["passwd", "-apr1", "-stdin"], Words + "\n")).Output.Trim();
        var sha512 = (await ProgramRun.ExecuteAsync("openssl", ["passwd", "-6", "-stdin"], Words + "\n")).Output.Trim();
        var ssha = (await ProgramRun.ExecuteAsync("slappasswd", ["-h", "{SSHA}", "-s", Words])).Output.Trim();
        var htpasswd = await FileAsync(bed, "users", $"# web users\nwebmaster:{apr1}\nlocked:!{sha512}\ncrypted:{sha512}\n");
        var ldif = await FileAsync(
            bed,
            "export.ldif",
            $"""
            version: 1

            dn: uid=dirk,ou=people,dc=old,dc=test
            objectClass: inetOrgPerson
            uid: dirk
            cn: Dirk Old
            mail: dirk@old.test
            userPassword:: {Convert.ToBase64String(Encoding.UTF8.GetBytes(ssha))}

            dn: uid=gone,ou=people,dc=old,dc=test
            uid: gone
            userPassword:: {Convert.ToBase64String(Encoding.UTF8.GetBytes(ssha))}
            pwdAccountLockedTime: 000001010000Z

            dn: cn=movers,ou=groups,dc=old,dc=test
            objectClass: groupOfNames
            cn: movers
            member: uid=dirk,ou=people,dc=old,dc=test

            """);

        var dry = await bed.Gateway.RunProgramAsync(["import", "htpasswd", htpasswd, "--dry-run", "--json"]);
        dry.ExitCode.ShouldBe(1, dry.Error);
        (await bed.Gateway.RunCliAsync(["user", "list", "--json"])).Output.ShouldNotContain("webmaster");
        var first = await bed.Gateway.RunProgramAsync(["import", "htpasswd", htpasswd, "--json"]);
        first.ExitCode.ShouldBe(1, first.Error);
        Json(first).GetProperty("added").GetInt32().ShouldBe(2);
        Json(first).GetProperty("refusals")[0].GetProperty("line").GetInt32().ShouldBe(3);
        var second = await bed.Gateway.RunProgramAsync(["import", "ldif", ldif, "--json"]);
        second.ExitCode.ShouldBe(0, second.Error);
        Json(second).GetProperty("added").GetInt32().ShouldBe(2);
        (await KindsAsync(bed)).Select(pair => $"{pair.Key} {pair.Value}").ShouldBe(["crypted sha512-crypt", "dirk ssha", "gone ssha", "webmaster apr1"], ignoreOrder: true);

        foreach (var name in (string[])["webmaster", "crypted", "dirk", "dirk@old.test"])
        {
            (await Deadline.PollAsync(Effect, async () => (await bed.LoginAsync($"{name}:{Words}")).Answer.Status == 200)).ShouldBeTrue(name);
            (await bed.LoginAsync($"{name}:{Words}x")).Answer.Status.ShouldBe(401, name);
        }

        (await bed.LoginAsync($"gone:{Words}")).Answer.Status.ShouldBeOneOf(401, 403);
        (await bed.LoginAsync($"locked:{Words}")).Answer.Status.ShouldBe(401);
        (await Deadline.PollAsync(Effect, async () => (await KindsAsync(bed)).Where(pair => pair.Key != "gone").All(pair => pair.Value == "own"))).ShouldBeTrue("A right password should replace the hash.");
        (await bed.LoginAsync($"dirk:{Words}")).Answer.Status.ShouldBe(200);

        var records = await bed.Gateway.AuditAsync("--event", "administration");
        records.Count(record => record.GetProperty("reason").GetString() == "accounts-imported").ShouldBe(2);
        records.Count(record => record.GetProperty("reason").GetString() == "user-added").ShouldBe(4);
        (first.Output + second.Output + string.Concat(records)).ShouldNotContain(ssha[10..]);
    }

    [Fact]
    public async Task EveryKindOfHash_ImportedFromCsv_LogsInWithItsOldPassword_AndIsReplaced()
    {
        await using var bed = await StartAsync();
        // Of which DES knows eight characters: nobody can tell whether the rest was typed rightly, so its hash stays.
        const string LongDes = "des";
        // Made by the programs themselves: crypt(3) by slappasswd with a salt of each kind, KIX's own by sha256sum.
        (string Login, string Kind, string Program, string[] Arguments)[] makers =
        [
            (LongDes, "des-crypt", "slappasswd", ["-h", "{CRYPT}", "-c", "%.2s", "-s", Words]),
            ("md5", "md5-crypt", "slappasswd", ["-h", "{CRYPT}", "-c", "$1$%.8s", "-s", Words]),
            ("sha256", "sha256-crypt", "slappasswd", ["-h", "{CRYPT}", "-c", "$5$%.16s", "-s", Words]),
            ("sha512", "sha512-crypt", "slappasswd", ["-h", "{CRYPT}", "-c", "$6$%.16s", "-s", Words]),
            ("bcrypt", "bcrypt", "slappasswd", ["-h", "{CRYPT}", "-c", "$2b$05$%.22s", "-s", Words]),
            ("yescrypt", "yescrypt", "slappasswd", ["-h", "{CRYPT}", "-c", "$y$j9T$%.16s", "-s", Words]),
            ("ssha", "ssha", "slappasswd", ["-h", "{SSHA}", "-s", Words]),
            ("ssha512", "ssha512", "slappasswd", ["-o", "module-load=pw-sha2", "-h", "{SSHA512}", "-s", Words]),
            ("kix", "sha256", "sh", ["-c", $"printf %s '{Words}' | sha256sum | cut -c 1-64"]),
        ];
        var csv = new StringBuilder("login,mail,displayName,groups,hash\n");
        foreach (var (login, _, program, arguments) in makers)
        {
            var run = await ProgramRun.ExecuteAsync(program, arguments);
            run.ExitCode.ShouldBe(0, run.Error);
            csv.Append($"{login},{login}@old.test,\"{login}, once elsewhere\",a|b,{run.Output.Trim()}\n");
        }

        var import = await bed.Gateway.RunProgramAsync(["import", "csv", await FileAsync(bed, "old.csv", csv.ToString()), "--json"]);

        import.ExitCode.ShouldBe(0, import.Error);
        (await KindsAsync(bed)).Select(pair => (pair.Key, pair.Value)).ShouldBe(makers.Select(made => (made.Login, made.Kind)), ignoreOrder: true);
        foreach (var (login, _, _, _) in makers)
        {
            (await bed.LoginAsync($"{login}:X{Words}")).Answer.Status.ShouldBe(401, login);
            (await bed.LoginAsync($"{login}@old.test:{Words}")).Answer.Status.ShouldBe(200, login);
        }

        var kinds = await KindsAsync(bed);
        (await Deadline.PollAsync(Effect, async () => (kinds = await KindsAsync(bed)).All(pair => pair.Value == (pair.Key == LongDes ? "des-crypt" : "own")))).ShouldBeTrue($"A right password should replace the hash: {string.Join(", ", kinds)}");
        foreach (var (login, _, _, _) in makers.Where(made => made.Login != LongDes))
        {
            (await bed.LoginAsync($"{login}:{Words} and more")).Answer.Status.ShouldBe(401, login);
            (await bed.LoginAsync($"{login}:{Words}")).Answer.Status.ShouldBe(200, login);
        }

        (await bed.LoginAsync($"{LongDes}:{Words[..8]}")).Answer.Status.ShouldBe(200);
        (await Deadline.PollAsync(Effect, async () => (await KindsAsync(bed))[LongDes] == "own")).ShouldBeTrue("all of it was seen");
        (await bed.LoginAsync($"{LongDes}:{Words[..8]}x")).Answer.Status.ShouldBe(401);
    }

    [Fact]
    public async Task ANewPasswordOfTheAdministratorsList_IsRefusedByVerbAndImport_AndAHashOfItIsNot()
    {
        await using var bed = await StartAsync(local => local["CommonPasswordsFile"] = "common.txt", state => File.WriteAllText(Path.Combine(state, "common.txt"), $"another long one\n{Words}\n"));

        var add = await bed.Gateway.RunCliAsync(["user", "add", "anna", "--password-stdin"], Words + "\n");
        add.ExitCode.ShouldBe(1);
        add.Error.ShouldContain("commonly used or were stolen elsewhere");
        (await bed.Gateway.RunCliAsync(["user", "add", "anna", "--password-stdin"], Words + " else\n")).ExitCode.ShouldBe(0);
        (await bed.Gateway.RunCliAsync(["user", "passwd", "anna", "--password-stdin"], Words + "\n")).ExitCode.ShouldBe(1);
        (await bed.LoginAsync($"anna:{Words} else")).Answer.Status.ShouldBe(200);

        var hash = (await ProgramRun.ExecuteAsync("slappasswd", ["-h", "{SSHA}", "-s", Words])).Output.Trim();
        var import = await bed.Gateway.RunProgramAsync(["import", "csv", await FileAsync(bed, "in.csv", $"login,password,hash\nplain,{Words},\nhashed,,{hash}\n"), "--json"]);
        import.ExitCode.ShouldBe(1, import.Error);
        Json(import).GetProperty("refusals").EnumerateArray().ShouldHaveSingleItem().GetProperty("line").GetInt32().ShouldBe(2);
        // Nobody can tell from a hash; its owner goes on, and may not choose it again.
        (await Deadline.PollAsync(Effect, async () => (await bed.LoginAsync($"hashed:{Words}")).Answer.Status == 200)).ShouldBeTrue();
        (await bed.LoginAsync($"plain:{Words}")).Answer.Status.ShouldBe(401);
    }

    [Fact]
    public async Task ImportThatIsKilled_LeavesAllOrNothing_AndHoldsUpNoLogin()
    {
        const int Accounts = 30_000;
        await using var bed = await StartAsync();
        (await bed.Gateway.RunCliAsync(["user", "add", "survivor", "--password-stdin"], "a-local-password\n")).ExitCode.ShouldBe(0);
        var killed = 0;
        for (var round = 0; round < 8; round++)
        {
            var text = new StringBuilder("login,hash\n");
            for (var i = 0; i < Accounts; i++)
            {
                text.Append($"r{round}-{i},{{SSHA}}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz\n");
            }

            var file = await FileAsync(bed, $"round{round}.csv", text.ToString());
            // The last one is left to its end.
            var isKilled = await ImportAsync(bed, file, round == 7 ? null : TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(0, 1500)));
            killed += isKilled ? 1 : 0;
            var there = (await KindsAsync(bed)).Keys.Count(login => login.StartsWith($"r{round}-", StringComparison.Ordinal));
            there.ShouldBeOneOf(0, Accounts);
            if (round == 7)
            {
                there.ShouldBe(Accounts);
            }

            var said = (await bed.Gateway.AuditAsync("--reason", "accounts-imported", "--limit", "100")).Count(record => record.GetProperty("detail").GetString()!.Contains($"round{round}.csv", StringComparison.Ordinal));
            said.ShouldBe(there == 0 ? 0 : 1, "the record should stand if and only if the accounts do");
        }

        killed.ShouldBeGreaterThan(2, "most imports should have been killed before their end");
        (await bed.LoginAsync("survivor:a-local-password")).Answer.Status.ShouldBe(200);
    }

    private static Task<DirectoryGateway> StartAsync(Action<JsonNode>? change = null, Action<string>? prepare = null) => DirectoryGateway.StartAsync(
        gateway =>
        {
            gateway["Backends"] = Sample.Node("""[{ "Name": "local", "Type": "local" }]""");
            change?.Invoke(gateway["Backends"]![0]!);
            gateway["Login"] = Sample.Node("""{ "FailureFloor": "00:00:00" }""");
        },
        relayed: false,
        prepare);

    /// <summary>Runs an import and kills it some time after it began to write; logins go on meanwhile. True when it was killed before its end.</summary>
    private static async Task<bool> ImportAsync(DirectoryGateway bed, string file, TimeSpan? after)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Program, "import", "csv", file, "--config", bed.Gateway.ConfigurationFile, "--state", bed.Gateway.State])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        while (line is not null && !line.StartsWith("Writing", StringComparison.Ordinal));

        line.ShouldNotBeNull();
        var began = Stopwatch.GetTimestamp();
        var logins = 0;
        while (!process.HasExited && (after is null || Stopwatch.GetElapsedTime(began) < after))
        {
            // Wrong, so that it is charged: what a writer that holds the lock would hold up.
            (await bed.LoginAsync($"ghost-{logins++}:wrong")).Answer.Status.ShouldBe(401);
        }

        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return process.ExitCode != 0;
    }

    private static async Task<string> FileAsync(DirectoryGateway bed, string name, string text)
    {
        var path = Path.Combine(bed.Gateway.State, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }

    private static async Task<Dictionary<string, string>> KindsAsync(DirectoryGateway bed)
    {
        var run = await bed.Gateway.RunCliAsync(["user", "list", "--json"]);
        run.ExitCode.ShouldBe(0, run.Error);
        return Json(run).EnumerateArray().ToDictionary(account => account.GetProperty("login").GetString()!, account => account.GetProperty("passwordKind").GetString()!, StringComparer.Ordinal);
    }

    private static JsonElement Json(ProgramRun run)
    {
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }
}
