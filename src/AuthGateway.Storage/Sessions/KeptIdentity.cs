using System.Collections.Frozen;
using System.Text.Json;
using AuthGateway.Core.Identities;

namespace AuthGateway.Storage.Sessions;

/// <summary>An identity as a session keeps it: a shape with a version of its own, so that the domain's type may change without touching rows.</summary>
internal static class KeptIdentity
{
    private const int Current = 2;

    public static string Write(UserIdentity user) => JsonSerializer.Serialize(
        new V2(Current, user.Backend, user.ObjectId, user.Login, user.Mail, user.DisplayName, [.. user.Groups], [.. user.Aliases])
        {
            Phone = user.Phone,
            Roles = [.. user.Roles],
            UsageContexts = user.UsageContexts is { } contexts ? [.. contexts] : null,
            AsOf = user.AsOf,
        });

    /// <summary>Null for what no release wrote. The first version knew neither roles nor age: its users hold no role, and their backend is asked again at once.</summary>
    public static UserIdentity? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<V2>(json) is { Version: 1 or Current, Backend.Length: > 0, ObjectId.Length: > 0, Login.Length: > 0, Groups: not null, Aliases: not null } kept
                ? new UserIdentity(kept.Backend, kept.ObjectId, kept.Login, kept.Mail, kept.DisplayName, kept.Groups, kept.Aliases)
                {
                    Phone = kept.Phone,
                    Roles = (kept.Roles ?? []).ToFrozenSet(StringComparer.OrdinalIgnoreCase),
                    UsageContexts = kept.UsageContexts?.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
                    AsOf = kept.AsOf,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record V2(int Version, string Backend, string ObjectId, string Login, string? Mail, string? DisplayName, string[] Groups, string[] Aliases)
    {
        public string? Phone { get; init; }

        public string[]? Roles { get; init; }

        public string[]? UsageContexts { get; init; }

        public DateTimeOffset? AsOf { get; init; }
    }
}
