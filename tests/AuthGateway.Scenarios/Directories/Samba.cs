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
        var run = await ProgramRun.ExecuteAsync(
            "env", [.. Variables, "ldapmodify", .. Administrator], $"dn: {Dn(user)}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: {Quoted(password)}\n");
        run.ExitCode.ShouldBe(0, run.Error);
        await SetAsync(user, "pwdLastSet", mustChange ? "0" : "-1");
        await SetAsync(user, "lockoutTime", "0");
    }

    /// <summary>Somebody new with the usual password, whom <see cref="RemoveAsync"/> takes away again; returns the name.</summary>
    public static async Task<string> AddAsync(string more = "")
    {
        var name = $"p-{System.Security.Cryptography.RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var run = await ProgramRun.ExecuteAsync(
            "env",
            [.. Variables, "ldapadd", .. Administrator],
            $"dn: {Dn(name)}\nobjectClass: user\nsAMAccountName: {name}\nuserPrincipalName: {name}@samdom.test\nmail: {name}@bed.test\nunicodePwd:: {Quoted(Password)}\nuserAccountControl: 512\n{more}");
        run.ExitCode.ShouldBe(0, run.Error);
        return name;
    }

    /// <summary>Takes somebody away.</summary>
    public static async Task RemoveAsync(string user) => (await ProgramRun.ExecuteAsync("env", [.. Variables, "ldapdelete", .. Administrator, Dn(user)])).ExitCode.ShouldBe(0);

    /// <summary>The user's password was set years ago, under a policy that lets one serve three days: expired as any other does, by the directory's own reckoning.</summary>
    public static async Task ExpireAsync(string user)
    {
        var policy = await ProgramRun.ExecuteAsync(
            "env",
            [.. Variables, "ldapmodify", .. Administrator],
            $"dn: CN=bed-stale,CN=Password Settings Container,CN=System,DC=samdom,DC=test\nchangetype: modify\nadd: msDS-PSOAppliesTo\nmsDS-PSOAppliesTo: {Dn(user)}\n");
        policy.ExitCode.ShouldBe(0, policy.Error);
        // Debian's own: another python3 earlier in the path has no Samba modules.
        var age = await ProgramRun.ExecuteAsync(
            "/usr/bin/python3", [Path.Combine(Repository.Root, "tests", "bed", "samba-age.py"), Path.Combine(Bed.Folder, "samba", "private", "sam.ldb"), user]);
        age.ExitCode.ShouldBe(0, age.Error);
    }

    /// <summary>From now on the gateway's search user may not read the property set "account restrictions" of somebody, as in a hardened domain; the owner may.</summary>
    public static async Task HideStateAsync(string user)
    {
        const string AccountRestrictions = "4c164200-20c0-11d0-a768-00aa006e0529";
        var run = await ProgramRun.ExecuteAsync("env", [.. Variables, "ldapsearch", .. Administrator, "-LLL", "-o", "ldif-wrap=no", "-b", "CN=svc-gateway,CN=Users,DC=samdom,DC=test", "-s", "base", "objectSid"]);
        run.ExitCode.ShouldBe(0, run.Error);
        var sid = Convert.FromBase64String(run.Output.Split('\n').Single(line => line.StartsWith("objectSid:: ", StringComparison.Ordinal))["objectSid:: ".Length..]);
        var parts = Enumerable.Range(0, sid[1]).Select(i => BitConverter.ToUInt32(sid, 8 + (4 * i)));
        var samba = Path.Combine(Bed.Folder, "samba");
        var acl = await ProgramRun.ExecuteAsync(
            "samba-tool",
            [
                "dsacl", "set", "-s", Path.Combine(samba, "etc", "smb.conf"), "-H", Path.Combine(samba, "private", "sam.ldb"), $"--objectdn={Dn(user)}",
                $"--sddl=(OD;;RP;{AccountRestrictions};;S-1-{sid[7]}-{string.Join('-', parts)})",
            ]);
        acl.ExitCode.ShouldBe(0, acl.Error);
    }

    /// <summary>How the directory ends a bind under any name: empty for yes, else its words.</summary>
    public static async Task<string> BindAsync(string name, string password)
    {
        var run = await ProgramRun.ExecuteAsync("env", [.. Variables, "ldapsearch", "-x", "-LLL", "-H", Url, "-D", name, "-w", password, "-b", "DC=samdom,DC=test", "-s", "base", "dn"]);
        return run.ExitCode == 0 ? "" : run.Error;
    }

    /// <summary>Sends changes to the domain, as LDIF.</summary>
    public static async Task<ProgramRun> ModifyAsync(string ldif) => await ProgramRun.ExecuteAsync("env", [.. Variables, "ldapmodify", .. Administrator], ldif);

    private static IEnumerable<string> Variables => Environment.Select(pair => $"{pair.Key}={pair.Value}");

    private static string Quoted(string password) => Convert.ToBase64String(System.Text.Encoding.Unicode.GetBytes($"\"{password}\""));

    private static string Dn(string user) => $"CN={user},OU=People,DC=samdom,DC=test";
}
