namespace AuthGateway.TestKit.Gateway;

/// <summary>Where the sources stand, seen from the tests' output folder.</summary>
public static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The gateway's program, of the same build configuration as the tests.</summary>
    public static string Program
    {
        get
        {
            var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
            var program = Path.Combine(Root, "src", "AuthGateway", "bin", configuration, "net10.0", "authgateway.dll");
            return File.Exists(program) ? program : throw new FileNotFoundException("The gateway has not been built in this configuration.", program);
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AuthGateway.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not stand below the solution.");
    }
}
