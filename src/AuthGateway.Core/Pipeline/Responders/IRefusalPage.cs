using AuthGateway.Core.Policies;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Core.Pipeline.Responders;

/// <summary>What a refusal page needs to know.</summary>
/// <param name="Reason">The reason; the page says only what helps the rightful owner.</param>
/// <param name="RequestId">The request's id, for the helpdesk.</param>
/// <param name="Host">Canonical host, or empty.</param>
/// <param name="At">When.</param>
/// <param name="Product">Product name.</param>
/// <param name="HelpdeskContact">How to reach the helpdesk, or empty.</param>
/// <param name="AcceptLanguage">The client's <c>Accept-Language</c>.</param>
public sealed record RefusalModel(
    VerdictReason Reason, string RequestId, string Host, DateTimeOffset At, string Product, string HelpdeskContact, string AcceptLanguage)
{
    /// <summary>Login of whom the browser's session acts for, or null: the way back must be found from every page of ours.</summary>
    public string? ActsFor { get; init; }
}

/// <summary>The page and the words of a refusal; written by the project that knows HTML.</summary>
public interface IRefusalPage
{
    /// <summary>The whole page in UTF-8; sets the page's security headers.</summary>
    byte[] Render(RefusalModel model, IHeaderDictionary headers);

    /// <summary>What happened and what to do, in one line without markup, for clients that show text.</summary>
    string Sentence(VerdictReason reason, string acceptLanguage);
}
