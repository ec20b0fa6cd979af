using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal;

/// <summary>Pieces of forms.</summary>
internal static class Fields
{
    private const string ErrorId = "error";

    /// <summary>The sentence above a form after a mistake. It gets the focus, so that whoever does not see the page hears it first.</summary>
    public static Html Error(string? sentence) => sentence is null
        ? default
        : Html.Of($"""<p class="error" id="{ErrorId}" role="alert" tabindex="-1" autofocus>{sentence}</p>""");

    /// <summary>Attributes of a field: tied to the sentence when there is one, else focused if it is the first.</summary>
    public static Html Focus(string? sentence, bool first) => sentence is not null
        ? Html.Of($"""aria-describedby="{ErrorId}" aria-invalid="true" """)
        : Html.If(first, () => Html.Of($"autofocus "));
}
