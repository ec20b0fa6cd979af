using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>A user found: what a later bind, and a look at the groups, need.</summary>
/// <param name="Entry">As the search brought it.</param>
/// <param name="Host">Who has it.</param>
/// <param name="State">What it shows of the account.</param>
/// <param name="IsComplete">True when every group has been read.</param>
internal sealed record LdapAccount(LdapEntry Entry, LdapHost? Host, LdapAccountState State, bool IsComplete);
