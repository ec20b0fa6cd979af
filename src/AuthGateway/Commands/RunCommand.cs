using AuthGateway.Hosting;

namespace AuthGateway.Commands;

/// <summary><c>run</c>.</summary>
internal static class RunCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var verb = new Verb(
            "run",
            "Runs the gateway until it is stopped. SIGHUP, or a change of a configuration file, loads the configuration again.",
            "authgateway run --config /etc/authgateway/appsettings.json",
            "authgateway run --config appsettings.json --state /tmp/state");
        host.Handle(verb, (context, _) => GatewayHost.RunAsync(RunSettings.Resolve(context.ConfigFile, context.StateDirectory), context.Output, started: null, context.Cancellation));
        return verb;
    }
}
