using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthGateway.Core.Telemetry;

/// <summary>The gateway's own request id: 96 random bits, never taken from the client, told in answer, log and audit.</summary>
public static class RequestId
{
    /// <summary>Response and upstream header that carries the id.</summary>
    public const string HeaderName = "X-Request-Id";

    /// <summary>A new id of 16 URL-safe characters.</summary>
    public static string New()
    {
        Span<byte> bytes = stackalloc byte[12];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
