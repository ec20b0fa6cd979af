using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthGateway.Core.Telemetry;

/// <summary>The gateway's own request id: 96 random bits, never taken from the client, told in answer, log and audit.</summary>
public static class RequestId
{
    /// <summary>Response and upstream header that carries the id.</summary>
    public const string HeaderName = "X-Request-Id";

    private const int IdBytes = 12;
    private const int IdsPerFill = 64;

    // Asking the generator costs as much for one id as for sixty-four. An id is no secret, so what lies ready harms nobody.
    [ThreadStatic]
    private static byte[]? s_ready;

    [ThreadStatic]
    private static int s_left;

    /// <summary>A new id of 16 URL-safe characters.</summary>
    public static string New()
    {
        var ready = s_ready ??= new byte[IdsPerFill * IdBytes];
        if (s_left == 0)
        {
            RandomNumberGenerator.Fill(ready);
            s_left = IdsPerFill;
        }

        s_left--;
        return Base64Url.EncodeToString(ready.AsSpan(s_left * IdBytes, IdBytes));
    }
}
