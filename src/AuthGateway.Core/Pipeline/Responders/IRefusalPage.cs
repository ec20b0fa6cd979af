using AuthGateway.Core.Policies;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Core.Pipeline.Responders;

/// <summary>What a refusal page tells. Strings may come from strangers; the page encodes them.</summary>
/// <param name="Reason">Why; the page says no more of it than helps the rightful owner.</param>
/// <param name="RequestId">The gateway's own id of the request.</param>
/// <param name="Host">Host asked for.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Product">Product name from the configuration.</param>
/// <param name="HelpdeskContact">How people reach the helpdesk; empty when not configured.</param>
/// <param name="Language"><c>en</c> or <c>de</c>, see <see cref="PageLanguage"/>.</param>
public sealed record RefusalModel(
    VerdictReason Reason, string RequestId, string Host, DateTimeOffset At, string Product, string HelpdeskContact, string Language);

/// <summary>The page a refused browser is shown.</summary>
public interface IRefusalPage
{
    /// <summary>Content type of <see cref="Render"/>.</summary>
    const string ContentType = "text/html; charset=utf-8";

    /// <summary>The page as UTF-8.</summary>
    ReadOnlyMemory<byte> Render(RefusalModel model);

    /// <summary>Sets the security headers every page of the gateway has; call it before the body is written.</summary>
    void ApplyHeaders(IHeaderDictionary headers);

    /// <summary>What happened and what to do, in one line without markup, for clients that show text.</summary>
    string Sentence(VerdictReason reason, string language);
}
