using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Core.Policies;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.ActFor;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Refusal;

/// <summary>
/// The refusal page: one card, no script, no style but the stylesheet. The reason's code is not on it, since wrong, unknown
/// and locked must read alike; the request id leads the helpdesk to it.
/// </summary>
internal sealed class RefusalPage(Branding branding) : IRefusalPage
{
    public string Sentence(VerdictReason reason, string acceptLanguage)
    {
        var text = RefusalWords.For(reason, PageLanguage.Choose(acceptLanguage));
        return $"{text.What} {text.Remedy}";
    }

    public byte[] Render(RefusalModel model, IHeaderDictionary headers)
    {
        var language = PageLanguage.Choose(model.AcceptLanguage);
        PageHeaders.Apply(headers);
        headers.ContentLanguage = language;
        headers.Append("Vary", "Accept-Language, Cookie");

        var text = RefusalWords.For(model.Reason, language);
        return PageLayout.Render(new PageFrame
        {
            Language = language,
            Title = text.What,
            Product = model.Product,
            Branding = branding,
            Banner = ActingBanner.ForRefusal(language, model.ActsFor),
            Content = Html.Of(
                $"""
                <h1>{text.What}</h1>
                <p class="remedy">{text.Remedy}</p>
                {PageParts.Facts(language, model.RequestId, model.Host, model.At, model.HelpdeskContact)}
                """),
        });
    }
}
