using AuthGateway.Scenarios.SignIn;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>New passwords on the gateway's page, set in a real domain.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class ActiveDirectoryPasswordPageTests(ChainGateway bed) : IAsyncLifetime
{
    private const string LongAgo = "130000000000000000";

    private string _user = "";

    public async Task InitializeAsync() => _user = await Samba.AddAsync();

    public Task DisposeAsync() => Samba.RemoveAsync(_user);

    [Theory]
    [InlineData("must-change", "773")]
    [InlineData("password-expired", "532")]
    public async Task Whose_password_serves_no_longer_chooses_another_and_is_signed_in_with_it(string state, string subCode)
    {
        if (state == "must-change")
        {
            await Samba.SetAsync(_user, "pwdLastSet", "0");
        }
        else
        {
            await Samba.ExpireAsync(_user);
        }

        (await Samba.BindAsync($"{_user}@samdom.test", Samba.Password)).ShouldContain($"data {subCode},");
        using var browser = bed.Browser();

        var form = await browser.SignInAsync("/", _user, Samba.Password);
        (form.Status, browser.Session).ShouldBe((200, null), form.Answer.ToString());
        (await bed.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "account-state", "--user", _user))
            .GetProperty("detail").GetString().ShouldNotBeNull().ShouldStartWith($"{state}: ad=account-state");

        // The domain's own words about its rule, without codes and names of its source, and nothing of what was typed.
        var refused = await browser.ChangePasswordAsync(form, Samba.Password, "sh0rt<b>!");
        refused.Status.ShouldBe(400, refused.Answer.ToString());
        refused.Text.ShouldContain("This new password was not accepted");
        refused.Text.ShouldContain("“the password is too short. It should be equal or longer than 12 characters!”");
        refused.Text.ShouldNotContain("0000052D");
        refused.Text.ShouldNotContain("check_password_restrictions");
        refused.Text.ShouldNotContain("<b>");
        refused = await browser.ChangePasswordAsync(refused, Samba.Password, "alllowercaseletters");
        (refused.Status, browser.Session).ShouldBe((400, null));
        refused.Text.ShouldContain("complexity");

        var next = $"N3w-{Guid.NewGuid():N}";
        var done = await browser.ChangePasswordAsync(refused, Samba.Password, next);
        done.Status.ShouldBe(200, done.Answer.ToString());
        done.Text.ShouldContain("Your password is changed");

        (await Samba.ReadAsync(_user, "pwdLastSet")).ShouldNotBeOneOf("0", LongAgo, null);
        (await Samba.BindAsync($"{_user}@samdom.test", next)).ShouldBeEmpty();
        (await browser.SignInAsync("/", _user, next)).Location.ShouldBe("/");
        (await browser.GetAsync("/")).Status.ShouldBe(200);
        (await bed.Process.AuditAsync("--user", _user, "--reason", "password-changed")).ShouldHaveSingleItem();
        (await bed.Process.AuditAsync("--user", _user, "--reason", "password-change-refused")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_wrong_old_password_on_the_page_is_a_guess_here_and_in_the_domain()
    {
        await Samba.SetAsync(_user, "pwdLastSet", "0");
        using var browser = bed.Browser();
        var form = await browser.OpenAsync("/.agw/password");

        var page = await browser.ChangePasswordAsync(form, "not the password", $"N3w-{Guid.NewGuid():N}", _user);

        page.Status.ShouldBe(401);
        page.Text.ShouldNotContain("Its own words");
        (await Samba.FailuresAsync(_user)).ShouldBe(1);
        (await bed.Process.RunCliAsync(["lockout", "list", "--json"])).Output.ShouldContain(_user);
        (await Samba.ReadAsync(_user, "pwdLastSet")).ShouldBe("0");
    }

    [Fact]
    public async Task A_password_the_domain_remembers_is_refused_and_the_old_one_still_signs_in()
    {
        using var browser = bed.Browser();
        await browser.SignInAsync("/", _user, Samba.Password);
        var next = $"N3w-{Guid.NewGuid():N}";
        var form = await browser.OpenAsync("/.agw/password");
        (await browser.ChangePasswordAsync(form, Samba.Password, next)).Text.ShouldContain("Your password is changed");
        await browser.SignInAsync("/", _user, next);

        form = await browser.OpenAsync("/.agw/password");
        var refused = await browser.ChangePasswordAsync(form, next, Samba.Password);

        refused.Status.ShouldBe(400, refused.Answer.ToString());
        refused.Text.ShouldContain("history");
        (await browser.GetAsync("/")).Status.ShouldBe(200, "a refusal ends no session");
        (await bed.LoginAsync(_user, next)).Status.ShouldBe(200);
    }
}
