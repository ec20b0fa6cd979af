using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Login;

/// <summary>What came of a login.</summary>
public abstract record LoginResult
{
    private LoginResult()
    {
    }

    /// <summary>The password is right. Whether that is enough is the policy's to say.</summary>
    /// <param name="Identity">Who it is.</param>
    /// <param name="Attempt">To be completed or released once that is said.</param>
    /// <param name="FromCache">True when it was proven a short while ago and no backend was asked now.</param>
    /// <param name="Slot">Shared by every result of the same credentials while they are cached.</param>
    public sealed record Proven(UserIdentity Identity, Attempt Attempt, bool FromCache, CredentialSlot Slot) : LoginResult
    {
        /// <summary>What the directory said about the password beside yes, or null.</summary>
        public PasswordNotice? Notice { get; init; }

        /// <summary>What the secret was: the account's password, or an app password.</summary>
        public FactorSet Proves { get; init; } = FactorSet.Password;

        /// <summary>The app password that was sent, or null.</summary>
        public AppPasswords.AppPasswordProof? AppPassword { get; init; }
    }

    /// <summary>Refused. Every reason looks alike to the client, in time as well.</summary>
    /// <param name="Reason">The true reason, for audit and helpdesk.</param>
    /// <param name="Known">Whom a backend knows under the name; null for nobody.</param>
    /// <param name="Detail">What the backends said, in one line.</param>
    public sealed record Refused(VerdictReason Reason, UserIdentity? Known, string Detail) : LoginResult
    {
        /// <summary>
        /// The account's state, as a word of <see cref="Backends.AccountStates"/>, when the password was right: its owner may be told. Null for every other
        /// refusal, and for a state that proves nothing.
        /// </summary>
        public string? ProvenState { get; init; }

        /// <summary>True when a new password ends that state.</summary>
        public bool CanChangePassword { get; init; }
    }

    /// <summary>Our side could not judge; told as 503.</summary>
    /// <param name="Reason">Which part of it.</param>
    /// <param name="Detail">What failed, without secrets.</param>
    public sealed record Unavailable(VerdictReason Reason, string Detail) : LoginResult;
}

/// <summary>A place where the caller keeps something for as long as credentials are cached, such as a tally of their uses.</summary>
public sealed class CredentialSlot
{
    private object? _tag;

    /// <summary>What is kept; null at first.</summary>
    public object? Tag
    {
        get => Volatile.Read(ref _tag);
        set => Volatile.Write(ref _tag, value);
    }

    /// <summary>Keeps <paramref name="tag"/> unless something is kept already; returns what is kept.</summary>
    public object TagOnce(object tag) => Interlocked.CompareExchange(ref _tag, tag, null) ?? tag;
}
