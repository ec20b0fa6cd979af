using AuthGateway.Scenarios.SignIn;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Accounts;

/// <summary>New passwords on the gateway's page, set in the real directory.</summary>
[Collection(AccountsGroup.Name)]
public sealed class PasswordChangeTests(AccountsGateway gateway)
{
    private const string New = "quite another password";

    [Fact]
    public async Task Whoever_must_change_the_password_does_so_on_the_way_in()
    {
        var login = await gateway.NewPersonAsync();
        await gateway.DemandNewPasswordAsync(login);
        using var browser = gateway.Browser();

        var form = await browser.SignInAsync("/files/", login, AccountsGateway.Password);
        (form.Status, browser.Session).ShouldBe((200, null), form.Answer.ToString());
        var refused = await browser.ChangePasswordAsync(form, AccountsGateway.Password, "short");
        refused.Status.ShouldBe(400, refused.Answer.ToString());
        refused.Text.ShouldContain("This new password was not accepted");

        var done = await browser.ChangePasswordAsync(refused, AccountsGateway.Password, New);
        done.Status.ShouldBe(200, done.Answer.ToString());
        done.Text.ShouldContain("Your password is changed");
        (await AccountsGateway.TakesAsync(login, New)).ShouldBeTrue();
        (await AccountsGateway.TakesAsync(login, AccountsGateway.Password)).ShouldBeFalse();
        (await browser.SignInAsync("/files/", login, New)).Location.ShouldBe("/files/");
        (await gateway.Process.AuditAsync("--user", login, "--reason", "password-changed")).ShouldHaveSingleItem();
        (await gateway.Process.AuditAsync("--user", login, "--reason", "password-change-refused")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Whoever_is_signed_in_changes_the_password_and_is_signed_out_everywhere()
    {
        var login = await gateway.NewPersonAsync();
        using var browser = gateway.Browser();
        using var elsewhere = gateway.Browser();
        await browser.SignInAsync("/files/", login, AccountsGateway.Password);
        await elsewhere.SignInAsync("/files/", login, AccountsGateway.Password);

        var form = await browser.OpenAsync("/.agw/password");
        (await browser.ChangePasswordAsync(form, "a wrong password", New)).Status.ShouldBe(401);
        (await browser.ChangePasswordAsync(form, AccountsGateway.Password, New)).Text.ShouldContain("Your password is changed");

        (await AccountsGateway.TakesAsync(login, New)).ShouldBeTrue();
        (await elsewhere.IsSignedOutAsync("/files/")).ShouldBeTrue();
        (await browser.GetAsync("/files/")).Status.ShouldBe(302);
    }

    [Fact]
    public async Task Guessing_on_the_page_locks_as_guessing_at_the_door_does()
    {
        var login = await gateway.NewPersonAsync();
        await gateway.DemandNewPasswordAsync(login);
        using var browser = gateway.Browser();
        var form = await browser.OpenAsync("/.agw/password");
        for (var i = 0; i < 5; i++)
        {
            (await browser.ChangePasswordAsync(form, $"guess number {i}", New, login)).Status.ShouldBe(401);
        }

        (await browser.ChangePasswordAsync(form, AccountsGateway.Password, New, login)).Status.ShouldBe(401);
        (await AccountsGateway.TakesAsync(login, New)).ShouldBeFalse();
        (await gateway.Process.AuditAsync("--user", login, "--reason", "account-locked")).ShouldNotBeEmpty();
    }
}
