using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Backends.Local;

public sealed class LocalBackendTests : IDisposable
{
    private const string Seventy = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    private const string LongBcrypt = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";

    private static readonly Secret Right = Secret.FromText("right password");
    private static readonly Secret Wrong = Secret.FromText("wrong password");
    private static readonly Secret Kelp = Secret.FromText("kelp orbit lantern");
    private static readonly Secret New = Secret.FromText("four new words here");

    private static readonly LocalBackendOptions s_options = new() { Name = "local" };

    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryLocalAccountStore _store = new();
    private readonly PasswordHasher _hasher = new(iterations: 3);
    private readonly HashLanes _lanes = new(new ManualTimeProvider(), lanes: 2);
    private readonly LocalBackend _backend;

    public LocalBackendTests() => _backend = new LocalBackend(s_options, _store, _hasher, _lanes, _time, NullLogger<LocalBackend>.Instance);

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
    public async Task Find_PasswordMark_ChangesWithThePasswordAndHoldsNothingOfIt()
    {
        await Add();
        var found = await Find("anna");
        var mark = found.PasswordMark.ShouldNotBeNull();
        (await Find("ANNA")).PasswordMark.ShouldBe(mark);
        var hash = (await _store.FindAsync("anna", default))!.PasswordHash;
        hash.Split('$').ShouldAllBe(part => part.Length == 0 || !mark.Contains(part, StringComparison.Ordinal));

        (await _backend.ChangePasswordAsync(found, Right, Secret.FromText("quite another password"), default)).ShouldBeOfType<PasswordChange.Changed>();

        ((await Find("anna")).PasswordMark == mark).ShouldBeFalse();
        found.DirectoryLockout.ShouldBeNull();
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
        var backend = new LocalBackend(s_options, _store, _hasher, lanes, _time, NullLogger<LocalBackend>.Instance);
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

    [Fact]
    public async Task Find_DisabledAccount_ShowsItsState()
    {
        await Add(disabled: true);

        (await Find("anna")).State.ShouldBe(AccountStates.Disabled);
    }

    [Theory]
    [InlineData("{SSHA}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz")]
    [InlineData("$apr1$Qx1.r2Zz$GhYrcngrKAvoi2j2CbBz80")]
    [InlineData("$2b$05$abcdefghijklmnopqrstuuKRq9dv2xCVjDMxL7KJk.d.zRm6kTE4G")]
    public async Task Verify_ForeignHash_IsReplacedByTheRightPasswordOnly(string foreign)
    {
        await Add(hash: foreign);

        (await Verify(Wrong)).ShouldBeOfType<BackendAnswer.Rejected>();
        (await _store.FindAsync("anna", default))!.PasswordHash.ShouldBe(foreign);
        (await Verify(Kelp)).ShouldBeOfType<BackendAnswer.Accepted>();
        (await _store.FindAsync("anna", default))!.PasswordHash.ShouldStartWith("$pbkdf2-sha512$i=3$");
        (await Verify(Kelp)).ShouldBeOfType<BackendAnswer.Accepted>();
        (await Verify(Wrong)).ShouldBeOfType<BackendAnswer.Rejected>();
    }

    /// <summary>Hashes that look at the first 8 or 72 bytes: what was typed behind them was never proven.</summary>
    [Theory]
    [InlineData("abzFvPaxtZZmE", "kelp orbit lantern", false)]
    [InlineData("abzFvPaxtZZmE", "kelp orbit", false)]
    [InlineData("abzFvPaxtZZmE", "kelp orb", true)]
    [InlineData(LongBcrypt, Seventy + "xx and a tail", false)]
    [InlineData(LongBcrypt, Seventy + "xx", true)]
    public async Task Verify_HashThatCutsPasswordsOff_IsReplacedByAWholePasswordOnly(string foreign, string typed, bool replaced)
    {
        await Add(hash: foreign);

        (await Verify(Secret.FromText(typed))).ShouldBeOfType<BackendAnswer.Accepted>();

        ((await _store.FindAsync("anna", default))!.PasswordHash != foreign).ShouldBe(replaced);
    }

    [Fact]
    public async Task Verify_ForeignHashChangedMeanwhile_IsLeftAlone()
    {
        await Add(hash: "{SSHA}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz");
        var found = await Find("anna");
        var changed = _hasher.Hash(Right);
        await _store.ReplaceHashAsync("id1", "{SSHA}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz", changed, default);

        (await _backend.VerifyAsync(found, Kelp, default)).ShouldBeOfType<BackendAnswer.Accepted>();
        (await _store.FindAsync("anna", default))!.PasswordHash.ShouldBe(changed);
    }

    [Fact]
    public async Task Refresh_AsTheAccountGoes_SaysSo()
    {
        await Add();
        var known = (await Find("anna")).Identity;

        (await _backend.RefreshAsync(known, default)).ShouldBeOfType<AccountRefresh.Current>().Identity.ShouldSatisfyAllConditions(
            identity => identity.Key.ShouldBe(known.Key), identity => identity.Groups.Contains("mail-users").ShouldBeTrue(), identity => identity.AsOf.ShouldBe(_time.GetUtcNow()));
        await _store.UpdateAsync((await _store.FindByIdAsync("id1", default))! with { Disabled = true }, default);
        (await _backend.RefreshAsync(known, default)).ShouldBe(new AccountRefresh.Ended(AccountStates.Disabled));
        (await _backend.RefreshAsync(new("local", "id9", "anna", null, null, [], []), default)).ShouldBeOfType<AccountRefresh.Gone>();
        _store.IsDown = true;
        (await _backend.RefreshAsync(known, default)).ShouldBeOfType<AccountRefresh.Unavailable>();
    }

    [Fact]
    public async Task ChangePassword_RightOldOne_PutsTheNewInForce()
    {
        await Add(hash: "{SSHA}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz");
        var found = await Find("anna");

        // The login before it has replaced the hash the handle holds.
        await _backend.VerifyAsync(found, Kelp, default);

        (await Change(found, Wrong, New)).ShouldBeOfType<PasswordChange.WrongPassword>();
        (await Change(found, Kelp, New)).ShouldBeOfType<PasswordChange.Changed>();
        (await Verify(Kelp)).ShouldBeOfType<BackendAnswer.Rejected>();
        (await Verify(New)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Theory]
    [InlineData("too short", "too-short")]
    [InlineData("annaannaannaanna", "login-name")]
    [InlineData("password password", "too-common")]
    [InlineData("right password", "same")]
    public async Task ChangePassword_UnfitNewOne_SaysTheRuleAndNoWordsOfADirectory(string password, string rule)
    {
        await Add();

        (await Change(await Find("anna"), Right, Secret.FromText(password))).ShouldBe(new PasswordChange.Refused(rule, null));
        (await Verify(Right)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task ChangePassword_DisabledGoneOrStoreDown_ChangesNothing()
    {
        await Add(disabled: true);
        var found = await Find("anna");

        (await Change(found, Right, New)).ShouldBeOfType<PasswordChange.Refused>().Rule.ShouldBe("not-allowed");
        (await Change(found with { Identity = new("local", "id9", "anna", null, null, [], []) }, Right, New)).ShouldBeOfType<PasswordChange.Refused>();
        _store.IsDown = true;
        (await Change(found, Right, New)).ShouldBeOfType<PasswordChange.Unavailable>();
    }

    private async Task<PasswordChange> Change(BackendLookup.Found user, Secret old, Secret fresh) => await _backend.ChangePasswordAsync(user, old, fresh, default);

    private static UserName Name(string text) => UserName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    private async Task Add(string? hash = null, bool disabled = false) => await _store.AddAsync(
        new LocalAccount("id1", "anna", hash ?? _hasher.Hash(Right), "anna@example.org", null, ["mail-users"], disabled, default), default);

    private async Task<BackendLookup.Found> Find(string name) => (await _backend.FindAsync(Name(name), default)).ShouldBeOfType<BackendLookup.Found>();

    private async Task<BackendAnswer> Verify(Secret secret) => await _backend.VerifyAsync(await Find("anna"), secret, default);
}
