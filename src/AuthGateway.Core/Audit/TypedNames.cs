namespace AuthGateway.Core.Audit;

/// <summary>What is kept of a name somebody typed.</summary>
public static class TypedNames
{
    private const string Masked = "(masked)";

    /// <summary>Passwords end up in the name field; a name nobody knows with three kinds of characters is kept from the trail.</summary>
    public static string? OfNobody(string? name) => LooksLikeSecret(name) ? Masked : name;

    private static bool LooksLikeSecret(string? name)
    {
        if (name is null || name.Length < 8)
        {
            return false;
        }

        var (lower, upper, digit, other) = (0, 0, 0, 0);
        foreach (var c in name)
        {
            if (char.IsLower(c))
            {
                lower = 1;
            }
            else if (char.IsUpper(c))
            {
                upper = 1;
            }
            else if (char.IsDigit(c))
            {
                digit = 1;
            }
            else if (c is not ('.' or '-' or '_' or '@' or '\\'))
            {
                other = 1;
            }
        }

        return lower + upper + digit + other >= 3;
    }
}
