using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.Forms;

/// <summary>Where a form came from, as far as the browser says so itself.</summary>
internal static class FormOrigin
{
    /// <summary>Null for a form of our own pages, else what speaks against it. Headers that are not there speak neither way; the token still must fit.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="authority">Host, with the port where it is not 443.</param>
    public static string? Judge(IHeaderDictionary headers, string authority)
    {
        var site = headers["Sec-Fetch-Site"];
        var isOwnSite = site is ["same-origin"];
        if (site.Count > 0 && !isOwnSite)
        {
            return "Sec-Fetch-Site is not same-origin";
        }

        // Browsers say "null" for pages that hide their address; then only Fetch Metadata can vouch for them.
        var origin = headers.Origin;
        return origin.Count == 0 || (origin is [{ } named] && (named == "https://" + authority || (named == "null" && isOwnSite))) ? null : "Origin is another";
    }
}
