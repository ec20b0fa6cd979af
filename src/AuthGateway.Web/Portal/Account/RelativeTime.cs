using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.Account;

/// <summary>How long ago something was, with the moment itself on hover.</summary>
internal static class RelativeTime
{
    private static readonly Phrase s_now = new("just now", "gerade eben");
    private static readonly Phrase s_minutes = new("{0} min ago", "vor {0} Min.");
    private static readonly Phrase s_hours = new("{0} h ago", "vor {0} Std.");
    private static readonly Phrase s_day = new("a day ago", "vor einem Tag");
    private static readonly Phrase s_days = new("{0} days ago", "vor {0} Tagen");

    /// <summary>The words in a <c>time</c> element.</summary>
    public static Html Of(DateTimeOffset at, DateTimeOffset now, string language)
    {
        var ago = now - at;
        var words = ago.TotalMinutes < 1 ? s_now.In(language)
            : ago.TotalHours < 1 ? s_minutes.In(language, (int)ago.TotalMinutes)
            : ago.TotalDays < 1 ? s_hours.In(language, (int)ago.TotalHours)
            : ago.TotalDays < 2 ? s_day.In(language)
            : ago.TotalDays < 31 ? s_days.In(language, (int)ago.TotalDays)
            : null;
        return words is null
            ? PageParts.Day(language, at)
            : Html.Of($"""<time datetime="{PageParts.Machine(at)}" title="{PageParts.Text(language, at)}">{words}</time>""");
    }
}
