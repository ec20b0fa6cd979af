using System.Reflection;

namespace AuthGateway.Core.Configuration;

/// <summary>Which options are paths, and what a relative one means: it starts at the state directory, whatever directory the process was started in.</summary>
internal sealed class FilePaths(string stateDirectory)
{
    private readonly string _stateDirectory = Path.GetFullPath(stateDirectory);

    /// <summary>Text options whose name ends in <c>File</c>, and the database's path. A rule's or a service's <c>Path</c> is a URL path.</summary>
    public static bool IsPath(PropertyInfo property) =>
        property.PropertyType == typeof(string)
        && (property.Name.EndsWith("File", StringComparison.Ordinal)
            || (property.DeclaringType == typeof(StorageOptions) && property.Name == nameof(StorageOptions.Path)));

    /// <summary>The absolute path; empty stays empty, for that means "none".</summary>
    public string Resolve(string path) => path.Length == 0 ? path : Path.GetFullPath(path, _stateDirectory);
}
