using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal;
using AuthGateway.Web.Portal.Account;
using AuthGateway.Web.Portal.ActFor;
using AuthGateway.Web.Portal.Enrolment;
using AuthGateway.Web.Portal.Factor;
using AuthGateway.Web.Portal.Password;
using AuthGateway.Web.Portal.SignIn;
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
        services.TryAddSingleton<Branding>();
        services.TryAddSingleton<IRefusalPage, RefusalPage>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IPortalHandler, SignInPage>(),
            ServiceDescriptor.Singleton<IPortalHandler, TicketPage>(),
            ServiceDescriptor.Singleton<IPortalHandler, SignOnPage>(),
            ServiceDescriptor.Singleton<IPortalHandler, FactorPage>(),
            ServiceDescriptor.Singleton<IPortalHandler, EnrolPage>(),
            ServiceDescriptor.Singleton<IPortalHandler, PasswordPage>(),
            ServiceDescriptor.Singleton<IPortalHandler, AccountPage>(),
            ServiceDescriptor.Singleton<IPortalHandler, AccountActions>(),
            ServiceDescriptor.Singleton<IPortalHandler, SignOutPage>(),
            ServiceDescriptor.Singleton<IPortalHandler, ActForPage>(),
        ]);
        return services;
    }

    /// <summary>Answers the files of pages on every host; put it before requests are judged, for a refused browser needs the stylesheet too.</summary>
    public static IApplicationBuilder UseGatewayAssets(this IApplicationBuilder app) => app.UseMiddleware<AssetMiddleware>();

    /// <summary>Answers the gateway's own pages; put it behind the judgement of requests and before the forwarder.</summary>
    public static IApplicationBuilder UsePortal(this IApplicationBuilder app) => app.UseMiddleware<PortalMiddleware>();
}
