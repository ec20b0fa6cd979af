using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// When an account's state is read again behind the right password, by the user himself on the connection he is bound on: where the search showed a state
/// that a bind should not have passed, and where it was shown none at all. Every other login goes without, for the bind has judged the state by then.
/// </summary>
internal sealed class LdapSecondLook(LdapBackendOptions options)
{
    private readonly bool _isActiveDirectory = LdapDialect.IsActiveDirectory(options);

    /// <summary>True when the entry must have a state and the search user was shown none.</summary>
    public bool IsHidden(LdapEntry entry) => _isActiveDirectory && entry.GetBytes(LdapAccountState.AccountControl) is null;

    /// <summary>What to ask as the user after the bind; null, as nearly always, for nothing.</summary>
    public LdapSearch? Of(LdapAccount account) => (account.State.Account ?? account.State.Password) is not null || IsHidden(account.Entry)
        ? new LdapSearch(account.Entry.Dn, LdapScope.Base, LdapFilter.Present("objectClass")) { Attributes = LdapAccountState.Attributes, SizeLimit = 1 }
        : null;

    /// <summary>The state after the bind: what the user sees of himself, and what only the search user saw as he saw it.</summary>
    /// <param name="account">As the search found it.</param>
    /// <param name="own">The user's own look, or null when there was none.</param>
    /// <param name="now">The time.</param>
    public static LdapAccountState Judge(LdapAccount account, LdapSearchOutcome? own, DateTimeOffset now) =>
        own is { Result.IsSuccess: true, Entries: [var entry] } && LdapDn.AreEqual(entry.Dn, account.Entry.Dn)
            ? LdapAccountState.Read(attribute => entry.GetString(attribute) ?? account.Entry.GetString(attribute), now)
            : account.State;
}
