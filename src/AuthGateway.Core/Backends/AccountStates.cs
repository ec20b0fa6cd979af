namespace AuthGateway.Core.Backends;

/// <summary>The stable words of an account state.</summary>
public static class AccountStates
{
    public const string Disabled = "disabled";
    public const string Expired = "expired";
    public const string MustChange = "must-change";
    public const string PasswordExpired = "password-expired";
    public const string Locked = "locked";
}
