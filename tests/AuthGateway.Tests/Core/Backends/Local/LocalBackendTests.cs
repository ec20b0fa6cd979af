using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Backends.Local;

public sealed class LocalBackendTests : IDisposable
{
    private static readonly Secret Right = Secret.FromText("right password");
    private static readonly Secret Wrong = Secret.FromText("wrong password");

    private readonly InMemoryLocalAccountStore _store = new();
    private readonly PasswordHasher _hasher = new(iterations: 3);
    private readonly HashLanes _lanes = new(new ManualTimeProvider(), lanes: 2);
    private readonly LocalBackend _backend;

    public LocalBackendTests() => _backend = new LocalBackend("local", _store, _hasher, _lanes, NullLogger<LocalBackend>.Instance);

    public void Dispose() => _lanes.Dispose();

    [Fact]
    public async Task Find_LoginOrMailInAnyCase_IsOneIdentity()
    {
        await Add();

        (await Find("ANNA")).Identity.Key.ShouldBe("local:id1");
        (await Find("Anna@example.org")).Identity.Key.ShouldBe("local:id1");
        (await _backend.FindAsync(Name("bob"), default)).ShouldBeOfType<BackendLookup.UnknownUser>();
    }

    [Fact]
    public async Task Verify_RightOrWrong_SaysSo()
    {
        await Add();

        (await Verify(Right)).ShouldBeOfType<BackendAnswer.Accepted>().Identity.Groups.Contains("mail-users").ShouldBeTrue();
        (await Verify(Wrong)).ShouldBeOfType<BackendAnswer.Rejected>();
    }

    [Fact]
    public async Task Verify_DisabledAccount_IsToldToTheRightPasswordOnly()
    {
        await Add(disabled: true);

        (await Verify(Right)).ShouldBe(new BackendAnswer.AccountState("disabled", SecretProven: true));
        (await Verify(Wrong)).ShouldBeOfType<BackendAnswer.Rejected>();
    }

    [Fact]
    public async Task Verify_OutdatedHash_IsReplacedByTheRightPasswordOnly()
    {
        var old = new PasswordHasher(iterations: 2).Hash(Right);
        await Add(hash: old);

        await Verify(Wrong);
        (await _store.FindAsync("anna", default))!.PasswordHash.ShouldBe(old);
        await Verify(Right);
        (await _store.FindAsync("anna", default))!.PasswordHash.ShouldStartWith("$pbkdf2-sha512$i=3$");
        (await Verify(Right)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task Verify_StoreFailsOnRehash_AcceptsAllTheSame()
    {
        await Add(hash: new PasswordHasher(iterations: 2).Hash(Right));
        var found = await Find("anna");
        _store.IsDown = true;

        (await _backend.VerifyAsync(found, Right, default)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task Find_StoreDown_IsUnavailableAndSoSaysTheProbe()
    {
        (await _backend.ProbeAsync(default)).ShouldBeNull();
        _store.IsDown = true;

        (await _backend.FindAsync(Name("anna"), default)).ShouldBeOfType<BackendLookup.Unavailable>();
        (await _backend.ProbeAsync(default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Verify_EveryLaneTaken_IsBusy()
    {
        await Add();
        var found = await Find("anna");
        var time = new ManualTimeProvider();
        using var lanes = new HashLanes(time, lanes: 1);
        using var gate = new ManualResetEventSlim();
        var backend = new LocalBackend("local", _store, _hasher, lanes, NullLogger<LocalBackend>.Instance);
        var occupied = lanes.RunAsync(() => { gate.Wait(); return 0; }, default).AsTask();
        BackendAnswer[] expected = [new BackendAnswer.Busy(), new BackendAnswer.Busy()];
        var answers = Task.WhenAll(backend.VerifyAsync(found, Right, default).AsTask(), backend.VerifyDummyAsync(Right, default).AsTask());

        time.Advance(HashLanes.LongestWait);
        (await answers).ShouldBe(expected);
        gate.Set();
        await occupied;
    }

    [Fact]
    public async Task VerifyDummy_AnySecret_IsRejected() => (await _backend.VerifyDummyAsync(Right, default)).ShouldBeOfType<BackendAnswer.Rejected>();

    private static UserName Name(string text) => UserName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    private async Task Add(string? hash = null, bool disabled = false) => await _store.AddAsync(
        new LocalAccount("id1", "anna", hash ?? _hasher.Hash(Right), "anna@example.org", null, ["mail-users"], disabled, default), default);

    private async Task<BackendLookup.Found> Find(string name) => (await _backend.FindAsync(Name(name), default)).ShouldBeOfType<BackendLookup.Found>();

    private async Task<BackendAnswer> Verify(Secret secret) => await _backend.VerifyAsync(await Find("anna"), secret, default);
}
