using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Login.SignOn;

/// <summary>A name that something other than a password has proven, with what the table in force says about looking it up.</summary>
/// <param name="Chain">The backends of the table the request took.</param>
/// <param name="Generation">Number of that table.</param>
/// <param name="Options">Lifetime of what is found, and the deadline.</param>
/// <param name="Name">The proven name.</param>
/// <param name="Scope">The service.</param>
/// <param name="Way">The proof: one of <see cref="FactorSet.Kerberos"/>, <see cref="FactorSet.Device"/>, <see cref="FactorSet.Network"/>, <see cref="FactorSet.Header"/>.</param>
public readonly record struct SignOnRequest(BackendChain Chain, long Generation, LoginOptions Options, UserName Name, string Scope, FactorSet Way)
{
    /// <summary>The one backend to ask, or null for the chain in order.</summary>
    public string? Backend { get; init; }

    /// <summary>Thumbprint of the certificate that proves the name, or null.</summary>
    public string? Witness { get; init; }

    /// <summary>True for a sign-in by page: the directory is asked now.</summary>
    public bool IsFresh { get; init; }
}
