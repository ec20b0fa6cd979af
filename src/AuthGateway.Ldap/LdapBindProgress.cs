namespace AuthGateway.Ldap;

/// <summary>How far a user's bind came, kept current while it runs: whoever loses its answer can tell whether the directory may have counted it.</summary>
public sealed class LdapBindProgress
{
    /// <summary>True once the whole request may have left: from then on a second one would be a second attempt.</summary>
    public bool IsSent { get; internal set; }

    /// <summary>True once the directory has answered yes.</summary>
    public bool HasSucceeded { get; internal set; }

    /// <summary>True when the directory can have counted no failure: it saw no bind, or the bind was right.</summary>
    public bool NothingCounted => !IsSent || HasSucceeded;
}
