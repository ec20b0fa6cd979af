using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Pages;

/// <summary>The security headers of every page the gateway writes itself; never of an upstream's answer.</summary>
public static class PageHeaders
{
    private const string Around =
        "style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

    /// <summary>The content policy of a page without scripts: none may run, whatever slips into the markup.</summary>
    public const string ContentSecurityPolicy = "default-src 'none'; " + Around;

    /// <summary>The content policy of a page with its own module script.</summary>
    /// <param name="nonce">Random, new for each answer, base64.</param>
    public static string ContentSecurityPolicyWithScript(string nonce) => $"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; {Around}";

    /// <summary>Sets them all; what stood there is replaced.</summary>
    public static void Apply(IHeaderDictionary headers, string contentSecurityPolicy = ContentSecurityPolicy)
    {
        ApplyToAssets(headers);
        headers.ContentSecurityPolicy = contentSecurityPolicy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    /// <summary>Those that also belong on stylesheets and images.</summary>
    internal static void ApplyToAssets(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
