using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace AuthGateway.TestKit.Gateway;

/// <summary>An HTTP/1.1 connection that sends the bytes it is given and repairs nothing.</summary>
public sealed class RawHttp1 : IAsyncDisposable
{
    private const int LongestAnswer = 16 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly CancellationTokenSource _limit;
    private byte[] _buffer = new byte[16 * 1024];
    private int _filled;
    private bool _ended;

    private RawHttp1(Stream stream, CancellationTokenSource limit)
    {
        _stream = stream;
        _limit = limit;
    }

    /// <summary>Connects; a refused handshake throws <see cref="AuthenticationException"/> or <see cref="IOException"/>.</summary>
    public static async Task<RawHttp1> ConnectAsync(RawConnect connect)
    {
        ArgumentNullException.ThrowIfNull(connect);
        var limit = new CancellationTokenSource(connect.Within);
        try
        {
            return new RawHttp1(await connect.OpenAsync(SslApplicationProtocol.Http11, limit.Token), limit);
        }
        catch
        {
            limit.Dispose();
            throw;
        }
    }

    /// <summary>One request on a connection of its own; null when the gateway closed without an answer, in the handshake or after it.</summary>
    public static async Task<RawResponse?> ExchangeAsync(RawConnect connect, string request)
    {
        try
        {
            await using var connection = await ConnectAsync(connect);
            await connection.SendAsync(request);
            return await connection.ReadAsync(request.StartsWith("HEAD ", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>Sends text as Latin-1: one byte a character.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes, _limit.Token);
            await _stream.FlushAsync(_limit.Token);
        }
        catch (IOException)
        {
            // The gateway closed while we were still sending; what it said before is still to be read.
        }
    }

    /// <summary>Reads one line, without its end; null when the connection ends before it is whole.</summary>
    public async Task<string?> ReadLineAsync()
    {
        var end = await FindAsync("\r\n"u8.ToArray());
        return end < 0 ? null : Encoding.Latin1.GetString(Take(end)).TrimEnd();
    }

    /// <summary>Reads one answer, final ones only; null when the connection ends before it is whole.</summary>
    public async Task<RawResponse?> ReadAsync(bool toHead = false)
    {
        while (true)
        {
            var end = await FindAsync("\r\n\r\n"u8.ToArray());
            if (end < 0)
            {
                return null;
            }

            var lines = Encoding.Latin1.GetString(Take(end)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
            var headers = lines.Skip(1).Select(line => KeyValuePair.Create(line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())).ToList();
            if (status is > 101 or 101)
            {
                var body = toHead || status is 101 or 204 or 304 ? [] : await BodyAsync(headers);
                return body is null ? null : new RawResponse(status, headers, body);
            }
        }
    }

    /// <summary>True when the gateway closes the connection; false when it says more or stays silent for the time.</summary>
    public async Task<bool> IsClosedAsync(TimeSpan within)
    {
        if (_filled > 0)
        {
            return false;
        }

        using var limit = new CancellationTokenSource(within);
        try
        {
            return _ended || !await FillAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _limit.Dispose();
    }

    private async Task<byte[]?> BodyAsync(List<KeyValuePair<string, string>> headers)
    {
        string? Value(string name) => headers.Find(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        if (Value("Transfer-Encoding") is not null)
        {
            return await ChunksAsync();
        }

        if (Value("Content-Length") is { } length)
        {
            var count = int.Parse(length, CultureInfo.InvariantCulture);
            return await AtLeastAsync(count) ? Take(count) : null;
        }

        while (await FillAsync(_limit.Token))
        {
        }

        return Take(_filled);
    }

    private async Task<byte[]?> ChunksAsync()
    {
        var body = new MemoryStream();
        while (true)
        {
            var end = await FindAsync("\r\n"u8.ToArray());
            if (end < 0)
            {
                return null;
            }

            var size = int.Parse(Encoding.ASCII.GetString(Take(end)).TrimEnd().Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (!await AtLeastAsync(size + 2))
            {
                return null;
            }

            body.Write(Take(size));
            _ = Take(2);
            if (size == 0)
            {
                return body.ToArray();
            }
        }
    }

    private async Task<int> FindAsync(byte[] mark)
    {
        while (true)
        {
            var at = _buffer.AsSpan(0, _filled).IndexOf(mark);
            if (at >= 0)
            {
                return at + mark.Length;
            }

            if (!await FillAsync(_limit.Token))
            {
                return -1;
            }
        }
    }

    private async Task<bool> AtLeastAsync(int count)
    {
        while (_filled < count)
        {
            if (!await FillAsync(_limit.Token))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_filled == _buffer.Length)
        {
            if (_filled >= LongestAnswer)
            {
                throw new InvalidOperationException("The answer is longer than a test expects.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        try
        {
            var read = await _stream.ReadAsync(_buffer.AsMemory(_filled), cancellationToken);
            _filled += read;
            _ended |= read == 0;
            return read > 0;
        }
        catch (IOException)
        {
            _ended = true;
            return false;
        }
    }

    private byte[] Take(int count)
    {
        var taken = _buffer[..count];
        Buffer.BlockCopy(_buffer, count, _buffer, 0, _filled - count);
        _filled -= count;
        return taken;
    }
}
