using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Identities;
using AuthGateway.Demo;
using AuthGateway.Hosting;
using AuthGateway.Rendering;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Commands;

/// <summary><c>demo</c>.</summary>
internal static class DemoCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var ports = new DemoPorts();
        var port = BoundedOption.Int32("--port", 1024, 65_000, ports.Https, "Port of the published hosts on 127.0.0.1");
        var plain = BoundedOption.Int32("--plain-port", 1024, 65_000, ports.Http, "Port that redirects to https");
        var staff = BoundedOption.Int32("--staff-port", 1024, 65_000, ports.Staff, "Port of health and status");
        var verb = new Verb(
            "demo",
            "Runs a whole gateway on this machine, with users, a device certificate and an application behind it. Needs no network and no root.",
            "authgateway demo",
            "authgateway demo --port 18443 --state /tmp/demo")
        {
            port, plain, staff,
        };
        host.Handle(verb, (context, parsed) =>
            RunAsync(context, new DemoPorts(parsed.GetValue(port), parsed.GetValue(plain), parsed.GetValue(staff))));
        return verb;
    }

    private static async Task<int> RunAsync(CommandContext context, DemoPorts ports)
    {
        var folder = Path.GetFullPath(context.StateDirectory ?? Path.Combine(Path.GetTempPath(), $"authgateway-demo-{Environment.UserName}"));
        StateDirectory.Prepare(folder);
        await using var mine = Take(folder);
        context.Output.Progress($"Preparing the demo in {folder} …");
        var material = DemoMaterial.Prepare(folder, context.Time);
        await using var upstream = await DemoUpstream.StartAsync(material.SharedSecret, port: 0, context.Time, context.Cancellation);
        var config = Path.Combine(folder, "appsettings.json");
        await File.WriteAllTextAsync(config, DemoConfiguration.Write(material, upstream.Address, ports), context.Cancellation);
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return await GatewayHost.RunAsync(
            new GatewaySources(config, folder, Demo: true),
            context.Output,
            async services =>
            {
                await AddUsersAsync(services, material, context.Cancellation);
                foreach (var line in DemoBanner.Write(material, ports, upstream.Address).TrimEnd().Split('\n'))
                {
                    context.Output.Line(line);
                }
            },
            context.Cancellation);
    }

    /// <summary>Two demos in one folder would write over each other's configuration and upstream. The system gives the lock back however the demo ends.</summary>
    private static FileStream Take(string folder)
    {
        var path = Path.Combine(folder, "demo.lock");
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new CommandFailedException(ExitCodes.Unavailable, $"Another demo runs in {folder}: {e.Message}", "Stop it, or give this one a folder and ports of its own: --state, --port, --plain-port, --staff-port.");
        }
    }

    private static async Task AddUsersAsync(IServiceProvider services, DemoMaterial material, CancellationToken cancellationToken)
    {
        var accounts = services.GetRequiredService<ILocalAccountStore>();
        var hasher = services.GetRequiredService<PasswordHasher>();
        var time = services.GetRequiredService<TimeProvider>();
        foreach (var (login, password) in material.Passwords)
        {
            var hash = hasher.Hash(Secret.FromText(password));
            if (await accounts.FindAsync(login, cancellationToken) is { } existing)
            {
                await accounts.UpdateAsync(existing with { PasswordHash = hash }, cancellationToken);
            }
            else
            {
                await accounts.AddAsync(
                    new LocalAccount(Guid.NewGuid().ToString("N"), login, hash, $"{login}@{DemoConfiguration.MailDomain}", null, [], Disabled: false, time.GetUtcNow()),
                    cancellationToken);
            }
        }
    }
}
