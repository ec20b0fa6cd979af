using System.Buffers;

namespace AuthGateway.Core.Edge;

/// <summary>
/// Characters whose compatibility form (NFKC) holds <c>/ \ . % ; :</c>. An upstream that normalises before it looks up a
/// path would turn <c>‥／</c> into <c>../</c> behind our back. A frozen list rather than <see cref="string.Normalize()"/>:
/// it costs nothing per request, and a host without ICU does not normalise at all. A test compares it with the platform's tables.
/// </summary>
internal static class CompatibilityForms
{
    private static readonly SearchValues<char> Dangerous = SearchValues.Create(
        "\u037E\u2024\u2025\u2026\u2100\u2101\u2105\u2106" +
        "\u2488\u2489\u248A\u248B\u248C\u248D\u248E\u248F\u2490\u2491\u2492\u2493\u2494\u2495\u2496\u2497\u2498\u2499\u249A\u249B" +
        "\u2A74\u33C2\u33C7\u33D8\uFE13\uFE14\uFE19\uFE30\uFE52\uFE54\uFE55\uFE68\uFE6A\uFF05\uFF0E\uFF0F\uFF1A\uFF1B\uFF3C");

    /// <summary>U+1F100, "digit zero full stop": the only one beyond the basic plane.</summary>
    private const string DigitZeroFullStop = "\uD83C\uDD00";

    public static bool In(ReadOnlySpan<char> text) =>
        text.ContainsAny(Dangerous) || text.IndexOf(DigitZeroFullStop, StringComparison.Ordinal) >= 0;
}
