using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>A backend whose checks cost noticeable work, and which can spend that work on names nobody knows: they must not be answered sooner.</summary>
public interface IDummyVerifier
{
    /// <summary>Checks the secret against nobody: <see cref="BackendAnswer.Rejected"/>, or <see cref="BackendAnswer.Busy"/>.</summary>
    ValueTask<BackendAnswer> VerifyDummyAsync(Secret secret, CancellationToken cancellationToken);
}
