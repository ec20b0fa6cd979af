using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login.AppPasswords;

/// <summary>The app password behind a login.</summary>
/// <param name="Password">Which.</param>
/// <param name="Account">The counter of its owner, built once.</param>
public sealed record AppPasswordProof(AppPassword Password, LockoutKey Account);
