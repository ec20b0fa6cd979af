namespace AuthGateway.Core.Services;

/// <summary>What kind of clients a service has; decides how a refusal is told and what is read from the request.</summary>
public enum ServiceKind
{
    /// <summary>Browsers.</summary>
    Web,

    /// <summary>Exchange ActiveSync devices.</summary>
    ActiveSync,

    /// <summary>CalDAV, CardDAV and WebDAV clients.</summary>
    Dav,

    /// <summary>The gateway's own pages.</summary>
    Portal,
}

/// <summary>How people may sign in to a service.</summary>
[Flags]
public enum LoginWays
{
    /// <summary>Nobody signs in.</summary>
    None = 0,

    /// <summary>By the gateway's page, which leaves a session.</summary>
    Form = 1,

    /// <summary>By HTTP Basic with every request.</summary>
    Basic = 2,
}

/// <summary>How an upstream learns who the user is.</summary>
public enum IdentityForwarding
{
    /// <summary>Not at all; the upstream has its own login, or needs none.</summary>
    None,

    /// <summary>By a header the upstream trusts.</summary>
    Header,

    /// <summary>By the Basic credentials the gateway has just verified.</summary>
    Basic,

    /// <summary>By header and by Basic: what SOGo needs when it trusts the header but logs in to IMAP with the password.</summary>
    HeaderAndBasic,

    /// <summary>By Basic with the login and a token in place of the password, which the upstream has the gateway verify.</summary>
    Token,

    /// <summary>By header, and by Basic with such a token.</summary>
    HeaderAndToken,
}
