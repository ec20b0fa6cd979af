using System.Net;
using System.Net.Sockets;
using System.Text;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Tokens;

/// <summary>A gateway before SOGo, Dovecot and the directory of the bed, which hands SOGo a token where others hand it a password; and Dovecot asks it.</summary>
public sealed class TokenGateway : IAsyncLifetime
{
    public const string Mail = "mail.bed.test";
    public const string Key = "dovecot-0123456789abcdef0123456789abcdef";
    public const string NarrowKey = "narrow-0123456789abcdef0123456789abcdef";
    public const string FarKey = "far-0123456789abcdef0123456789abcdef";

    public const string Configuration =
        """
        {
          "AuthGateway": {
            "Listeners": {
              "public": { "Url": "https://127.0.0.1:@port:public@" },
              "staff":  { "Url": "https://127.0.0.1:@port:staff@", "Kind": "staff" },
              "verify": { "Url": "http://127.0.0.1:@port:verify@", "Kind": "staff", "AllowFrom": ["127.0.0.0/16"] }
            },
            "Networks": { "inside": ["127.0.0.0/9"], "outside": ["127.128.0.0/9"] },
            "Hosts": { "mail.bed.test": { "CertificateFile": "pki/server.crt", "KeyFile": "pki/server.key" } },
            "Upstreams": {
              "sogo": { "Destinations": ["http://127.0.0.1:20001"], "TrustsIdentityHeader": true },
              "echo": { "Destinations": ["@echo@"] }
            },
            "Services": {
              "webmail": { "Preset": "sogo-web", "Hosts": ["mail.bed.test"], "Upstream": "sogo", "Identity": "header-and-session-token", "Login": "both",
                           "Rules": [{ "From": ["inside"], "Policy": "ticket" }, { "Policy": "two" }] },
              "shown":   { "Preset": "generic-web", "Hosts": ["mail.bed.test"], "Upstream": "echo", "Paths": ["/shown"], "Identity": "session-token", "Login": "both",
                           "Rules": [{ "From": ["inside"], "Policy": "ticket" }, { "Policy": "two" }] }
            },
            "Policies": {
              "ticket": { "Groups": ["mailusers"], "Factors": ["password|kerberos"] },
              "two": { "Groups": ["mailusers"], "Factors": ["password|kerberos", "totp"] }
            },
            "Kerberos": { "Realms": { "BED.TEST": { "KeytabFile": "pki/http.keytab", "Backend": "directory" } }, "From": ["inside"] },
            "SessionTokens": { "Verifiers": {
              "dovecot": { "Key": "dovecot-0123456789abcdef0123456789abcdef", "From": ["127.0.0.1"] },
              "narrow":  { "Key": "narrow-0123456789abcdef0123456789abcdef", "Services": ["webmail"] },
              "far":     { "Key": "far-0123456789abcdef0123456789abcdef", "From": ["10.0.0.0/8"] }
            } },
            "Backends": [{
              "Name": "directory", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:3636"], "CaFile": "pki/ca.crt", "BaseDn": "ou=people,dc=bed,dc=test",
              "SearchUser": "cn=gateway,ou=services,dc=bed,dc=test", "SearchPasswordFile": "secrets/ldap-password"
            }],
            "Factors": { "Totp": { "EnrolFrom": ["inside", "outside"] } },
            "Lockout": { "Account": { "Limit": 5 }, "Address": { "Limit": 1000 } },
            "Storage": { "Provider": "sqlite", "Path": "authgateway.db" }
          }
        }
        """;

    private static readonly string Target = Path.Combine(Bed.Folder, "verify", "target");

    private GatewayProcess? _gateway;
    private int _people;

    /// <summary>The upstream that shows what it is told.</summary>
    public EchoUpstream Echo { get; } = new();

    /// <summary>The program.</summary>
    public GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway did not start.");

    /// <summary>Where tokens are verified.</summary>
    public string Url => $"http://127.0.0.1:{Process.EndPoint("verify").Port}";

    /// <summary>File with the verifier's key, as the mail server has it.</summary>
    public string KeyFile => Path.Combine(Bed.Folder, "verify", "key");

    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        await Bed.EnsureServiceAsync("krb5");
        _gateway = await GatewayProcess.StartAsync(Setup());
        WriteKey(KeyFile, Key);
        (await ProgramRun.ExecuteAsync("chown", ["dovecot", KeyFile])).ExitCode.ShouldBe(0);

        // What Dovecot starts for each password: the program itself, with the words docs/operations.md names. A file of tests, so it may be run by others.
        var script = $"#!/bin/sh\nexport DOTNET_EnableDiagnostics=0\nexec {DotNet()} {Repository.Program} verify-session --url {Url} --key-file {KeyFile} --before-passwords \"$@\"\n";
        await File.WriteAllTextAsync(Target, script);
        File.SetUnixFileMode(Target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    public async Task DisposeAsync()
    {
        File.Delete(Target);
        File.Delete(KeyFile);
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
    }

    /// <summary>A gateway of this shape.</summary>
    public GatewaySetup Setup(Func<string, string>? change = null) => new()
    {
        Configuration = change is null ? Configuration : change(Configuration),
        Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["echo"] = Echo.Url },
        Prepare = state =>
        {
            var keytab = Path.Combine(state, "pki", "http.keytab");
            File.Copy(Bed.Kerberos("http.keytab"), keytab);
            File.SetUnixFileMode(keytab, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        },
    };

    /// <summary>Writes a key as a verifier must keep it.</summary>
    public static void WriteKey(string path, string key)
    {
        File.Delete(path);
        File.WriteAllText(path, key + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Somebody inside: one factor is enough.</summary>
    internal Person Inside() => new(Process, Mail, HttpVersion.Version11, Next("127.1.7"));

    /// <summary>Somebody outside, where a second factor is asked for.</summary>
    internal Person Outside() => new(Process, Mail, HttpVersion.Version11, Next("127.200.7"));

    /// <summary>A program inside, with a login of its own or none.</summary>
    internal GatewayClient Client(string? login) => new(Process, Mail, login: login, source: Next("127.1.8"));

    /// <summary>Somebody inside, signed in with a password.</summary>
    internal async Task<Person> SignedInAsync(string user)
    {
        var person = Inside();
        (await person.SignInAsync("/shown/", user, $"{user}-pw")).Status.ShouldBe(303);
        return person;
    }

    /// <summary>The name and token that reach the upstream that shows them.</summary>
    internal async Task<(string Login, string Token)> ShownToAsync(Person person)
    {
        var path = $"/shown/{Guid.NewGuid():N}";
        (await person.GetAsync(path)).Status.ShouldBe(200);
        return Shown(path);
    }

    /// <summary>The name and token of one request.</summary>
    internal (string Login, string Token) Shown(string path)
    {
        var seen = Echo.Requests.Single(request => request.Target == path);
        var header = seen.Header("Authorization").ShouldNotBeNull();
        header.ShouldStartWith("Basic ");
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':', 2);
        return (pair[0], pair[1]);
    }

    /// <summary>What Dovecot says to a login.</summary>
    public static async Task<string> ImapLoginAsync(string user, string password)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, 1143);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        (await reader.ReadLineAsync(limit.Token)).ShouldNotBeNull().ShouldStartWith("* OK");
        await writer.WriteLineAsync($"a LOGIN \"{user}\" \"{password}\"");
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("a ", StringComparison.Ordinal))
            {
                return line[2..];
            }
        }

        throw new InvalidOperationException("Dovecot closed without a word.");
    }

    private static string DotNet() => Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet") is var found && File.Exists(found) ? Path.GetFullPath(found) : "dotnet";

    private IPAddress Next(string prefix) => IPAddress.Parse($"{prefix}.{1 + (Interlocked.Increment(ref _people) % 250)}");
}

[CollectionDefinition(Name)]
public sealed class TokenGroup : ICollectionFixture<TokenGateway>
{
    public const string Name = "tokens";
}
