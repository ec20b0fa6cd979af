using AuthGateway.Web.Portal.Forms;

namespace AuthGateway.Web.Portal;

/// <summary>One page. A post comes to it only when its form was ours.</summary>
internal interface IPortalHandler
{
    /// <summary>Paths it answers, from the first slash on.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>Shows the page.</summary>
    Task GetAsync(PortalVisit visit);

    /// <summary>Does what the form asks for.</summary>
    Task PostAsync(PortalVisit visit, Form form);
}
