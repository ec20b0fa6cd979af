using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using AuthGateway.Core.Sessions.Tokens;

namespace AuthGateway.Commands.Verification;

/// <summary>What came of asking.</summary>
internal enum VerifierResult
{
    /// <summary>Nobody could say.</summary>
    Unknown,

    /// <summary>The token is his.</summary>
    Right,

    /// <summary>It is not.</summary>
    Wrong,
}

/// <summary>The gateway's answer.</summary>
/// <param name="Result">In one word.</param>
/// <param name="Why">What failed, where nobody could say.</param>
/// <param name="Login">Login name, where the token is his.</param>
/// <param name="Body">The whole answer, where the token is his.</param>
internal sealed record VerifierAnswer(VerifierResult Result, string? Why, string? Login = null, byte[]? Body = null);

/// <summary>
/// One question over one connection: HTTP/1.1 by hand, for the framework's client would take longer to start than everything else here. The key is not sent:
/// question and answer are sealed with it, and nothing is believed of an answer without its seal, whoever listens there.
/// </summary>
internal static class VerifierClient
{
    private const int LongestAnswer = 16 * 1024;
    private const int LongestKey = 4 * 1024;

    public static VerifierAnswer Ask(VerifySettings settings, ReadOnlySpan<byte> user, ReadOnlySpan<byte> token, string? client)
    {
        try
        {
            if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/")
            {
                return Failed($"{settings.Url} is not the address of a listener, such as http://127.0.0.1:9080 or https://10.0.0.2:9443.");
            }

            if (url.Scheme == "http" && !url.IsLoopback)
            {
                return Failed("Over http only the gateway on this machine is asked; write https://.");
            }

            var key = settings.Key ?? ReadKey(settings.KeyFile);
            var from = IPAddress.TryParse(client, out var address) ? address.ToString() : null;
            var expected = new ExpectedSeal(VerifierSeal.SealingKey(key), VerifierSeal.NewNonce(), VerifierSeal.Digest(user, token, settings.Service, from));
            var request = Build(url, expected, user, token, settings.Service, from);
            try
            {
                using var stream = Connect(settings, url);
                stream.Write(request);
                stream.Flush();
                return Read(stream, expected);
            }
            finally
            {
                Array.Clear(request);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or UnauthorizedAccessException or InvalidDataException or System.Security.Cryptography.CryptographicException)
        {
            return Failed(e.GetBaseException().Message);
        }
    }

    /// <summary>What an answer of the gateway means.</summary>
    internal static VerifierAnswer Read(Stream stream, ExpectedSeal expected)
    {
        var buffer = new byte[LongestAnswer];
        var length = 0;
        while (true)
        {
            var read = length < buffer.Length ? stream.Read(buffer.AsSpan(length)) : throw new InvalidDataException("The answer is too long.");
            length += read;
            var head = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (head >= 0 && BodyLength(buffer.AsSpan(0, head)) is var body && length >= head + 4 + body)
            {
                return Judge(buffer.AsSpan(0, head), buffer.AsSpan(head + 4, body), expected);
            }

            if (read == 0)
            {
                throw new InvalidDataException("The gateway broke off.");
            }
        }
    }

    private static VerifierAnswer Judge(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, ExpectedSeal expected)
    {
        var line = Encoding.Latin1.GetString(head[..(head.IndexOf((byte)'\r') is >= 0 and var end ? end : head.Length)]);
        var status = line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && line.Length >= 12 ? line[9..12] : "";
        if (status is "200" or "401" && !expected.IsOf(SealIn(head), int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), body))
        {
            return Failed("The answer is not from a gateway that holds this key. Does another program listen there?");
        }

        return status switch
        {
            "200" => LoginOf(body) is { } login ? new VerifierAnswer(VerifierResult.Right, null, login, body.ToArray()) : Failed("The gateway's answer cannot be read."),
            "401" => new VerifierAnswer(VerifierResult.Wrong, null),
            "403" => Failed("The gateway does not know this key, or not from this address (SessionTokens:Verifiers)."),
            "404" or "405" => Failed("No verifier is configured there (SessionTokens:Verifiers), or it is no staff listener."),
            "503" => Failed("The gateway cannot judge now."),
            _ => Failed($"The gateway answered: {line}"),
        };
    }

    private static string? LoginOf(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && reader.ValueTextEquals("login"u8))
                {
                    // A name with a control character would mean something else to whoever reads it from the environment.
                    return reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } login && !login.Any(char.IsControl) ? login : null;
                }
            }
        }
        catch (JsonException)
        {
            // Told as an answer that cannot be read.
        }

        return null;
    }

    /// <summary>The seal of an answer; empty where it has none, or more than one.</summary>
    private static string SealIn(ReadOnlySpan<byte> head)
    {
        const string name = VerifierSeal.HeaderName + ":";
        var lines = Encoding.Latin1.GetString(head).Split("\r\n").Where(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase)).ToList();
        return lines is [var line] ? line[name.Length..].Trim() : "";
    }

    private static int BodyLength(ReadOnlySpan<byte> head)
    {
        foreach (var line in Encoding.Latin1.GetString(head).Split("\r\n").Skip(1))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(line["Content-Length:".Length..], System.Globalization.NumberStyles.AllowLeadingWhite, System.Globalization.CultureInfo.InvariantCulture, out var length)
                && length is >= 0 and < LongestAnswer)
            {
                return length;
            }
        }

        throw new InvalidDataException("The answer has no length; is this the gateway?");
    }

    private static byte[] Build(Uri url, ExpectedSeal seal, ReadOnlySpan<byte> user, ReadOnlySpan<byte> token, string service, string? client)
    {
        var body = new StringBuilder("user=");
        Escape(body, user);
        body.Append("&token=");
        Escape(body, token);
        if (service.Length > 0)
        {
            body.Append("&service=");
            Escape(body, Encoding.UTF8.GetBytes(service));
        }

        if (client is not null)
        {
            body.Append("&client=");
            Escape(body, Encoding.ASCII.GetBytes(client));
        }

        return Encoding.ASCII.GetBytes(
            $"POST /.agw/verify HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: {VerifierSeal.Scheme} {seal.Nonce}.{seal.Question}.{seal.OfQuestion}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
    }

    private static void Escape(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    private static Stream Connect(VerifySettings settings, Uri url)
    {
        var addresses = IPAddress.TryParse(url.Host.Trim('[', ']'), out var literal) ? [literal] : Dns.GetHostAddresses(url.Host);
        var milliseconds = (int)settings.Timeout.TotalMilliseconds;
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = milliseconds, ReceiveTimeout = milliseconds };
            try
            {
                Open(socket, new IPEndPoint(address, url.Port), milliseconds);
                var stream = new NetworkStream(socket, ownsSocket: true);
                return url.Scheme == "https" ? Secure(stream, settings, url) : stream;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static void Open(Socket socket, EndPoint to, int milliseconds)
    {
        socket.Blocking = false;
        try
        {
            socket.Connect(to);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll(milliseconds * 1000, SelectMode.SelectWrite))
            {
                throw new SocketException((int)SocketError.TimedOut);
            }

            if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int error and not 0)
            {
                throw new SocketException(error);
            }
        }

        socket.Blocking = true;
    }

    private static SslStream Secure(NetworkStream stream, VerifySettings settings, Uri url)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = settings.ServerName.Length > 0 ? settings.ServerName : url.Host.Trim('[', ']'),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (settings.CaFile.Length > 0)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(settings.CaFile);
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        tls.AuthenticateAsClient(options);
        return tls;
    }

    private static string ReadKey(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & others) != 0)
        {
            throw new InvalidDataException($"Others than the owner can read or change {path}. Run: chmod 600 {path}");
        }

        if (file.Length is 0 or > LongestKey)
        {
            throw new InvalidDataException($"{path} holds no key.");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var key = Encoding.ASCII.GetString(bytes).Trim();
        return key.AsSpan().ContainsAnyExceptInRange('!', '~') ? throw new InvalidDataException($"{path} holds no key: it is one line of visible characters.") : key;
    }

    private static VerifierAnswer Failed(string why) => new(VerifierResult.Unknown, why);
}
