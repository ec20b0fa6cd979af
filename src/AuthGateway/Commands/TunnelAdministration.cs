using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Signals;
using AuthGateway.Core.Tunnels;
using AuthGateway.Hosting;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>What the <c>tunnel</c> verbs do, apart from how they are typed.</summary>
internal sealed class TunnelAdministration(CommandContext context)
{
    /// <summary>Tells what the running gateway says of its tunnels. <see cref="ExitCodes.Unavailable"/> unless all are up.</summary>
    public int Status()
    {
        var places = GatewayServices.Tunnels(RunSettings.Resolve(context.ConfigFile, context.StateDirectory).StateDirectory);
        if (new TunnelStatusFile(places, context.Time).Read() is not { } tunnels)
        {
            throw new CommandFailedException(
                ExitCodes.Unavailable, "No running gateway with tunnels uses this state folder.", "Start it, or name its folder with --state; \"authgateway tunnel test NAME\" opens a tunnel without it.");
        }

        var now = context.Time.GetUtcNow();
        if (context.Output.IsJson)
        {
            context.Output.Json(tunnels);
        }
        else if (tunnels.Count == 0)
        {
            context.Output.Progress("The running gateway has no tunnel.");
        }
        else
        {
            context.Output.Table(
                ["NAME", "SERVER", "STATE", "SINCE", "PID", "OWNER", "LAST ERROR"],
                tunnels.Select(tunnel => new[]
                {
                    tunnel.Name,
                    tunnel.Server,
                    tunnel.State.ToString().ToLowerInvariant(),
                    TimeText.Relative(tunnel.Since, now),
                    tunnel.Pid?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    tunnel.Owner,
                    tunnel.LastError is null ? null : $"{tunnel.LastError} ({TimeText.Relative(tunnel.LastErrorAt ?? now, now)})",
                }));
            foreach (var tunnel in tunnels)
            {
                foreach (var forward in tunnel.Forwards)
                {
                    context.Output.Line($"{tunnel.Name}: {forward}");
                }
            }
        }

        return tunnels.All(tunnel => tunnel.State == TunnelState.Up) ? ExitCodes.Done : ExitCodes.Unavailable;
    }

    /// <summary>Opens a tunnel once and tries its forwards.</summary>
    public async Task<int> TestAsync(string name)
    {
        var (probe, places) = Open(name);
        var isRunning = new TunnelStatusFile(places, context.Time).Read()?.Any(tunnel => tunnel.Name == name && tunnel.State == TunnelState.Up) == true;
        context.Output.Progress($"Opening {name} …");
        var trial = await probe.TryAsync(name, isRunning, context.Cancellation);
        if (context.Output.IsJson)
        {
            context.Output.Json(trial);
        }
        else
        {
            context.Output.Line(trial.IsOpen ? $"{name}: {trial.Server} is open." : $"{name}: {trial.Server} is not open ({trial.Failure}): {trial.Why}");
            context.Output.Table(
                ["FORWARD", "REACHABLE", "WHAT"],
                trial.Forwards.Select(forward => new[] { forward.Forward, forward.IsReachable switch { true => "yes", false => "no", null => "not tried" }, forward.What }));
        }

        return !trial.IsOpen && trial.Failure is TunnelFailure.HostKeyChanged or TunnelFailure.HostKeyUntrusted or TunnelFailure.LoginRefused or TunnelFailure.KeyUnusable
            ? ExitCodes.RefusedOrNotFound
            : !trial.IsOpen || trial.Forwards.Any(forward => forward.IsReachable == false) ? ExitCodes.Unavailable : ExitCodes.Done;
    }

    /// <summary>Shows the keys a server has. <see cref="ExitCodes.RefusedOrNotFound"/> when none is the trusted one.</summary>
    public async Task<int> ShowKeysAsync(string name)
    {
        var (probe, _) = Open(name);
        var (pin, isConfigured) = probe.Pin(name);
        var keys = await AskAsync(probe, name);
        if (context.Output.IsJson)
        {
            context.Output.Json(new { Tunnel = name, Pinned = pin, PinnedBy = pin is null ? null : isConfigured ? "configuration" : "trust", Keys = keys });
        }
        else
        {
            context.Output.Table(["KIND", "FINGERPRINT", "TRUSTED"], keys.Select(key => new[] { key.Kind, key.Fingerprint, key.IsTrusted ? "yes" : "no" }));
        }

        if (keys.Any(key => key.IsTrusted))
        {
            return ExitCodes.Done;
        }

        if (pin is not null)
        {
            context.Output.Error(
                $"The server has none of its keys in common with what {(isConfigured ? "the configuration pins" : "was learned")}: {pin}.",
                "Ask its administrator by another way whether the key was changed. If it was not, somebody is in between.");
        }
        else
        {
            context.Output.Progress($"No key is trusted yet. Compare with the server (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: authgateway tunnel trust {name} --accept {keys[0].Fingerprint}");
        }

        return ExitCodes.RefusedOrNotFound;
    }

    /// <summary>Learns the key with a fingerprint the administrator names, recorded; a running gateway tries the tunnel at once.</summary>
    public async Task<int> LearnAsync(Stores stores, string name, string fingerprint)
    {
        var (probe, _) = Open(name);
        var (pin, isConfigured) = probe.Pin(name);
        if (isConfigured && pin != fingerprint)
        {
            throw new CommandFailedException(
                ExitCodes.RefusedOrNotFound, $"The configuration pins {pin}, which counts before anything learned.", $"Change AuthGateway:Tunnels:{name}:Fingerprint there.");
        }

        var keys = await AskAsync(probe, name);
        if (!keys.Any(key => key.Fingerprint == fingerprint))
        {
            throw new CommandFailedException(
                ExitCodes.RefusedOrNotFound, $"The server shows no key with this fingerprint, but {string.Join(", ", keys.Select(key => key.Fingerprint))}.", "Give one of them, after you compared it with the server.");
        }

        var learned = await new Administration(stores, context).ChangeAsync(
            "tunnel-key-learned",
            SignalNames.TunnelsChanged,
            identity: null,
            name,
            async cancellation => await probe.LearnAsync(name, fingerprint, cancellation),
            pin is null || pin == fingerprint ? fingerprint : $"{fingerprint} in the place of {pin}");
        if (!learned)
        {
            throw new CommandFailedException(ExitCodes.Unavailable, "The server did not show the key again.", "Nothing was learned; try again.");
        }

        context.Output.Line($"{name} trusts {fingerprint}.");
        return ExitCodes.Done;
    }

    private async Task<IReadOnlyList<ShownKey>> AskAsync(TunnelProbe probe, string name)
    {
        var (keys, why) = await probe.AskKeysAsync(name, context.Cancellation);
        return keys.Count > 0 ? keys : throw new CommandFailedException(ExitCodes.Unavailable, $"The server of {name} shows no key: {why}.", "See that it runs, and that Host and Port are right.");
    }

    private (TunnelProbe Probe, TunnelPlaces Places) Open(string name)
    {
        var (sources, options) = StoreOpening.LoadOptions(context);
        var places = GatewayServices.Tunnels(sources.StateDirectory);
        var faults = new FaultList();
        var table = TunnelRules.Build(options, places, faults);
        if (faults.HasErrors)
        {
            context.Output.Faults(faults.All);
            throw new CommandFailedException(ExitCodes.ConfigurationFaults, "The tunnels have faults.", "Mend them; \"authgateway check\" shows them all again.");
        }

        return table.Names.Contains(name, StringComparer.Ordinal)
            ? (new TunnelProbe(table, places, context.Time), places)
            : throw new CommandFailedException(ExitCodes.RefusedOrNotFound, FaultList.Unknown("tunnel", name, table.Names));
    }
}
