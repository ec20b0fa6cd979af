using System.Diagnostics.Metrics;

namespace AuthGateway.Core.Tunnels;

/// <summary>Tunnels, for whoever listens to the meter <c>AuthGateway.Tunnels</c>. Labels are names from the configuration and kinds of failures.</summary>
public sealed class TunnelMetrics
{
    private readonly Counter<long> _opened;
    private readonly Counter<long> _failed;
    private Func<IReadOnlyList<TunnelStatus>> _statuses = static () => [];

    /// <summary>Creates the instruments.</summary>
    public TunnelMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("AuthGateway.Tunnels");
        _opened = meter.CreateCounter<long>("authgateway.tunnel.opened", description: "How often a tunnel was opened.");
        _failed = meter.CreateCounter<long>("authgateway.tunnel.failed", description: "How often a tunnel was lost or not opened, by failure.");
        meter.CreateObservableGauge("authgateway.tunnel.up", Up, description: "1 while a tunnel is open, else 0.");
    }

    internal void Watch(Func<IReadOnlyList<TunnelStatus>> statuses) => _statuses = statuses;

    internal void Changed(TunnelStatus old, TunnelStatus now)
    {
        if (now.State == TunnelState.Up && old.State != TunnelState.Up)
        {
            _opened.Add(1, new KeyValuePair<string, object?>("tunnel", now.Name));
        }
        else if (now.State is TunnelState.Waiting or TunnelState.Refused && now.State != old.State)
        {
            _failed.Add(1, new KeyValuePair<string, object?>("tunnel", now.Name), new KeyValuePair<string, object?>("failure", now.Failure.ToString()));
        }
    }

    private IEnumerable<Measurement<int>> Up() =>
        _statuses().Select(status => new Measurement<int>(status.State == TunnelState.Up ? 1 : 0, new KeyValuePair<string, object?>("tunnel", status.Name)));
}
