using AuthGateway.Core.Signals;
using Dapper;

namespace AuthGateway.Storage.Signals;

/// <summary>Signals in SQLite.</summary>
internal sealed class SqliteSignalStore(Database database) : ISignalStore
{
    public ValueTask<long> ReadAsync(string name, CancellationToken cancellationToken) => new(database.Read(
        connection => connection.ExecuteScalar<long>("SELECT COALESCE(MAX(raised), 0) FROM signal WHERE name = @name", new { name })));

    public async ValueTask RaiseAsync(string name, CancellationToken cancellationToken) => await database.WriteAsync(
        connection => connection.Execute(
            "INSERT INTO signal (name, raised) VALUES (@name, 1) ON CONFLICT (name) DO UPDATE SET raised = signal.raised + 1", new { name }),
        cancellationToken);
}
