using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Login;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit.Stores;
using AuthGateway.TestKit;
using AuthGateway.Tests.Core.Backends;
using AuthGateway.Tests.Core.Factors.AppPasswords;
using AuthGateway.Tests.Core.Login.Tickets;
using AuthGateway.Tests.Core.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Pipeline;

/// <summary>Requests for stages: a table of services, a backend that knows Alice, counters in memory.</summary>
internal sealed class RequestBed
{
    public const string Right = "correct horse";

    public RequestBed()
    {
        Guard = new LockoutGuard(Store, Clock, NullLogger<LockoutGuard>.Instance);
        Sessions = new LiveSessions(SessionStore, Clock, NullLogger<LiveSessions>.Instance);
        Flow = new LoginFlow(Guard, Clock, NullLogger<LoginFlow>.Instance);
        AppPasswords = new AppPasswordBench(Clock);
        AppPasswordFlow = AppPasswords.Flow(Flow, Guard);
        SignOn = new SignOn(new SignOnFlow(Flow, Clock, NullLogger<SignOnFlow>.Instance), new TicketGate(Tickets, NullLogger<TicketGate>.Instance));
        ActFor = new ActForFlow(Flow, Clock, NullLogger<ActForFlow>.Instance);
        Backend = new ScriptedBackend("ad", "no")
        {
            Check = (secret, _) => Task.FromResult<BackendAnswer?>(Encoding.UTF8.GetString(secret.Utf8) == Right ? new BackendAnswer.Accepted(Alice) : null),
        };
    }

    public static UserIdentity Alice { get; } = new("ad", "1", "alice", "alice@example.com", null, ["Mobile", "CN=Staff,DC=example,DC=com"], ["alice@corp.example.com"]);

    public ManualTimeProvider Clock { get; } = new();

    public InMemoryLockoutStore Store { get; } = new();

    public LockoutGuard Guard { get; }

    public LoginFlow Flow { get; }

    public ScriptedTickets Tickets { get; } = new();

    public SignOn SignOn { get; }

    public ActForFlow ActFor { get; }

    /// <summary>Who may act for whom; held against the services of the table.</summary>
    public ActForOptions Acting { get; } = new();

    /// <summary>Asked instead of <see cref="Backend"/>.</summary>
    public IBackend? Directory { get; set; }

    /// <summary>Which tickets the table takes.</summary>
    public KerberosTable Kerberos { get; set; } = KerberosTable.Off;

    /// <summary>App passwords; none until a test makes one.</summary>
    public AppPasswordBench AppPasswords { get; }

    public AppPasswordFlow AppPasswordFlow { get; }

    public InMemorySessionStore SessionStore { get; } = new();

    public LiveSessions Sessions { get; }

    public ScriptedBackend Backend { get; set; }

    public ServiceBed Services { get; } = new();

    public DeviceTrust Devices { get; set; } = DeviceTrust.Empty;

    public string[] Forwarders { get; set; } = [];

    public static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    public GatewayTable Table()
    {
        NetworkSet.TryParse(Forwarders, out var forwarders, out _).ShouldBeTrue();
        var services = Services.Sound();
        return new GatewayTable
        {
            Generation = 1,
            BuiltAt = Clock.GetUtcNow(),
            Services = services,
            ActFor = ActForTable.Build(Acting, services, NetworkCatalog.Build(Services.Networks, new FaultList()), new FaultList()),
            Forwarders = new ForwarderTrust(forwarders),
            Devices = Devices,
            Chain = new BackendChain([new ChainLink(Directory ?? Backend)]),
            Lockout = LockoutPolicy.From(new LockoutOptions()),
            Login = new LoginOptions { FailureFloor = TimeSpan.Zero },
            Tickets = Kerberos,
        };
    }

    public AccessRequest Request(
        string target = "/",
        string method = "GET",
        string host = ServiceBed.Mail,
        string peer = "192.0.2.1",
        StringValues authorization = default,
        StringValues forwardedFor = default,
        StringValues destination = default,
        StringValues depth = default,
        StringValues origin = default,
        bool webSocket = false,
        X509Certificate2? certificate = null,
        UserIdentity? rehearsed = null,
        bool rehearsal = false,
        string listener = "public",
        int port = 443,
        SessionToken? token = null,
        ForwardedName? forwardedName = null,
        StringValues fetchSite = default,
        bool navigation = false,
        IReadOnlyList<LockoutKey>? counters = null) => new()
        {
            RequestId = "r1",
            Table = Table(),
            ReceivedAt = Clock.GetUtcNow(),
            Listener = listener,
            Host = host,
            Authority = port == 443 ? host : $"{host}:{port}",
            Port = port,
            Method = method,
            Target = CanonicalTarget.Parse(target, method).Target.ShouldNotBeNull(),
            Peer = IPAddress.Parse(peer),
            ClientAddress = IPAddress.Parse(peer),
            ForwardedFor = forwardedFor,
            Authorization = authorization,
            Destination = destination,
            Depth = depth,
            Origin = origin,
            IsWebSocket = webSocket,
            Certificate = certificate,
            Token = token,
            ForwardedName = forwardedName,
            FetchSite = fetchSite,
            IsNavigation = navigation,
            RehearsedUser = rehearsed,
            RehearsedCounters = counters ?? [],
            RehearsedFactors = rehearsed is null ? FactorSet.None : FactorSet.Password,
            IsRehearsal = rehearsal || rehearsed is not null,
        };

    /// <summary>Adds a policy: entries divided by commas.</summary>
    public void Policies(string name, string factors) => Services.Policies[name] = new() { Factors = [.. factors.Split(',')] };

    /// <summary>A policy of the configuration as it is enforced.</summary>
    public Policy PolicyOf(string name) => PolicyTable.Build(Services.Policies, NetworkCatalog.Build(Services.Networks, new FaultList()), new FaultList())[name];

    /// <summary>A request that already has its rule, for the stages after the service stage.</summary>
    public AccessRequest Ruled(Policy policy, AccessRequest? request = null)
    {
        request ??= Request();
        request.PublishedHost = request.Table.Services.FindHost(request.Host);
        request.Service = request.Table.Services.Services[0];
        request.Rule = new Rule { Number = 1, Policy = policy };
        return request;
    }

    public AccessJudge Judge() => new(
    [
        new ClientAddressStage(), new ServiceStage(), new IpAllowlistStage(), new DeviceStage(), new LockoutStage(Guard), new LoginStage(Flow, AppPasswordFlow, Guard, Sessions, SignOn),
        new FactorStage(), new ActForStage(ActFor), new AuthorizationStage(),
    ]);

    /// <summary>What a verdict comes to in one word: the kind alone when it goes on, else the reason.</summary>
    public static string Word(Verdict verdict) => verdict.Reason?.Code ?? verdict.Kind.ToString().ToLowerInvariant();

    public static string Judge(IAccessStage stage, AccessRequest request)
    {
        var answer = stage.JudgeAsync(request, CancellationToken.None);
        answer.IsCompletedSuccessfully.ShouldBeTrue();
        var word = Word(answer.Result);
        stage.Describe(request).ShouldNotBeNullOrWhiteSpace();
        return word;
    }
}
