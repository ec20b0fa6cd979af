namespace AuthGateway.Core.Login.ActFor;

/// <summary>What the rules say about one user acting for another; the first that applies, in this order.</summary>
public enum ActForAnswer
{
    /// <summary>No answer was given; treated as a refusal.</summary>
    None = 0,

    /// <summary>He may.</summary>
    Allowed = 1,

    /// <summary>He has no right to act for anybody on this service from this network.</summary>
    NoRight,

    /// <summary>Nobody acts for himself.</summary>
    Himself,

    /// <summary>The target belongs to a domain no right of his covers here.</summary>
    OtherDomain,

    /// <summary>The target holds the right to act for others.</summary>
    Holder,

    /// <summary>The target's rank is equal to his or higher.</summary>
    Rank,
}

/// <summary>Words for audit and <c>explain</c>.</summary>
public static class ActForWords
{
    /// <summary>One clause, without names.</summary>
    public static string Of(ActForAnswer answer) => answer switch
    {
        ActForAnswer.Allowed => "may act for this user",
        ActForAnswer.NoRight => "holds no right to act for others on this service from this network",
        ActForAnswer.Himself => "nobody acts for himself",
        ActForAnswer.OtherDomain => "no right covers the target's domain",
        ActForAnswer.Holder => "the target holds the right to act for others",
        ActForAnswer.Rank => "the target's rank is equal or higher",
        _ => "no answer",
    };
}
