using AuthGateway.Core.Factors.RecoveryCodes;
using Dapper;

namespace AuthGateway.Storage.Factors;

/// <summary>Recovery codes in SQLite. A used one stays until its set is replaced, but is never found again.</summary>
internal sealed class SqliteRecoveryCodeStore(Database database) : IRecoveryCodeStore
{
    public async ValueTask ReplaceAsync(string identityKey, IReadOnlyList<RecoveryCodeHash> codes, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.WriteTogetherAsync(
            (connection, transaction) =>
            {
                connection.Execute("DELETE FROM recovery_code WHERE identity_key = @identityKey", new { identityKey }, transaction);
                return connection.Execute(
                    "INSERT INTO recovery_code (identity_key, code_index, hash, created_at) VALUES (@identityKey, @Index, @Hash, @at)",
                    codes.Select(code => new { identityKey, code.Index, code.Hash, at = now.ToUnixTimeMilliseconds() }),
                    transaction);
            },
            cancellationToken);

    public ValueTask<RecoveryCodeHash?> FindAsync(string identityKey, string index, CancellationToken cancellationToken)
    {
        var hash = database.Read(connection => connection.ExecuteScalar<string?>(
            "SELECT hash FROM recovery_code WHERE identity_key = @identityKey AND code_index = @index AND used_at IS NULL", new { identityKey, index }));
        return new(hash is null ? null : new RecoveryCodeHash(index, hash));
    }

    public ValueTask<bool> UseAsync(string identityKey, RecoveryCodeHash code, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute(
            "UPDATE recovery_code SET used_at = @now WHERE identity_key = @identityKey AND code_index = @Index AND hash = @Hash AND used_at IS NULL",
            new { identityKey, code.Index, code.Hash, now = now.ToUnixTimeMilliseconds() }) == 1,
        cancellationToken);

    public ValueTask<int> CountAsync(string identityKey, CancellationToken cancellationToken) => new(database.Read(connection => connection.ExecuteScalar<int>(
        "SELECT COUNT(*) FROM recovery_code WHERE identity_key = @identityKey AND used_at IS NULL", new { identityKey })));
}
