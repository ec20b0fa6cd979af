using System.Globalization;

namespace AuthGateway.Web.Pages;

/// <summary>A text in every language of the pages. <c>{0}</c> and <c>{1}</c> stand for what is put in.</summary>
/// <param name="En">English.</param>
/// <param name="De">German.</param>
internal sealed record Phrase(string En, string De)
{
    /// <summary>The text.</summary>
    public string In(string language) => language == "de" ? De : En;

    /// <summary>The text with something put in.</summary>
    public string In(string language, params object[] values) => string.Format(CultureInfo.InvariantCulture, In(language), values);
}
