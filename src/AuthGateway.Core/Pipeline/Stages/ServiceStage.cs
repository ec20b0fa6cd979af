using AuthGateway.Core.Edge;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Services.ActiveSync;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>What is asked for: host and path give the service, network, path and method the rule, the rule its policy.</summary>
internal sealed class ServiceStage : IAccessStage
{
    public string Name => "service";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken) => new(Judge(request));

    public string Describe(AccessRequest request)
    {
        if (request.RedirectTo is { } target)
        {
            return $"answered by the gateway: go to {target}";
        }

        if (request.Service is not { } service)
        {
            return request.PublishedHost is null ? $"nothing is published on {request.Host}" : $"nothing is published under {request.Target.Path}";
        }

        var found = $"{service.Name} (preset {service.Preset})";
        return request.Rule is { } rule ? $"{found}, rule {rule.Number} → policy {rule.Policy.Name}" : request.Detail is { } detail ? $"{found}: {detail}" : found;
    }

    private static Verdict Judge(AccessRequest request)
    {
        var host = request.Table.Services.FindHost(request.Host);
        if (host is null || !IsServedOn(host, request.Listener))
        {
            return Verdict.Deny(VerdictReason.NoService);
        }

        request.PublishedHost = host;
        if (request.Target.IsAsterisk)
        {
            return Verdict.Deny(VerdictReason.NoService);
        }

        var match = host.Find(request.Target.ProtectedPath);
        if (match.RedirectTo is { } redirect)
        {
            request.RedirectTo = redirect;
            return Verdict.Redirect;
        }

        if (match.Service is not { } service)
        {
            return Verdict.Deny(request.Target.Quirks == TargetQuirks.None ? VerdictReason.NoService : VerdictReason.BadRequest);
        }

        request.Service = service;
        if (match.Closed)
        {
            return Verdict.Deny(VerdictReason.ClosedPath);
        }

        if (request.Target.Quirks != TargetQuirks.None && !service.AllowsUnusualPaths)
        {
            request.Detail = $"the path is unusual ({request.Target.Quirks})";
            return Verdict.Deny(VerdictReason.BadRequest);
        }

        if (!service.Methods.Contains(request.Method))
        {
            return Verdict.Deny(VerdictReason.MethodNotAllowed);
        }

        var rule = service.FindRule(request.ClientAddress, request.Target.ProtectedPath, request.Method);
        if (rule is null)
        {
            return Verdict.Deny(VerdictReason.NoRule);
        }

        // An exempting rule must match the path exactly as the upstream will read it, parameters included.
        if (rule.Policy.Anonymous && !ReferenceEquals(request.Target.Path, request.Target.ProtectedPath))
        {
            return Verdict.Deny(VerdictReason.BadRequest);
        }

        // An encoded slash has two readings. Both must lead to the same place, or nobody knows what was judged.
        if ((request.Target.Quirks & TargetQuirks.EncodedSlash) != 0 && !LeadsTo(request, host, request.Target.ProtectedPathWithSlashes, request.Method, service, rule))
        {
            request.Detail = "the two readings of an encoded slash lead to different rules";
            return Verdict.Deny(VerdictReason.BadRequest);
        }

        request.Rule = rule;
        if (rule.Policy.Denies)
        {
            return Verdict.Deny(VerdictReason.DeniedByRule);
        }

        // Some servers cut ";parameters" off before they match, others take them for a part of the name. Both must be under one policy.
        if (!LeadsToAsWritten(request, host, request.Target, request.Method, service, rule))
        {
            request.Detail = "with and without its parameters the path leads to different rules";
            return Verdict.Deny(VerdictReason.BadRequest);
        }

        // Browsers open WebSockets across sites and send cached Basic credentials along; only Origin tells (RFC 6455, 10.2).
        if (request.IsWebSocket && request.Origin.Count > 0 && !request.IsOwnOrigin)
        {
            return Verdict.Deny(VerdictReason.ForeignOrigin);
        }

        // Whatever the preset: a service that takes MOVE has an upstream that obeys Destination.
        return service.Kind == ServiceKind.ActiveSync ? JudgeActiveSync(request) : JudgeDav(request, host, service, rule);
    }

    private static bool IsServedOn(PublishedHost host, string listener)
    {
        if (host.Listeners.Count == 0)
        {
            return true;
        }

        for (var i = 0; i < host.Listeners.Count; i++)
        {
            if (string.Equals(host.Listeners[i], listener, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every reading of a second target under one method: parameters removed or not, encoded slashes as names or as separators.</summary>
    private static bool LeadsTo(AccessRequest request, PublishedHost host, CanonicalTarget target, string method, Service service, Rule rule) =>
        LeadsTo(request, host, target.ProtectedPath, method, service, rule)
        && ((target.Quirks & TargetQuirks.EncodedSlash) == 0 || LeadsTo(request, host, target.ProtectedPathWithSlashes, method, service, rule))
        && LeadsToAsWritten(request, host, target, method, service, rule);

    private static bool LeadsToAsWritten(AccessRequest request, PublishedHost host, CanonicalTarget target, string method, Service service, Rule rule) =>
        ReferenceEquals(target.Path, target.ProtectedPath)
        || (LeadsTo(request, host, target.Path, method, service, rule)
            && ((target.Quirks & TargetQuirks.EncodedSlash) == 0 || LeadsTo(request, host, target.PathWithSlashes, method, service, rule)));

    private static bool LeadsTo(AccessRequest request, PublishedHost host, string path, string method, Service service, Rule rule)
    {
        var match = host.Find(path);
        return !match.Closed
            && match.RedirectTo is null
            && ReferenceEquals(match.Service, service)
            && ReferenceEquals(service.FindRule(request.ClientAddress, path, method)?.Policy, rule.Policy);
    }

    private static Verdict JudgeActiveSync(AccessRequest request)
    {
        if (!ActiveSyncQuery.TryParse(request.Target.Query, request.Method is "POST", out var query, out var fault))
        {
            request.Detail = $"ActiveSync query refused: {fault}";
            return Verdict.Deny(VerdictReason.ActiveSyncQuery);
        }

        request.ActiveSync = query;
        return Verdict.Continue;
    }

    private static Verdict JudgeDav(AccessRequest request, PublishedHost host, Service service, Rule rule)
    {
        // Without Depth a PROPFIND is infinite (RFC 4918, 9.1): a whole mailbox in one answer. Clients always send 0 or 1.
        if (request.Method is "PROPFIND" && (request.Depth.Count != 1 || request.Depth[0] is not ("0" or "1")))
        {
            request.Detail = "PROPFIND needs Depth 0 or 1";
            return Verdict.Deny(VerdictReason.DepthNotAllowed);
        }

        if (request.Destination.Count == 0)
        {
            return Verdict.Continue;
        }

        // The destination is a second target: the same host, read as strictly, and under the same policy.
        if (!DestinationTarget.TryParse(request.Destination.ToString(), request.Host, request.Port, out var destination, out var fault, out var targetFault))
        {
            request.Detail = $"Destination refused: {fault}{(targetFault == TargetFault.None ? "" : $" ({targetFault})")}";
            return Verdict.Deny(fault == DestinationFault.OtherHost ? VerdictReason.DestinationNotAllowed : VerdictReason.BadRequest);
        }

        if (destination.Quirks != TargetQuirks.None && !service.AllowsUnusualPaths)
        {
            request.Detail = $"the Destination is unusual ({destination.Quirks})";
            return Verdict.Deny(VerdictReason.BadRequest);
        }

        // What arrives there is written there: a rule that guards the path against PUT guards it against this too.
        if (!LeadsTo(request, host, destination, request.Method, service, rule) || !LeadsTo(request, host, destination, "PUT", service, rule))
        {
            return Verdict.Deny(VerdictReason.DestinationNotAllowed);
        }

        request.DestinationTarget = destination;
        return Verdict.Continue;
    }
}
