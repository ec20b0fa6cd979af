using AuthGateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.TestKit.Stores;

/// <summary>A real database in a directory of its own, gone when the test is.</summary>
public sealed class TemporaryDatabase : IDisposable
{
    private readonly List<Database> _opened = [];

    /// <summary>The directory, 0700.</summary>
    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("agw-test-");

    /// <summary>The file.</summary>
    public string Path => System.IO.Path.Combine(Directory.FullName, "authgateway.db");

    /// <summary>Opens the file once more, as another process would.</summary>
    public Database Open()
    {
        var database = Database.Open(Path, TimeProvider.System, NullLogger<Database>.Instance);
        _opened.Add(database);
        return database;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _opened.ForEach(database => database.Dispose());
        Directory.Delete(recursive: true);
    }
}
