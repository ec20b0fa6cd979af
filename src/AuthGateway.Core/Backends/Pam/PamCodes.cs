namespace AuthGateway.Core.Backends.Pam;

/// <summary>Return values of Linux-PAM that mean something to us (<c>_pam_types.h</c>).</summary>
internal static class PamCodes
{
    public const int Success = 0;
    public const int PermissionDenied = 6;
    public const int AuthenticationError = 7;
    public const int UserUnknown = 10;
    public const int MaxTries = 11;
    public const int NewPasswordRequired = 12;
    public const int AccountExpired = 13;
    public const int ConversationError = 19;
    public const int PasswordExpired = 27;
}

/// <summary>The phases of a check.</summary>
internal static class PamPhases
{
    public const string Start = "start";
    public const string Authenticate = "authenticate";
    public const string Account = "account";
}
