using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>The sample configuration with the slow upstream behind it in every way a service can have it.</summary>
internal static class SlowGateway
{
    /// <summary>ActiveSync, for whoever knows a password.</summary>
    public const string PhoneHost = "auth.bed.test";

    /// <summary>Everything else, open to everybody.</summary>
    public const string WebHost = "web.bed.test";

    /// <summary>How long the impatient service waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Task<GatewayProcess> StartAsync(HoldUpstream hold) => GatewayProcess.StartAsync(new GatewaySetup
    {
        Configuration = Sample.Configuration(gateway =>
        {
            gateway.AddHost(PhoneHost);
            gateway.AddHost(WebHost);
            gateway.AddService("slow-phones", PhoneHost, "generic-activesync", "password", hold.Url());
            gateway.AddService("slow", WebHost, "generic-web", "open", hold.Url());
            gateway.AddService("impatient", WebHost, "generic-web", "open", hold.Url(), service =>
            {
                service["Paths"] = Sample.Node("""["/impatient"]""");
                service["ActivityTimeout"] = Patience.ToString();
            });
            // Nobody listens on the discard port.
            gateway.AddService("down", WebHost, "generic-web", "open", "http://127.0.0.1:9", service => service["Paths"] = Sample.Node("""["/down"]"""));
        }),
    });
}
