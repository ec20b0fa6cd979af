using System.Text.Json;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Tests.Commands;

public sealed class ImportCommandTests : IDisposable
{
    private const string Apr1 = "$apr1$Qx1.r2Zz$GhYrcngrKAvoi2j2CbBz80";
    private const string Password = "kelp orbit lantern";

    private readonly CommandBench _bench = new();
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Htpasswd_NewAccounts_AreAddedRecordedAndSignalled()
    {
        (await Import("htpasswd", $"anna:{Apr1}\nbob:{{SHA}}dtboLnHhqiLik6ampUayFB31RtE=\n")).ShouldBe(ExitCodes.Done, _bench.Progress);

        _bench.Accounts.Select(account => (account.Login, _bench.Hasher.KindOf(account.PasswordHash))).ShouldBe([("anna", "apr1"), ("bob", "sha")]);
        _bench.Hasher.Verify(Secret.FromText(Password), _bench.Accounts[0].PasswordHash).ShouldBeTrue();
        _bench.Records.Select(record => record.Reason).ShouldBe(["accounts-imported", "user-added", "user-added"]);
        _bench.Records[0].Detail.ShouldNotBeNull().ShouldContain("2 added, 0 updated, 0 skipped, 0 refused");
        _bench.Records[2].Identity.ShouldBe($"local:{_bench.Accounts[1].Id}");
        _bench.Raised.ShouldBe([SignalNames.AccountsChanged]);
        _bench.Result.ShouldContain("2 added");
        _bench.Result.ShouldContain("sha: 1 password: weak (no salt");
        (_bench.Result + _bench.Progress + string.Concat(_bench.Records.Select(record => record.Detail))).ShouldNotContain("dtboLn");

        await _bench.RunAsync("user", "list", "--json");
        _bench.Result.ShouldContain("\"passwordKind\":\"apr1\"");
        _bench.Result.ShouldNotContain("GhYrc");
    }

    [Fact]
    public async Task Kix_Written_IsASectionAndAPasswordForNobodyElse()
    {
        var folder = Directory.CreateTempSubdirectory("agw-kix-");
        try
        {
            var section = Path.Combine(folder.FullName, "backends.json");
            await File.WriteAllTextAsync(_file, Kix.KixExample.Text);

            (await _bench.RunAsync("import", "kix", _file, "--agent-service", "agents", "--customer-service", "portal", "--write", section)).ShouldBe(ExitCodes.Done, _bench.Progress);

            using (var json = JsonDocument.Parse(await File.ReadAllTextAsync(section)))
            {
                json.RootElement.GetProperty("AuthGateway").GetProperty("Backends").GetArrayLength().ShouldBeGreaterThan(2);
            }

            var secrets = folder.GetFiles("*.password");
            secrets.Length.ShouldBe(2);
            secrets.ShouldAllBe(secret => secret.UnixFileMode == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
            secrets.ShouldContain(secret => File.ReadAllText(secret.FullName) == $"{Kix.KixExample.Password}\n");
            folder.GetFiles().Length.ShouldBe(3, "nothing half-written is left");
            _bench.Progress.ShouldContain("not carried over.");
            (_bench.Result + _bench.Progress + await File.ReadAllTextAsync(section)).ShouldNotContain("s3cret");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Kix_Json_HasSectionAndNotesAndNoPassword()
    {
        await File.WriteAllTextAsync(_file, Kix.KixExample.Text);

        (await _bench.RunAsync("import", "kix", _file, "--json")).ShouldBe(ExitCodes.Done);

        using var json = JsonDocument.Parse(_bench.Result);
        json.RootElement.GetProperty("section").GetProperty("AuthGateway").GetProperty("Backends").GetArrayLength().ShouldBeGreaterThan(2);
        json.RootElement.GetProperty("notes").EnumerateArray().ShouldContain(note => note.GetProperty("kind").GetString() == "left-out");
        _bench.Result.ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("[ { \"Enabled\": 1, \"Name\": \"sso\", \"Module\": \"Kernel::System::Auth::HTTPBasicAuth\" } ]")]
    public async Task Kix_NothingToCarryOver_WritesNothing(string text)
    {
        var section = $"{_file}.section";
        await File.WriteAllTextAsync(_file, text);

        (await _bench.RunAsync("import", "kix", _file, "--write", section)).ShouldBe(ExitCodes.RefusedOrNotFound);

        File.Exists(section).ShouldBeFalse();
    }

    [Fact]
    public async Task Csv_EverythingThatCannotBe_IsRefusedWithItsLineAndTheRestGoesIn()
    {
        _bench.Accounts.Add(Account("zoe", "zoe@example.org"));
        string[] rows =
        [
            "login,mail,groups,hash,password,displayName,disabled",
            "anna,anna@example.org,mobile|staff,,a long enough password,Anna A,",
            "b:ob,,,,a long enough password,,",
            "ANNA,,,,a long enough password,,",
            "carl,no mail,,,a long enough password,,",
            "dora,,,,short,,",
            "emil,,,,,,",
            "fred,zoe@example.org,,,a long enough password,,",
            "zoe@example.org,,,,a long enough password,,",
            $"gina,,,{Apr1},a long enough password,,",
            "hugo,,,!locked,,,",
            "ines,,,$2y$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW,,,",
            "jens,anna@example.org,,,a long enough password,,",
            $"kim,,,{Apr1},,,true",
            "leo,,a\tb,,a long enough password,,",
        ];

        (await Import("csv", string.Join('\n', rows), "--json")).ShouldBe(ExitCodes.RefusedOrNotFound);

        _bench.Accounts.Select(account => account.Login).ShouldBe(["zoe", "anna", "kim"]);
        _bench.Accounts[2].Disabled.ShouldBeTrue();
        _bench.Accounts[1].Groups.ShouldBe(["mobile", "staff"]);
        _bench.Hasher.KindOf(_bench.Accounts[1].PasswordHash).ShouldBe("own");
        _bench.Hasher.Verify(Secret.FromText("a long enough password"), _bench.Accounts[1].PasswordHash).ShouldBeTrue();
        using var json = JsonDocument.Parse(_bench.Result);
        (json.RootElement.GetProperty("added").GetInt32(), json.RootElement.GetProperty("refused").GetInt32()).ShouldBe((2, 12));
        var refusals = json.RootElement.GetProperty("refusals").EnumerateArray().ToDictionary(each => each.GetProperty("line").GetInt32(), each => each.GetProperty("why").GetString()!);
        foreach (var (line, part) in new (int, string)[]
        {
            (3, "cannot be a login"), (4, "twice"), (5, "not a mail address"), (6, "at least 15"), (7, "neither a hash nor a password"), (8, "of zoe"), (9, "of zoe"),
            (10, "Leave one"), (11, "locked"), (12, "cost"), (13, "of anna"), (15, "control characters"),
        })
        {
            refusals[line].ShouldContain(part);
        }

        _bench.Result.ShouldNotContain("a long enough");
        _bench.Result.ShouldNotContain("CCCCC");
    }

    [Fact]
    public async Task Csv_KnownAccount_IsSkippedOrWithUpdateChanged()
    {
        _bench.Accounts.Add(Account("zoe", "zoe@example.org") with { DisplayName = "Zoe", Groups = ["old"] });
        var hash = _bench.Accounts[0].PasswordHash;
        const string Rows = "login,mail,groups,hash\nZOE,z@example.org,,\n";

        (await Import("csv", Rows)).ShouldBe(ExitCodes.Done);
        _bench.Accounts[0].Mail.ShouldBe("zoe@example.org");
        _bench.Result.ShouldContain("1 skipped");
        _bench.Records.ShouldBeEmpty();

        (await Import("csv", Rows, "--update")).ShouldBe(ExitCodes.Done);
        var changed = _bench.Accounts.ShouldHaveSingleItem();
        (changed.Login, changed.Mail, changed.DisplayName, changed.PasswordHash).ShouldBe(("zoe", "z@example.org", "Zoe", hash));
        changed.Groups.ShouldBe(["old"], "an empty cell says nothing");
        _bench.Records.Select(record => record.Reason).ShouldBe(["accounts-imported", "user-updated"]);

        (await Import("csv", $"login,hash,disabled\nzoe,{Apr1},yes\n", "--update")).ShouldBe(ExitCodes.Done);
        _bench.Accounts[0].PasswordHash.ShouldBe(Apr1);
        _bench.Accounts[0].Disabled.ShouldBeTrue();
    }

    [Fact]
    public async Task DryRun_OrAuditDown_WritesNothing()
    {
        (await Import("htpasswd", $"anna:{Apr1}\n", "--dry-run")).ShouldBe(ExitCodes.Done);
        _bench.Result.ShouldContain("Would be: 1 added");
        _bench.Accounts.ShouldBeEmpty();
        _bench.Records.ShouldBeEmpty();
        _bench.Raised.ShouldBeEmpty();

        _bench.AuditIsDown = true;
        (await Import("htpasswd", $"anna:{Apr1}\n")).ShouldBe(ExitCodes.Unavailable);
        _bench.Accounts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Import_FileThatIsNone_SaysSo()
    {
        (await _bench.RunAsync("import", "htpasswd", _file + ".gone")).ShouldBe(ExitCodes.Unavailable);
        (await _bench.RunAsync("import", "htpasswd", Path.GetTempPath())).ShouldBe(ExitCodes.Unavailable);
        (await Import("csv", "a,b\n1,2\n")).ShouldBe(ExitCodes.RefusedOrNotFound);
        (await Import("csv", "login\n", "--separator", "ab")).ShouldBe(ExitCodes.Usage);
        await File.WriteAllBytesAsync(_file, [0x61, 0xE4]);
        (await _bench.RunAsync("import", "htpasswd", _file)).ShouldBe(ExitCodes.RefusedOrNotFound);
        _bench.Progress.ShouldContain("iconv");
    }

    private async Task<int> Import(string format, string text, params string[] options)
    {
        await File.WriteAllTextAsync(_file, text);
        return await _bench.RunAsync(["import", format, _file, .. options]);
    }

    private LocalAccount Account(string login, string mail) => new($"id-{login}", login, _bench.Hasher.Hash(Secret.FromText(Password)), mail, null, [], false, CommandBench.Now);
}
