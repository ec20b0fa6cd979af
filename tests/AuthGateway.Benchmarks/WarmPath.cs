using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.Core.Login;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Telemetry;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Stores;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Transforms;

namespace AuthGateway.Benchmarks;

/// <summary>
/// What the gateway does with a phone's request when everything about it is known already: Basic credentials in the cache, a device
/// certificate judged before, a sign-in that is only counted. Every method is one step and says whether it went as meant.
/// </summary>
[MemoryDiagnoser]
public class WarmPath : IDisposable
{
    private const string Host = "eas.bed.test";
    private const int Ranges = 200;
    private const int AppPasswords = 2_000;

    private static readonly byte[] s_key = new byte[32];
    private static readonly byte[] s_plain = new byte[AppPasswordSecret.Length];

    private readonly TestAuthority _authority = TestAuthority.Create();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authgateway-benchmarks-");
    private readonly IPAddress _client = IPAddress.Parse("203.0.113.77");
    private readonly IPAddress _client6 = IPAddress.Parse("2001:db8:77::1");
    private readonly IHeaderDictionary _headers = new HeaderDictionary
    {
        ["Host"] = Host,
        ["User-Agent"] = "Android-Mail/2024.06.30.648332234",
        ["Accept"] = "*/*",
        ["Accept-Encoding"] = "gzip",
        ["Connection"] = "Keep-Alive",
        ["MS-ASProtocolVersion"] = "14.1",
        ["X-MS-PolicyKey"] = "1307199584",
        ["Authorization"] = "Basic " + Convert.ToBase64String("alice:alice-pw"u8),
    };

    private ServiceProvider _services = null!;
    private NetworkSet _networks = null!;
    private ServiceTable _table = null!;
    private Service _manyRules = null!;
    private Core.Login.CredentialCache _cache = null!;
    private LoginFlow _login = null!;
    private LoginRequest _loginRequest;
    private X509Certificate2 _certificate = null!;
    private GatewayTable _gateway = null!;
    private AccessJudge _judge = null!;
    private AccessAudit _audit = null!;
    private AccessRequest _request = null!;
    private Core.Sessions.LiveSessions _sessions = null!;
    private LiveAppPasswords _appPasswords = null!;
    private AppPasswordFlow _appPasswordFlow = null!;
    private AppPasswordRequest _appPasswordRequest;
    private readonly byte[] _hash = new byte[HMACSHA256.HashSizeInBytes];
    private Microsoft.Extensions.Primitives.StringValues _cookie;
    private DefaultHttpContext _context = null!;
    private UpstreamRequestTransform _transform = null!;

    /// <summary>Every step, in the order of a request.</summary>
    internal IReadOnlyList<Step> Steps =>
    [
        new("network match, 200 ranges, IPv4", NetworkMatch4, MustNotAllocate: true),
        new("network match, 200 ranges, IPv6", NetworkMatch6, MustNotAllocate: true),
        new("host and path to service", FindService, MustNotAllocate: true),
        new("rule match, the last of 20", FindRule, MustNotAllocate: true),
        new("request id", NewRequestId),
        new("target read", ReadTarget),
        new("header names checked", CheckHeaders),
        new("device certificate judged", CheckDevice),
        new("Basic header read", ReadCredentials),
        new("credential cache, key and hit", FindCredentials, MustNotAllocate: true),
        new("login, cached", Login, MustNotAllocate: true),
        new("app password, bare HMAC of 26 bytes", HashAppPassword, MustNotAllocate: true),
        new("app password, found by its hash", FindAppPassword, MustNotAllocate: true) { Most = 50_000, Baseline = "app password, bare HMAC of 26 bytes" },
        new("app password, checked", CheckAppPassword, MustNotAllocate: true) { Most = 50_000, Baseline = "login, cached" },
        new("session found by its cookie", FindSession),
        new("corridor: eight stages", Judge),
        new("request opened, judged and counted", OpenAndJudge),
        new("upstream request dressed", DressUpstreamRequest),
    ];

    [GlobalSetup]
    public void Prepare()
    {
        var faults = new FaultList();
        var networks = NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal) { ["many"] = ManyRanges() }, faults);
        _networks = networks.Resolve(["many"], "Networks:many", faults);
        _table = BuildServices(networks, faults);
        _manyRules = _table.Services.Single(service => service.Name == "many-rules");
        _certificate = _authority.IssueClient("alice@bed.test");
        var devices = DeviceTrust.Build(
            new DeviceOptions { Authorities = { ["bed"] = new DeviceAuthorityOptions { CaFile = _authority.WriteCa(Path.Combine(_folder.FullName, "ca.crt")) } } }, faults);
        _gateway = new GatewayTable
        {
            Generation = 1,
            BuiltAt = TimeProvider.System.GetUtcNow(),
            Services = _table,
            Devices = devices ?? throw Broken(faults),
            Chain = new BackendChain([new ChainLink(new OneUser())]),
            Lockout = LockoutPolicy.From(new LockoutOptions()),
            Login = new LoginOptions { CacheLifetime = TimeSpan.FromMinutes(10) },
        };
        if (faults.HasErrors)
        {
            throw Broken(faults);
        }

        _services = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<ILockoutStore, InMemoryLockoutStore>()
            .AddSingleton<IAuditStore, InMemoryAuditStore>()
            .AddSingleton<Core.Sessions.ISessionStore, InMemorySessionStore>()
            .AddSingleton<Core.Sessions.LiveSessions>()
            .AddSingleton<IAppPasswordStore, InMemoryAppPasswordStore>()
            .AddSingleton(new AppPasswordKey(new byte[AppPasswordKey.Length]))
            .AddAppPasswords()
            .AddSingleton<LockoutGuard>()
            .AddSingleton(_ => new Core.Login.CredentialCache(TimeProvider.System))
            .AddSingleton<LoginFlow>()
            .AddLogin(_ => () => null)
            .AddSingleton<AuditLog>()
            .AddPipeline()
            .BuildServiceProvider();
        _judge = _services.GetRequiredService<AccessJudge>();
        _audit = _services.GetRequiredService<AccessAudit>();
        _context = CreateContext();
        _transform = new UpstreamRequestTransform();
        Warm();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _services?.Dispose();
        _certificate?.Dispose();
        _authority.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public bool NetworkMatch4() => _networks.Contains(_client);

    [Benchmark]
    public bool NetworkMatch6() => _networks.Contains(_client6);

    [Benchmark]
    public bool FindService() => _table.FindHost(Host)!.Find("/mail/inbox").Service is not null;

    [Benchmark]
    public bool FindRule() => _manyRules.FindRule(_client, "/many/thing", "GET") is { Number: 20 };

    [Benchmark]
    public bool NewRequestId() => RequestId.New().Length == 16;

    [Benchmark]
    public bool ReadTarget() => CanonicalTarget.Parse("/Microsoft-Server-ActiveSync?Cmd=Ping&User=alice&DeviceId=androidc1", "POST").Target is not null;

    [Benchmark]
    public bool CheckHeaders() => ProtectedHeaders.Clean(_headers);

    [Benchmark]
    public bool CheckDevice() => _gateway.Devices.Check(_certificate, _request.ReceivedAt).Device is not null;

    [Benchmark]
    public bool ReadCredentials() => BasicCredentials.Parse(_headers.Authorization, out _) == BasicOutcome.Ok;

    [Benchmark]
    public bool FindCredentials() => _cache.Find(_cache.KeyOf(_loginRequest)) is not null;

    [Benchmark]
    public bool Login() => _login.ProveAsync(_loginRequest, CancellationToken.None) is { IsCompletedSuccessfully: true, Result: LoginResult.Proven };

    /// <summary>The least that finding a keyed hash can cost.</summary>
    [Benchmark]
    public bool HashAppPassword() => HMACSHA256.HashData(s_key, s_plain, _hash) == _hash.Length;

    /// <summary>One of two thousand.</summary>
    [Benchmark]
    public bool FindAppPassword() => _appPasswords.Look(_appPasswordRequest.Login.Secret).Live is not null;

    /// <summary>Everything the login stage does with the second request of a client: hash, tag, service, network, the user it means, locks, last use.</summary>
    [Benchmark]
    public bool CheckAppPassword() => _appPasswordFlow.TryProve(_appPasswordRequest, CancellationToken.None) is { IsCompletedSuccessfully: true, Result: LoginResult.Proven { FromCache: true } };

    /// <summary>From the Cookie header to the live session: what a signed-in browser costs instead of credentials.</summary>
    [Benchmark]
    public bool FindSession() =>
        GatewayCookies.Read(_cookie, GatewayCookies.Session) is { } value
        && Core.Sessions.SessionToken.TryParse(value, out var token)
        && _sessions.Find(token, Host, _gateway.Sessions) is not null;

    /// <summary>The stages over a request that was opened before.</summary>
    [Benchmark]
    public bool Judge() => _judge.JudgeAsync(_request, CancellationToken.None) is { IsCompletedSuccessfully: true, Result.Kind: VerdictKind.Allow };

    /// <summary>All the gateway decides about a request, and the sign-in counted.</summary>
    [Benchmark]
    public bool OpenAndJudge()
    {
        var request = AccessRequestReader.Open(_context, _gateway, "public", TimeProvider.System.GetUtcNow()).Request!;
        return _judge.JudgeAsync(request, CancellationToken.None) is { IsCompletedSuccessfully: true, Result.Kind: VerdictKind.Allow } && _audit.TryCount(request);
    }

    /// <summary>What YARP is told to send; the message itself is part of it, for bare YARP makes one too.</summary>
    [Benchmark]
    public bool DressUpstreamRequest()
    {
        using var message = new HttpRequestMessage();
        return _transform.ApplyAsync(new RequestTransformContext
        {
            HttpContext = _context,
            ProxyRequest = message,
            DestinationPrefix = "http://127.0.0.1:9080/",
            HeadersCopied = true,
        }).IsCompletedSuccessfully && message.RequestUri is not null;
    }

    private static InvalidOperationException Broken(FaultList faults) => new(string.Join(Environment.NewLine, faults.All));

    /// <summary>As long as a country's list; both clients stand in the last ranges.</summary>
    private static List<string> ManyRanges()
    {
        var ranges = new List<string>();
        for (var i = 0; i < Ranges / 2; i++)
        {
            ranges.Add($"{20 + i}.{i}.0.0/18");
            ranges.Add($"2001:db8:{i * 2:x}::/48");
        }

        ranges.AddRange(["203.0.113.0/24", "2001:db8:77::/48"]);
        return ranges;
    }

    private static ServiceTable BuildServices(NetworkCatalog networks, FaultList faults)
    {
        var hosts = new Dictionary<string, HostOptions>(StringComparer.Ordinal) { [Host] = new() { ClientCertificate = "required" } };
        var upstreams = new Dictionary<string, UpstreamOptions>(StringComparer.Ordinal) { ["fast"] = new() { Destinations = ["http://127.0.0.1:9080"] } };
        var policies = new Dictionary<string, PolicyOptions>(StringComparer.Ordinal) { ["phones"] = new() { Groups = ["mailusers"], Factors = ["device", "password"] } };
        var rules = Enumerable.Range(0, 19).Select(i => new RuleOptions { From = [$"10.{i}.0.0/16"], Policy = "phones" }).Append(new RuleOptions { From = ["many"], Policy = "phones" });
        var services = new Dictionary<string, ServiceOptions>(StringComparer.Ordinal)
        {
            ["phones"] = new() { Preset = "generic-web", Hosts = [Host], Upstream = "fast", Paths = ["/"], Rules = [new() { Policy = "phones" }] },
            ["many-rules"] = new() { Preset = "generic-web", Hosts = [Host], Upstream = "fast", Paths = ["/many"], Rules = [.. rules] },
        };
        return ServiceTableBuilder.Build(hosts, upstreams, services, policies, networks, faults);
    }

    private DefaultHttpContext CreateContext()
    {
        var context = new DefaultHttpContext { RequestServices = _services, TraceIdentifier = RequestId.New() };
        foreach (var header in _headers)
        {
            context.Request.Headers[header.Key] = header.Value;
        }

        context.Request.Protocol = "HTTP/1.1";
        context.Request.Method = "GET";
        context.Request.Scheme = "https";
        context.Connection.RemoteIpAddress = _client;
        context.Connection.LocalPort = 443;
        context.Connection.ClientCertificate = _certificate;
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/mail/inbox?folder=42";
        context.Features.Set<Microsoft.AspNetCore.Connections.Features.ITlsHandshakeFeature>(new Handshake(Host));
        return context;
    }

    /// <summary>Proves the password once, as the first request of a phone does, and keeps what the steps need.</summary>
    private void Warm()
    {
        _request = Open();
        var verdict = _judge.JudgeAsync(_request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (verdict.Kind != VerdictKind.Allow || !_audit.RecordAllowAsync(_request, CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
            throw new InvalidOperationException($"The request was not allowed: {verdict.Reason?.Code} {_request.Detail}");
        }

        _login = _services.GetRequiredService<LoginFlow>();
        _sessions = _services.GetRequiredService<Core.Sessions.LiveSessions>();
        var alice = new UserIdentity("directory", "1", "alice", null, null, [], []);
        var start = new Core.Sessions.SessionStart(Host, alice, FactorSet.Password, IsPending: false, Password: null, "203.0.113.77", UserAgent: null);
        var session = _sessions.BeginAsync(start, _gateway.Sessions, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _cookie = $"theirs=1; {GatewayCookies.Session}={session.Token.ToCookie()}";
        _cache = new Core.Login.CredentialCache(TimeProvider.System);
        var name = UserName.TryParse("alice", out var parsed) ? parsed : throw new InvalidOperationException("No name.");
        _loginRequest = new LoginRequest(
            _gateway.Chain, _gateway.Generation, _gateway.Lockout, _gateway.Login, name, Secret.FromUtf8("alice-pw"u8), _client, "phones", _request.Device!.Device!.Thumbprint);
        _cache.Add(_cache.KeyOf(_loginRequest), OneUser.Alice, OneUser.Alice, new CredentialSlot(), TimeSpan.FromHours(1), _cache.Epoch);

        WarmAppPasswords(name);

        // Judged again, now from the cache: this is the request the forwarder sees.
        _request = Open();
        _ = _judge.JudgeAsync(_request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _context.Features.Set<IAdmittedRequest>(_request);

        AccessRequest Open() => AccessRequestReader.Open(_context, _gateway, "public", TimeProvider.System.GetUtcNow()) is { Request: { } request }
            ? request
            : throw new InvalidOperationException("The request was not opened.");
    }

    private void WarmAppPasswords(UserName name)
    {
        var (store, key) = (_services.GetRequiredService<IAppPasswordStore>(), _services.GetRequiredService<AppPasswordKey>());
        var secret = Secret.FromText(AppPasswordSecret.New());
        for (var i = 0; i < AppPasswords; i++)
        {
            key.TryDigest(i == 0 ? secret : Secret.FromText(AppPasswordSecret.New()), out var digest);
            var record = key.Seal(new AppPasswordRecord
            {
                Id = $"{i}", Digest = digest, IdentityKey = i == 0 ? OneUser.Alice.Key : $"one:{i}", Login = "alice", Tag = "phone", For = [AppPasswordClass.Dav], Networks = ["many"], CreatedAt = TimeProvider.System.GetUtcNow(),
            });
            _ = store.AddAsync(record, LiveAppPasswords.PerUser, record.CreatedAt, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        _appPasswords = _services.GetRequiredService<LiveAppPasswords>();
        _appPasswords.RefreshAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _appPasswordFlow = _services.GetRequiredService<AppPasswordFlow>();
        var networks = NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal) { ["many"] = ManyRanges() }, new FaultList());
        _appPasswordRequest = new AppPasswordRequest(_loginRequest with { Name = name, Secret = secret }, FactorSet.AppPassword, ServiceKind.Dav, networks, "DAVx5");
        _ = _appPasswordFlow.TryProve(_appPasswordRequest, CancellationToken.None)!.Value.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>A backend that knows alice.</summary>
    private sealed class OneUser : IBackend
    {
        public static UserIdentity Alice { get; } = new("one", "1", "alice", "alice@bed.test", "Alice", ["mailusers", "webusers"], []);

        public string Name => "one";

        public ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken) => new(new BackendLookup.Found(Alice, Alice));

        public ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken) => new(new BackendAnswer.Accepted(Alice));

        public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new((string?)null);
    }

#pragma warning disable CS0618, SYSLIB0058 // The feature has members that are obsolete and must be implemented.
    private sealed class Handshake(string host) : Microsoft.AspNetCore.Connections.Features.ITlsHandshakeFeature
    {
        public string HostName => host;

        public System.Security.Authentication.SslProtocols Protocol => System.Security.Authentication.SslProtocols.Tls13;

        public System.Security.Authentication.CipherAlgorithmType CipherAlgorithm => default;

        public int CipherStrength => 0;

        public System.Security.Authentication.HashAlgorithmType HashAlgorithm => default;

        public int HashStrength => 0;

        public System.Security.Authentication.ExchangeAlgorithmType KeyExchangeAlgorithm => default;

        public int KeyExchangeStrength => 0;
    }
#pragma warning restore CS0618, SYSLIB0058
}
