using AuthGateway.Core.Factors.Enrolment;
using Dapper;

namespace AuthGateway.Storage.Factors;

/// <summary>Enrolment codes in SQLite, as hashes.</summary>
internal sealed class SqliteEnrolmentCodeStore(Database database) : IEnrolmentCodeStore
{
    private const string Fits = "name_folded IN @namesFolded AND hash = @hash AND expires_at > @now";

    public async ValueTask PutAsync(string nameFolded, byte[] hash, DateTimeOffset expiresAt, CancellationToken cancellationToken) => await database.WriteAsync(
        connection => connection.Execute(
            """
            INSERT INTO enrolment_code (name_folded, hash, expires_at) VALUES (@nameFolded, @hash, @until)
            ON CONFLICT (name_folded) DO UPDATE SET hash = @hash, expires_at = @until
            """,
            new { nameFolded, hash, until = expiresAt.ToUnixTimeMilliseconds() }),
        cancellationToken);

    public ValueTask<bool> ExistsAsync(IReadOnlyCollection<string> namesFolded, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken) => new(database.Read(
        connection => connection.ExecuteScalar<long>($"SELECT COUNT(*) FROM enrolment_code WHERE {Fits}", Question(namesFolded, hash, now)) > 0));

    public ValueTask<bool> UseAsync(IReadOnlyCollection<string> namesFolded, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute($"DELETE FROM enrolment_code WHERE {Fits}", Question(namesFolded, hash, now)) > 0, cancellationToken);

    private static object Question(IReadOnlyCollection<string> namesFolded, byte[] hash, DateTimeOffset now) =>
        new { namesFolded, hash, now = now.ToUnixTimeMilliseconds() };
}
