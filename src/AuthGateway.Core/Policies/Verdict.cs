namespace AuthGateway.Core.Policies;

/// <summary>What kind of answer a stage gives. <see cref="None"/> is the default value and never means yes.</summary>
public enum VerdictKind
{
    /// <summary>No answer was given; treated as a refusal.</summary>
    None = 0,

    /// <summary>Nothing to object; the next stage judges.</summary>
    Continue,

    /// <summary>Forward. Only the last stage says so.</summary>
    Allow,

    /// <summary>Credentials are wanted; the client is told how to send them.</summary>
    Challenge,

    /// <summary>Refused.</summary>
    Deny,

    /// <summary>Our side could not judge; refused, and nobody's failure.</summary>
    Unavailable,

    /// <summary>The gateway answers itself: the client is sent to another path of the same host.</summary>
    Redirect,
}

/// <summary>The answer of one stage, with the reason for every answer that ends the judging.</summary>
public readonly record struct Verdict(VerdictKind Kind, VerdictReason? Reason)
{
    /// <summary>Nothing to object.</summary>
    public static Verdict Continue => new(VerdictKind.Continue, null);

    /// <summary>Forward.</summary>
    public static Verdict Allow => new(VerdictKind.Allow, VerdictReason.Allowed);

    /// <summary>Credentials are wanted.</summary>
    public static Verdict Challenge(VerdictReason reason) => new(VerdictKind.Challenge, reason);

    /// <summary>Refused.</summary>
    public static Verdict Deny(VerdictReason reason) => new(VerdictKind.Deny, reason);

    /// <summary>Sent elsewhere by the gateway itself.</summary>
    public static Verdict Redirect => new(VerdictKind.Redirect, VerdictReason.Redirected);

    /// <summary>Our side could not judge.</summary>
    public static Verdict Unavailable(VerdictReason reason) => new(VerdictKind.Unavailable, reason);
}
