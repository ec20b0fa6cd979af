namespace AuthGateway.Core.Audit;

/// <summary>Kinds of audit records: stable words.</summary>
public static class AuditEvents
{
    /// <summary>A login was accepted by a backend.</summary>
    public const string SignIn = "sign-in";

    /// <summary>A request was refused.</summary>
    public const string Refusal = "refusal";

    /// <summary>An account or address reached its limit.</summary>
    public const string Lockout = "lockout";

    /// <summary>An address reached its limit by trying many names: somebody looks for anybody with a certain password.</summary>
    public const string Spray = "spray";

    /// <summary>A second factor was enrolled, removed or reset.</summary>
    public const string Factor = "factor";

    /// <summary>A password was changed, or its change refused.</summary>
    public const string Password = "password";

    /// <summary>A session was signed out or revoked, or ended with its account.</summary>
    public const string Session = "session";

    /// <summary>A token handed to an upstream was found good.</summary>
    public const string Verification = "verification";

    /// <summary>An administrator changed something.</summary>
    public const string Administration = "administration";

    /// <summary>The configuration was loaded or refused.</summary>
    public const string Configuration = "configuration";

    /// <summary>A tunnel was refused, or is open again after that.</summary>
    public const string Tunnel = "tunnel";
}

/// <summary>Who acted for the user a record is about.</summary>
/// <param name="Identity">Key of his identity, or null when nobody knows the name he gave.</param>
/// <param name="Login">His login, or the name he gave.</param>
public sealed record AuditActor(string? Identity, string Login);

/// <summary>One line of the audit trail: who, from where, what, verdict, why. Strings are escaped when they are shown, never when kept.</summary>
public sealed record AuditRecord
{
    /// <summary>Row number, given by the store; 0 before.</summary>
    public long Id { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>One of <see cref="AuditEvents"/>.</summary>
    public required string Event { get; init; }

    /// <summary>Stable reason word (<see cref="Policies.VerdictReason"/> codes for requests).</summary>
    public required string Reason { get; init; }

    /// <summary>Verdict word: allow, deny, challenge, unavailable; done for administration.</summary>
    public required string Verdict { get; init; }

    /// <summary>The request's own id.</summary>
    public string? RequestId { get; init; }

    /// <summary>The name as typed, at most 256 characters; null when none was.</summary>
    public string? TypedName { get; init; }

    /// <summary>Key of the identity found, or null.</summary>
    public string? Identity { get; init; }

    /// <summary>How people call and reach this user; null when his backend does not say, or said it too long ago.</summary>
    public AuditContact? Contact { get; init; }

    /// <summary>Who acted for the user named above; null where everybody acted for himself.</summary>
    public AuditActor? ActedBy { get; init; }

    /// <summary>Client address.</summary>
    public string? Address { get; init; }

    /// <summary>Host asked for.</summary>
    public string? Host { get; init; }

    /// <summary>Service, or null when none matched.</summary>
    public string? Service { get; init; }

    /// <summary>Rule and policy, as <c>rule 1 → phones</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>HTTP method.</summary>
    public string? Method { get; init; }

    /// <summary>Canonical path, at most 256 characters; never the query.</summary>
    public string? Path { get; init; }

    /// <summary>ActiveSync command.</summary>
    public string? Command { get; init; }

    /// <summary>Canonical ActiveSync device id.</summary>
    public string? DeviceId { get; init; }

    /// <summary>SHA-256 thumbprint of the device certificate.</summary>
    public string? Certificate { get; init; }

    /// <summary>Owner named by the certificate.</summary>
    public string? CertificateOwner { get; init; }

    /// <summary>Factors proven.</summary>
    public string? Factors { get; init; }

    /// <summary>User-Agent, at most 256 characters.</summary>
    public string? UserAgent { get; init; }

    /// <summary>One sentence more, without secrets.</summary>
    public string? Detail { get; init; }

    /// <summary>How many equal events this record stands for.</summary>
    public int Count { get; init; } = 1;
}

/// <summary>What to look for in the audit trail; null fields match everything.</summary>
public sealed record AuditQuery
{
    /// <summary>Typed name or identity key, of the user or of who acted for him, or the user's mail address; compared without case.</summary>
    public string? User { get; init; }

    /// <summary>Client address.</summary>
    public string? Address { get; init; }

    /// <summary>Reason word.</summary>
    public string? Reason { get; init; }

    /// <summary>Event word.</summary>
    public string? Event { get; init; }

    /// <summary>Service name.</summary>
    public string? Service { get; init; }

    /// <summary>Request id.</summary>
    public string? RequestId { get; init; }

    /// <summary>Canonical ActiveSync device id or certificate thumbprint.</summary>
    public string? Device { get; init; }

    /// <summary>Not before.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Most records, newest first; 1 to 10,000.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>Where audit records are kept. Append is durable when it returns.</summary>
public interface IAuditStore
{
    /// <summary>Writes all records in one transaction.</summary>
    ValueTask AppendAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken);

    /// <summary>Finds records, newest first.</summary>
    ValueTask<IReadOnlyList<AuditRecord>> SearchAsync(AuditQuery query, CancellationToken cancellationToken);

    /// <summary>Removes records older than the time; returns how many.</summary>
    ValueTask<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
