using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Edge;

/// <summary>Why the framing of a request is refused with 400 and the connection closed. Stable numbers.</summary>
internal enum FramingFault
{
    None = 0,
    ContentLengthWithTransferEncoding = 1,

    /// <summary>Transfer-Encoding twice, or anything but <c>chunked</c>.</summary>
    TransferEncoding = 2,
    TransferEncodingOnHttp10 = 3,
    MissingHost = 4,
    DuplicateHost = 5,
    DuplicateAuthorization = 6,
    DuplicateDestination = 7,
    DuplicateContentType = 8,

    /// <summary>A field of HTTP/1 framing in HTTP/2 or 3 (RFC 9113 section 8.2.2).</summary>
    ConnectionSpecificHeader = 9,

    /// <summary><c>Expect</c> other than <c>100-continue</c>.</summary>
    Expectation = 10,
}

/// <summary>
/// Refuses requests that Kestrel takes and an upstream might read as two (request smuggling), or with two values where the
/// gateway would judge one and the upstream obey the other.
/// </summary>
internal static class FramingRules
{
    public static FramingFault Check(string protocol, IHeaderDictionary headers)
    {
        if (headers.Host is var host && (host.Count == 0 || (host.Count == 1 && string.IsNullOrWhiteSpace(host[0]))))
        {
            return FramingFault.MissingHost;
        }

        if (host.Count > 1 || host[0]!.Contains(',', StringComparison.Ordinal))
        {
            return FramingFault.DuplicateHost;
        }

        // Kestrel gives Content-Length this name when Transfer-Encoding came too; nobody sends it for any other reason.
        if (headers.ContainsKey("X-Content-Length"))
        {
            return FramingFault.ContentLengthWithTransferEncoding;
        }

        var fault = protocol is "HTTP/1.1" or "HTTP/1.0" ? CheckHttp1(protocol, headers) : CheckMultiplexed(headers);
        if (fault != FramingFault.None)
        {
            return fault;
        }

        if (headers.Authorization.Count > 1)
        {
            return FramingFault.DuplicateAuthorization;
        }

        if (headers.ContentType.Count > 1)
        {
            return FramingFault.DuplicateContentType;
        }

        if (headers["Destination"].Count > 1)
        {
            return FramingFault.DuplicateDestination;
        }

        return headers.Expect is { Count: > 0 } expect && !IsOnly(expect, "100-continue") ? FramingFault.Expectation : FramingFault.None;
    }

    private static FramingFault CheckHttp1(string protocol, IHeaderDictionary headers)
    {
        var encoding = headers.TransferEncoding;
        if (encoding.Count == 0)
        {
            return FramingFault.None;
        }

        if (protocol == "HTTP/1.0")
        {
            return FramingFault.TransferEncodingOnHttp10;
        }

        return !IsOnly(encoding, "chunked") ? FramingFault.TransferEncoding
            : headers.ContentLength is not null ? FramingFault.ContentLengthWithTransferEncoding
            : FramingFault.None;
    }

    private static FramingFault CheckMultiplexed(IHeaderDictionary headers)
    {
        var connectionSpecific = headers.Connection.Count > 0
            || headers.TransferEncoding.Count > 0
            || headers.Upgrade.Count > 0
            || headers.KeepAlive.Count > 0
            || headers.ContainsKey("Proxy-Connection")
            || (headers.TE is { Count: > 0 } te && !IsOnly(te, "trailers"));
        return connectionSpecific ? FramingFault.ConnectionSpecificHeader : FramingFault.None;
    }

    private static bool IsOnly(StringValues values, string expected) =>
        values.Count == 1 && string.Equals(values[0], expected, StringComparison.OrdinalIgnoreCase);
}
