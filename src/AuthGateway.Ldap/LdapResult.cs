namespace AuthGateway.Ldap;

/// <summary>The end of an operation as the server told it (RFC 4511, 4.1.9). Referrals are neither kept nor followed.</summary>
/// <param name="Code">The result code.</param>
/// <param name="MatchedDn">The nearest existing entry after <see cref="LdapResultCode.NoSuchObject"/>, else mostly empty.</param>
/// <param name="Diagnostic">Text for administrators. Never show it to a user.</param>
public sealed record LdapResult(LdapResultCode Code, string MatchedDn, string Diagnostic)
{
    /// <summary>True for code 0.</summary>
    public bool IsSuccess => Code == LdapResultCode.Success;

    /// <summary>Controls that came with the answer.</summary>
    public IReadOnlyList<LdapControl> Controls { get; init; } = [];
}
