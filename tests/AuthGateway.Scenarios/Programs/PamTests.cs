using System.Text.Json.Nodes;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Programs;

/// <summary>Users of the operating system, checked by the real PAM with real modules.</summary>
public sealed class PamTests
{
    /// <summary>A module that behaves badly, after the name of the user.</summary>
    private const string OddModule =
        """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        int pam_get_user(void *h, const char **user, const char *prompt);
        int pam_set_item(void *h, int item, const void *value);
        int pam_sm_authenticate(void *h, int flags, int argc, const char **argv) {
          const char *user = 0;
          const char *forged = "{\"Number\":2,\"Phase\":\"account\",\"Code\":0,\"User\":{\"Name\":\"agw-olga\",\"Uid\":1}}\n";
          for (int fd = 0; fd < 3; fd++) (void)!write(fd, forged, strlen(forged));
          write(2, "odd \033[31mnoise\n", 15);
          char c; (void)!read(0, &c, 1);
          if (pam_get_user(h, &user, 0)) return 4;
          if (!strcmp(user, "agw-shut")) for (;;) pause();
          if (!strcmp(user, "agw-must")) abort();
          if (!strcmp(user, "agw-expired")) pam_set_item(h, 2, "root");
          return 0;
        }
        int pam_sm_setcred(void *h, int flags, int argc, const char **argv) { return 0; }
        """;

    [Fact]
    public async Task Users_of_the_system_sign_in_with_their_groups_and_others_do_not_exist()
    {
        await using var bed = await UnixAsync();

        (await bed.LoginAsync("agw-olga", "olga-pw")).Status.ShouldBe(200);
        (await bed.LoginAsync("AGW-Olga", "olga-pw")).Status.ShouldBe(200);
        (await bed.LoginAsync("agw-olga", "wrong")).Status.ShouldBe(401);
        (await bed.LoginAsync("agw-olga", "olga-pw", "/dav/shared-admin/x")).Status.ShouldBe(200, "everybody of this backend is in the group admins");
        (await bed.LoginAsync("agw-nobody-of-that-name", "x")).Status.ShouldBe(401);
        (await bed.LoginAsync("agw-daemon", "daemon-pw")).Status.ShouldBe(401, "its number is below 1000");
        (await bed.LoginAsync("root", "x")).Status.ShouldBe(401);

        var test = await bed.Process.RunCliAsync(["backend", "test", "os", "--user", "agw-olga", "--json"]);
        test.ExitCode.ShouldBe(0, test.Error);
        var user = JsonNode.Parse(test.Output)!.AsArray()[0]!;
        user["identity"]!.GetValue<string>().ShouldBe("os:agw-olga");
        user["groups"]!.AsArray().Select(group => group!.GetValue<string>()).ShouldBe(["admins", "agw-olga", "agw-staff"]);
    }

    [Fact]
    public async Task A_user_of_the_group_shadow_is_enough_for_the_system_s_own_passwords()
    {
        await using var bed = await UnixAsync(runAs: "agw-checker");

        (await bed.LoginAsync("agw-olga", "olga-pw")).Status.ShouldBe(200, bed.Process.Errors);
        (await bed.LoginAsync("agw-olga", "wrong")).Status.ShouldBe(401);
        (await bed.LoginAsync("agw-must", "must-pw")).Status.ShouldBe(401);
        (await bed.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "account-state")).ToString().ShouldContain("must-change");
        bed.Children().ShouldNotBeEmpty();
        foreach (var child in bed.Children())
        {
            var ids = File.ReadAllLines($"/proc/{child}/status");
            ids.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1..].ShouldNotContain(id => id == "0");
            ids.ShouldContain(line => line == "CapEff:\t0000000000000000");
        }
    }

    [Theory]
    [InlineData("agw-expired", "expired-pw", "expired")]
    [InlineData("agw-must", "must-pw", "must-change")]
    [InlineData("agw-shut", "shut-pw", "disabled")]
    public async Task The_account_phase_is_asked_and_a_right_password_is_no_guess(string user, string password, string state)
    {
        await using var bed = await UnixAsync();

        (await bed.LoginAsync(user, password)).Status.ShouldBe(401);

        (await bed.FailuresAsync()).ShouldBe(0);
        var record = await bed.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "account-state");
        record.ToString().ShouldContain(state);
        (await bed.LoginAsync(user, "wrong")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_module_that_hangs_crashes_or_makes_root_of_somebody_lets_nobody_in_and_holds_nobody_up()
    {
        await using var bed = await OddAsync();
        (await bed.LoginAsync("agw-olga", "any: the module says yes")).Status.ShouldBe(200);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => bed.Process.Errors.Contains("odd \\\\u001b[31mnoise", StringComparison.Ordinal))).ShouldBeTrue(bed.Process.Errors);

        var hang = bed.LoginAsync("agw-shut", "x");
        (await Deadline.PollAsync(TimeSpan.FromSeconds(4), () => bed.Children().Count >= 1)).ShouldBeTrue();
        var (other, otherTook) = await bed.LoginAsync("agw-olga", "another");
        other.ShouldBe(200);
        otherTook.ShouldBeLessThan(TimeSpan.FromSeconds(4));
        var (status, took) = await hang;
        status.ShouldBe(503);
        took.ShouldBeInRange(TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(8));

        (await bed.LoginAsync("agw-must", "x")).Status.ShouldBe(503);
        (await bed.LoginAsync("agw-expired", "x")).Status.ShouldBe(503);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => bed.Process.Errors.Contains("ended with \"root\"", StringComparison.Ordinal))).ShouldBeTrue(bed.Process.Errors);
        (await bed.LoginAsync("agw-olga", "and again")).Status.ShouldBe(200);
        (await bed.FailuresAsync()).ShouldBe(4, "three modules were shown a password, from one address");
    }

    [Fact]
    public async Task A_module_runs_a_program_and_its_no_is_a_no()
    {
        await Bed.EnsureUsersAsync();
        await using var bed = new ProgramGateway();
        bed.Write("check.sh", "#!/bin/sh\nread password\n[ \"$password\" = \"$PAM_USER-exec\" ]\n");
        bed.Write("pam.d/mail", "auth sufficient pam_exec.so expose_authtok quiet @folder@/check.sh\nauth required pam_deny.so\naccount required pam_permit.so\n");
        var backend = Backend(bed, "mail");
        backend["NameTemplate"] = "agw-*%bed.test";
        backend["MailDomain"] = "bed.test";
        await bed.StartAsync(backend); // as nobody: this module needs no privilege

        (await bed.LoginAsync("olga@bed.test", "agw-olga-exec")).Status.ShouldBe(200);
        (await bed.LoginAsync("olga@bed.test", "wrong")).Status.ShouldBe(401);
        (await bed.LoginAsync("olga", "agw-olga-exec")).Status.ShouldBe(401, "only names of the domain");
        (await bed.LoginAsync("agw-olga@bed.test", "agw-olga-exec")).Status.ShouldBe(401);
        var child = bed.Children().ShouldHaveSingleItem();
        File.ReadAllLines($"/proc/{child}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).ShouldBe("Uid:\t65534\t65534\t65534\t65534");

        // Without a password nobody could tell whether the account has ended.
        var test = await bed.Process.RunCliAsync(["backend", "test", "os", "--user", "olga@bed.test"]);
        (test.ExitCode, test.Output).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(4), run => run.Output.ShouldContain("may not read the account state of agw-olga"), run => run.Output.ShouldContain("state      not known"));
    }

    [Fact]
    public async Task Forty_logins_at_once_are_answered_rightly_and_nothing_is_left_behind()
    {
        await using var bed = await UnixAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
            (number, (await bed.LoginAsync("agw-olga", number < 4 ? $"wrong-{number}" : "olga-pw")).Status)));

        answers.Where(answer => answer.number >= 4).ShouldAllBe(answer => answer.Status == 200);
        answers.Where(answer => answer.number < 4).ShouldAllBe(answer => answer.Status == 401);
        var children = bed.Children();
        children.Count.ShouldBeInRange(1, 8);
        (await bed.Process.StopAsync()).ShouldBe(0);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => !children.Any(ProgramGateway.Lives))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_service_that_does_not_exist_stops_the_start()
    {
        await using var bed = new ProgramGateway();
        bed.Write("pam.d/other", "auth required pam_permit.so\naccount required pam_permit.so\n");

        var run = await bed.RefusedAsync(Backend(bed, "mail"));

        run.ExitCode.ShouldBe(3);
        (run.Error + run.Output).ShouldContain("There is no PAM service of this name");
    }

    private static async Task<ProgramGateway> UnixAsync(string runAs = "root")
    {
        await Bed.EnsureUsersAsync();
        var bed = new ProgramGateway();
        bed.Write("access.conf", "-:agw-shut:ALL\n");
        bed.Write("pam.d/mail", "auth required pam_unix.so\naccount required pam_unix.so\naccount required pam_access.so accessfile=@folder@/access.conf\n");
        var backend = Backend(bed, "mail");
        backend["RunAs"] = runAs; // pam_unix reads the shadow file
        backend["Groups"] = new JsonArray("admins");
        await bed.StartAsync(backend);
        return bed;
    }

    private static async Task<ProgramGateway> OddAsync()
    {
        await Bed.EnsureUsersAsync();
        var bed = new ProgramGateway();
        var source = bed.Write("odd.c", OddModule);
        var compiled = await ProgramRun.ExecuteAsync("cc", ["-shared", "-fPIC", "-o", bed.PathOf("pam_odd.so"), source, "-l:libpam.so.0"]);
        compiled.ExitCode.ShouldBe(0, compiled.Error);
        bed.Write("pam.d/mail", "auth required @folder@/pam_odd.so\naccount required pam_permit.so\n");
        await bed.StartAsync(Backend(bed, "mail"));
        return bed;
    }

    private static JsonObject Backend(ProgramGateway bed, string service) => new()
    {
        ["Name"] = "os",
        ["Type"] = "pam",
        ["ServiceName"] = service,
        ["ConfigDirectory"] = bed.PathOf("pam.d"),
    };
}
