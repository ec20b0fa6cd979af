using System.Formats.Asn1;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthGateway.Ldap;

/// <summary>Opens the stream LDAP is spoken on: TCP, StartTLS, handshake. Nothing secret is sent before it returns.</summary>
internal static class LdapTransport
{
    private const string StartTlsOid = "1.3.6.1.4.1.1466.20037";
    private const int StartTlsMessageId = 1;

    public static async Task<(Stream Stream, Socket Socket)> OpenAsync(LdapEndpoint endpoint, LdapTlsOptions tls, LdapLimits limits, CancellationToken cancellationToken)
    {
        var mode = tls.ModeFor(endpoint);
        var stream = await ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
        try
        {
            if (mode == LdapTlsMode.StartTls)
            {
                await StartTlsAsync(stream, limits, cancellationToken).ConfigureAwait(false);
            }

            return (mode == LdapTlsMode.None ? stream : await SecureAsync(stream, endpoint, tls, cancellationToken).ConfigureAwait(false), stream.Socket);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<NetworkStream> ConnectAsync(LdapEndpoint endpoint, CancellationToken cancellationToken)
    {
        var socket = endpoint.SocketPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (endpoint.SocketPath is { } path)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken).ConfigureAwait(false);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new LdapException(LdapFailure.ConnectFailed, $"cannot connect to {endpoint}{(endpoint.SocketPath is null ? "" : " through its tunnel")}: {e.SocketErrorCode}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task StartTlsAsync(Stream stream, LdapLimits limits, CancellationToken cancellationToken)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteInteger(StartTlsMessageId);
        writer.PushSequence(LdapTag.Application(23));
        writer.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(StartTlsOid), LdapTag.Context(0));
        writer.PopSequence(LdapTag.Application(23));
        writer.PopSequence();
        using var frames = new LdapFrameReader(stream, limits.MaxMessageBytes);
        LdapResult result;
        try
        {
            await stream.WriteAsync(writer.Encode(), cancellationToken).ConfigureAwait(false);
            result = ReadStartTlsAnswer(await frames.ReadAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is BerException or System.Text.DecoderFallbackException)
        {
            throw new LdapException(LdapFailure.ProtocolError, $"unreadable answer to StartTLS: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new LdapException(LdapFailure.ConnectionLost, "the server closed before it answered StartTLS", e);
        }

        if (!result.IsSuccess)
        {
            throw new LdapException(LdapFailure.StartTlsRefused, $"the server refused StartTLS with code {(int)result.Code}: {result.Diagnostic}")
            {
                ResultCode = result.Code,
            };
        }

        // What comes in the clear behind the answer was put there by someone on the way, to be taken for part of the secured stream.
        if (frames.HasMore)
        {
            throw new LdapException(LdapFailure.ProtocolError, "bytes in the clear behind the answer to StartTLS");
        }
    }

    private static LdapResult ReadStartTlsAnswer(ReadOnlyMemory<byte> frame)
    {
        if (frame.IsEmpty)
        {
            throw new EndOfStreamException("closed");
        }

        var message = new BerReader(frame.Span).Read(LdapTag.Sequence);
        if (message.ReadInt32(LdapTag.Integer) != StartTlsMessageId)
        {
            throw new BerException("another message number");
        }

        var body = message.Read(LdapTag.ExtendedResponse);
        return LdapDecoder.ReadResult(ref body, []);
    }

    private static async Task<Stream> SecureAsync(Stream stream, LdapEndpoint endpoint, LdapTlsOptions tls, CancellationToken cancellationToken)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = tls.TargetHost ?? endpoint.Host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            CertificateChainPolicy = ChainPolicy(tls),
            RemoteCertificateValidationCallback = tls.PinnedSha256.Count == 0
                ? null
                : (_, certificate, _, errors) => IsPinned(certificate, tls.PinnedSha256) && (tls.TrustedRoots is null || errors == SslPolicyErrors.None),
        };
        var secured = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await secured.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return secured;
        }
        catch (Exception e)
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            if (e is AuthenticationException or IOException)
            {
                throw new LdapException(LdapFailure.TlsFailed, $"no TLS with {endpoint} as {options.TargetHost}: {e.Message}", e);
            }

            throw;
        }
    }

    private static X509ChainPolicy ChainPolicy(LdapTlsOptions tls)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,

            // Else a certificate nobody has judged yet could make us fetch any address it names.
            DisableCertificateDownloads = true,
        };
        if (tls.TrustedRoots is { } roots)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }

    private static bool IsPinned(X509Certificate? certificate, IReadOnlyList<ReadOnlyMemory<byte>> pins)
    {
        if (certificate is null)
        {
            return false;
        }

        var hash = certificate.GetCertHash(HashAlgorithmName.SHA256);
        return pins.Any(pin => CryptographicOperations.FixedTimeEquals(hash, pin.Span));
    }
}
