using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace AuthGateway.Core.Identities;

/// <summary>
/// A login name as somebody typed it, in the one spelling the gateway works with. Building one is the only way a
/// typed name gets past the edge, so nothing behind it meets control characters or invisible letters.
/// </summary>
public sealed class UserName : IEquatable<UserName>
{
    /// <summary>Longest accepted name, in UTF-8 bytes.</summary>
    public const int MaxBytes = 256;

    /// <summary>Printable ASCII without <c>: # *</c>: a name of these alone needs no look at categories and normal forms.</summary>
    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create(
        " !\"$%&'()+,-./0123456789;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private UserName(string text)
    {
        Text = text;
        Folded = text.ToLowerInvariant();
    }

    /// <summary>The name in Unicode normalization form C, letter case as typed.</summary>
    public string Text { get; }

    /// <summary>The name for comparing and counting: lower case, invariant.</summary>
    public string Folded { get; }

    /// <summary>
    /// Accepts 1 to 256 bytes of text without control, format or other invisible characters, and without the
    /// characters by which upstreams switch the user: <c>:</c> (Basic), <c>#</c> (Z-Push), <c>*</c> (Dovecot).
    /// </summary>
    public static bool TryParse(string? typed, [NotNullWhen(true)] out UserName? name)
    {
        name = null;
        if (string.IsNullOrEmpty(typed) || Encoding.UTF8.GetByteCount(typed) > MaxBytes)
        {
            return false;
        }

        var normal = typed;
        if (typed.AsSpan().ContainsAnyExcept(PlainCharacters))
        {
            if (!HasOnlyVisible(typed))
            {
                return false;
            }

            normal = typed.IsNormalized(NormalizationForm.FormC) ? typed : typed.Normalize(NormalizationForm.FormC);
        }

        if (!normal.AsSpan().Trim().SequenceEqual(normal))
        {
            return false;
        }

        name = new UserName(normal);
        return true;
    }

    /// <inheritdoc />
    public bool Equals(UserName? other) => other is not null && string.Equals(Folded, other.Folded, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as UserName);

    /// <inheritdoc />
    public override int GetHashCode() => string.GetHashCode(Folded, StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => Text;

    private static bool HasOnlyVisible(string typed)
    {
        foreach (var rune in typed.EnumerateRunes())
        {
            if (rune.Value is ':' or '#' or '*' or 0xFFFD)
            {
                return false;
            }

            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned:
                    return false;
                default:
                    break;
            }
        }

        return true;
    }
}
