using System.Text;
using AuthGateway.Core.Audit;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AuthGateway.Storage.Audit;

/// <summary>The audit trail in SQLite: rows are added and, when they are old, removed; none is ever changed.</summary>
internal sealed class SqliteAuditStore(Database database) : IAuditStore
{
    private const int PruneStep = 5000;
    private const int MaxLimit = 10_000;

    private const string Columns =
        """
        at, event, reason, verdict, request_id, typed_name, typed_name_folded, identity, address, host, service, policy, method, path, command,
            device_id, certificate, certificate_owner, factors, user_agent, detail, repeats, acted_by, acted_by_login, acted_by_login_folded,
            display_name, mail, mail_folded, phone
        """;

    private const string Insert =
        $"""
        INSERT INTO audit_record (
            {Columns})
        VALUES (
            @At, @Event, @Reason, @Verdict, @RequestId, @TypedName, @TypedNameFolded, @Identity, @Address, @Host, @Service, @Policy, @Method, @Path, @Command,
            @DeviceId, @Certificate, @CertificateOwner, @Factors, @UserAgent, @Detail, @Repeats, @ActedBy, @ActedByLogin, @ActedByLoginFolded,
            @DisplayName, @Mail, @MailFolded, @Phone)
        """;

    private const string Select =
        """
        SELECT id AS Id, at AS At, event AS Event, reason AS Reason, verdict AS Verdict, request_id AS RequestId, typed_name AS TypedName, identity AS Identity,
            address AS Address, host AS Host, service AS Service, policy AS Policy, method AS Method, path AS Path, command AS Command,
            device_id AS DeviceId, certificate AS Certificate, certificate_owner AS CertificateOwner, factors AS Factors,
            user_agent AS UserAgent, detail AS Detail, repeats AS Repeats, acted_by AS ActedBy, acted_by_login AS ActedByLogin,
            display_name AS DisplayName, mail AS Mail, phone AS Phone
        FROM audit_record
        """;

    public async ValueTask AppendAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        var rows = records.Select(Row.From).ToList();
        await database.WriteTogetherAsync((connection, transaction) => connection.Execute(Insert, rows, transaction), cancellationToken);
    }

    /// <summary>Lays records ready in a table of the connection's own, which holds nobody up.</summary>
    public static void Stage(IEnumerable<AuditRecord> records, SqliteConnection connection, SqliteTransaction transaction)
    {
        connection.Execute("CREATE TEMP TABLE staged_record AS SELECT * FROM audit_record WHERE 0", transaction: transaction);
        connection.Execute(Insert.Replace("audit_record", "temp.staged_record", StringComparison.Ordinal), records.Select(Row.From), transaction);
    }

    /// <summary>Writes the records laid ready, in the transaction of what they tell of.</summary>
    public static void AppendStaged(SqliteConnection connection, SqliteTransaction transaction) => connection.Execute(
        $"INSERT INTO audit_record ({Columns}) SELECT {Columns} FROM temp.staged_record ORDER BY rowid", transaction: transaction);

    public ValueTask<IReadOnlyList<AuditRecord>> SearchAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder(Select).Append(" WHERE 1 = 1");
        // Only an address finds by address: a user who may write her own into the directory must not turn up under another's login.
        var byMail = query.User?.Contains('@', StringComparison.Ordinal) == true ? " OR mail_folded = @user" : "";
        Add(query.User, $"(typed_name_folded = @user OR lower(identity) = @user OR acted_by_login_folded = @user OR lower(acted_by) = @user{byMail})");
        Add(query.Address, "address = @Address");
        Add(query.Reason, "reason = @Reason");
        Add(query.Event, "event = @Event");
        Add(query.Service, "service = @Service");
        Add(query.RequestId, "request_id = @RequestId");
        Add(query.Device, "(lower(device_id) = @device OR lower(certificate) = @device)");
        Add(query.Since?.ToString(), "at >= @since");
        sql.Append(" ORDER BY id DESC LIMIT @limit");
        var parameters = new
        {
            user = query.User?.ToLowerInvariant(),
            query.Address,
            query.Reason,
            query.Event,
            query.Service,
            query.RequestId,
            device = query.Device?.ToLowerInvariant(),
            since = query.Since?.ToUnixTimeMilliseconds(),
            limit = Math.Clamp(query.Limit, 1, MaxLimit),
        };
        return new(database.Read<IReadOnlyList<AuditRecord>>(
            connection => connection.Query<Row>(sql.ToString(), parameters).Select(row => row.ToRecord()).ToList()));

        void Add(string? value, string condition)
        {
            if (value is not null)
            {
                sql.Append(" AND ").Append(condition);
            }
        }
    }

    public async ValueTask<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        // In steps, so that a year's worth does not hold up a login.
        var removed = 0;
        int step;
        do
        {
            step = await database.WriteAsync(
                connection => connection.Execute(
                    "DELETE FROM audit_record WHERE id IN (SELECT id FROM audit_record WHERE at < @before ORDER BY at LIMIT @PruneStep)",
                    new { before = before.ToUnixTimeMilliseconds(), PruneStep }),
                cancellationToken);
            removed += step;
        }
        while (step == PruneStep);
        return removed;
    }

    private sealed class Row
    {
        public long Id { get; set; }

        public long At { get; set; }

        public string Event { get; set; } = "";

        public string Reason { get; set; } = "";

        public string Verdict { get; set; } = "";

        public string? RequestId { get; set; }

        public string? TypedName { get; set; }

        public string? TypedNameFolded => TypedName?.ToLowerInvariant();

        public string? Identity { get; set; }

        public string? Address { get; set; }

        public string? Host { get; set; }

        public string? Service { get; set; }

        public string? Policy { get; set; }

        public string? Method { get; set; }

        public string? Path { get; set; }

        public string? Command { get; set; }

        public string? DeviceId { get; set; }

        public string? Certificate { get; set; }

        public string? CertificateOwner { get; set; }

        public string? Factors { get; set; }

        public string? UserAgent { get; set; }

        public string? Detail { get; set; }

        public long Repeats { get; set; }

        public string? ActedBy { get; set; }

        public string? ActedByLogin { get; set; }

        public string? ActedByLoginFolded => ActedByLogin?.ToLowerInvariant();

        public string? DisplayName { get; set; }

        public string? Mail { get; set; }

        public string? MailFolded => Mail?.ToLowerInvariant();

        public string? Phone { get; set; }

        public static Row From(AuditRecord record) => new()
        {
            At = record.At.ToUnixTimeMilliseconds(),
            Event = record.Event,
            Reason = record.Reason,
            Verdict = record.Verdict,
            RequestId = record.RequestId,
            TypedName = record.TypedName,
            Identity = record.Identity,
            Address = record.Address,
            Host = record.Host,
            Service = record.Service,
            Policy = record.Policy,
            Method = record.Method,
            Path = record.Path,
            Command = record.Command,
            DeviceId = record.DeviceId,
            Certificate = record.Certificate,
            CertificateOwner = record.CertificateOwner,
            Factors = record.Factors,
            UserAgent = record.UserAgent,
            Detail = record.Detail,
            Repeats = record.Count,
            ActedBy = record.ActedBy?.Identity,
            ActedByLogin = record.ActedBy?.Login,
            DisplayName = record.Contact?.DisplayName,
            Mail = record.Contact?.Mail,
            Phone = record.Contact?.Phone,
        };

        public AuditRecord ToRecord() => new()
        {
            Id = Id,
            At = DateTimeOffset.FromUnixTimeMilliseconds(At),
            Event = Event,
            Reason = Reason,
            Verdict = Verdict,
            RequestId = RequestId,
            TypedName = TypedName,
            Identity = Identity,
            Address = Address,
            Host = Host,
            Service = Service,
            Policy = Policy,
            Method = Method,
            Path = Path,
            Command = Command,
            DeviceId = DeviceId,
            Certificate = Certificate,
            CertificateOwner = CertificateOwner,
            Factors = Factors,
            UserAgent = UserAgent,
            Detail = Detail,
            Count = (int)Repeats,
            ActedBy = ActedByLogin is null ? null : new AuditActor(ActedBy, ActedByLogin),
            Contact = (DisplayName, Mail, Phone) is (null, null, null) ? null : new AuditContact(DisplayName, Mail, Phone),
        };
    }
}
