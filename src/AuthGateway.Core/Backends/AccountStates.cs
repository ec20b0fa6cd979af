namespace AuthGateway.Core.Backends;

/// <summary>The stable words of an account state.</summary>
public static class AccountStates
{
    /// <summary>Switched off by an administrator.</summary>
    public const string Disabled = "disabled";

    /// <summary>The account's time is over.</summary>
    public const string Expired = "expired";

    /// <summary>The password is right, and a new one must be set before it serves.</summary>
    public const string MustChange = "must-change";

    /// <summary>The password is right and too old.</summary>
    public const string PasswordExpired = "password-expired";

    /// <summary>Locked after wrong passwords, or by an administrator. Never proves a password.</summary>
    public const string Locked = "locked";

    /// <summary>Outside the hours the directory allows.</summary>
    public const string LogonHours = "logon-hours";

    /// <summary>The directory allows only certain workstations, and the gateway is none of them.</summary>
    public const string Workstation = "workstation";

    /// <summary>
    /// True for what is over at another hour or place: the account stands, so what was proven of it need not be forgotten. Forgetting would show a directory
    /// passwords again that it has refused.
    /// </summary>
    public static bool IsOfTheMoment(string state) => state is LogonHours or Workstation;

    /// <summary>Every word.</summary>
    public static IReadOnlyList<string> All { get; } = [Disabled, Expired, MustChange, PasswordExpired, Locked, LogonHours, Workstation];
}
