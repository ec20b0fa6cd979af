using System.Text;

namespace AuthGateway.Core.Edge;

/// <summary>
/// How Kestrel decodes each request header. Latin-1 maps bytes to characters one to one, so a value that is not ASCII reaches
/// the upstream with the bytes the client sent, when it is encoded in Latin-1 again, instead of failing as a 502.
/// </summary>
internal static class RequestHeaderEncodings
{
    /// <summary>For <c>KestrelServerOptions.RequestHeaderEncodingSelector</c>.</summary>
    public static Encoding Select(string name) =>
        string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase) ? StrictContentLength.Instance : Encoding.Latin1;
}
