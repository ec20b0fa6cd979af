using System.Globalization;
using System.Reflection;
using AuthGateway.Core.Telemetry;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Storage;

/// <summary>Brings the schema forward by numbered scripts, each in a transaction of its own. There is no way back but the backup.</summary>
internal static partial class Migrations
{
    private const string Prefix = "AuthGateway.Storage.Schema.sqlite.";

    /// <summary>The scripts of this build in order, numbered 1, 2, … without a gap.</summary>
    public static IReadOnlyList<(int Version, string Name)> Known { get; } = [.. typeof(Migrations).Assembly.GetManifestResourceNames()
        .Where(resource => resource.StartsWith(Prefix + "V", StringComparison.Ordinal))
        .Select(resource => resource[Prefix.Length..])
        .Select(name => (int.Parse(name.AsSpan(1, 4), NumberStyles.None, CultureInfo.InvariantCulture), name))
        .OrderBy(script => script.Item1)];

    /// <summary>Runs what is missing; returns the version reached.</summary>
    public static int Run(SqliteConnection connection, string path, TimeProvider time, ILogger logger)
    {
        var latest = Known[^1].Version;
        var version = Current(connection, null);
        Refuse(version, latest, path);
        foreach (var (number, name) in Known.Where(script => script.Version > version))
        {
            // The lock first, then the look: of two processes started together, one finds the work done.
            using var transaction = connection.BeginTransaction(deferred: false);
            version = Current(connection, transaction);
            Refuse(version, latest, path);
            if (version < number)
            {
                connection.Execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)", transaction: transaction);
                connection.Execute(ReadScript(name), transaction: transaction);
                connection.Execute(
                    "INSERT INTO schema_version (version, name, applied_at) VALUES (@number, @name, @at)",
                    new { number, name, at = time.GetUtcNow().ToUnixTimeMilliseconds() },
                    transaction);
                transaction.Commit();
                Log.Migrated(logger, path, name);
            }
        }

        return latest;
    }

    /// <summary>Refuses a file of a newer release; an older one may be read as it is.</summary>
    public static void RefuseNewer(SqliteConnection connection, string path) => Refuse(Current(connection, null), Known[^1].Version, path);

    private static int Current(SqliteConnection connection, SqliteTransaction? transaction) =>
        connection.ExecuteScalar<int>("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'", transaction: transaction) == 0
            ? 0
            : connection.ExecuteScalar<int>("SELECT COALESCE(MAX(version), 0) FROM schema_version", transaction: transaction);

    private static void Refuse(int version, int latest, string path)
    {
        if (version > latest)
        {
            throw new DatabaseRefusedException(
                $"The database {path} has schema version {version}, made by a newer release; this one knows {latest}. Install that release, or restore the backup made before the update.");
        }
    }

    private static string ReadScript(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DatabaseMigrated, LogLevel.Information, "Database {Path}: {Script} applied.")]
        public static partial void Migrated(ILogger logger, string path, string script);
    }
}
