using System.Net;
using System.Text;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Login;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit.Stores;
using AuthGateway.TestKit;
using AuthGateway.Tests.Core.Backends;
using AuthGateway.Tests.Core.Factors.AppPasswords;
using AuthGateway.Tests.Core.Login.Tickets;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login;

/// <summary>Everything a sign-in touches, in memory, with a directory that knows Alice.</summary>
internal sealed class SignInBed
{
    public const string Right = "correct horse";
    public const string Host = "mail.example.com";
    public const string Office = "10.1.2.3";
    public const string Outside = "192.0.2.1";

    public SignInBed(string directory = "no")
    {
        Guard = new LockoutGuard(Counters, Clock, NullLogger<LockoutGuard>.Instance);
        Sessions = new LiveSessions(SessionStore, Clock, NullLogger<LiveSessions>.Instance);
        var audit = new AuditLog(Audit, Clock, NullLogger<AuditLog>.Instance);
        Directory = new ScriptedBackend("ad", directory)
        {
            Check = (secret, _) => Task.FromResult<BackendAnswer?>(Encoding.UTF8.GetString(secret.Utf8) == Right ? new BackendAnswer.Accepted(Directory!.Identity) : null),
        };
        Login = new LoginFlow(Guard, Clock, NullLogger<LoginFlow>.Instance);
        var signOn = new SignOnFlow(Login, Clock, NullLogger<SignOnFlow>.Instance);
        AppPasswords = new AppPasswordBench(Clock);
        SignIn = new SignInFlow(Login, AppPasswords.Flow(Login, Guard), signOn, new TicketGate(Tickets, NullLogger<TicketGate>.Instance), Sessions, audit, Clock, NullLogger<SignInFlow>.Instance);
        Factor = new SecondFactorFlow(Guard, Apps, Recovery, Sessions, audit, Clock, NullLogger<SecondFactorFlow>.Instance);
        Enrolment = new EnrolmentFlow(Apps, Recovery, Codes, Sessions, Guard, audit, Clock, NullLogger<EnrolmentFlow>.Instance);
    }

    public AppPasswordBench AppPasswords { get; }

    public LoginFlow Login { get; }

    public ScriptedTickets Tickets { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    public InMemoryLockoutStore Counters { get; } = new();

    public InMemorySessionStore SessionStore { get; } = new();

    public InMemoryTotpStore Apps { get; } = new();

    public InMemoryRecoveryCodeStore Recovery { get; } = new();

    public InMemoryEnrolmentCodeStore Codes { get; } = new();

    public InMemoryAuditStore Audit { get; } = new();

    public LockoutGuard Guard { get; }

    public LiveSessions Sessions { get; }

    public ScriptedBackend Directory { get; }

    public SignInFlow SignIn { get; }

    public SecondFactorFlow Factor { get; }

    public EnrolmentFlow Enrolment { get; }

    public SessionOptions Lifetimes { get; } = new();

    public UserIdentity Alice => Directory.Identity;

    public SignInContext Context(string address = Outside, int drift = 1)
    {
        NetworkSet.TryParse(["10.0.0.0/8"], out var office, out _).ShouldBeTrue();
        return new SignInContext(
            "r1", Host, IPAddress.Parse(address), "Browser", Lifetimes, LockoutPolicy.From(new LockoutOptions()), new FactorPolicy { Issuer = "Example", Drift = drift, EnrolFrom = office });
    }

    public SignInRequest Password(string password = Right, string name = "alice", bool owesFactor = false, bool keepsPassword = false, Session? replaces = null)
    {
        UserName.TryParse(name, out var user).ShouldBeTrue();
        return new SignInRequest(
            new LoginRequest(
                new BackendChain([new ChainLink(Directory)]),
                1,
                LockoutPolicy.From(new LockoutOptions()),
                new LoginOptions { FailureFloor = TimeSpan.Zero },
                user,
                Secret.FromText(password),
                IPAddress.Parse(Outside),
                "portal",
                CertificateThumbprint: null),
            owesFactor,
            keepsPassword,
            replaces);
    }

    /// <summary>A session of Alice, as the password leaves it.</summary>
    public ValueTask<OpenedSession> BeginAsync(bool pending = true) => Sessions.BeginAsync(
        new SessionStart(Host, Alice, FactorSet.Password, pending, null, Outside, "Browser"), Lifetimes, default);

    /// <summary>An app of Alice, enrolled some other day.</summary>
    public async Task<TotpCredential> EnrolAsync()
    {
        var app = new TotpCredential
        {
            Id = Guid.NewGuid().ToString("N"),
            IdentityKey = Alice.Key,
            Login = Alice.Login,
            Label = "Phone",
            Seed = TotpSeed.New(),
            Algorithm = TotpAlgorithm.Sha1,
            Digits = 6,
            CreatedAt = Clock.GetUtcNow(),
            LastStep = 0,
        };
        (await Apps.AddAsync(app, FactorPolicy.MostApps, default)).ShouldBeTrue();
        return app;
    }

    /// <summary>What the app shows now, or some steps away from now.</summary>
    public string CodeOf(TotpCredential app, int away = 0) => TotpCode.Of(app.Seed, app.Algorithm, app.Digits, TotpCode.StepOf(Clock.GetUtcNow()) + away);

    /// <summary>Six digits the app shows at no time a code is taken for.</summary>
    public string WrongFor(TotpCredential app)
    {
        var shown = Enumerable.Range(-1, 3).Select(away => CodeOf(app, away)).ToArray();
        return Enumerable.Range(0, 10).Select(i => new string((char)('0' + i), 6)).First(code => !shown.Contains(code));
    }

    public async Task<int> FailuresAsync(LockoutKey key) =>
        (await Counters.ListAsync(key.Text, 10, default)).Where(entry => entry.Key == key.Text).Select(entry => entry.Failures).SingleOrDefault();

    public Session? Find(SessionToken token) => Sessions.Find(token, Host, Lifetimes);

    public static OpenedSession Opened(SignInResult result) => result.ShouldBeOfType<SignInResult.Proven>().Opened;

    public static VerdictReason Refusal(SignInResult result) => result.ShouldBeOfType<SignInResult.Refused>().Reason;
}
