namespace AuthGateway.Core.Backends.Roles;

/// <summary>A pattern for a whole value: without case, <c>*</c> for any characters. Never looks back further than the last star, so no value is slow.</summary>
internal sealed class RolePattern(string text)
{
    public const int MaxLength = 256;

    /// <summary>Longest value that may grant anything.</summary>
    public const int LongestValue = 1024;

    private readonly string[] _parts = text.Split('*');

    public bool Fits(string value)
    {
        var rest = value.AsSpan();
        if (_parts.Length == 1)
        {
            return rest.Equals(_parts[0], StringComparison.OrdinalIgnoreCase);
        }

        var (first, last) = (_parts[0], _parts[^1]);
        if (rest.Length < first.Length + last.Length
            || !rest.StartsWith(first, StringComparison.OrdinalIgnoreCase)
            || !rest.EndsWith(last, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        rest = rest[first.Length..^last.Length];
        foreach (var part in _parts.AsSpan(1, _parts.Length - 2))
        {
            // The first place it fits leaves most room for the parts behind it.
            var at = rest.IndexOf(part, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
            {
                return false;
            }

            rest = rest[(at + part.Length)..];
        }

        return true;
    }
}
