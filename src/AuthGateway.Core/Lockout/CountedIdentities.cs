using System.Collections.Concurrent;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Lockout;

/// <summary>
/// Users whose attempts are counted under another identity than they are proven as: a backend that reads its users only after the password is accepted
/// (<c>UserDnTemplate</c>) can count before that only by what was typed. In memory, written by every accepted password.
/// </summary>
internal sealed class CountedIdentities
{
    private const int Most = 50_000;

    private readonly ConcurrentDictionary<string, UserIdentity> _counted = new(StringComparer.Ordinal);

    /// <summary>Notes under whom a user who is proven was counted.</summary>
    public void Note(UserIdentity proven, UserIdentity counted)
    {
        if (string.Equals(proven.Key, counted.Key, StringComparison.Ordinal))
        {
            return;
        }

        if (_counted.Count >= Most)
        {
            // Whoever is forgotten here is noted again with his next password.
            _counted.Clear();
        }

        _counted[proven.Key] = counted;
    }

    /// <summary>Under whom a user is counted: mostly himself.</summary>
    public UserIdentity Of(UserIdentity user) => Find(user.Key) ?? user;

    /// <summary>The same by <see cref="UserIdentity.Key"/>; null for himself.</summary>
    public UserIdentity? Find(string identityKey) => _counted.GetValueOrDefault(identityKey);
}
