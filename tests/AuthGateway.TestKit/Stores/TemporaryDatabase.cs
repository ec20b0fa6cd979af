using AuthGateway.Core.Lockout;
using AuthGateway.Storage;
using AuthGateway.Storage.Lockout;
using AuthGateway.Storage.Protection;
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

    /// <summary>The key's file.</summary>
    public string KeyPath => System.IO.Path.Combine(Directory.FullName, "authgateway.key");

    /// <summary>Opens the file once more, as another process would.</summary>
    public Database Open()
    {
        var database = Database.Open(Path, TimeProvider.System, NullLogger<Database>.Instance);
        _opened.Add(database);
        return database;
    }

    /// <summary>The counters as the gateway keeps them.</summary>
    public static ILockoutStore Counters(Database database) => new SqliteLockoutStore(database);

    /// <summary>The key as the gateway takes it at start.</summary>
    public FieldProtector OpenKey(Database database) => ProtectionOpening.Open(database, KeyPath, TimeProvider.System, NullLogger<FieldProtector>.Instance);

    /// <inheritdoc />
    public void Dispose()
    {
        _opened.ForEach(database => database.Dispose());
        Directory.Delete(recursive: true);
    }
}
