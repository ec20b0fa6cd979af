using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthGateway.TestKit.Gateway;

/// <summary>The sample configuration for SOGo, on ports of the test's own: what administrators start from is what is tested.</summary>
public static class Sample
{
    /// <summary>The sample with these changes to its <c>AuthGateway</c> section.</summary>
    public static string Configuration(Action<JsonObject>? change = null)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "samples", "sogo", "appsettings.json"));
        var root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!.AsObject();
        root.Remove("$schema");
        var gateway = root["AuthGateway"]!.AsObject();
        gateway["Listeners"]!["public"]!["Url"] = "https://127.0.0.1:@port:public@";
        gateway["Listeners"]!["plain"]!["Url"] = "http://127.0.0.1:@port:plain@";
        gateway["Listeners"]!["staff"]!["Url"] = "https://127.0.0.1:@port:staff@";
        change?.Invoke(gateway);
        return root.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>A JSON object or list, written as text.</summary>
    public static JsonNode Node(string json) => JsonNode.Parse(json)!;

    /// <summary>Publishes another host of the bed's server certificate.</summary>
    public static void AddHost(this JsonObject gateway, string host) =>
        gateway["Hosts"]![host] = Node("""{ "CertificateFile": "pki/server.crt", "KeyFile": "pki/server.key" }""");

    /// <summary>Publishes a service and its upstream.</summary>
    public static void AddService(this JsonObject gateway, string name, string host, string preset, string policy, string upstream, Action<JsonObject>? change = null)
    {
        gateway["Upstreams"]![name] = new JsonObject { ["Destinations"] = new JsonArray(upstream) };
        var service = new JsonObject
        {
            ["Preset"] = preset,
            ["Hosts"] = new JsonArray(host),
            ["Upstream"] = name,
            ["Rules"] = new JsonArray(new JsonObject { ["Policy"] = policy }),
        };
        change?.Invoke(service);
        gateway["Services"]![name] = service;
    }

    /// <summary>Lets everything but the account's counter pass, for tests that log in often from one address.</summary>
    public static void RaiseAddressLimit(this JsonObject gateway) => gateway["Lockout"]!["Address"]!["Limit"] = 10_000;

    /// <summary>The directory backend.</summary>
    public static JsonObject Directory(this JsonObject gateway) => gateway["Backends"]![0]!.AsObject();
}
