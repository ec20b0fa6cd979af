using System.Net;
using System.Security.Cryptography;
using AuthGateway.Scenarios.Peace;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Programs;

/// <summary>Users of the operating system who are let in and then no longer may be. The gateway asks every ten seconds here.</summary>
public sealed class PamRefreshTests : IAsyncLifetime
{
    private const string Password = "a system password";

    private readonly string _folder = Directory.CreateTempSubdirectory("authgateway-pam-").FullName;
    private readonly string _user = $"agw-gone-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    public async Task InitializeAsync()
    {
        await Bed.EnsureUsersAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "mail"), "auth required pam_unix.so\naccount required pam_unix.so\n");
        await RunAsync("useradd", "--no-create-home", "--shell", "/usr/sbin/nologin", _user);
        await RunAsync("sh", "-c", $"echo '{_user}:{Password}' | chpasswd");
    }

    public async Task DisposeAsync()
    {
        await ProgramRun.ExecuteAsync("userdel", [_user]);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("locked")]
    [InlineData("expired")]
    [InlineData("expired on the first day")]
    [InlineData("removed")]
    public async Task Somebody_the_system_no_longer_lets_in_loses_session_and_cached_login(string how)
    {
        await using var gateway = await PeaceGateway.StartAsync(
            $$"""{ "Name": "os", "Type": "pam", "ServiceName": "mail", "ConfigDirectory": "{{_folder}}", "RunAs": "root" }""", cache: "10m", refresh: "10s");
        using var browser = gateway.Browser(IPAddress.Loopback);
        (await browser.SignInAsync("/", _user, Password)).Status.ShouldBeOneOf(302, 303);
        (await browser.GetAsync("/")).Status.ShouldBe(200);
        (await gateway.LoginAsync(_user, Password)).Status.ShouldBe(200);

        await (how switch
        {
            "locked" => RunAsync("usermod", "-L", _user),
            "expired" => RunAsync("chage", "-E", "2020-01-01", _user),
            "expired on the first day" => RunAsync("chage", "-E", "0", _user),
            _ => RunAsync("userdel", _user),
        });

        (await Deadline.PollAsync(TimeSpan.FromSeconds(25), () => browser.IsSignedOutAsync("/"))).ShouldBeTrue(gateway.Process.Errors);
        (await gateway.LoginAsync(_user, Password)).Status.ShouldBe(401, "the cached login would have served for ten minutes");
        await gateway.Process.AuditRecordAsync(_ => true, "--user", _user, "--reason", "account-ended");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Another test's useradd may hold the files just now.
        ProgramRun? run = null;
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (run = await ProgramRun.ExecuteAsync(program, arguments)).ExitCode == 0)).ShouldBeTrue(run?.Error);
    }
}
