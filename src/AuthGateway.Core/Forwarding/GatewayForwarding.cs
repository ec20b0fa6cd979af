using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace AuthGateway.Core.Forwarding;

/// <summary>Where admitted requests leave: YARP, fed from the service table.</summary>
public static partial class GatewayForwarding
{
    private const long DefaultSpoolBytes = 1024L * 1024 * 1024;

    /// <summary>Registers the proxy with an empty table. Register a <see cref="BodySpool"/> before to have another than that of 1 GiB.</summary>
    public static IServiceCollection AddForwarding(this IServiceCollection services)
    {
        services.AddSingleton<IForwarderHttpClientFactory, UpstreamClientFactory>();
        services.AddReverseProxy()
            .LoadFromMemory(ForwardingTable.Empty.Routes, ForwardingTable.Empty.Clusters)
            .AddTransforms<UpstreamTransforms>();
        services.AddSingleton<ForwardingState>();
        services.TryAddSingleton(_ => new BodySpool(DefaultSpoolBytes, Path.GetTempPath()));
        KeepNoKeyRing(services);
        return services;
    }

    // The proxy asks for data protection for an affinity policy we never offer; without this a key ring would be written to the home folder.
    private static void KeepNoKeyRing(IServiceCollection services)
    {
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        foreach (var worker in services.Where(service => service.ImplementationType?.Name is "DataProtectionHostedService").ToArray())
        {
            services.Remove(worker);
        }
    }

    /// <summary>Maps the one endpoint that forwards; it refuses every request that does not carry an Allow.</summary>
    public static void MapForwarding(this IEndpointRouteBuilder endpoints)
    {
        // Taken once: asking the request's services would open a scope for each request.
        var lookup = endpoints.ServiceProvider.GetRequiredService<IProxyStateLookup>();
        var time = endpoints.ServiceProvider.GetRequiredService<TimeProvider>();
        var spool = endpoints.ServiceProvider.GetRequiredService<BodySpool>();
        endpoints.MapReverseProxy(proxy =>
        {
            proxy.Use(next => context => ForwardAsync(context, next, lookup, spool, time));
            proxy.UseSessionAffinity();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
    }

    private static Task ForwardAsync(HttpContext context, RequestDelegate next, IProxyStateLookup lookup, BodySpool spool, TimeProvider time)
    {
        if (context.Features.Get<IAdmittedRequest>() is not { IsAllowed: true } admitted)
        {
            // A middleware stands in the wrong order. Nothing passes until somebody mends it.
            Log.Unjudged(Logger(context), context.TraceIdentifier);
            context.Response.StatusCode = VerdictReason.Unjudged.Status;
            return Task.CompletedTask;
        }

        if (!lookup.TryGetRoute(admitted.Service.Name, out var route) || !lookup.TryGetCluster(admitted.Service.Name, out var cluster))
        {
            return admitted.FailAsync(context, VerdictReason.UpstreamUnavailable, "the proxy knows no upstream of this service");
        }

        context.ReassignProxyRequest(route, cluster);
        return RunAsync(context, next, admitted, spool, time);
    }

    private static async Task RunAsync(HttpContext context, RequestDelegate next, IAdmittedRequest admitted, BodySpool spool, TimeProvider time)
    {
        using var cut = OpenRequest.CutWithSession(context, admitted);
        using var watch = OpenRequest.Watch(context, admitted, time);
        if (admitted.Service.NeedsContentLength && await BodyCollector.EnsureLengthAsync(context, spool, admitted.Service.MaxBodyBytes) is { } uncollected)
        {
            await admitted.FailAsync(context, uncollected.Reason, uncollected.Detail);
            return;
        }

        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            // With affinity on, the proxy lets its own activity time-out escape as a cancellation: 500 where 504 is meant.
            var why = context.GetForwarderErrorFeature()?.Error ?? ForwarderError.RequestTimedOut;
            Log.Failed(Logger(context), admitted.RequestId, admitted.Service.Name, why, "the exchange was cancelled");
            await admitted.FailAsync(context, why is ForwarderError.RequestTimedOut ? VerdictReason.UpstreamTimeout : VerdictReason.UpstreamUnavailable, $"{why}");
            return;
        }

        var error = context.GetForwarderErrorFeature();

        // Where the upstream broke off it is the proxy that ends the client's request, and not the client who left.
        if (context.RequestAborted.IsCancellationRequested && error?.Error is not ForwarderError.ResponseBodyDestination)
        {
            return;
        }

        if (error is not null)
        {
            var message = error.Exception?.GetBaseException().Message;
            Log.Failed(Logger(context), admitted.RequestId, admitted.Service.Name, error.Error, message);

            // Once the answer has begun only an upstream that broke off is a failure; the rest are clients who left and sockets that slept.
            if ((context.Response.HasStarted ? error.Error is ForwarderError.ResponseBodyDestination ? VerdictReason.UpstreamUnavailable : null : ReasonOf(context)) is { } reason)
            {
                await admitted.FailAsync(context, reason, $"{error.Error}: {message}");
            }
        }
        else if (context.Response.StatusCode == StatusCodes.Status401Unauthorized && admitted.Login is { } login)
        {
            Log.UpstreamRefused(Logger(context), admitted.RequestId, admitted.Service.Name, login);
        }
    }

    /// <summary>What the status the proxy chose means; null for what was the client's doing.</summary>
    private static VerdictReason? ReasonOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => VerdictReason.BodyTooLarge,
        StatusCodes.Status504GatewayTimeout => VerdictReason.UpstreamTimeout,
        >= StatusCodes.Status500InternalServerError => VerdictReason.UpstreamUnavailable,
        _ => null,
    };

    private static ILogger Logger(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("AuthGateway.Core.Forwarding");

    private static partial class Log
    {
        [LoggerMessage(EventIds.ForwardUnjudged, LogLevel.Critical, "{RequestId}: reached the forwarder without a verdict and was not forwarded; the middlewares stand in the wrong order")]
        public static partial void Unjudged(ILogger logger, string requestId);

        [LoggerMessage(EventIds.ForwardFailed, LogLevel.Warning, "{RequestId}: {Service} could not be forwarded: {Error} {Message}")]
        public static partial void Failed(ILogger logger, string requestId, string service, ForwarderError error, string? message);

        [LoggerMessage(EventIds.UpstreamRefusedLogin, LogLevel.Warning, "{RequestId}: the upstream of {Service} refused {Login}, whom a backend had just accepted; the two directories disagree")]
        public static partial void UpstreamRefused(ILogger logger, string requestId, string service, string login);
    }
}

/// <summary>Swaps the proxy's tables. Upstreams of the table before stay one reload longer, for requests still judged by it.</summary>
public sealed class ForwardingState(InMemoryConfigProvider provider)
{
    private readonly Lock _lock = new();
    private ForwardingTable _current = ForwardingTable.Empty;

    /// <summary>Puts a table in force.</summary>
    public void Swap(ForwardingTable table)
    {
        lock (_lock)
        {
            var both = table.WithLeftovers(_current);
            provider.Update(both.Routes, both.Clusters);
            _current = table;
        }
    }
}
