using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Login.SignOn;

/// <summary>Something that was given out upon a login and must not outlive what is forgotten of it.</summary>
internal interface IForgetLogins
{
    /// <summary>A user was disabled, revoked or changed.</summary>
    void Forget(string identityKey);

    /// <summary>Something else is known of a user now than before.</summary>
    void ForgetOthersOf(UserIdentity identity);

    /// <summary>The configuration or the accounts have changed.</summary>
    void ForgetAll();
}
