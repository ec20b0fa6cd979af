using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Forms;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.SignIn;

/// <summary>The ways of signing in that need no password and no other page: the device's certificate, a forwarder's word, a name from a trusted network.</summary>
internal sealed class SignOnPage(SignInFlow flow, SecondFactorFlow factors) : IPortalHandler
{
    private const string Way = "way";
    private const string ByDevice = "device";
    private const string ByHeader = "header";
    private const string ByNetwork = "network";

    public IReadOnlyList<string> Paths { get; } = [PortalPaths.SignOn];

    public Task GetAsync(PortalVisit visit) => visit.GoAsync(visit.Keeping(PortalPaths.SignIn));

    public async Task PostAsync(PortalVisit visit, Form form)
    {
        var (way, typed) = form.Get(Way) switch
        {
            ByDevice => (FactorSet.Device, visit.Request.DeviceOwner ?? ""),
            ByHeader => (FactorSet.Header, visit.Request.ForwardedName?.Name?.Text ?? ""),
            ByNetwork => (FactorSet.Network, form.Get("name").Trim()),
            _ => (FactorSet.None, ""),
        };

        // Judged anew: what the page offered a while ago may not hold where and how the answer comes from.
        if (way == FactorSet.None || (SignInChoices.At(visit.Request, visit.Target) & way) == 0)
        {
            await visit.GoAsync(visit.Keeping(PortalPaths.SignIn));
            return;
        }

        var result = await SignInAsync(visit, typed, way);
        switch (result)
        {
            case SignInResult.Proven proven:
                await Arrival.GoOnAsync(visit, proven.Opened, factors);
                return;
            case SignInResult.Unavailable unavailable:
                visit.Http.Response.Headers.RetryAfter = "30";
                await SignInPage.ShowFormAsync(visit, typed, unavailable.Reason, unavailable.Reason.Status);
                return;
            case SignInResult.Refused refused:
                // Unknown, disabled and not meant read alike, as on the form with a password.
                var reason = ReferenceEquals(refused.Reason, VerdictReason.IdentityMismatch) ? refused.Reason : VerdictReason.NameNotAllowed;
                await SignInPage.ShowFormAsync(visit, way == FactorSet.Network ? typed : "", reason, StatusCodes.Status401Unauthorized);
                return;
        }
    }

    /// <summary>The buttons below the form; nothing where nothing is offered.</summary>
    public static Html Choices(PortalVisit visit)
    {
        var choices = SignInChoices.At(visit.Request, visit.Target);
        if (choices == FactorSet.None)
        {
            return default;
        }

        var ticket = Html.If((choices & FactorSet.Kerberos) != 0, () => Html.Of(
            $"""<p><a class="button second full" href="{visit.Keeping(PortalPaths.Ticket)}">{visit.Say(SignInWords.ByTicket)}</a></p>"""));
        var device = Html.If((choices & FactorSet.Device) != 0, () => Button(visit, ByDevice, visit.Say(SignInWords.ByDevice)));
        var header = Html.If((choices & FactorSet.Header) != 0, () => Button(visit, ByHeader, visit.Say(SignInWords.ByHeader, visit.Request.ForwardedName!.Name!.Text)));
        var network = Html.If((choices & FactorSet.Network) != 0, () => Html.Of(
            $"""
            <form method="post" action="{visit.Keeping(PortalPaths.SignOn)}">
            {visit.FormToken.Field}
            <input type="hidden" name="{Way}" value="{ByNetwork}">
            <label for="only-name">{visit.Say(SignInWords.OnlyName)}</label>
            <input id="only-name" name="name" type="text" autocomplete="nickname" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="256" required>
            <button class="second full">{visit.Say(SignInWords.ByName)}</button>
            </form>
            """));
        return Html.Of(
            $"""
            <h2 class="label">{visit.Say(SignInWords.OtherWays)}</h2>
            {ticket}
            {device}
            {header}
            {network}
            """);
    }

    private async ValueTask<SignInResult> SignInAsync(PortalVisit visit, string typed, FactorSet way)
    {
        if (!UserName.TryParse(typed, out var name))
        {
            return await flow.RefuseAsync(visit.SignIn, VerdictReason.UnknownUser, null, typed, way, "no login name", visit.Aborted);
        }

        var request = Arrival.Of(visit, name, way);
        switch (way)
        {
            case FactorSet.Network:
                var service = visit.Target.FindService(visit.Table)!;
                var address = visit.Request.ClientAddress;

                // The typed name first, so that nobody learns from here which other names there are; then the user it leads to, for that is who comes in.
                return service.TakesName(name.Text, address)
                    ? await flow.SignInAsync(request with { Takes = user => service.TakesName(user.Login, address) }, visit.SignIn, visit.Aborted)
                    : await flow.RefuseAsync(visit.SignIn, VerdictReason.NameNotAllowed, null, typed, way, null, visit.Aborted);
            case FactorSet.Device:
                return await flow.SignInAsync(request with { SignOn = request.SignOn with { Witness = visit.Request.Device!.Thumbprint } }, visit.SignIn, visit.Aborted);
            default:
                return await flow.SignInAsync(request, visit.SignIn, visit.Aborted);
        }
    }

    private static Html Button(PortalVisit visit, string way, string words) => Html.Of(
        $"""<form method="post" action="{visit.Keeping(PortalPaths.SignOn)}">{visit.FormToken.Field}<input type="hidden" name="{Way}" value="{way}"><button class="second full">{words}</button></form>""");
}
