using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Browser.Support;

/// <summary>
/// The sample configuration in front of the bed's servers; with one host more whose upstream shows what reaches it, with a path that rests, and
/// with a corner of the world where enrolment needs a code.
/// </summary>
public sealed class SampleGateway : IAsyncLifetime
{
    /// <summary>Where the echoing upstream is published to everybody.</summary>
    internal const string EchoHost = "web.bed.test";

    /// <summary>On that host, for the network <c>inside</c> only: outside there is no rule for it.</summary>
    internal const string InsidePath = "/inside";

    /// <summary>Beside the web mail, for its users: an upstream that answers late.</summary>
    internal const string HoldPath = "/hold";

    private GatewayProcess? _gateway;

    internal GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway has not been started.");

    internal EchoUpstream Echo { get; } = new();

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync(roundcube: true);
        _gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(gateway =>
            {
                gateway.AddHost(EchoHost);
                gateway.AddService("echo", EchoHost, "generic-web", "open", Echo.Url, service => service["Identity"] = "none");
                gateway.AddService("echo-inside", EchoHost, "generic-web", "open", Echo.Url, service =>
                {
                    service["Identity"] = "none";
                    service["Paths"] = Sample.Node($"""["{InsidePath}"]""");
                    service["Rules"] = Sample.Node("""[{ "From": ["inside"], "Policy": "open" }]""");
                });
                gateway.AddService("hold", "mail.bed.test", "generic-web", "password", Bed.Hold, service => service["Paths"] = Sample.Node($"""["{HoldPath}"]"""));
                gateway["Networks"]!["enrolment"] = Sample.Node("""["127.0.0.0/9", "127.200.0.0/16"]""");
                gateway["Factors"]!["Totp"]!["EnrolFrom"] = Sample.Node("""["enrolment"]""");
            }),
        });
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
    }
}
