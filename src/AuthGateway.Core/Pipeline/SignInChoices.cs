using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline;

/// <summary>What a person may do on the sign-in page instead of typing a password.</summary>
public static class SignInChoices
{
    /// <summary>The ways the place he wants to go takes, from where he is and with what his browser brings. A choice offered is not yet a proof.</summary>
    public static FactorSet At(IPortalRequest request, SignInTarget target)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (target.Policy is not { } policy)
        {
            return FactorSet.None;
        }

        var table = request.Table;
        var choices = FactorSet.None;
        if (policy.TakesInsteadOfPassword(FactorSet.Kerberos) && table.Tickets.Offers(request.ClientAddress))
        {
            choices |= FactorSet.Kerberos;
        }

        if (policy.TakesInsteadOfPassword(FactorSet.Device) && request.Device is { SaysWho: true })
        {
            choices |= FactorSet.Device;
        }

        if (policy.TakesInsteadOfPassword(FactorSet.Header) && request.ForwardedName is { Name: not null })
        {
            choices |= FactorSet.Header;
        }

        if (policy.TakesInsteadOfPassword(FactorSet.Network) && target.FindService(table) is { } service && service.TakesNamesFrom(request.ClientAddress))
        {
            choices |= FactorSet.Network;
        }

        return choices;
    }
}
