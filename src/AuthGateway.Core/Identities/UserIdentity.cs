using System.Collections.Frozen;

namespace AuthGateway.Core.Identities;

/// <summary>
/// The user one backend vouched for. Lockout, cache, devices and audit key on <see cref="Key"/>, never on the typed
/// name; identities of different backends never merge.
/// </summary>
public sealed class UserIdentity
{
    /// <summary>Builds an identity; every collection is frozen here, once per login.</summary>
    /// <param name="backend">Name of the backend that vouched.</param>
    /// <param name="objectId">What that backend never reuses: objectGUID, entryUUID, row id.</param>
    /// <param name="login">The login name upstreams are told.</param>
    /// <param name="mail">Mail address, if the backend knows one.</param>
    /// <param name="displayName">Name for people, if the backend knows one.</param>
    /// <param name="groups">Group names and, where the backend has them, group DNs.</param>
    /// <param name="aliases">Other names that mean this user (mail addresses, user principal name); the login is always one.</param>
    public UserIdentity(
        string backend, string objectId, string login, string? mail, string? displayName, IEnumerable<string> groups, IEnumerable<string> aliases)
    {
        Backend = backend;
        ObjectId = objectId;
        Login = login;
        Mail = mail;
        DisplayName = displayName;
        Groups = groups.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        Aliases = aliases.Append(login).Concat(mail is null ? [] : [mail]).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        Key = $"{backend}:{objectId}";
    }

    private UserIdentity(UserIdentity other, DateTimeOffset? at)
    {
        (Backend, ObjectId, Login, Key) = (other.Backend, other.ObjectId, other.Login, other.Key);
        (Mail, DisplayName, Phone) = (other.Mail, other.DisplayName, other.Phone);
        (Groups, Aliases, Roles, UsageContexts, AsOf) = (other.Groups, other.Aliases, other.Roles, other.UsageContexts, at);
    }

    /// <summary>Name of the backend that vouched.</summary>
    public string Backend { get; }

    /// <summary>The backend's immutable id of the object.</summary>
    public string ObjectId { get; }

    /// <summary>The login name upstreams are told.</summary>
    public string Login { get; }

    /// <summary>Mail address, or null.</summary>
    public string? Mail { get; }

    /// <summary>Name for people, or null.</summary>
    public string? DisplayName { get; }

    /// <summary>Telephone number for helpdesk and messages, or null.</summary>
    public string? Phone { get; init; }

    /// <summary>Roles granted by the backend's role mapping, compared without case.</summary>
    public FrozenSet<string> Roles { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Names of the services the user's groups open to him, compared without case; null when the backend limits nobody.</summary>
    public FrozenSet<string>? UsageContexts { get; init; }

    /// <summary>When the backend was last asked about this user; the age of names, groups, roles and contact data. Null when not known.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>
    /// True when the backend was asked again and nobody could read whether the account may still be used; <see cref="AsOf"/> is then when it was last proven.
    /// </summary>
    public bool IsStateUnknown { get; private init; }

    /// <summary>Groups, compared without case.</summary>
    public FrozenSet<string> Groups { get; }

    /// <summary>Every name that means this user, compared without case.</summary>
    public FrozenSet<string> Aliases { get; }

    /// <summary>Backend and object id in one string: the key everything kept about this user hangs on.</summary>
    public string Key { get; }

    /// <summary>The same, said at a time.</summary>
    public UserIdentity At(DateTimeOffset at) => new(this, at);

    /// <summary>The same, last proven at a time and by nobody since.</summary>
    public UserIdentity Unconfirmed(DateTimeOffset? provenAt) => new(this, provenAt) { IsStateUnknown = true };

    /// <summary>True when both say the same about one user; when they were said does not matter.</summary>
    public bool SaysTheSameAs(UserIdentity other) =>
        Key == other.Key
        && Login == other.Login
        && Mail == other.Mail
        && DisplayName == other.DisplayName
        && Phone == other.Phone
        && Groups.SetEquals(other.Groups)
        && Aliases.SetEquals(other.Aliases)
        && Roles.SetEquals(other.Roles)
        && (UsageContexts is null ? other.UsageContexts is null : other.UsageContexts is not null && UsageContexts.SetEquals(other.UsageContexts));

    /// <inheritdoc />
    public override string ToString() => $"{Login} ({Backend})";
}
