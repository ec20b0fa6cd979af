using System.Text;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>The versions an attack is tried in.</summary>
public enum HttpVersion
{
    Http1,
    Http2,
}

/// <summary>A request as an attacker writes it, without regard to what is allowed.</summary>
public sealed record AttackRequest(string Method, string Host, string Target)
{
    /// <summary>Name in the handshake, when it is another than the host asked for.</summary>
    public string? Sni { get; init; }

    /// <summary>Header lines after Host, in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The body.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The same with a header line more.</summary>
    public AttackRequest With(string name, string value) => this with { Headers = [.. Headers, (name, value)] };

    /// <summary>The same with Basic credentials.</summary>
    public AttackRequest As(string user, string? password = null) => With("Authorization", Basic(user, password ?? $"{user}-pw"));

    /// <summary>The value of an Authorization header.</summary>
    public static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    /// <summary>The bytes on the wire, a character each.</summary>
    public string ToHttp1(int port)
    {
        var text = new StringBuilder($"{Method} {Target} HTTP/1.1\r\nHost: {Host}:{port}\r\n");
        foreach (var (name, value) in Headers)
        {
            text.Append($"{name}: {value}\r\n");
        }

        if (Body is not null)
        {
            text.Append($"Content-Length: {Body.Length}\r\n");
        }

        return text.Append("\r\n").Append(Encoding.Latin1.GetString(Body ?? [])).ToString();
    }

    /// <summary>The header list; names are lower case, or the version itself refuses them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ToHttp2(int port) =>
    [
        KeyValuePair.Create(":method", Method),
        KeyValuePair.Create(":scheme", "https"),
        KeyValuePair.Create(":authority", $"{Host}:{port}"),
        KeyValuePair.Create(":path", Target),
        .. Headers.Select(header => KeyValuePair.Create(header.Name.ToLowerInvariant(), header.Value)),
    ];

    /// <inheritdoc />
    public override string ToString() => $"{Method} {Target} at {Host} ({string.Join(", ", Headers.Select(header => header.Name))})";
}
