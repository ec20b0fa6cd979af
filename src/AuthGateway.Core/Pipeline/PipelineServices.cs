using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Core.Pipeline;

/// <summary>Registration of the corridor.</summary>
public static class PipelineServices
{
    /// <summary>Registers stages, judge, responder, audit of decisions, tokens for upstreams and <c>explain</c>.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services) => services
        .AddAccessPipeline()
        .AddSingleton<GatewayState>()
        .AddSingleton<GatewayMetrics>()
        .AddSingleton<AccessAudit>()
        .AddSingleton<StandingJudge>()
        .AddSingleton<TokenIssuer>()
        .AddSingleton<TokenVerification>()
        .AddSingleton<RefusalResponder>()
        .AddSingleton<LateFailure>()
        .AddSingleton(provider => new Explanation(provider.GetRequiredService<AccessJudge>(), provider.GetRequiredService<TimeProvider>()));

    /// <summary>Puts the corridor in front of everything mapped after it.</summary>
    public static IApplicationBuilder UseEnforcement(this IApplicationBuilder app) => app.UseMiddleware<EnforcementMiddleware>();
}
