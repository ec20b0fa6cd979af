using System.Buffers.Binary;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace AuthGateway.TestKit.Gateway;

/// <summary>
/// An HTTP/2 connection that sends the header list it is given, in that order and with whatever is wrong with it (RFC 9113). Headers
/// go out as literals, never indexed; the peer is told to keep no table, so that answers need none either.
/// </summary>
public sealed class RawHttp2 : IAsyncDisposable
{
    private const int LongestFrame = 16 * 1024;
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte Continuation = 9;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private readonly Stream _stream;
    private readonly CancellationTokenSource _limit;
    private int _next = 1;

    private RawHttp2(Stream stream, CancellationTokenSource limit)
    {
        _stream = stream;
        _limit = limit;
    }

    /// <summary>Connects and says hello.</summary>
    public static async Task<RawHttp2> ConnectAsync(RawConnect connect)
    {
        ArgumentNullException.ThrowIfNull(connect);
        var limit = new CancellationTokenSource(connect.Within);
        try
        {
            var stream = await connect.OpenAsync(SslApplicationProtocol.Http2, limit.Token);
            var connection = new RawHttp2(stream, limit);
            await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), limit.Token);

            // HEADER_TABLE_SIZE 0
            await connection.WriteAsync(Settings, 0, 0, [0, 1, 0, 0, 0, 0]);
            return connection;
        }
        catch
        {
            limit.Dispose();
            throw;
        }
    }

    /// <summary>
    /// One request on a connection of its own; null when the gateway reset the stream or closed without an answer. An open one
    /// announces a body that never comes.
    /// </summary>
    public static async Task<RawResponse?> ExchangeAsync(RawConnect connect, IReadOnlyList<KeyValuePair<string, string>> headers, byte[]? body = null, bool open = false)
    {
        try
        {
            await using var connection = await ConnectAsync(connect);
            return await connection.ExchangeAsync(headers, body, open);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>One request on a new stream of this connection; null when it was reset or the connection closed.</summary>
    public async Task<RawResponse?> ExchangeAsync(IReadOnlyList<KeyValuePair<string, string>> headers, byte[]? body = null, bool open = false)
    {
        var stream = _next;
        _next += 2;
        try
        {
            await SendAsync(stream, headers, body, open);
        }
        catch (IOException)
        {
            // Refused while we were sending; the answer may still be there.
        }

        return await ReadAsync(stream);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _limit.Dispose();
    }

    private async Task SendAsync(int stream, IReadOnlyList<KeyValuePair<string, string>> headers, byte[]? body, bool open)
    {
        var block = Encode(headers);
        var first = Math.Min(block.Length, LongestFrame);
        var end = body is null && !open ? EndStream : 0;
        await WriteAsync(Headers, (byte)(end | (first == block.Length ? EndHeaders : 0)), stream, block[..first]);
        for (var at = first; at < block.Length; at += LongestFrame)
        {
            var count = Math.Min(LongestFrame, block.Length - at);
            await WriteAsync(Continuation, (byte)(at + count == block.Length ? EndHeaders : 0), stream, block[at..(at + count)]);
        }

        if (body is not null)
        {
            await WriteAsync(Data, EndStream, stream, body);
        }
    }

    private async Task<RawResponse?> ReadAsync(int stream)
    {
        var headers = new List<KeyValuePair<string, string>>();
        var block = new MemoryStream();
        var body = new MemoryStream();
        while (await FrameAsync() is var (type, flags, id, payload))
        {
            switch (type)
            {
                case Settings when (flags & 1) == 0:
                    await WriteAsync(Settings, 1, 0, []);
                    break;
                case Ping when (flags & 1) == 0:
                    await WriteAsync(Ping, 1, 0, payload);
                    break;
                case GoAway:
                    return null;
                case Reset when id == stream:
                    return headers.Count > 0 ? Answer(headers, body) : null;
                case Headers or Continuation when id == stream:
                    block.Write(payload);
                    if ((flags & EndHeaders) != 0)
                    {
                        headers.AddRange(Decode(block.ToArray()));
                        block.SetLength(0);
                    }

                    break;
                case Data when id == stream:
                    body.Write(payload);
                    if (payload.Length > 0)
                    {
                        await WindowAsync(0, payload.Length);
                        await WindowAsync(stream, payload.Length);
                    }

                    break;
                default:
                    break;
            }

            if (id == stream && type is Data or Headers && (flags & EndStream) != 0)
            {
                return Answer(headers, body);
            }
        }

        return null;
    }

    private static RawResponse Answer(List<KeyValuePair<string, string>> headers, MemoryStream body) => new(
        int.Parse(headers.Find(header => header.Key == ":status").Value, CultureInfo.InvariantCulture),
        headers.FindAll(header => header.Key[0] != ':'),
        body.ToArray());

    private Task WindowAsync(int stream, int count)
    {
        var increment = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(increment, count);
        return WriteAsync(8, 0, stream, increment);
    }

    private async Task WriteAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)payload.Length);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await _stream.WriteAsync(frame, _limit.Token);
        await _stream.FlushAsync(_limit.Token);
    }

    private async Task<(byte Type, byte Flags, int Stream, byte[] Payload)?> FrameAsync()
    {
        var head = new byte[9];
        try
        {
            await _stream.ReadExactlyAsync(head, _limit.Token);
            var payload = new byte[(head[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(1))];
            await _stream.ReadExactlyAsync(payload, _limit.Token);
            return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    // RFC 7541, 6.2.2: literal without indexing, new name, no Huffman.
    private static byte[] Encode(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            block.WriteByte(0);
            Literal(block, name);
            Literal(block, value);
        }

        return block.ToArray();
    }

    private static void Literal(MemoryStream block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var length = bytes.Length;
        if (length < 127)
        {
            block.WriteByte((byte)length);
        }
        else
        {
            block.WriteByte(127);
            for (length -= 127; length >= 128; length >>= 7)
            {
                block.WriteByte((byte)(length | 128));
            }

            block.WriteByte((byte)length);
        }

        block.Write(bytes);
    }

    private static IEnumerable<KeyValuePair<string, string>> Decode(byte[] block)
    {
        var at = 0;
        while (at < block.Length)
        {
            var first = block[at];
            if ((first & 0x80) != 0)
            {
                yield return Static[Number(block, ref at, 7)];
            }
            else if ((first & 0xE0) == 0x20)
            {
                // The peer confirms that it keeps no table.
                _ = Number(block, ref at, 5);
            }
            else
            {
                var index = Number(block, ref at, (first & 0x40) != 0 ? 6 : 4);
                var name = index == 0 ? Text(block, ref at) : Static[index].Key;
                yield return KeyValuePair.Create(name, Text(block, ref at));
            }
        }
    }

    private static string Text(byte[] block, ref int at)
    {
        var huffman = (block[at] & 0x80) != 0;
        var length = Number(block, ref at, 7);
        var text = huffman ? "(compressed)" : Encoding.Latin1.GetString(block, at, length);
        at += length;
        return text;
    }

    private static int Number(byte[] block, ref int at, int bits)
    {
        var limit = (1 << bits) - 1;
        var value = block[at++] & limit;
        if (value < limit)
        {
            return value;
        }

        for (var shift = 0; ; shift += 7)
        {
            var next = block[at++];
            value += (next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }
    }

    // RFC 7541, appendix A.
    private static readonly KeyValuePair<string, string>[] Static =
    [
        .. new[]
        {
            "", ":authority", ":method=GET", ":method=POST", ":path=/", ":path=/index.html", ":scheme=http", ":scheme=https", ":status=200", ":status=204",
            ":status=206", ":status=304", ":status=400", ":status=404", ":status=500", "accept-charset", "accept-encoding=gzip, deflate", "accept-language",
            "accept-ranges", "accept", "access-control-allow-origin", "age", "allow", "authorization", "cache-control", "content-disposition",
            "content-encoding", "content-language", "content-length", "content-location", "content-range", "content-type", "cookie", "date", "etag",
            "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
            "link", "location", "max-forwards", "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after", "server",
            "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate",
        }.Select(entry => entry.Split('=', 2)).Select(entry => KeyValuePair.Create(entry[0], entry.Length > 1 ? entry[1] : "")),
    ];
}
