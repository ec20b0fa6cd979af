using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>When the directory says a password was set last: no more than a mark that changes with it.</summary>
internal static class LdapPasswordMark
{
    private const string ActiveDirectory = "pwdLastSet";
    private const string PasswordPolicy = "pwdChangedTime";

    /// <summary>What must be asked for.</summary>
    public static IReadOnlyList<string> Attributes { get; } = [ActiveDirectory, PasswordPolicy];

    /// <summary>The mark; null when the entry shows none.</summary>
    public static string? Read(LdapEntry entry) => entry.GetString(ActiveDirectory) ?? entry.GetString(PasswordPolicy);
}
