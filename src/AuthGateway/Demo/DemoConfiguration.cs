using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthGateway.Demo;

/// <summary>Ports of the demo, all on loopback.</summary>
/// <param name="Https">The published hosts.</param>
/// <param name="Http">Redirects to https.</param>
/// <param name="Staff">Health and status.</param>
internal sealed record DemoPorts(int Https = 8443, int Http = 8080, int Staff = 9443);

/// <summary>The configuration of the demo, as a file an administrator could have written.</summary>
internal static class DemoConfiguration
{
    /// <summary>Host of the web application. Names below localhost need no entry anywhere.</summary>
    public const string MailHost = "mail.demo.localhost";

    /// <summary>Host of ActiveSync, which asks for a device certificate.</summary>
    public const string PhoneHost = "eas.demo.localhost";

    /// <summary>Domain of the users' mail addresses.</summary>
    public const string MailDomain = "demo.test";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>The text of <c>appsettings.json</c>.</summary>
    public static string Write(DemoMaterial material, Uri upstream, DemoPorts ports)
    {
        JsonObject Host(string clientCertificate) => new()
        {
            ["CertificateFile"] = material.ServerCertificate,
            ["KeyFile"] = material.ServerKey,
            ["ClientCertificate"] = clientCertificate,
        };

        JsonObject Rule(string policy, string? path = null)
        {
            var rule = new JsonObject { ["From"] = new JsonArray("loopback") };
            if (path is not null)
            {
                rule["Path"] = path;
            }

            rule["Policy"] = policy;
            return rule;
        }

        JsonObject Service(string preset, string host, params JsonNode[] rules) => new()
        {
            ["Preset"] = preset,
            ["Hosts"] = new JsonArray(host),
            ["Upstream"] = "demo",
            ["Rules"] = new JsonArray(rules),
            ["Identity"] = "header",
            ["IdentityHeader"] = DemoUpstream.IdentityHeader,
            ["SharedSecretFile"] = material.SharedSecretFile,
        };

        var gateway = new JsonObject
        {
            ["Listeners"] = new JsonObject
            {
                ["https"] = new JsonObject { ["Url"] = $"https://127.0.0.1:{ports.Https}" },
                ["http"] = new JsonObject { ["Url"] = $"http://127.0.0.1:{ports.Http}" },
                ["staff"] = new JsonObject
                {
                    ["Url"] = $"https://127.0.0.1:{ports.Staff}",
                    ["Kind"] = "staff",
                    ["AllowFrom"] = new JsonArray("loopback"),
                },
            },
            ["Networks"] = new JsonObject { ["loopback"] = new JsonArray("127.0.0.0/8", "::1/128") },
            ["Hosts"] = new JsonObject { [MailHost] = Host("none"), [PhoneHost] = Host("required") },
            ["Upstreams"] = new JsonObject { ["demo"] = new JsonObject { ["Destinations"] = new JsonArray(upstream.GetLeftPart(UriPartial.Authority)) } },
            ["Services"] = new JsonObject
            {
                ["web"] = Service("generic-web", MailHost, Rule("two-factors", DemoMailbox.Path), Rule("password")),
                ["phones"] = Service("generic-activesync", PhoneHost, Rule("phones")),
            },
            ["Policies"] = new JsonObject
            {
                ["password"] = new JsonObject { ["Factors"] = new JsonArray("password") },
                ["two-factors"] = new JsonObject { ["Factors"] = new JsonArray("password", "totp") },
                ["phones"] = new JsonObject { ["Factors"] = new JsonArray("password", "device") },
            },
            ["Devices"] = new JsonObject
            {
                ["Authorities"] = new JsonObject { ["demo"] = new JsonObject { ["CaFile"] = material.DeviceAuthority, ["Owner"] = "san-email" } },
            },
            ["Factors"] = new JsonObject { ["Totp"] = new JsonObject { ["EnrolFrom"] = new JsonArray("loopback") } },
            ["Backends"] = new JsonArray(new JsonObject { ["Type"] = "local", ["Name"] = "local" }),
            ["Pages"] = new JsonObject { ["Product"] = "AuthGateway demo", ["HelpdeskContact"] = $"helpdesk@{MailDomain}" },
        };
        return new JsonObject { ["AuthGateway"] = gateway }.ToJsonString(s_indented) + "\n";
    }
}
