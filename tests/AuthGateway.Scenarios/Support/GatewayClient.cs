using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Support;

/// <summary>A client of one published host, with connections, certificate and source address of its own.</summary>
internal sealed class GatewayClient : IDisposable
{
    private static int s_sources;

    private readonly X509Certificate2? _certificate;
    private readonly bool _isOwnCertificate;
    private readonly Version _version;
    private readonly HttpClient _http;

    /// <param name="gateway">Where to.</param>
    /// <param name="host">The published host.</param>
    /// <param name="certificate">Name of a certificate of the bed, or null.</param>
    /// <param name="login">Name of a user of the bed whose password is <c>NAME-pw</c>; or <c>name:password</c>; or null.</param>
    /// <param name="version">HTTP version, 1.1 unless told.</param>
    /// <param name="source">Address to come from; a fresh one of the loopback network unless told.</param>
    /// <param name="device">Another certificate than the bed's; it stays the caller's.</param>
    public GatewayClient(
        GatewayProcess gateway, string host, string? certificate = null, string? login = null, Version? version = null, IPAddress? source = null, X509Certificate2? device = null)
    {
        _version = version ?? HttpVersion.Version11;
        _certificate = device ?? (certificate is null ? null : Bed.Certificate(certificate));
        _isOwnCertificate = device is null;
        Source = source ?? NextSource();
        Host = host;
        Login = login;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(Source, 0));
                    await socket.ConnectAsync(gateway.EndPoint("public"), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            SslOptions =
            {
                // A phone trusts the bed's authority; which host certificate was shown is the business of other tests.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                LocalCertificateSelectionCallback = _certificate is null ? null : (_, _, _, _, _) => _certificate,
                ClientCertificates = _certificate is null ? null : [_certificate],
            },
        };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>Where it comes from.</summary>
    public IPAddress Source { get; }

    /// <summary>The published host.</summary>
    public string Host { get; }

    /// <summary>Who logs in.</summary>
    public string? Login { get; }

    /// <summary>Longest wait for an answer.</summary>
    public TimeSpan Timeout
    {
        get => _http.Timeout;
        set => _http.Timeout = value;
    }

    /// <summary>The header a login sends.</summary>
    public static AuthenticationHeaderValue Basic(string login)
    {
        var pair = login.Contains(':', StringComparison.Ordinal) ? login : $"{login}:{login}-pw";
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
    }

    /// <summary>A request whose target reaches the wire as it is written here.</summary>
    public HttpRequestMessage Request(string method, string target, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"https://{Host}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = _version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        if (Login is not null)
        {
            request.Headers.Authorization = Basic(Login);
        }

        return request;
    }

    /// <summary>Sends and reads the whole answer.</summary>
    public async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var headers = response.Headers.Concat(response.Content.Headers)
                .SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value))).ToList();
            return new Answer((int)response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
    }

    /// <summary>Sends and reads the whole answer.</summary>
    public Task<Answer> SendAsync(string method, string target, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var request = Request(method, target, content);
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        }

        return SendAsync(request);
    }

    /// <summary>Fetches.</summary>
    public Task<Answer> GetAsync(string target, params (string Name, string Value)[] headers) => SendAsync("GET", target, null, headers);

    /// <summary>Sends and returns with the head of the answer.</summary>
    public Task<HttpResponseMessage> BeginAsync(HttpRequestMessage request, CancellationToken cancellationToken = default) =>
        _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    /// <summary>For what an <see cref="HttpMessageInvoker"/> is asked for: WebSockets.</summary>
    public HttpMessageInvoker Invoker => _http;

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        if (_isOwnCertificate)
        {
            _certificate?.Dispose();
        }
    }

    // Below 127.128/9, which the sample's network "inside" leaves out; counters of addresses then never meet.
    private static IPAddress NextSource()
    {
        var number = Interlocked.Increment(ref s_sources);
        return new IPAddress([127, 1, (byte)(number / 250), (byte)(1 + (number % 250))]);
    }
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name)
    {
        var values = Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }

    /// <summary>Every value of a header.</summary>
    public IEnumerable<string> All(string name) => Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value);

    /// <summary>The id a refusal names, to find it in the audit.</summary>
    public string RequestId => Header("X-Request-Id") ?? throw new InvalidOperationException($"No request id.\n{this}");

    public override string ToString() => $"{Status}\n{string.Join('\n', Headers.Select(header => $"{header.Key}: {header.Value}"))}\n\n{Text}";
}
