namespace AuthGateway.Core.Policies;

/// <summary>Proofs of who somebody is, as a set.</summary>
[Flags]
public enum Factors
{
    /// <summary>Nothing proven.</summary>
    None = 0,

    /// <summary>The account's password, checked by a backend.</summary>
    Password = 1,

    /// <summary>A certificate of a registered device whose owner is the login.</summary>
    Device = 2,
}
