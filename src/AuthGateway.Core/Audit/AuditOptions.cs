using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Audit;

/// <summary>The audit trail.</summary>
public sealed class AuditOptions
{
    /// <summary>Days a record is kept.</summary>
    [Range(1, 3650)]
    public int RetainDays { get; set; } = 400;
}
