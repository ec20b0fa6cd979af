using System.Collections.Frozen;

namespace AuthGateway.Core.Policies;

/// <summary>
/// Why a request was refused or admitted: a stable word, the same in audit, metrics, <c>explain</c>, helpdesk and docs.
/// Words are added, never renamed.
/// </summary>
public sealed class VerdictReason
{
    private VerdictReason(string code, int status, string meaning)
    {
        Code = code;
        Status = status;
        Meaning = meaning;
    }

    /// <summary>The stable word.</summary>
    public string Code { get; }

    /// <summary>The HTTP status a client is told unless its responder knows better.</summary>
    public int Status { get; }

    /// <summary>One sentence for administrators and helpdesk.</summary>
    public string Meaning { get; }

    /// <inheritdoc />
    public override string ToString() => Code;

    // edge
    /// <summary>The request's framing or target was ambiguous.</summary>
    public static readonly VerdictReason BadRequest = new("bad-request", 400, "The request was ambiguous or malformed; nothing was forwarded.");
    /// <summary>SNI and Host disagree.</summary>
    public static readonly VerdictReason Misdirected = new("misdirected", 421, "The TLS handshake named another host than the request.");
    /// <summary>Nobody publishes this host or path.</summary>
    public static readonly VerdictReason NoService = new("no-service", 404, "No service is published under this host and path.");
    /// <summary>The path is published by nobody on purpose.</summary>
    public static readonly VerdictReason ClosedPath = new("closed-path", 403, "The service's preset or configuration closes this path.");
    /// <summary>The method is not on the service's list.</summary>
    public static readonly VerdictReason MethodNotAllowed = new("method-not-allowed", 405, "The service does not take this method.");
    /// <summary>A page of another site asked for a WebSocket.</summary>
    public static readonly VerdictReason ForeignOrigin = new("foreign-origin", 403, "A page of another site tried to open a WebSocket.");
    /// <summary>A DAV request would walk a whole tree.</summary>
    public static readonly VerdictReason DepthNotAllowed = new("depth-not-allowed", 403, "PROPFIND is taken with Depth 0 or 1 only.");
    /// <summary>COPY or MOVE would lead out of the service or to another rule.</summary>
    public static readonly VerdictReason DestinationNotAllowed = new("destination-not-allowed", 403, "The Destination leads to another host, service or rule than the request.");
    /// <summary>The body is larger than the service takes.</summary>
    public static readonly VerdictReason BodyTooLarge = new("body-too-large", 413, "The request body is larger than the service takes.");
    /// <summary>The ActiveSync query is not in canonical form.</summary>
    public static readonly VerdictReason ActiveSyncQuery = new("activesync-query", 400, "The ActiveSync query is not in the one form every server reads alike.");
    /// <summary>The forwarded address cannot be read.</summary>
    public static readonly VerdictReason ForwardedAddress = new("forwarded-address", 400, "A trusted forwarder sent an address list that cannot be read.");
    /// <summary>Credentials are never taken on plain HTTP.</summary>
    public static readonly VerdictReason PlainHttp = new("plain-http", 403, "The plain listener only redirects browsers.");

    /// <summary>The gateway answers the path itself.</summary>
    public static readonly VerdictReason Redirected = new("redirected", 301, "The gateway answers this path itself with a redirect.");

    // from where
    /// <summary>No rule of the service matches.</summary>
    public static readonly VerdictReason NoRule = new("no-rule", 403, "No rule of the service matches network, path and method.");
    /// <summary>The rule says deny.</summary>
    public static readonly VerdictReason DeniedByRule = new("denied-by-rule", 403, "The first matching rule denies.");
    /// <summary>The policy asks for another network.</summary>
    public static readonly VerdictReason AddressNotAllowed = new("address-not-allowed", 403, "The client address is outside the networks of the policy.");

    // device
    /// <summary>The policy asks for a device certificate and none came.</summary>
    public static readonly VerdictReason NoDeviceCertificate = new("no-device-certificate", 403, "The client showed no device certificate.");
    /// <summary>The certificate does not chain to a device authority.</summary>
    public static readonly VerdictReason DeviceUnknownAuthority = new("device-unknown-authority", 403, "The certificate was not issued by a device authority.");
    /// <summary>The certificate is past its end.</summary>
    public static readonly VerdictReason DeviceExpired = new("device-expired", 403, "The device certificate has expired.");
    /// <summary>The certificate is before its start.</summary>
    public static readonly VerdictReason DeviceNotYetValid = new("device-not-yet-valid", 403, "The device certificate is not valid yet.");
    /// <summary>The certificate is on the revocation list.</summary>
    public static readonly VerdictReason DeviceRevoked = new("device-revoked", 403, "The device certificate has been revoked.");
    /// <summary>The revocation list is too old to trust.</summary>
    public static readonly VerdictReason DeviceRevocationUnknown = new("device-revocation-unknown", 403, "The revocation list is out of date; until it is renewed no certificate of this authority is taken.");
    /// <summary>Key usage, key size, signature or CA flag are not those of a device.</summary>
    public static readonly VerdictReason DeviceUnsuitable = new("device-unsuitable", 403, "The certificate is not one for a client device (usage, key, signature or CA flag).");
    /// <summary>The configured name is missing or there are several.</summary>
    public static readonly VerdictReason DeviceNoOwner = new("device-no-owner", 403, "The certificate names no single owner in the configured field.");
    /// <summary>The TLS handshake failed on a host that asks for certificates.</summary>
    public static readonly VerdictReason HandshakeFailed = new("handshake-failed", 403, "The TLS handshake failed on a host that asks for a certificate: the client broke off, or its certificate was forged.");
    /// <summary>The owner's mail address or principal name lies outside the authority's domains.</summary>
    public static readonly VerdictReason CertificateDomain = new("certificate-domain", 403, "The certificate names somebody outside the domains its authority may speak for.");
    /// <summary>Certificate and login name different people.</summary>
    public static readonly VerdictReason IdentityMismatch = new("identity-mismatch", 403, "Certificate, header, session and login do not all name one person.");
    /// <summary>The ActiveSync query names another user.</summary>
    public static readonly VerdictReason ActiveSyncUser = new("activesync-user", 403, "The ActiveSync query names another user than the login.");

    // login
    /// <summary>No credentials yet.</summary>
    public static readonly VerdictReason CredentialsMissing = new("credentials-missing", 401, "The request carried no credentials.");
    /// <summary>Credentials of a kind the service does not take.</summary>
    public static readonly VerdictReason CredentialsScheme = new("credentials-scheme", 401, "The credentials are of a kind the service does not take.");
    /// <summary>The Authorization header cannot be read.</summary>
    public static readonly VerdictReason CredentialsMalformed = new("credentials-malformed", 400, "The Authorization header cannot be read.");
    /// <summary>A backend knows the user and refused the secret.</summary>
    public static readonly VerdictReason WrongPassword = new("wrong-password", 401, "A backend knows the user and refused the password.");
    /// <summary>The password was empty; no backend was asked.</summary>
    public static readonly VerdictReason EmptyPassword = new("empty-password", 401, "The password was empty; no backend was asked.");
    /// <summary>No backend knows the user.</summary>
    public static readonly VerdictReason UnknownUser = new("unknown-user", 401, "No backend knows this user.");
    /// <summary>The password was right, but the account may not log in.</summary>
    public static readonly VerdictReason AccountState = new("account-state", 401, "The account may not log in: disabled, expired, locked, outside its hours or computers, or its password expired or must be changed.");
    /// <summary>The account's counter is at its limit.</summary>
    public static readonly VerdictReason AccountLocked = new("account-locked", 401, "Too many failures for this account; it is locked for a while.");
    /// <summary>One more failure would bring the user near the lock of his directory.</summary>
    public static readonly VerdictReason DirectoryBudget = new("directory-budget", 401, "Wrong passwords were forwarded until the directory is near its own lock of this account; none is forwarded until it has forgotten some.");
    /// <summary>The same wrong password again.</summary>
    public static readonly VerdictReason RepeatedPassword = new("repeated-password", 401, "The same wrong password was sent again; it was counted once and reached no backend again.");
    /// <summary>The address's counter is at its limit.</summary>
    public static readonly VerdictReason AddressLocked = new("address-locked", 429, "Too many failures from this address; it is shut out for a while.");
    /// <summary>A backend could not be asked and nobody else accepted.</summary>
    public static readonly VerdictReason BackendUnavailable = new("backend-unavailable", 503, "A backend could not be asked and no other accepted.");
    /// <summary>The store could not record the attempt.</summary>
    public static readonly VerdictReason StoreUnavailable = new("store-unavailable", 503, "The attempt could not be recorded, so nothing was checked.");
    /// <summary>The Kerberos ticket was not taken.</summary>
    public static readonly VerdictReason TicketRefused = new("ticket-refused", 401, "The Kerberos ticket was not taken: damaged, expired, used before, made for another host, or no ticket at all.");
    /// <summary>The ticket is sound, but of a realm or a kind of principal that is not let in.</summary>
    public static readonly VerdictReason RealmNotAllowed = new("realm-not-allowed", 401, "The ticket belongs to a realm that is not configured, to a service or to a machine.");
    /// <summary>The name in the trusted header cannot be used.</summary>
    public static readonly VerdictReason HeaderNotTrusted = new("header-not-trusted", 403, "A trusted forwarder named the user twice, or by something that is no login name.");
    /// <summary>The name may not be used without a password here.</summary>
    public static readonly VerdictReason NameNotAllowed = new("name-not-allowed", 401, "This name is not one that the service takes without a password from this network.");
    /// <summary>The place asks for the password, and the session was opened without one.</summary>
    public static readonly VerdictReason PasswordNeeded = new("password-needed", 401, "The policy asks for the password, and this session was opened without one.");
    /// <summary>The place demands an app password, and something else was sent.</summary>
    public static readonly VerdictReason AppPasswordNeeded = new("app-password-needed", 401, "The policy demands an app password, and what was sent is none; no backend was shown it.");
    /// <summary>No app password of the user, or somebody else's.</summary>
    public static readonly VerdictReason AppPasswordWrong = new("app-password-wrong", 401, "What was sent is none of the user's app passwords, one of another tag, or one of another user; no backend was shown it.");
    /// <summary>The right app password at the wrong place.</summary>
    public static readonly VerdictReason AppPasswordScope = new("app-password-scope", 401, "The app password is right, but not for this service, network, device or policy, nor for a page.");
    /// <summary>Revoked or expired.</summary>
    public static readonly VerdictReason AppPasswordEnded = new("app-password-ended", 401, "The app password was revoked or has expired.");
    /// <summary>Too many password checks at once.</summary>
    public static readonly VerdictReason Busy = new("busy", 503, "Too many password checks at once.");

    // second factor and session
    /// <summary>The code fits none of the user's factors.</summary>
    public static readonly VerdictReason WrongCode = new("wrong-code", 401, "The code fits none of the user's second factors.");
    /// <summary>The code was right, but used before.</summary>
    public static readonly VerdictReason CodeUsed = new("code-used", 401, "The code was used before; each code of an app and each recovery code is taken once.");
    /// <summary>The counter of wrong codes is at its limit.</summary>
    public static readonly VerdictReason FactorLocked = new("factor-locked", 401, "Too many wrong codes for this user; no code is taken for a while, or until the helpdesk clears the counter.");
    /// <summary>The enrolment of a factor is not open to this user from here.</summary>
    public static readonly VerdictReason EnrolmentNotAllowed = new("enrolment-not-allowed", 403, "A second factor may be enrolled from certain networks or with an enrolment code only.");
    /// <summary>The session is unknown, signed out, revoked or past its end.</summary>
    public static readonly VerdictReason SessionEnded = new("session-ended", 401, "The session was signed out, revoked or is past its end.");
    /// <summary>A form came from another site or without its token.</summary>
    public static readonly VerdictReason ForeignForm = new("foreign-form", 403, "A form came from another site or without its token; nothing was done.");

    // authorization
    /// <summary>More factors are owed than the request can prove.</summary>
    public static readonly VerdictReason FactorsMissing = new("factors-missing", 403, "The policy asks for a factor this request did not prove.");
    /// <summary>The user is in none of the groups the policy asks for.</summary>
    public static readonly VerdictReason NotInGroup = new("not-in-group", 403, "The user is in none of the groups the policy asks for.");
    /// <summary>The user holds none of the roles the policy asks for.</summary>
    public static readonly VerdictReason NotInRole = new("not-in-role", 403, "The user holds none of the roles the policy asks for.");
    /// <summary>The user's backend is not asked for this service, or his groups do not open it.</summary>
    public static readonly VerdictReason UsageContext = new("usage-context", 403, "The user's backend is not asked for this service, or the user's groups do not open it.");
    /// <summary>The user may not act for the one he names, or nobody knows that one.</summary>
    public static readonly VerdictReason ActForDenied = new("act-for-denied", 403, "The user may not act for the one he named: no right on this service from here, another domain, an equal or higher rank, himself, or a user who is unknown or cannot log in.");
    /// <summary>Every requirement is met.</summary>
    public static readonly VerdictReason Allowed = new("allowed", 200, "Every requirement of the policy is met.");

    // forwarding
    /// <summary>A request came to the forwarder unjudged: a fault of ours, and never forwarded.</summary>
    public static readonly VerdictReason Unjudged = new("unjudged", 500, "The request reached the forwarder without a verdict; it was not forwarded.");
    /// <summary>The upstream cannot be reached.</summary>
    public static readonly VerdictReason UpstreamUnavailable = new("upstream-unavailable", 502, "The upstream could not be reached or broke off.");
    /// <summary>The upstream was silent for longer than the service allows.</summary>
    public static readonly VerdictReason UpstreamTimeout = new("upstream-timeout", 504, "The upstream was silent for longer than the service allows.");
    /// <summary>A body had to be collected and could not be held.</summary>
    public static readonly VerdictReason NoRoom = new("no-room", 503, "The body could not be held until its length was known: the disk failed, or too many large bodies came at once.");
    /// <summary>The upstream refused credentials we had verified.</summary>
    public static readonly VerdictReason UpstreamRefused = new("upstream-refused-login", 401, "The upstream refused a login the gateway had verified; the two directories disagree.");

    /// <summary>Every reason by its code, for docs, <c>explain</c> and the audit search.</summary>
    public static FrozenDictionary<string, VerdictReason> All { get; } = typeof(VerdictReason)
        .GetFields(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)
        .Where(field => field.FieldType == typeof(VerdictReason))
        .Select(field => (VerdictReason)field.GetValue(null)!)
        .ToFrozenDictionary(reason => reason.Code, StringComparer.Ordinal);
}
