using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.TestKit.Gateway;

/// <summary>A request as an upstream received it.</summary>
public sealed record EchoRequest(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Head, byte[] Body)
{
    /// <summary>Every value of a header.</summary>
    public IReadOnlyList<string> All(string name) =>
        [.. Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    /// <summary>The one value of a header, or null.</summary>
    public string? Header(string name) => All(name) is [var value] ? value : null;

    /// <summary>The head as text, a character a byte.</summary>
    public string Text => Encoding.Latin1.GetString(Head);
}

/// <summary>An upstream that keeps the bytes of every request and answers what it is told to.</summary>
public sealed class EchoUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<EchoRequest> _requests = new();
    private readonly Task _loop;

    /// <summary>Opens the port.</summary>
    public EchoUpstream()
    {
        _listener.Start(512);
        _loop = AcceptAsync();
    }

    /// <summary>Its address, for the configuration.</summary>
    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The same by another name: the configuration refuses one server that is trusting under one upstream and not under another.</summary>
    public string TrustingUrl => $"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Headers of the answers, by a request's target; lines end with CR LF.</summary>
    public ConcurrentDictionary<string, string> AnswerHeaders { get; } = new(StringComparer.Ordinal);

    /// <summary>True for one that reads and never answers.</summary>
    public bool IsSilent { get; set; }

    /// <summary>True for one that closes in the middle of its answer.</summary>
    public bool BreaksOff { get; set; }

    /// <summary>Status of the answers.</summary>
    public int AnswerStatus { get; set; } = 200;

    /// <summary>What was received, in order.</summary>
    public IReadOnlyList<EchoRequest> Requests => [.. _requests];

    /// <summary>How many requests were received.</summary>
    public int Count => _requests.Count;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                var stream = client.GetStream();
                var reader = new BufferedStream(stream, 16 * 1024);
                while (await ReadAsync(reader) is { } request)
                {
                    _requests.Enqueue(request);
                    if (!IsSilent)
                    {
                        await stream.WriteAsync(Answer(request), _stop.Token);
                    }

                    if (BreaksOff)
                    {
                        return;
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The gateway or the test is gone.
        }
    }

    private byte[] Answer(EchoRequest request)
    {
        if (request.Header("Upgrade") is not null)
        {
            // RFC 6455, 4.2.2: what proves that the handshake was understood.
            var accept = request.Header("Sec-WebSocket-Key") is { } key
                ? $"Sec-WebSocket-Accept: {Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")))}\r\n"
                : "";
            return Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{accept}\r\n");
        }

        var extra = AnswerHeaders.GetValueOrDefault(request.Target, "");
        var body = $"echo {request.Method} {request.Target}\n";
        var head = $"HTTP/1.1 {AnswerStatus} Told\r\nContent-Type: text/plain\r\nContent-Length: {body.Length + (BreaksOff ? 1 : 0)}\r\n{extra}\r\n";
        return Encoding.Latin1.GetBytes(request.Method == "HEAD" ? head : head + body);
    }

    private async Task<EchoRequest?> ReadAsync(Stream reader)
    {
        var head = new List<byte>();
        while (!EndsHead(head))
        {
            if (await ByteAsync(reader) is not { } next)
            {
                return null;
            }

            head.Add(next);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var first = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1].Trim())).ToList();
        string? Value(string name) => headers.Find(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        var body = Value("Transfer-Encoding") is not null ? await ChunksAsync(reader)
            : await ExactlyAsync(reader, int.Parse(Value("Content-Length") ?? "0", CultureInfo.InvariantCulture));
        return new EchoRequest(first[0], first[1], headers, [.. head], body);
    }

    private async Task<byte[]> ChunksAsync(Stream reader)
    {
        var body = new MemoryStream();
        while (true)
        {
            var size = int.Parse((await LineAsync(reader)).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Write(await ExactlyAsync(reader, size));
            _ = await LineAsync(reader);
            if (size == 0)
            {
                return body.ToArray();
            }
        }
    }

    private async Task<string> LineAsync(Stream reader)
    {
        var line = new StringBuilder();
        while (true)
        {
            var next = await ByteAsync(reader) ?? throw new EndOfStreamException();
            if (next == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)next);
        }
    }

    private async Task<byte[]> ExactlyAsync(Stream reader, int count)
    {
        var bytes = new byte[count];
        await reader.ReadExactlyAsync(bytes, _stop.Token);
        return bytes;
    }

    private async Task<byte?> ByteAsync(Stream reader)
    {
        var one = new byte[1];
        return await reader.ReadAsync(one, _stop.Token) == 1 ? one[0] : null;
    }

    private static bool EndsHead(List<byte> head) =>
        head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n';
}
