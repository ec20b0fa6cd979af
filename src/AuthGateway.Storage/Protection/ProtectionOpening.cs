using System.Security.Cryptography;
using AuthGateway.Core.Telemetry;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Storage.Protection;

/// <summary>
/// Brings key and database together: the key this database knows, or a new one where nothing was ever encrypted. With any other key
/// nothing is opened, for what it would write could not be read beside what is there.
/// </summary>
internal static partial class ProtectionOpening
{
    public static FieldProtector Open(Database database, string keyFile, TimeProvider time, ILogger logger)
    {
        var path = Path.GetFullPath(keyFile);

        // Under the database's write lock: of two processes started together one makes the key and the other finds it.
        var key = database.WriteTogetherAsync((connection, transaction) => Decide(connection, transaction, database.Path, path, time, logger), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return new FieldProtector(key);
    }

    private static MasterKey Decide(SqliteConnection connection, SqliteTransaction transaction, string database, string path, TimeProvider time, ILogger logger)
    {
        var holdsProtected = connection.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM totp_credential) OR EXISTS (SELECT 1 FROM app_password)", transaction: transaction) != 0;
        var known = connection.QueryFirstOrDefault<byte[]>("SELECT check_value FROM protection_key", transaction: transaction);
        var key = MasterKeyFile.Read(path);
        if (key is null)
        {
            if (holdsProtected)
            {
                throw new MasterKeyRefusedException(
                    $"The key file {path} is missing, and the database {database} holds second factors or app passwords made with it. Put back the copy you keep apart from the database's backups.");
            }

            key = MasterKeyFile.Create(path);
            Log.Created(logger, path);
        }
        else if (known is not null && CryptographicOperations.FixedTimeEquals(known, key.CheckValue))
        {
            return key;
        }
        else if (holdsProtected)
        {
            throw new MasterKeyRefusedException(
                $"The key in {path} is not the one the second factors and app passwords in the database {database} were made with. Put back the right key, or the database that belongs to this one.");
        }

        connection.Execute("DELETE FROM protection_key", transaction: transaction);
        connection.Execute(
            "INSERT INTO protection_key (key_id, check_value, created_at) VALUES (@id, @check, @at)",
            new { id = Convert.ToHexStringLower(key.Id), check = key.CheckValue, at = time.GetUtcNow().ToUnixTimeMilliseconds() },
            transaction);
        return key;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.MasterKeyCreated, LogLevel.Information, "A new key for second factors and app passwords was made in {Path}. Keep a copy of it apart from the database's backups.")]
        public static partial void Created(ILogger logger, string path);
    }
}
