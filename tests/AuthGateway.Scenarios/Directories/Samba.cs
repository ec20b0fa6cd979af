using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>The Active Directory of the bed, as its administrator.</summary>
internal static class Samba
{
    public const string Password = "Us3rPassw0rd!";
    public const string SearchPassword = "Gateway-pw1!";

    private const string Url = "ldaps://127.0.0.1:636";

    private static readonly string[] Administrator = ["-x", "-H", Url, "-D", "Administrator@samdom.test", "-w", "Passw0rd!23"];
    private static readonly Dictionary<string, string> Environment = new(StringComparer.Ordinal) { ["LDAPTLS_CACERT"] = Bed.Pki("ca.crt") };

    /// <summary>How many wrong passwords the domain remembers of a user.</summary>
    public static async Task<int> FailuresAsync(string user) => int.Parse(await ReadAsync(user, "badPwdCount") ?? "0", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>An attribute's value, or null.</summary>
    public static async Task<string?> ReadAsync(string user, string attribute)
    {
        var run = await ProgramRun.ExecuteAsync("env", [.. Variables, "ldapsearch", .. Administrator, "-LLL", "-b", Dn(user), "-s", "base", attribute]);
        run.ExitCode.ShouldBe(0, run.Error);
        var line = run.Output.Split('\n').FirstOrDefault(line => line.StartsWith($"{attribute}: ", StringComparison.OrdinalIgnoreCase));
        return line?[(attribute.Length + 2)..];
    }

    /// <summary>Replaces an attribute's value.</summary>
    public static async Task SetAsync(string user, string attribute, string value)
    {
        var run = await ProgramRun.ExecuteAsync(
            "env", [.. Variables, "ldapmodify", .. Administrator], $"dn: {Dn(user)}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n");
        run.ExitCode.ShouldBe(0, run.Error);
    }

    /// <summary>Sets a password as an administrator does.</summary>
    public static async Task ResetAsync(string user, string password, bool mustChange)
    {
        var quoted = Convert.ToBase64String(System.Text.Encoding.Unicode.GetBytes($"\"{password}\""));
        var run = await ProgramRun.ExecuteAsync(
            "env", [.. Variables, "ldapmodify", .. Administrator], $"dn: {Dn(user)}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: {quoted}\n");
        run.ExitCode.ShouldBe(0, run.Error);
        await SetAsync(user, "pwdLastSet", mustChange ? "0" : "-1");
        await SetAsync(user, "lockoutTime", "0");
    }

    /// <summary>Sends changes to the domain, as LDIF.</summary>
    public static async Task<ProgramRun> ModifyAsync(string ldif) => await ProgramRun.ExecuteAsync("env", [.. Variables, "ldapmodify", .. Administrator], ldif);

    private static IEnumerable<string> Variables => Environment.Select(pair => $"{pair.Key}={pair.Value}");

    private static string Dn(string user) => $"CN={user},OU=People,DC=samdom,DC=test";
}
