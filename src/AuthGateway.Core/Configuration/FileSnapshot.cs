namespace AuthGateway.Core.Configuration;

/// <summary>What some files looked like at one moment: enough to tell that one was written, replaced, removed or added.</summary>
internal sealed class FileSnapshot
{
    private readonly Dictionary<string, (DateTime Written, long Length, string? Target)> _files = new(StringComparer.Ordinal);

    /// <summary>Looks now. A symbolic link counts as what it leads to, for that is how certificates are renewed.</summary>
    public static FileSnapshot Take(IEnumerable<string> paths)
    {
        var snapshot = new FileSnapshot();
        foreach (var path in paths.Distinct(StringComparer.Ordinal))
        {
            try
            {
                var target = File.ResolveLinkTarget(path, returnFinalTarget: true);
                var info = new FileInfo(target?.FullName ?? path);
                snapshot._files[path] = info.Exists ? (info.LastWriteTimeUtc, info.Length, target?.FullName) : default;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                snapshot._files[path] = default;
            }
        }

        return snapshot;
    }

    /// <summary>
    /// Paths that differ, in ordinal order. A path only one of the two looked at differs when <paramref name="isListed"/> says that
    /// coming and going matters for it; otherwise it was merely asked for by another configuration.
    /// </summary>
    public IReadOnlyList<string> Changes(FileSnapshot later, Func<string, bool> isListed) =>
    [
        .. _files.Keys.Union(later._files.Keys, StringComparer.Ordinal)
            .Where(path => _files.TryGetValue(path, out var before) && later._files.TryGetValue(path, out var after) ? before != after : isListed(path))
            .Order(StringComparer.Ordinal),
    ];
}
