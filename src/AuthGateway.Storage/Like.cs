namespace AuthGateway.Storage;

/// <summary>Patterns for <c>LIKE … ESCAPE '\'</c>.</summary>
internal static class Like
{
    /// <summary>Matches texts that contain the part as it stands, or all when there is none.</summary>
    public static string Containing(string? part) => part is null
        ? "%"
        : $"%{part.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
}
