namespace AuthGateway.Ldap;

/// <summary>An operation came to no answer. The kind is in <see cref="Failure"/>; messages never contain passwords.</summary>
public sealed class LdapException : Exception
{
    /// <summary>Makes an exception of a kind.</summary>
    public LdapException(LdapFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>What went wrong.</summary>
    public LdapFailure Failure { get; }

    /// <summary>The server's result code where it gave one: StartTLS refused, service bind refused, notice of disconnection.</summary>
    public LdapResultCode? ResultCode { get; init; }

    /// <summary>True when a part of the answer (a search entry) had arrived: such an operation is not repeated.</summary>
    public bool AnswerBegan { get; init; }

    /// <summary>True when the request was not sent, at least not whole: no server can have acted on it.</summary>
    public bool NotSent { get; init; }
}
