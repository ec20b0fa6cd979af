using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace AuthGateway.TestKit.Gateway;

/// <summary>The bed of real servers (<c>tests/bed.sh</c>), brought up once when it is not.</summary>
public static class Bed
{
    private static readonly Lazy<Task> Up = new(() => BringUpAsync());
    private static readonly Lazy<Task> UpWithRoundcube = new(() => BringUpAsync("--with", "roundcube"));
    private static readonly ConcurrentDictionary<string, Lazy<Task>> Single = new(StringComparer.Ordinal);
    private static readonly Lazy<Task> Users = new(() => UsersAsync());

    /// <summary>The bed's folder.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("BED") is { Length: > 0 } folder ? folder : "/tmp/authgateway-bed";

    /// <summary>The slow upstream.</summary>
    public const string Hold = "http://127.0.0.1:9081";

    /// <summary>Makes sure that the services run.</summary>
    public static Task EnsureUpAsync(bool roundcube = false) => roundcube ? UpWithRoundcube.Value : Up.Value;

    /// <summary>Makes sure that one service runs, optional or not (<c>samba</c>, <c>slapd2</c>), whatever else does.</summary>
    public static Task EnsureServiceAsync(string name) => Single.GetOrAdd(name, service => new Lazy<Task>(() => BringUpAsync("--only", service))).Value;

    /// <summary>Makes sure that the bed's users of the operating system are there, as they should be.</summary>
    public static Task EnsureUsersAsync() => Users.Value;

    /// <summary>A file of the bed's realms.</summary>
    public static string Kerberos(string file) => Path.Combine(Folder, "krb5", file);

    /// <summary>The domain controller's keytab with <c>HTTP/auth.bed.test@SAMDOM.TEST</c>.</summary>
    public static string DomainKeytab => Path.Combine(Folder, "samba", "http.keytab");

    /// <summary>A file of the bed's authority.</summary>
    public static string Pki(string file) => Path.Combine(Folder, "pki", file);

    /// <summary>A certificate of the bed with its key.</summary>
    public static X509Certificate2 Certificate(string name)
    {
        // Through PKCS #12, for a key read from PEM is not one every TLS client of this platform can use.
        using var pem = X509Certificate2.CreateFromPemFile(Pki($"{name}.crt"), Pki($"{name}.key"));
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Freezes a service: its port is open and nobody answers.</summary>
    public static Task FreezeAsync(string service) => RunAsync("freeze", service);

    /// <summary>Lets a frozen service go on.</summary>
    public static Task ThawAsync(string service) => RunAsync("thaw", service);

    /// <summary>Stops a service.</summary>
    public static Task StopAsync(string service) => RunAsync("stop", service);

    /// <summary>Starts a service.</summary>
    public static Task StartAsync(string service) => RunAsync("start", service);

    /// <summary>Copies the bed's keys and secrets into a state directory, as <c>bed.sh gateway</c> does.</summary>
    public static void CopyPki(string state)
    {
        var pki = Folder + "/pki";
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        System.IO.Directory.CreateDirectory(Path.Combine(state, "pki"), Private | UnixFileMode.UserExecute);
        System.IO.Directory.CreateDirectory(Path.Combine(state, "secrets"), Private | UnixFileMode.UserExecute);
        foreach (var name in (ReadOnlySpan<string>)["ca.crt", "ca.crl", "ca-empty.crl", "ca-stale.crl", "server.crt", "server.key", "eas.crt", "eas.key", "webmail.crt", "webmail.key"])
        {
            if (File.Exists(Path.Combine(pki, name)))
            {
                var copy = Path.Combine(state, "pki", name);
                File.Copy(Path.Combine(pki, name), copy);
                File.SetUnixFileMode(copy, Private);
            }
        }

        WriteSecret(state, "ldap-password", "gatewaypw");
        WriteSecret(state, "imap-sso-secret", "imap-sso-secret");
        WriteSecret(state, "header-secret", "0123456789abcdef0123456789abcdef");
    }

    private static void WriteSecret(string state, string name, string secret)
    {
        var path = Path.Combine(state, "secrets", name);
        File.WriteAllText(path, secret);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static async Task BringUpAsync(params string[] with)
    {
        var status = await ScriptAsync(["status", .. with], TimeSpan.FromSeconds(30));
        if (status.ExitCode != 0)
        {
            var up = await ScriptAsync(["up", .. with], TimeSpan.FromMinutes(5));
            if (up.ExitCode != 0)
            {
                throw new InvalidOperationException($"The bed did not come up.\n{up.Error}");
            }
        }
    }

    private static async Task UsersAsync()
    {
        var run = await ScriptAsync(["users"], TimeSpan.FromMinutes(5));
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"bed.sh users ended with {run.ExitCode}.\n{run.Error}");
        }
    }

    private static async Task RunAsync(string verb, string service)
    {
        var run = await ScriptAsync([verb, service], TimeSpan.FromSeconds(60));
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"bed.sh {verb} {service} ended with {run.ExitCode}.\n{run.Error}");
        }
    }

    // Services outlive the script and would keep its output open, so it goes to a file's end: nobody reads it but on a fault.
    private static async Task<ProgramRun> ScriptAsync(string[] arguments, TimeSpan within)
    {
        var log = Path.GetTempFileName();
        try
        {
            var run = await ProgramRun.ExecuteAsync(
                "bash", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "bed", log, Path.Combine(Repository.Root, "tests", "bed.sh"), .. arguments], null, within);
            return run with { Error = await File.ReadAllTextAsync(log) };
        }
        finally
        {
            File.Delete(log);
        }
    }
}
