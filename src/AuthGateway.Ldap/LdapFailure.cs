namespace AuthGateway.Ldap;

/// <summary>Why the directory gave no answer. A refusal with a result code is an answer, not a failure.</summary>
public enum LdapFailure
{
    /// <summary>No TCP connection: name unknown, refused, unreachable.</summary>
    ConnectFailed,

    /// <summary>The handshake failed, or the certificate has the wrong name, issuer, dates or pinned hash.</summary>
    TlsFailed,

    /// <summary>The server would not start TLS. Nothing but that one request was sent.</summary>
    StartTlsRefused,

    /// <summary>The connection ended (closed, reset, notice of disconnection, silence) with the operation outstanding.</summary>
    ConnectionLost,

    /// <summary>The server broke the protocol or one of our bounds; what it said is not to be trusted.</summary>
    ProtocolError,

    /// <summary>No complete answer within the time of <see cref="LdapLimits"/>.</summary>
    Timeout,

    /// <summary>The pool's own service account could not bind; <see cref="LdapException.ResultCode"/> says why.</summary>
    ServiceBindRefused,
}
