namespace AuthGateway.Ldap;

/// <summary>Result codes of RFC 4511, appendix A. A server may send others; any integer is a valid value.</summary>
public enum LdapResultCode
{
    Success = 0,
    OperationsError = 1,
    ProtocolError = 2,
    TimeLimitExceeded = 3,

    /// <summary>More entries match than were allowed; those returned are valid.</summary>
    SizeLimitExceeded = 4,
    AuthMethodNotSupported = 7,

    /// <summary>The server wants TLS first (Active Directory: "Transport encryption required").</summary>
    StrongerAuthRequired = 8,
    Referral = 10,
    AdminLimitExceeded = 11,
    UnavailableCriticalExtension = 12,
    ConfidentialityRequired = 13,
    NoSuchAttribute = 16,
    UndefinedAttributeType = 17,
    InappropriateMatching = 18,
    ConstraintViolation = 19,
    InvalidAttributeSyntax = 21,
    NoSuchObject = 32,
    InvalidDnSyntax = 34,
    InappropriateAuthentication = 48,

    /// <summary>Wrong password, or no such account: directories do not tell which.</summary>
    InvalidCredentials = 49,
    InsufficientAccessRights = 50,
    Busy = 51,
    Unavailable = 52,
    UnwillingToPerform = 53,
    Other = 80,
}
