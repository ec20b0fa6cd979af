using System.Collections.Concurrent;
using System.Text;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Backends;

/// <summary>A directory of people whose passwords and states tests change, and which takes new passwords and is asked again about them.</summary>
internal sealed class PeopleBackend(string name) : IBackend, IPasswordChanger, IAccountRefresher
{
    public string Name => name;

    public ConcurrentDictionary<string, Person> People { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>True while nobody answers.</summary>
    public bool IsDown { get; set; }

    /// <summary>What a new password is answered with instead of being taken.</summary>
    public PasswordChange? Answer { get; set; }

    /// <summary>Told before every refresh is answered.</summary>
    public Func<UserIdentity, Task>? Asked { get; set; }

    /// <summary>Ids of those asked about again, in order.</summary>
    public ConcurrentQueue<string> Refreshed { get; } = [];

    /// <summary>Done while a password is being looked at.</summary>
    public Func<Task>? Verified { get; set; }

    public int Changes { get; private set; }

    public Person Add(string login, string password, params string[] groups) =>
        People[login] = new Person { Identity = new UserIdentity(name, $"id-{login}", login, $"{login}@example.com", login.ToUpperInvariant(), groups, []), Password = password };

    public ValueTask<BackendLookup> FindAsync(UserName typed, CancellationToken cancellationToken) => new(
        IsDown ? new BackendLookup.Unavailable("down")
        : People.TryGetValue(typed.Text, out var person) ? new BackendLookup.Found(person.Identity, person) { State = person.State }
        : new BackendLookup.UnknownUser());

    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        var person = (Person)user.Handle;
        if (Verified is not null)
        {
            await Verified();
        }

        return IsDown ? new BackendAnswer.Unavailable("down")
            : !person.Fits(secret) ? new BackendAnswer.Rejected()
            : person.State is { } state ? new BackendAnswer.AccountState(state, SecretProven: true) { CanChangePassword = state is AccountStates.MustChange or AccountStates.PasswordExpired }
            : new BackendAnswer.Accepted(person.Identity) { Notice = person.Notice };
    }

    public ValueTask<PasswordChange> ChangePasswordAsync(BackendLookup.Found user, Secret oldPassword, Secret newPassword, CancellationToken cancellationToken)
    {
        Changes++;
        var person = (Person)user.Handle;
        if (Answer is not null)
        {
            return new(Answer);
        }

        if (!person.Fits(oldPassword))
        {
            return new(new PasswordChange.WrongPassword());
        }

        (person.Password, person.State, person.Notice) = (Encoding.UTF8.GetString(newPassword.Utf8), null, null);
        return new(new PasswordChange.Changed());
    }

    public async ValueTask<AccountRefresh> RefreshAsync(UserIdentity known, CancellationToken cancellationToken)
    {
        Refreshed.Enqueue(known.ObjectId);
        if (Asked is not null)
        {
            await Asked(known);
        }

        return IsDown ? new AccountRefresh.Unavailable("down")
            : People.Values.FirstOrDefault(person => person.Identity.ObjectId == known.ObjectId) is not { } person ? new AccountRefresh.Gone()
            : person.State is { } state ? new AccountRefresh.Ended(state)
            : new AccountRefresh.Current(person.Identity) { IsStateUnknown = person.IsStateHidden };
    }

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new((string?)null);
}

/// <summary>One entry of <see cref="PeopleBackend"/>.</summary>
internal sealed class Person
{
    public required UserIdentity Identity { get; set; }

    public required string Password { get; set; }

    public string? State { get; set; }

    public PasswordNotice? Notice { get; set; }

    public bool IsStateHidden { get; set; }

    public bool Fits(Secret secret) => Encoding.UTF8.GetString(secret.Utf8) == Password;
}
