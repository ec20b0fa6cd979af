using AuthGateway.Core.Factors.AppPasswords;

namespace AuthGateway.Core.Login.AppPasswords;

/// <summary>The app password behind a login.</summary>
/// <param name="Password">Which.</param>
public sealed record AppPasswordProof(AppPassword Password);
