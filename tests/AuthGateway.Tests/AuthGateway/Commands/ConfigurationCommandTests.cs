using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using AuthGateway.Commands;
using AuthGateway.Core.Lockout;
using AuthGateway.Rendering;
using AuthGateway.Storage;
using AuthGateway.Storage.Lockout;
using AuthGateway.TestKit.Certificates;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Commands;

/// <summary>Verbs that read a configuration, on a sample in a temporary folder.</summary>
public sealed class ConfigurationCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agw-verbs-").FullName;

    public ConfigurationCommandTests()
    {
        using var authority = TestAuthority.Create();
        using var server = authority.IssueServer("mail.example.com");
        TestAuthority.WritePem(server, Path.Combine(_folder, "mail.pem"), Path.Combine(_folder, "mail.key"));
        Directory.CreateDirectory(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Write("password");
    }

    private string Result { get; set; } = "";

    private string Progress { get; set; } = "";

    private string State => Path.Combine(_folder, "state");

    private string Config => Path.Combine(_folder, "appsettings.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Check_SoundConfiguration_SaysSoAndChangesNothing()
    {
        (await RunAsync("check")).ShouldBe(ExitCodes.Done, Progress);
        Result.ShouldContain("sound.");
        Directory.EnumerateFileSystemEntries(State).ShouldBeEmpty();
    }

    [Fact]
    public async Task Import_DryRun_MakesNoDatabase()
    {
        var accounts = Path.Combine(_folder, "users");
        await File.WriteAllTextAsync(accounts, "anna:$apr1$Qx1.r2Zz$GhYrcngrKAvoi2j2CbBz80\n");

        (await RunAsync("import", "htpasswd", accounts, "--dry-run")).ShouldBe(ExitCodes.Done, Progress);
        Result.ShouldContain("Would be: 1 added");
        Directory.EnumerateFileSystemEntries(State).ShouldBeEmpty();

        (await RunAsync("import", "htpasswd", accounts)).ShouldBe(ExitCodes.Done, Progress);
        (await RunAsync("import", "htpasswd", accounts, "--dry-run")).ShouldBe(ExitCodes.Done, Progress);
        Result.ShouldContain("1 skipped", customMessage: "it reads what is there");
    }

    [Fact]
    public async Task Check_Fault_IsToldWithKeyValueAndRemedy()
    {
        Write("passwort");
        (await RunAsync("check")).ShouldBe(ExitCodes.ConfigurationFaults);
        Progress.ShouldContain("AuthGateway:Services:web:Rules[0]:Policy = \"passwort\"");
        Progress.ShouldContain("Did you mean \"password\"?");
        Result.ShouldContain("the gateway would not start with it.");
    }

    [Fact]
    public async Task Check_Json_HasTheFaults()
    {
        Write("passwort");
        (await RunAsync("check", "--json")).ShouldBe(ExitCodes.ConfigurationFaults);
        using var json = JsonDocument.Parse(Result);
        json.RootElement.GetProperty("sound").GetBoolean().ShouldBeFalse();
        json.RootElement.GetProperty("faults")[0].GetProperty("key").GetString().ShouldBe("AuthGateway:Services:web:Rules[0]:Policy");
    }

    [Fact]
    public async Task Check_NoFile_IsAFaultOfTheConfiguration()
    {
        File.Delete(Config);
        (await RunAsync("check")).ShouldBe(ExitCodes.ConfigurationFaults);
    }

    [Theory]
    [InlineData("https://mail.example.com/", "alice", ExitCodes.Done, "ALLOW → app, identity by header")]
    [InlineData("https://mail.example.com/", null, ExitCodes.RefusedOrNotFound, "CHALLENGE (credentials-missing)")]
    [InlineData("https://other.example.com/", "alice", ExitCodes.RefusedOrNotFound, "DENY (no-service)")]
    public async Task Explain_Request_TellsStagesAndExitCode(string url, string? user, int exit, string text)
    {
        string[] args = user is null ? ["explain", url] : ["explain", url, "--user", user];
        (await RunAsync(args)).ShouldBe(exit, Progress);
        Result.ShouldContain(text);
    }

    [Theory]
    [InlineData("explain", "https://mail.example.com/", "--user", "alice")]
    [InlineData("backend", "test")]
    public async Task Looking_NoDatabase_SaysSoAndMakesNone(params string[] args)
    {
        (await RunAsync(args)).ShouldBe(ExitCodes.Done, Progress);
        Progress.ShouldContain($"There is no database at {State}/authgateway.db yet");
        Directory.EnumerateFileSystemEntries(State).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Looking_Database_IsReadAndLeftByteForByte(bool running)
    {
        var path = Path.Combine(State, "authgateway.db");
        using (var database = Database.Open(path, TimeProvider.System, NullLogger<Database>.Instance))
        {
            var rule = new LockoutRule(1, 60_000, 60_000);
            await new SqliteLockoutStore(database).ChargeAsync("addr:203.0.113.7", rule, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), default);
            if (running)
            {
                await LookAsync();
            }
        }

        await LookAsync();

        async Task LookAsync()
        {
            var before = Content();
            (await RunAsync("explain", "https://mail.example.com/", "--user", "alice")).ShouldBe(ExitCodes.RefusedOrNotFound, Progress);
            Result.ShouldContain("DENY (address-locked)");
            (await RunAsync("backend", "test")).ShouldBe(ExitCodes.Done, Progress);
            Content().ShouldBe(before);
        }

        // The shared memory file holds readers' marks; it is no part of what is kept.
        string[] Content() => [.. Directory.EnumerateFiles(State).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetFileName(file)} {ContentOf(file)}")];
    }

    [Fact]
    public async Task Looking_DatabaseOfANewerRelease_IsRefused()
    {
        using (var database = Database.Open(Path.Combine(State, "authgateway.db"), TimeProvider.System, NullLogger<Database>.Instance))
        {
            await database.WriteAsync(connection => connection.Execute("INSERT INTO schema_version (version, name, applied_at) VALUES (9999, 'x', 0)"), default);
        }

        (await RunAsync("explain", "https://mail.example.com/")).ShouldBe(ExitCodes.Unavailable);
        Progress.ShouldContain("made by a newer release");
    }

    [Fact]
    public async Task Demo_FolderOfARunningDemo_IsLeftAlone()
    {
        var config = await File.ReadAllTextAsync(Config);
        File.Copy(Config, Path.Combine(State, "appsettings.json"));
        await using (new FileStream(Path.Combine(State, "demo.lock"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            (await RunAsync("demo")).ShouldBe(ExitCodes.Unavailable);
        }

        Progress.ShouldContain($"Another demo runs in {State}");
        (await File.ReadAllTextAsync(Path.Combine(State, "appsettings.json"))).ShouldBe(config);
        Directory.EnumerateFileSystemEntries(State).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["appsettings.json", "demo.lock"]);
    }

    [Fact]
    public async Task Explain_UnreadableQuestion_IsAUsageError()
    {
        (await RunAsync("explain", "http://mail.example.com/")).ShouldBe(ExitCodes.Usage);
        Progress.ShouldContain("is not an https address");
        (await RunAsync("explain", "https://mail.example.com/", "--certificate", Config)).ShouldBe(ExitCodes.Usage);
        Progress.ShouldContain("cannot be read as a certificate");
    }

    [Fact]
    public async Task Schema_IsJsonAndMarkdownIsNot()
    {
        (await RunAsync("schema")).ShouldBe(ExitCodes.Done);
        using var json = JsonDocument.Parse(Result);
        (await RunAsync("schema", "--markdown")).ShouldBe(ExitCodes.Done);
        Result.ShouldStartWith("#");
    }

    [Fact]
    public async Task ConfigPrint_ShowsDefaultsAndMasksSecrets()
    {
        (await RunAsync("config", "print", "--effective")).ShouldBe(ExitCodes.Done, Progress);
        Result.ShouldContain("CacheLifetime");
        Result.ShouldNotContain("do-not-show");
        Result.ShouldContain("mail.example.com");
    }

    [Fact]
    public async Task BackendTest_UnknownBackend_OffersTheNearest()
    {
        (await RunAsync("backend", "test", "lokal")).ShouldBe(ExitCodes.RefusedOrNotFound, Progress);
        Progress.ShouldContain("Did you mean \"local\"?");
    }

    [Fact]
    public async Task BackendTest_LocalBackend_AnswersAndDoesNotKnowNobody()
    {
        (await RunAsync("backend", "test", "--user", "nobody", "--json")).ShouldBe(ExitCodes.RefusedOrNotFound, Progress);
        using var json = JsonDocument.Parse(Result);
        json.RootElement[0].GetProperty("user").GetString().ShouldBe("unknown here");
        (await RunAsync("backend", "test", "--user", "no*body")).ShouldBe(ExitCodes.Usage);
    }

    private static string ContentOf(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexString(SHA256.HashData(stream));
    }

    private void Write(string policy) => TestAuthority.WritePrivate(Config, $$"""
        {
          "AuthGateway": {
            "Listeners": { "public": { "Url": "https://127.0.0.1:8443" } },
            "Hosts": { "mail.example.com": { "CertificateFile": "{{_folder}}/mail.pem", "KeyFile": "{{_folder}}/mail.key" } },
            "Upstreams": { "app": { "Destinations": ["http://127.0.0.1:1"] } },
            "Services": {
              "web": { "Preset": "generic-web", "Hosts": ["mail.example.com"], "Upstream": "app", "SharedSecret": "do-not-show", "Rules": [ { "Policy": "{{policy}}" } ] }
            },
            "Policies": { "password": { "Factors": ["password"] } },
            "Backends": [ { "Name": "local", "Type": "local" } ]
          }
        }
        """);

    private async Task<int> RunAsync(params string[] args)
    {
        using var result = new StringWriter();
        using var progress = new StringWriter();
        var host = new CommandLineHost(StoreOpening.OpenAsync, json => new Output(result, progress, json), new CommandBench());
        var root = host.CreateRoot(
            "test", CheckCommand.Create(host), ExplainCommand.Create(host), SchemaCommand.Create(host), ConfigCommand.Create(host), BackendCommand.Create(host), ImportCommand.Create(host), DemoCommand.Create(host));
        var exit = await CommandLineHost.RunAsync(root, [.. args, "--config", Config, "--state", State], new InvocationConfiguration { Output = result, Error = progress });
        (Result, Progress) = (result.ToString(), progress.ToString());
        return exit;
    }
}
