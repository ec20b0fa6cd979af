using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>Spends what checking a password would cost, for names nobody knows: they must not be answered sooner than known ones.</summary>
public interface IDummyVerifier
{
    /// <summary>Checks the secret against nobody.</summary>
    ValueTask VerifyAsync(Secret secret, CancellationToken cancellationToken);
}
