using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthGateway.Web;

/// <summary>What people see.</summary>
public static class WebServices
{
    /// <summary>Adds the pages of the gateway.</summary>
    public static IServiceCollection AddWeb(this IServiceCollection services)
    {
        services.TryAddSingleton<IRefusalPage, RefusalPage>();
        return services;
    }

    /// <summary>Answers everything below <c>/.agw/</c> on every host; put it before requests are judged, for a refused browser needs the stylesheet too.</summary>
    public static IApplicationBuilder UseGatewayAssets(this IApplicationBuilder app) => app.UseMiddleware<AssetMiddleware>();
}
