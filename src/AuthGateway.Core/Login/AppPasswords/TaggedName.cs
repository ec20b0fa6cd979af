using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Login.AppPasswords;

/// <summary>A login name with the tag of an app password behind it: <c>anna$phone</c>, or <c>anna$phone@example.com</c>.</summary>
/// <param name="Name">The name without the tag.</param>
/// <param name="Tag">The tag in its one form, or null where the name has none.</param>
internal readonly record struct TaggedName(UserName Name, string? Tag)
{
    private const char Divider = '$';

    /// <summary>Takes a name apart. What stands between the last dollar sign and a domain is a tag when it could be one; <c>PC01$</c> has none.</summary>
    public static TaggedName Of(UserName typed)
    {
        var text = typed.Text;
        var at = text.LastIndexOf(Divider);
        if (at <= 0)
        {
            return new TaggedName(typed, null);
        }

        var domain = text.IndexOf('@', at);
        var tag = (domain < 0 ? text[(at + 1)..] : text[(at + 1)..domain]).ToLowerInvariant();
        return AppPasswordTag.Is(tag) && UserName.TryParse(domain < 0 ? text[..at] : string.Concat(text.AsSpan(0, at), text.AsSpan(domain)), out var name)
            ? new TaggedName(name, tag)
            : new TaggedName(typed, null);
    }
}
