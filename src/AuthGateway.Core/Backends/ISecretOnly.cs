namespace AuthGateway.Core.Backends;

/// <summary>
/// A backend that cannot tell whether it has a user before it saw a secret (an external helper): it "finds" any name that has the right form, so it is
/// never asked about somebody who was proven by other means than a password.
/// </summary>
public interface ISecretOnly;
