using System.Text.Json;
using AuthGateway.Core.Identities;

namespace AuthGateway.Storage.Sessions;

/// <summary>An identity as a session keeps it: a shape with a version of its own, so that the domain's type may change without touching rows.</summary>
internal static class KeptIdentity
{
    private const int Current = 1;

    public static string Write(UserIdentity user) => JsonSerializer.Serialize(
        new V1(Current, user.Backend, user.ObjectId, user.Login, user.Mail, user.DisplayName, [.. user.Groups], [.. user.Aliases]));

    /// <summary>Null for what this release did not write.</summary>
    public static UserIdentity? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<V1>(json) is { Version: Current, Backend.Length: > 0, ObjectId.Length: > 0, Login.Length: > 0, Groups: not null, Aliases: not null } kept
                ? new UserIdentity(kept.Backend, kept.ObjectId, kept.Login, kept.Mail, kept.DisplayName, kept.Groups, kept.Aliases)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record V1(int Version, string Backend, string ObjectId, string Login, string? Mail, string? DisplayName, string[] Groups, string[] Aliases);
}
