using System.Net;
using System.Text.RegularExpressions;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.SignIn;

/// <summary>A gateway with pages to sign in on, local users, and an upstream that keeps what reaches it.</summary>
public sealed class SignInGateway : IAsyncLifetime
{
    public const string Mail = "mail.gw.test";
    public const string Other = "other.gw.test";
    public const string Password = "correct horse battery";

    private const string Configuration =
        """
        {
          "AuthGateway": {
            "Listeners": {
              "public": { "Url": "https://127.0.0.1:@port:public@" },
              "staff":  { "Url": "https://127.0.0.1:@port:staff@", "Kind": "staff" }
            },
            "Networks": { "inside": ["127.0.0.0/9"], "outside": ["127.128.0.0/9"], "enrolment": ["127.0.0.0/9", "127.200.0.0/16"] },
            "Hosts": {
              "mail.gw.test":  { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" },
              "other.gw.test": { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" }
            },
            "Upstreams": { "echo": { "Destinations": ["@echo@"] } },
            "Services": {
              "webmail": {
                "Preset": "generic-web", "Hosts": ["mail.gw.test", "other.gw.test"], "Upstream": "echo", "Paths": ["/owa"], "Identity": "header-and-basic", "Login": "both",
                "Rules": [{ "Path": "/owa/basic", "Policy": "password" }, { "From": ["inside"], "Policy": "password" }, { "Policy": "two" }]
              },
              "files": {
                "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Paths": ["/files"], "Login": "form", "Rules": [{ "Policy": "password" }]
              },
              "public": {
                "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Paths": ["/public"], "Identity": "none", "Rules": [{ "Policy": "open" }]
              }
            },
            "Policies": {
              "open": { "Anonymous": true },
              "password": { "Factors": ["password"] },
              "two": { "Factors": ["password", "totp"] }
            },
            "Backends": [{ "Name": "local", "Type": "local" }],
            "Factors": { "Totp": { "EnrolFrom": ["enrolment"] } },
            "Lockout": { "Account": { "Limit": 5 }, "Address": { "Limit": 1000 }, "Factor": { "Limit": 5, "HardLimit": 12 } },
            "Storage": { "Provider": "sqlite", "Path": "authgateway.db" }
          }
        }
        """;

    private readonly TestAuthority _authority = TestAuthority.Create();
    private GatewayProcess? _gateway;
    private int _users;
    private int _addresses;

    /// <summary>The upstream of every service.</summary>
    public EchoUpstream Echo { get; } = new();

    /// <summary>The program.</summary>
    public GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway did not start.");

    public async Task InitializeAsync() => _gateway = await GatewayProcess.StartAsync(new GatewaySetup
    {
        Configuration = Configuration,
        Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["echo"] = Echo.Url },
        Prepare = state =>
        {
            using var server = _authority.IssueServer(Mail, Other);
            TestAuthority.WritePem(server, Path.Combine(state, "pki", "gw.crt"), Path.Combine(state, "pki", "gw.key"));
        },
    });

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
        _authority.Dispose();
    }

    /// <summary>Somebody inside: the password is enough.</summary>
    internal Person Inside(Version? version = null, string host = Mail) => new(Process, host, version ?? HttpVersion.Version11, Next("127.10"));

    /// <summary>Somebody outside, where a second factor is asked for; may enrol one there.</summary>
    internal Person Outside(Version? version = null, string host = Mail) => new(Process, host, version ?? HttpVersion.Version11, Next("127.200"));

    /// <summary>Somebody outside from where enrolment needs a code.</summary>
    internal Person FarOutside(Version? version = null) => new(Process, Mail, version ?? HttpVersion.Version11, Next("127.210"));

    /// <summary>A user of his own for one test.</summary>
    public async Task<string> NewUserAsync()
    {
        var name = $"user{Interlocked.Increment(ref _users)}";
        var run = await Process.RunCliAsync(["user", "add", name, "--mail", $"{name}@gw.test", "--password-stdin"], Password + "\n");
        run.ExitCode.ShouldBe(0, run.Error);
        return name;
    }

    /// <summary>Signs in from outside and enrols an app with the code of the step before this one, so that two more steps are left to use.</summary>
    internal async Task<(Person Person, string Seed)> EnrolAsync(string user, Version? version = null)
    {
        var person = Outside(version);
        var page = await person.SignInAsync("/owa/", user, Password);
        page.Status.ShouldBe(303, page.Answer.ToString());
        page = await person.OpenAsync(person.Local(page.Location!));
        page.Path.ShouldStartWith("/.agw/enrol");
        var seed = SeedOf(page);
        page = await person.SubmitAsync(page, ("one-time-code", await CodeAsync(seed, -1)));
        page.Status.ShouldBe(200, page.Answer.ToString());
        return (person, seed);
    }

    /// <summary>The seed an enrolment page shows for typing.</summary>
    internal static string SeedOf(Page page) => Regex.Match(page.Text, "(?:[A-Z2-7]{4}[ \u00a0]?){8}") is { Success: true } match
        ? Regex.Replace(match.Value, "[^A-Z2-7]", "")
        : throw new InvalidOperationException($"No seed on the page:\n{page.Text}");

    /// <summary>The code of a step beside the present one, made by another program.</summary>
    public static Task<string> CodeAsync(string seed, int step = 0) => OathTool.CodeAsync(seed, DateTimeOffset.UtcNow.AddSeconds(30 * step));

    private IPAddress Next(string prefix)
    {
        var number = Interlocked.Increment(ref _addresses);
        return IPAddress.Parse($"{prefix}.{number / 250}.{(number % 250) + 1}");
    }
}

[CollectionDefinition(Name)]
public sealed class SignInGroup : ICollectionFixture<SignInGateway>
{
    public const string Name = "sign-in";
}
