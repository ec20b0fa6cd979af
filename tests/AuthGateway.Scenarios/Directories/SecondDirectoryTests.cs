using AuthGateway.Core.Backends;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>The real program, and its backend alone, before an OpenLDAP with a password policy and groups that only list names.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class SecondDirectoryTests(ChainGateway bed)
{
    private const string Groups = "ou=groups,dc=second,dc=test";

    [Fact]
    public async Task Who_is_only_in_the_second_directory_signs_in_there()
    {
        var (status, record) = await bed.LoginAsync("henry", "henry-pw");
        status.ShouldBe(200);
        record.GetProperty("identity").GetString().ShouldNotBeNull().ShouldStartWith("second:");
        (await bed.IdentityAsync("henry@second.test", "henry-pw")).ShouldBe(record.GetProperty("identity").GetString());
    }

    [Theory]
    [InlineData("reset", "must-change", "You must choose a new password before you can sign in.")]
    [InlineData("aged", "password-expired", "Your password has expired.")]
    public async Task Each_state_of_the_password_policy_is_told_to_who_knows_the_password(string user, string word, string sentence)
    {
        var (status, record) = await bed.LoginAsync(user, $"{user}-pw");
        status.ShouldBe(401);
        record.GetProperty("detail").GetString().ShouldStartWith($"{word}: ");

        using var knows = bed.Browser();
        (await knows.SignInAsync("/", user, $"{user}-pw")).Text.ShouldContain(sentence);
        using var guesses = bed.Browser();
        var page = await guesses.SignInAsync("/", user, "wrong");
        page.Text.ShouldContain("That did not work.");
        page.Text.ShouldNotContain(sentence);
        await ClearAsync(user);
    }

    [Fact]
    public async Task A_lock_by_the_password_policy_looks_like_a_wrong_password()
    {
        var (_, record) = await bed.LoginAsync("locked", "locked-pw");
        // The first directory has a user of this name too, and it is the one that is asked.
        record.GetProperty("detail").GetString().ShouldStartWith("locked: ad=account-state");

        await using var directory = await BackendBed.SecondAsync();
        (await directory.VerifyAsync("locked", "locked-pw")).ShouldBe(new BackendAnswer.AccountState(AccountStates.Locked, SecretProven: false) { NothingShown = true });
        for (var i = 0; i < 4; i++)
        {
            (await directory.VerifyAsync("lock1", "wrong")).ShouldBeOfType<BackendAnswer.Rejected>();
        }

        var told = (await directory.VerifyAsync("lock1", "lock1-pw")).ShouldBeOfType<BackendAnswer.AccountState>();
        (told.State, told.SecretProven).ShouldBe((AccountStates.Locked, false));
        await ModifyAsync("lock1", "delete: pwdAccountLockedTime");
        (await directory.VerifyAsync("lock1", "lock1-pw")).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task Grace_logins_and_warnings_come_with_the_yes()
    {
        await using var directory = await BackendBed.SecondAsync();
        (await directory.VerifyAsync("graced", "graced-pw")).ShouldBeOfType<BackendAnswer.Accepted>().Notice.ShouldNotBeNull().GraceLoginsLeft.ShouldNotBeNull();
        (await directory.VerifyAsync("warned", "warned-pw")).ShouldBeOfType<BackendAnswer.Accepted>().Notice.ShouldNotBeNull().ExpiresIn.ShouldNotBeNull();
        (await directory.VerifyAsync("henry", "henry-pw")).ShouldBeOfType<BackendAnswer.Accepted>().Notice.ShouldBeNull();
    }

    [Theory]
    [InlineData("change1", AccountStates.MustChange)]
    [InlineData("aged1", AccountStates.PasswordExpired)]
    public async Task A_password_that_serves_no_longer_is_changed_and_the_new_one_serves(string user, string word)
    {
        await using var directory = await BackendBed.SecondAsync();
        await RestoreAsync(user, word);
        (await directory.VerifyAsync(user, $"{user}-pw")).ShouldBe(new BackendAnswer.AccountState(word, SecretProven: true) { CanChangePassword = true });

        (await directory.ChangeAsync(user, "wrong", "a-new-password-1")).ShouldBeOfType<PasswordChange.WrongPassword>();
        var refused = (await directory.ChangeAsync(user, $"{user}-pw", "short")).ShouldBeOfType<PasswordChange.Refused>();
        refused.Rule.ShouldBe("policy");
        var next = $"new-{Guid.NewGuid():N}";
        (await directory.ChangeAsync(user, $"{user}-pw", next)).ShouldBeOfType<PasswordChange.Changed>();

        (await directory.VerifyAsync(user, next)).ShouldBeOfType<BackendAnswer.Accepted>();
        (await directory.VerifyAsync(user, $"{user}-pw")).ShouldBeOfType<BackendAnswer.Rejected>();
        await ClearAsync(user);
    }

    [Fact]
    public async Task An_expired_password_is_changed_on_the_page_and_the_new_one_signs_in()
    {
        const string User = "aged2";
        await RestoreAsync(User, AccountStates.PasswordExpired);
        using var browser = bed.Browser();

        var form = await browser.SignInAsync("/", User, $"{User}-pw");
        (form.Status, browser.Session).ShouldBe((200, null), form.Answer.ToString());
        form.Text.ShouldContain("Your password has expired.");
        var refused = await browser.ChangePasswordAsync(form, $"{User}-pw", "short");
        (refused.Status, browser.Session).ShouldBe((400, null), refused.Answer.ToString());
        var next = $"new-{Guid.NewGuid():N}";
        (await browser.ChangePasswordAsync(refused, $"{User}-pw", next)).Text.ShouldContain("Your password is changed");

        (await browser.SignInAsync("/", User, $"{User}-pw")).Text.ShouldContain("That did not work.");
        (await browser.SignInAsync("/", User, next)).Location.ShouldBe("/");
        (await browser.GetAsync("/")).Status.ShouldBe(200);
        await ClearAsync(User);
    }

    [Theory]
    [InlineData("graced", "Sign-ins left with it: ")]
    [InlineData("warned", "Your password expires")]
    public async Task What_the_directory_says_beside_its_yes_is_told_on_the_page_after_signing_in(string user, string sentence)
    {
        using var browser = bed.Browser();

        var page = await browser.SignInAsync("/", user, $"{user}-pw");

        (page.Status, page.Location).ShouldBe((303, "/.agw/password?rd=%2F"), page.Answer.ToString());
        (await browser.OpenAsync(page.Location!)).Text.ShouldContain(sentence);
        (await browser.GetAsync("/")).Status.ShouldBe(200, "it is a word and no demand");
    }

    [Fact]
    public async Task A_password_that_is_too_young_stays()
    {
        await using var directory = await BackendBed.SecondAsync();
        (await directory.ChangeAsync("young", "young-pw", $"new-{Guid.NewGuid():N}")).ShouldBeOfType<PasswordChange.Refused>().Rule.ShouldBe("too-young");
    }

    [Theory]
    [InlineData("/inner", 200)]
    [InlineData("/outer", 200)]
    [InlineData("/ring", 200)]
    [InlineData("/unix", 403)]
    public async Task Groups_are_climbed_where_the_directory_cannot_do_it(string path, int status) =>
        (await bed.LoginAsync("henry", "henry-pw", path)).Status.ShouldBe(status);

    [Fact]
    public async Task Groups_that_list_login_names_are_read()
    {
        await using var directory = await BackendBed.SecondAsync(options => (options.GroupMembership, options.GroupBaseDn) = ("memberuid", Groups));
        var groups = (await directory.VerifyAsync("henry", "henry-pw")).ShouldBeOfType<BackendAnswer.Accepted>().Identity.Groups;
        groups.Contains("unix").ShouldBeTrue();
        groups.Contains("inner").ShouldBeFalse();

        await using var members = await BackendBed.SecondAsync(options => (options.GroupMembership, options.GroupBaseDn, options.GroupDn) = ("memberuid", Groups, $"cn=unix,{Groups}"));
        (await members.FindAsync("henry")).ShouldBeOfType<BackendLookup.Found>();
        (await members.FindAsync("reset")).ShouldBeOfType<BackendLookup.UnknownUser>();
    }

    [Fact]
    public async Task Pages_bring_what_one_answer_cannot()
    {
        await using var directory = await BackendBed.SecondAsync(options =>
            (options.GroupMembership, options.GroupBaseDn, options.NestedGroups, options.PageSize) = ("member", Groups, true, 1));
        (await directory.VerifyAsync("henry", "henry-pw")).ShouldBeOfType<BackendAnswer.Accepted>().Identity.Groups.Contains("ring").ShouldBeTrue();
    }

    [Fact]
    public async Task A_template_binds_without_a_search_and_the_user_reads_his_own_entry()
    {
        await using var searched = await BackendBed.SecondAsync();
        await using var directory = await BackendBed.SecondAsync(options =>
            (options.SearchUser, options.SearchPassword, options.UserDnTemplate) = ("", "", "uid={0},ou=people,dc=second,dc=test"));

        var accepted = (await directory.VerifyAsync("Henry", "henry-pw")).ShouldBeOfType<BackendAnswer.Accepted>();

        accepted.Identity.Key.ShouldBe((await searched.FoundAsync("henry")).Identity.Key);
        (await directory.VerifyAsync("henry", "wrong")).ShouldBeOfType<BackendAnswer.Rejected>();
        (await directory.VerifyAsync("henry,ou=people,dc=second,dc=test", "henry-pw")).ShouldBeOfType<BackendAnswer.Rejected>();
        (await directory.VerifyAsync("reset", "reset-pw")).ShouldBe(new BackendAnswer.AccountState(AccountStates.MustChange, SecretProven: true) { CanChangePassword = true });
        (await directory.Backend.ProbeAsync(CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_template_signs_people_in_at_the_real_program()
    {
        await using var gateway = await GatewayProcess.StartAsync(bed.Setup(
            """
            {
              "Name": "template", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:3637"], "TlsName": "dir2.bed.test", "CaFile": "pki/ca.crt",
              "BaseDn": "dc=second,dc=test", "UserDnTemplate": "uid={0},ou=people,dc=second,dc=test"
            }
            """));

        (await bed.LoginAsync("ida", "wrong", gateway: gateway)).Status.ShouldBe(401);
        var identity = await bed.IdentityAsync("ida", "ida-pw", gateway);
        identity.ShouldNotBeNull().ShouldStartWith("template:");
        identity.ShouldNotContain("dn:");
        (await gateway.RunCliAsync(["lockout", "list", "--json"])).Output.ShouldNotContain("uid=ida");
    }

    /// <summary>As the bed's description made it.</summary>
    private static async Task RestoreAsync(string user, string word)
    {
        await ModifyAsync(user, $"replace: userPassword\nuserPassword: {user}-pw");
        await ModifyAsync(user, word == AccountStates.MustChange ? "replace: pwdReset\npwdReset: TRUE" : "replace: pwdChangedTime\npwdChangedTime: 20200101000000Z");
    }

    private static Task ClearAsync(string user) => ModifyAsync(user, "replace: pwdFailureTime");

    private static async Task ModifyAsync(string user, string change)
    {
        var run = await ProgramRun.ExecuteAsync(
            "ldapmodify",
            ["-x", "-e", "relax", "-H", "ldap://127.0.0.1:3891", "-D", "cn=admin,dc=second,dc=test", "-w", "adminpw"],
            $"dn: uid={user},ou=people,dc=second,dc=test\nchangetype: modify\n{change}\n");
        run.ExitCode.ShouldBe(0, run.Error);
    }
}
