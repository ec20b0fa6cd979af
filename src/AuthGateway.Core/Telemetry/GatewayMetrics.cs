using System.Diagnostics.Metrics;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Telemetry;

/// <summary>Counts of the corridor, for whoever listens to the meter <c>AuthGateway</c>. Labels are names from the configuration, never from requests.</summary>
public sealed class GatewayMetrics
{
    private readonly Counter<long> _requests;
    private readonly Counter<long> _tokens;

    /// <summary>Creates the instruments.</summary>
    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("AuthGateway");
        _requests = meter.CreateCounter<long>("authgateway.requests", description: "Requests judged, by service and reason.");
        _tokens = meter.CreateCounter<long>("authgateway.tokens", description: "Session tokens verified for others, by verifier and reason.");
    }

    /// <summary>A request was let through.</summary>
    public void Allowed(string service)
    {
        if (_requests.Enabled)
        {
            _requests.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("reason", VerdictReason.Allowed.Code));
        }
    }

    /// <summary>A verifier was told whether a token is good.</summary>
    public void TokenJudged(string verifier, string reason)
    {
        if (_tokens.Enabled)
        {
            _tokens.Add(1, new KeyValuePair<string, object?>("verifier", verifier), new KeyValuePair<string, object?>("reason", reason));
        }
    }

    /// <summary>A request was refused.</summary>
    public void Refused(string? service, VerdictReason reason)
    {
        if (_requests.Enabled)
        {
            _requests.Add(1, new KeyValuePair<string, object?>("service", service ?? "none"), new KeyValuePair<string, object?>("reason", reason.Code));
        }
    }
}
