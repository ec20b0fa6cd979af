using System.Net.Http.Headers;
using AuthGateway.Scenarios.Support;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>What a phone sends.</summary>
internal static class Phone
{
    public const string Host = "eas.bed.test";
    public const string Path = "/Microsoft-Server-ActiveSync";

    /// <summary>A command with its body.</summary>
    public static HttpRequestMessage Command(this GatewayClient client, string command, byte[] body, string device, string user = "alice") =>
        client.Command(Query(command, device, user), Body(body));

    /// <summary>A command with a query of its own.</summary>
    public static HttpRequestMessage Command(this GatewayClient client, string query, HttpContent content)
    {
        var request = client.Request("POST", $"{Path}?{query}", content);
        request.Headers.TryAddWithoutValidation("MS-ASProtocolVersion", "14.1");
        return request;
    }

    /// <summary>The query in its plain form.</summary>
    public static string Query(string command, string device, string user = "alice") => $"Cmd={command}&User={user}&DeviceId={device}&DeviceType=iPhone";

    /// <summary>A body with its type; without a length when asked.</summary>
    public static HttpContent Body(byte[] bytes, bool withoutLength = false)
    {
        HttpContent content = withoutLength ? new ContentWithoutLength(bytes) : new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(Wbxml.ContentType);
        return content;
    }
}
