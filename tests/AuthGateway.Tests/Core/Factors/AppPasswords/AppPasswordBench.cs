using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Factors.AppPasswords;

/// <summary>App passwords in memory, made as the command line makes them.</summary>
internal sealed class AppPasswordBench
{
    private readonly TimeProvider _clock;
    private int _made;

    public AppPasswordBench(TimeProvider clock)
    {
        _clock = clock;
        Live = new LiveAppPasswords(Store, () => Key, clock, NullLogger<LiveAppPasswords>.Instance);
    }

    public AppPasswordKey Key { get; } = new(Enumerable.Range(0, AppPasswordKey.Length).Select(i => (byte)i).ToArray());

    public InMemoryAppPasswordStore Store { get; } = new();

    public LiveAppPasswords Live { get; }

    public AppPasswordFlow Flow(LoginFlow login, LockoutGuard guard) => new(Live, login, guard, _clock, NullLogger<AppPasswordFlow>.Instance);

    /// <summary>Makes one for DAV, or as changed; returns the secret.</summary>
    public async Task<string> AddAsync(UserIdentity owner, string tag = "phone", Func<AppPasswordRecord, AppPasswordRecord>? change = null)
    {
        var shown = AppPasswordSecret.New();
        var record = Record(owner, tag, shown);
        (await Store.AddAsync(Key.Seal(change is null ? record : change(record)), LiveAppPasswords.PerUser, _clock.GetUtcNow(), default)).ShouldBe(AppPasswordAdding.Added);
        await Live.RefreshAsync(default);
        return shown;
    }

    /// <summary>Revokes by tag, as another process does.</summary>
    public async Task RevokeAsync(string tag)
    {
        var ids = (await Store.ListAsync(default)).Where(one => one.Tag == tag).Select(one => one.Id).ToArray();
        (await Store.EndAsync(ids, _clock.GetUtcNow(), default)).ShouldBe(ids.Length);
        await Live.RefreshAsync(default);
    }

    public AppPasswordRecord Record(UserIdentity owner, string tag, string shown)
    {
        Key.TryDigest(Secret.FromText(shown), out var digest).ShouldBeTrue();
        return new AppPasswordRecord
        {
            Id = $"p{++_made}", Digest = digest, IdentityKey = owner.Key, Login = owner.Login, Tag = tag, For = [AppPasswordClass.Dav], CreatedAt = _clock.GetUtcNow(),
        };
    }
}
