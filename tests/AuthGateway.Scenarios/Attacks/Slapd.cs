using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>The real directory seen from behind: what it counted of the guesses that reached it.</summary>
internal static class Slapd
{
    private const string Url = "ldap://127.0.0.1:3890";

    private static readonly string[] Administrator = ["-x", "-H", Url, "-D", "cn=admin,dc=bed,dc=test", "-w", "adminpw"];

    /// <summary>How many wrong passwords the directory remembers of a user.</summary>
    public static async Task<int> FailuresAsync(string user)
    {
        var run = await ProgramRun.ExecuteAsync("ldapsearch", [.. Administrator, "-LLL", "-b", Dn(user), "-s", "base", "pwdFailureTime"]);
        run.ExitCode.ShouldBe(0, run.Error);
        return run.Output.Split('\n').Count(line => line.StartsWith("pwdFailureTime:", StringComparison.Ordinal));
    }

    /// <summary>Makes the directory forget an earlier run's guesses.</summary>
    public static async Task ForgetAsync(string user)
    {
        _ = await ProgramRun.ExecuteAsync("ldapmodify", Administrator, $"dn: {Dn(user)}\nchangetype: modify\ndelete: pwdAccountLockedTime\n");
        var bind = await ProgramRun.ExecuteAsync("ldapwhoami", ["-x", "-H", Url, "-D", Dn(user), "-w", $"{user}-pw"]);
        bind.ExitCode.ShouldBe(0, $"{user} must be able to bind: {bind.Error}");
        (await FailuresAsync(user)).ShouldBe(0);
    }

    /// <summary>Sets a password.</summary>
    public static async Task SetPasswordAsync(string user, string password)
    {
        var run = await ProgramRun.ExecuteAsync("ldappasswd", [.. Administrator, "-s", password, Dn(user)]);
        run.ExitCode.ShouldBe(0, run.Error);
    }

    private static string Dn(string user) => $"uid={user},ou=people,dc=bed,dc=test";
}
