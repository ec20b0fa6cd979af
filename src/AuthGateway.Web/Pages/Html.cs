using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using AuthGateway.Core.Audit;

namespace AuthGateway.Web.Pages;

/// <summary>
/// Markup fit to be sent. Made of templates whose every hole is encoded unless it is markup itself, so that forgetting to encode is no
/// mistake anybody can make.
/// </summary>
internal readonly struct Html
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    /// <summary>Markup from a template: what stands in it is ours, what is put in is encoded.</summary>
    public static Html Of(Template template) => new(template.Take());

    /// <summary>Pieces one after the other.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece._markup)));

    /// <summary>The template when the condition holds, else nothing.</summary>
    public static Html If(bool condition, Func<Html> markup) => condition ? markup() : default;

    /// <summary>The markup.</summary>
    public override string ToString() => _markup ?? "";

    // Escaped first, since an encoded U+202E still turns the line around once the browser has decoded it.
    private static string Encode(string? text) => string.IsNullOrEmpty(text) ? "" : s_encoder.Encode(VisibleText.Escape(text));

    /// <summary>What the compiler fills the holes of a template with.</summary>
    [InterpolatedStringHandler]
    internal readonly struct Template
    {
        private readonly StringBuilder _markup;

        public Template(int literalLength, int holes) => _markup = new StringBuilder(literalLength + (holes * 16));

        public void AppendLiteral(string markup) => _markup.Append(markup);

        public void AppendFormatted(Html markup) => _markup.Append(markup._markup);

        public void AppendFormatted(string? text) => _markup.Append(Encode(text));

        public void AppendFormatted(int number) => _markup.Append(number);

        public string Take() => _markup.ToString();
    }
}
