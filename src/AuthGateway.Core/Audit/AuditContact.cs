using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Audit;

/// <summary>Who the user of a record is to people, as his backend said it then. Texts of a directory: kept as they are, escaped when they are shown.</summary>
/// <param name="DisplayName">Name for people, or null; at most 256 characters.</param>
/// <param name="Mail">Mail address, or null; at most 256 characters.</param>
/// <param name="Phone">Telephone number, or null; at most 256 characters.</param>
public sealed record AuditContact(string? DisplayName, string? Mail, string? Phone)
{
    /// <summary>When the backend said so; null where it keeps nothing that could grow old. Not kept: what is older than <c>Login:ContactMaxAge</c> is not written at all.</summary>
    internal DateTimeOffset? AsOf { get; init; }

    /// <summary>What a backend says of a user; null when it says nothing, or nobody is known.</summary>
    public static AuditContact? Of(UserIdentity? user) =>
        user is null or { DisplayName: null, Mail: null, Phone: null } ? null : new AuditContact(user.DisplayName, user.Mail, user.Phone) { AsOf = user.AsOf };
}
