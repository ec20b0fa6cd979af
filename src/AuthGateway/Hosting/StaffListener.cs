using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Tunnels;
using AuthGateway.Web.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Hosting;

/// <summary>What the staff listener answers: <c>/healthz</c> for machines, <c>/status</c> for people, and where tokens are verified <c>/.agw/verify</c>. Who may connect was decided before TLS.</summary>
internal static class StaffListener
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) } };

    public static IApplicationBuilder UseStaffListener(this IApplicationBuilder app) => app.Use(next => context =>
        context.Features.Get<IListenerFeature>() is not { Kind: ListenerKind.Staff } ? next(context)
        : VerifyEndpoint.Takes(context) ? VerifyEndpoint.AnswerAsync(context)
        : AnswerAsync(context));

    private static async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return;
        }

        switch (context.Request.Path.Value)
        {
            case "/healthz":
                var problem = await context.RequestServices.GetRequiredService<HealthProbe>().FindProblemAsync(context.RequestAborted);
                context.Response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync($"{problem ?? "ok"}\n{Alarms(context.RequestServices)}", context.RequestAborted);
                break;
            case "/status":
                context.Response.ContentType = "application/json; charset=utf-8";
                await JsonSerializer.SerializeAsync(context.Response.Body, Status(context.RequestServices), Json, context.RequestAborted);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync("Here are /healthz and /status.\n", context.RequestAborted);
                break;
        }
    }

    /// <summary>Tunnels somebody must look at. The gateway itself is well: taking it out of service would mend nothing.</summary>
    private static string Alarms(IServiceProvider services) => string.Concat(services.GetRequiredService<TunnelSupervisor>().Statuses
        .Where(tunnel => tunnel.State == TunnelState.Refused)
        .Select(tunnel => $"alarm: tunnel {tunnel.Name} is refused: {tunnel.LastError}\n"));

    private static object Status(IServiceProvider services)
    {
        var reloader = services.GetRequiredService<GatewayReloader>();
        var table = reloader.Current!.Table;
        return new
        {
            version = typeof(StaffListener).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
            generation = table.Generation,
            inForceSince = table.BuiltAt,
            lastLoad = new { reloader.Last!.At, reloader.Last.Trigger, reloader.Last.InForce },
            faults = reloader.Last.Faults.Select(fault => new { severity = fault.Severity.ToString().ToLowerInvariant(), fault.Source, fault.Key, fault.Value, fault.Message }),
            certificates = reloader.Current.Listeners.Certificates,
            services = table.Services.Services.Select(service => new { service.Name, service.Preset, service.Hosts, service.Upstream }),
            backends = table.Chain.Links.Select(link => link.Backend.Name),
            tunnels = services.GetRequiredService<TunnelSupervisor>().Statuses,
        };
    }
}
