using System.Text.Json;
using AuthGateway.Core.Backends;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>The real program before a real domain controller.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class ActiveDirectoryTests(ChainGateway bed)
{
    [Theory]
    [InlineData("mustchange", "must-change", "You must choose a new password before you can sign in.")]
    [InlineData("stale", "password-expired", "Your password has expired.")]
    [InlineData("gone", "expired", "Your account has expired.")]
    [InlineData("disabled", "disabled", "Your account is disabled.")]
    [InlineData("hours", "logon-hours", "Your account may not be used at this time of day.")]
    [InlineData("desk", "workstation", "Your account may only be used from certain computers.")]
    public async Task Each_account_state_has_its_own_word_and_is_told_to_who_knows_the_password(string user, string word, string sentence)
    {
        // Or the guesses of earlier runs would lock him.
        await Samba.SetAsync(user, "lockoutTime", "0");
        var (status, record) = await bed.LoginAsync(user, Samba.Password);
        status.ShouldBe(401);
        record.GetProperty("reason").GetString().ShouldBe("account-state");
        record.GetProperty("detail").GetString().ShouldStartWith($"{word}: ad=account-state");

        using var knows = bed.Browser();
        var page = await knows.SignInAsync("/", user, Samba.Password);
        // Where a new password ends the state, the page asks for one.
        page.Status.ShouldBe(word is AccountStates.MustChange or AccountStates.PasswordExpired ? 200 : 401);
        page.Text.ShouldContain(sentence);

        using var guesses = bed.Browser();
        page = await guesses.SignInAsync("/", user, "not the password");
        page.Status.ShouldBe(401);
        page.Text.ShouldContain("That did not work.");
        page.Text.ShouldNotContain(sentence);
    }

    // Windows tells an unknown user (525) from a wrong password (52e); this controller never does, whatever the name looks like.
    [Theory]
    [InlineData("nobody@samdom.test")]
    [InlineData("nobody@other.test")]
    [InlineData(@"SAMDOM\nobody")]
    [InlineData(@"OTHER\nobody")]
    [InlineData("CN=nobody,OU=People,DC=samdom,DC=test")]
    [InlineData("CN=nobody,DC=nowhere")]
    [InlineData("CN=inner,OU=Groups,DC=samdom,DC=test")]
    [InlineData("S-1-5-21-1-2-3-4")]
    public async Task Samba_says_of_a_name_it_does_not_know_what_it_says_of_a_wrong_password(string name) =>
        (await Samba.BindAsync(name, "not the password")).ShouldContain("data 52e,");

    [Fact]
    public async Task A_right_password_of_an_unusable_account_is_no_guess_and_a_wrong_one_is()
    {
        await Samba.SetAsync("hours", "lockoutTime", "0");
        var before = await FailuresAsync("hours");
        for (var i = 0; i < 3; i++)
        {
            (await bed.LoginAsync("hours", Samba.Password)).Record.GetProperty("reason").GetString().ShouldBe("account-state");
        }

        (await FailuresAsync("hours")).ShouldBe(before);
        // Nobody has sent this one before: a repeated one would cost nothing.
        (await bed.LoginAsync("hours", $"not the password {Guid.NewGuid():N}")).Record.GetProperty("reason").GetString().ShouldBe("wrong-password");
        (await FailuresAsync("hours")).ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_locked_account_sees_no_bind_and_looks_like_a_wrong_password()
    {
        await Samba.SetAsync("lock1", "lockoutTime", "0");
        // At another door of the domain: the gateway itself would stop before.
        await using var door = await BackendBed.SambaAsync();
        for (var i = 0; i < 4; i++)
        {
            (await door.VerifyAsync("lock1", $"wrong {i}")).ShouldBeOfType<BackendAnswer.Rejected>();
        }

        (await Samba.ReadAsync("lock1", "lockoutTime") is null or "0").ShouldBeFalse("four wrong passwords lock");
        var failures = await Samba.FailuresAsync("lock1");
        var (status, record) = await bed.LoginAsync("lock1", "wrong again");
        status.ShouldBe(401);
        record.GetProperty("detail").GetString().ShouldStartWith("locked: ad=account-state");
        (await Samba.FailuresAsync("lock1")).ShouldBe(failures);

        using var owner = bed.Browser();
        var page = await owner.SignInAsync("/", "lock1", Samba.Password);
        page.Text.ShouldContain("That did not work.");
        page.Text.ShouldNotContain("locked");

        await Samba.SetAsync("lock1", "lockoutTime", "0");
        (await bed.LoginAsync("lock1", Samba.Password)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Every_spelling_of_a_name_is_one_identity()
    {
        var identity = await bed.IdentityAsync("anna", Samba.Password);
        identity.ShouldNotBeNull().ShouldStartWith("ad:");
        foreach (var spelling in new[] { @"SAMDOM\anna", @"samdom\ANNA", @"samdom.test\anna", "anna@samdom.test", "a.ames@corp.test", "Anna.Ames@example.test" })
        {
            (await bed.IdentityAsync(spelling, Samba.Password)).ShouldBe(identity, spelling);
        }

        (await bed.IdentityAsync("jörg", Samba.Password)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(@"OTHER\anna")]
    [InlineData("anna@other.test")]
    [InlineData(@"SAMDOM\a.ames@corp.test@samdom.test")]
    public async Task A_name_of_another_domain_is_nobody(string name)
    {
        var (status, record) = await bed.LoginAsync(name, Samba.Password);
        status.ShouldBe(401);
        record.GetProperty("reason").GetString().ShouldBe("unknown-user");
    }

    [Theory]
    [InlineData("alice", "/inner", 200)]
    [InlineData("alice", "/outer", 200)]
    [InlineData("alice", "/ring", 200)]
    [InlineData("alice", "/bobs", 403)]
    [InlineData("anna", "/inner", 403)]
    [InlineData("anna", "/outer", 200)]
    [InlineData("bob", "/bobs", 200)]
    [InlineData("bob", "/tower", 200)]
    [InlineData("bob", "/outer", 403)]
    public async Task Nested_groups_and_the_primary_group_open_what_they_should(string user, string path, int status) =>
        (await bed.LoginAsync(user, Samba.Password, path)).Status.ShouldBe(status);

    [Theory]
    [InlineData("CN=ring,OU=Groups,DC=samdom,DC=test", true, false, "alice", true)]
    [InlineData("CN=ring,OU=Groups,DC=samdom,DC=test", false, false, "alice", false)]
    [InlineData("CN=inner,OU=Groups,DC=samdom,DC=test", false, false, "alice", true)]
    [InlineData("CN=bobs,OU=Groups,DC=samdom,DC=test", false, true, "bob", true)]
    [InlineData("CN=tower,OU=Groups,DC=samdom,DC=test", true, true, "bob", true)]
    [InlineData("CN=tower,OU=Groups,DC=samdom,DC=test", true, true, "alice", false)]
    public async Task The_group_everybody_must_be_in_is_found_through_other_groups(string group, bool nested, bool primary, string user, bool isFound)
    {
        await using var directory = await BackendBed.SambaAsync(options => (options.GroupDn, options.NestedGroups, options.PrimaryGroup) = (group, nested, primary));
        (await directory.FindAsync(user) is BackendLookup.Found).ShouldBe(isFound);
    }

    [Theory]
    [InlineData("ldaps://127.0.0.1:636", true)]
    [InlineData("ldap://127.0.0.1:389", true)]
    public async Task LDAPS_and_StartTLS_both_serve(string host, bool startTls)
    {
        await using var directory = await BackendBed.SambaAsync(options => (options.Hosts, options.StartTls) = ([host], startTls));
        (await directory.VerifyAsync("alice", Samba.Password)).ShouldBeOfType<BackendAnswer.Accepted>();
        (await directory.VerifyAsync("alice", "not the password")).ShouldBeOfType<BackendAnswer.Rejected>();
        (await directory.Backend.ProbeAsync(CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Without_TLS_the_remedy_is_named()
    {
        await using var directory = await BackendBed.SambaAsync(options => (options.Hosts, options.StartTls) = (["ldap://127.0.0.1:389"], false));
        (await directory.FindAsync("alice")).ShouldBeOfType<BackendLookup.Unavailable>().Why.ShouldContain("strong auth required");
        (await directory.Backend.ProbeAsync(CancellationToken.None)).ShouldNotBeNull().ShouldContain("ldaps://");
    }

    [Fact]
    public async Task A_pinned_certificate_replaces_name_and_authority()
    {
        using var certificate = Bed.Certificate("dc1");
        var pin = certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
        await using (var fits = await BackendBed.SambaAsync(options => (options.CaFile, options.TlsName, options.PinnedCertificates) = ("", "", [pin.ToLowerInvariant()])))
        {
            (await fits.VerifyAsync("alice", Samba.Password)).ShouldBeOfType<BackendAnswer.Accepted>();
        }

        await using var other = await BackendBed.SambaAsync(options => (options.CaFile, options.PinnedCertificates) = ("", [new string('0', 64)]));
        (await other.FindAsync("alice")).ShouldBeOfType<BackendLookup.Unavailable>();
    }

    [Fact]
    public async Task A_password_that_must_be_changed_is_changed_and_the_new_one_serves()
    {
        await using var directory = await BackendBed.SambaAsync();
        await Samba.ResetAsync("change1", Samba.Password, mustChange: true);
        (await directory.VerifyAsync("change1", Samba.Password)).ShouldBeOfType<BackendAnswer.AccountState>().ShouldSatisfyAllConditions(
            state => state.State.ShouldBe(AccountStates.MustChange), state => state.CanChangePassword.ShouldBeTrue());

        var next = $"N3w-{Guid.NewGuid():N}";
        (await directory.ChangeAsync("change1", Samba.Password, next)).ShouldBeOfType<PasswordChange.Changed>();

        (await directory.VerifyAsync("change1", next)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task A_password_that_has_expired_is_changed_too()
    {
        await using var directory = await BackendBed.SambaAsync();
        (await directory.VerifyAsync("stale", Samba.Password)).ShouldBeOfType<BackendAnswer.AccountState>().CanChangePassword.ShouldBeTrue();
        // Only refused ones, for nobody could make it expire again.
        (await directory.ChangeAsync("stale", Samba.Password, "short")).ShouldBeOfType<PasswordChange.Refused>().Rule.ShouldBe("policy");
    }

    [Fact]
    public async Task A_refused_change_says_why_in_the_directory_s_words()
    {
        await using var directory = await BackendBed.SambaAsync();
        await Samba.ResetAsync("change2", Samba.Password, mustChange: true);

        (await directory.ChangeAsync("change2", "not the password", $"N3w-{Guid.NewGuid():N}")).ShouldBeOfType<PasswordChange.WrongPassword>();
        var refused = (await directory.ChangeAsync("change2", Samba.Password, "short")).ShouldBeOfType<PasswordChange.Refused>();
        refused.Rule.ShouldBe("policy");
        refused.Text.ShouldNotBeNull().ShouldContain("too short");
        (await directory.ChangeAsync("change2", Samba.Password, "alllowercaseletters")).ShouldBeOfType<PasswordChange.Refused>().Rule.ShouldBe("policy");
        (await directory.ChangeAsync("young", Samba.Password, $"N3w-{Guid.NewGuid():N}")).ShouldBeOfType<PasswordChange.Refused>().Rule.ShouldBe("too-young");
        (await directory.ChangeAsync("locked", Samba.Password, $"N3w-{Guid.NewGuid():N}")).ShouldBe(new PasswordChange.Refused("locked", null));

        (await directory.VerifyAsync("change2", Samba.Password)).ShouldBeOfType<BackendAnswer.AccountState>().State.ShouldBe(AccountStates.MustChange);
    }

    [Fact]
    public async Task Wrong_old_passwords_of_a_change_lock_the_account_as_any_others()
    {
        await using var directory = await BackendBed.SambaAsync();
        await Samba.ResetAsync("change3", Samba.Password, mustChange: true);
        for (var i = 0; i < 4; i++)
        {
            await directory.ChangeAsync("change3", $"wrong {i}", $"N3w-{Guid.NewGuid():N}");
        }

        (await directory.ChangeAsync("change3", Samba.Password, $"N3w-{Guid.NewGuid():N}")).ShouldBeOfType<PasswordChange.Refused>().Rule.ShouldBe("locked");
        await Samba.SetAsync("change3", "lockoutTime", "0");
    }

    [Fact]
    public async Task A_known_user_is_read_anew_by_his_own_number()
    {
        await using var directory = await BackendBed.SambaAsync(options => (options.NestedGroups, options.PrimaryGroup) = (true, true));
        var accepted = (await directory.VerifyAsync("alice", Samba.Password)).ShouldBeOfType<BackendAnswer.Accepted>();

        var current = (await directory.Refresher.RefreshAsync(accepted.Identity, CancellationToken.None)).ShouldBeOfType<AccountRefresh.Current>();
        current.Identity.Key.ShouldBe(accepted.Identity.Key);
        current.Identity.Groups.Contains("ring").ShouldBeTrue();

        (await directory.Refresher.RefreshAsync((await directory.FoundAsync("disabled")).Identity, CancellationToken.None))
            .ShouldBe(new AccountRefresh.Ended(AccountStates.Disabled));
        (await directory.Refresher.RefreshAsync((await directory.FoundAsync("gone")).Identity, CancellationToken.None))
            .ShouldBe(new AccountRefresh.Ended(AccountStates.Expired));
        (await directory.Refresher.RefreshAsync((await directory.FoundAsync("locked")).Identity, CancellationToken.None)).ShouldBeOfType<AccountRefresh.Current>();

        await using var others = await BackendBed.SambaAsync(options => options.AlwaysFilter = "(sAMAccountName=bob)");
        (await others.Refresher.RefreshAsync(accepted.Identity, CancellationToken.None)).ShouldBeOfType<AccountRefresh.Gone>();
    }

    /// <summary>What is counted of a user's account; what his directory may bear is counted apart.</summary>
    private async Task<int> FailuresAsync(string user)
    {
        using var counters = JsonDocument.Parse((await bed.Process.RunCliAsync(["lockout", "list", "--json"])).Output);
        return counters.RootElement.EnumerateArray().Where(counter => counter.TryGetProperty("name", out var name) && name.GetString() == user && counter.GetProperty("key").GetString()!.StartsWith("user:", StringComparison.Ordinal)).Sum(counter => counter.GetProperty("failures").GetInt32());
    }
}
