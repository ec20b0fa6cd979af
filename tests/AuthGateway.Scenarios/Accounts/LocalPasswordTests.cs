using System.Net;
using AuthGateway.Scenarios.Peace;
using AuthGateway.Scenarios.SignIn;

namespace AuthGateway.Scenarios.Accounts;

/// <summary>New passwords of the gateway's own accounts, on the page.</summary>
public sealed class LocalPasswordTests
{
    private const string First = "a first and local password";
    private const string Listed = "a password many people have";
    private const string Next = "quite another local password";

    [Fact]
    public async Task A_local_password_is_changed_on_the_page_by_the_rules_of_its_backend()
    {
        var list = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(list, Listed + "\n");
            await using var gateway = await PeaceGateway.StartAsync($$"""{ "Name": "local", "Type": "local", "MinPasswordLength": 20, "CommonPasswordsFile": "{{list}}" }""");
            (await gateway.Process.RunProgramAsync(["user", "add", "lokal", "--password-stdin"], "nineteen letters it\n")).ExitCode.ShouldBe(1);
            (await gateway.Process.RunProgramAsync(["user", "add", "lokal", "--password-stdin"], First + "\n")).ExitCode.ShouldBe(0);
            using var browser = gateway.Browser(IPAddress.Loopback);
            (await browser.SignInAsync("/", "lokal", First)).Status.ShouldBe(303);

            var form = await browser.OpenAsync("/.agw/password");
            var refused = await browser.ChangePasswordAsync(form, First, "nineteen letters it");
            refused.Status.ShouldBe(400, refused.Answer.ToString());
            refused.Text.ShouldContain("The new password is too short.");
            refused = await browser.ChangePasswordAsync(refused, First, Listed);
            refused.Status.ShouldBe(400, refused.Answer.ToString());
            refused.Text.ShouldContain("were stolen elsewhere");
            (await browser.ChangePasswordAsync(refused, First, Next)).Text.ShouldContain("Your password is changed");

            (await gateway.LoginAsync("lokal", First)).Status.ShouldBe(401);
            (await gateway.LoginAsync("lokal", Listed)).Status.ShouldBe(401);
            (await gateway.LoginAsync("lokal", Next)).Status.ShouldBe(200);
            (await browser.GetAsync("/")).Status.ShouldBe(302, "all sessions end");
            (await gateway.Process.AuditAsync("--user", "lokal", "--reason", "password-changed")).ShouldHaveSingleItem();
        }
        finally
        {
            File.Delete(list);
        }
    }
}
