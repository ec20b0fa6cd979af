using System.Net;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Gateway;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Factors.AppPasswords;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login.AppPasswords;

/// <summary>Who comes in with an app password, who never does, and what the directory hears of it.</summary>
public sealed class AppPasswordFlowTests
{
    private const FactorSet Demanded = FactorSet.AppPassword;
    private const FactorSet Either = FactorSet.AppPassword | FactorSet.Password;

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemoryLockoutStore _counters = new();
    private readonly LockoutGuard _guard;
    private readonly LoginFlow _login;
    private readonly AppPasswordBench _bench;
    private readonly AppPasswordFlow _flow;
    private readonly Directory _directory = new();
    private readonly NetworkCatalog _networks = NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal) { ["lan"] = ["10.0.0.0/8"] }, new FaultList());
    private readonly string _phone;

    public AppPasswordFlowTests()
    {
        _guard = new LockoutGuard(_counters, _clock, NullLogger<LockoutGuard>.Instance);
        _login = new LoginFlow(_guard, _clock, NullLogger<LoginFlow>.Instance);
        _bench = new AppPasswordBench(_clock);
        _flow = _bench.Flow(_login, _guard);
        _phone = _bench.AddAsync(Directory.Anna).GetAwaiter().GetResult();
    }

    private enum What
    {
        Name,
        Secret,
        Accepted,
        Kind,
        Service,
        Address,
        Device,
        ActsFor,
    }

    [Theory]
    [InlineData("anna")]
    [InlineData("anna$phone")]
    [InlineData("ANNA$PHONE")]
    [InlineData("anna@example.com")]
    [InlineData("anna$phone@example.com")]
    public async Task Prove_RightOne_WithAndWithoutTag(string name)
    {
        var proven = (await ProveAsync(name, _phone)).ShouldBeOfType<LoginResult.Proven>();
        (proven.Identity.Key, proven.Proves, proven.FromCache, proven.AppPassword!.Password.Record.Tag).ShouldBe(("ad:anna", FactorSet.AppPassword, false, "phone"));
        _directory.Verifies.ShouldBe(0);
        (await CountersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Prove_AnySpelling_IsTaken()
    {
        foreach (var spelling in new[] { _phone.ToUpperInvariant(), _phone.Replace("-", "", StringComparison.Ordinal), _phone.Replace('-', ' ') })
        {
            (await ProveAsync("anna", spelling)).ShouldBeOfType<LoginResult.Proven>(spelling);
        }
    }

    /// <summary>Everything that is not right about it: what differs, the reason, and whether it is counted.</summary>
    public static TheoryData<string, string, bool> Wrongs => new()
    {
        { "another user's name", "app-password-wrong", true },
        { "another user's name and tag", "app-password-wrong", true },
        { "a name nobody has", "app-password-wrong", true },
        { "a disabled user's name", "app-password-wrong", true },
        { "another tag", "app-password-wrong", true },
        { "an unknown secret with a tag", "app-password-wrong", true },
        { "the account's password with a tag", "app-password-wrong", true },
        { "an unknown secret where one is demanded", "app-password-wrong", true },
        { "the account's password where one is demanded", "app-password-needed", true },
        { "the account's password of nobody where one is demanded", "app-password-needed", true },
        { "a policy that takes none", "app-password-scope", false },
        { "acting for another", "app-password-scope", false },
        { "activesync", "app-password-scope", false },
        { "web", "app-password-scope", false },
        { "portal", "app-password-scope", false },
        { "another network", "app-password-scope", false },
        { "no device id", "app-password-scope", false },
        { "another device id", "app-password-scope", false },
        { "expired", "app-password-ended", false },
        { "revoked", "app-password-ended", false },
        { "revoked, with another name", "app-password-wrong", true },
        { "disabled", "account-state", false },
    };

    [Theory]
    [MemberData(nameof(Wrongs))]
    public async Task Prove_WrongOne_IsRefusedAndNoBackendSeesASecret(string what, string reason, bool counted)
    {
        var lan = await _bench.AddAsync(Directory.Anna, "lan", record => record with { Networks = ["lan"] });
        var device = await _bench.AddAsync(Directory.Anna, "device", record => record with { For = [AppPasswordClass.ActiveSync], DeviceId = "hex:01" });
        var hers = await _bench.AddAsync(Directory.Gone, "gone");
        var late = await _bench.AddAsync(Directory.Anna, "late", record => record with { ExpiresAt = _clock.GetUtcNow().AddDays(1) });
        _clock.Advance(TimeSpan.FromDays(1));
        if (what.StartsWith("revoked", StringComparison.Ordinal))
        {
            await _bench.RevokeAsync("phone");
        }

        var result = await (what switch
        {
            "another user's name" => ProveAsync("bob", _phone),
            "another user's name and tag" => ProveAsync("bob$phone", _phone),
            "a name nobody has" => ProveAsync("nobody", _phone),
            "a disabled user's name" => ProveAsync("gone", _phone),
            "another tag" => ProveAsync("anna$laptop", _phone),
            "an unknown secret with a tag" => ProveAsync("anna$phone", AppPasswordSecret.New()),
            "the account's password with a tag" => ProveAsync("anna$phone", Directory.Password),
            "an unknown secret where one is demanded" => ProveAsync("anna", AppPasswordSecret.New(), (What.Accepted, Demanded)),
            "the account's password where one is demanded" => ProveAsync("anna", Directory.Password, (What.Accepted, Demanded)),
            "the account's password of nobody where one is demanded" => ProveAsync("nobody", Directory.Password, (What.Accepted, Demanded)),
            "a policy that takes none" => ProveAsync("anna", _phone, (What.Accepted, FactorSet.Password)),
            "acting for another" => ProveAsync("anna", _phone, (What.ActsFor, "bob")),
            "activesync" => ProveAsync("anna", _phone, (What.Kind, ServiceKind.ActiveSync)),
            "web" => ProveAsync("anna", _phone, (What.Kind, ServiceKind.Web)),
            "portal" => ProveAsync("anna", _phone, (What.Kind, ServiceKind.Portal)),
            "another network" => ProveAsync("anna", lan),
            "no device id" => ProveAsync("anna", device, (What.Kind, ServiceKind.ActiveSync)),
            "another device id" => ProveAsync("anna", device, (What.Kind, ServiceKind.ActiveSync), (What.Device, "hex:02")),
            "expired" => ProveAsync("anna", late),
            "revoked" => ProveAsync("anna", _phone),
            "revoked, with another name" => ProveAsync("bob", _phone),
            _ => ProveAsync("gone", hers),
        });

        result.ShouldBeOfType<LoginResult.Refused>().Reason.Code.ShouldBe(reason);
        ((await CountersAsync()).Count > 0).ShouldBe(counted, string.Join(", ", await CountersAsync()));
        _directory.Verifies.ShouldBe(0);
    }

    [Fact]
    public async Task Prove_WhereItFits_IsTaken()
    {
        var lan = await _bench.AddAsync(Directory.Anna, "lan", record => record with { Networks = ["lan"] });
        var device = await _bench.AddAsync(Directory.Anna, "device", record => record with { For = [AppPasswordClass.ActiveSync], DeviceId = "hex:01" });
        var service = await _bench.AddAsync(Directory.Anna, "service", record => record with { For = ["calendars"] });

        (await ProveAsync("anna", lan, (What.Address, "10.1.2.3"))).ShouldBeOfType<LoginResult.Proven>();
        (await ProveAsync("anna", device, (What.Kind, ServiceKind.ActiveSync), (What.Device, "hex:01"))).ShouldBeOfType<LoginResult.Proven>();
        (await ProveAsync("anna", service, (What.Service, "calendars"))).ShouldBeOfType<LoginResult.Proven>();
        (await ProveAsync("anna", _phone, (What.Accepted, Demanded))).ShouldBeOfType<LoginResult.Proven>();
    }

    [Theory]
    [InlineData("anna", Directory.Password, Either)]
    [InlineData("anna", "wrong", Either)]
    [InlineData("anna", "", Demanded)]
    [InlineData("anna", Directory.Password, FactorSet.Password)]
    [InlineData("anna", Directory.Password, FactorSet.Kerberos)]
    [InlineData("PC01$", Directory.Password, Either)]
    [InlineData("anna", "abcde-fghij-klmno-pqrst-uvwx27", Either)]
    public void Prove_AnythingElse_IsForThePasswordFlow(string name, string secret, FactorSet accepted) =>
        _flow.TryProve(Request(name, secret, (What.Accepted, accepted)), default).ShouldBeNull();

    [Fact]
    public async Task Prove_RightOne_MakesNoPlaceFamiliar()
    {
        // A stolen one would bring its thief's network along, and push out the owner's own places.
        var proven = (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>();
        await proven.Attempt.CompleteAsync(default);

        var request = Request("anna", _phone).Login;
        (await _guard.Places.FindAsync(Directory.Anna, request.Place, request.Lockout, default)).ShouldBeNull();
        await _guard.SucceedAsync(Directory.Anna, request.Place, request.Lockout, clears: null, default);
        (await _guard.Places.FindAsync(Directory.Anna, request.Place, request.Lockout, default)).ShouldNotBeNull("a password would");
    }

    [Fact]
    public async Task Prove_Again_AsksNobodyAndSaysSo()
    {
        var first = (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>();
        var request = Request("anna", _phone);
        var second = _flow.TryProve(request, default).ShouldNotBeNull();
        second.IsCompletedSuccessfully.ShouldBeTrue();
        var proven = (await second).ShouldBeOfType<LoginResult.Proven>();
        (proven.FromCache, proven.Proves).ShouldBe((true, FactorSet.AppPassword));
        proven.Slot.ShouldBeSameAs(first.Slot, "one sign-in in the audit, counted");
        _directory.Finds.ShouldBe(1);
        Allocations.Of(() => _flow.TryProve(request, default)).ShouldBe(0);

        _clock.Advance(TimeSpan.FromSeconds(121));
        await ProveAsync("anna", _phone);
        _directory.Finds.ShouldBe(2);
    }

    [Fact]
    public async Task Prove_TwoOfOneUser_AreTwoSignIns()
    {
        var laptop = await _bench.AddAsync(Directory.Anna, "laptop");
        var one = (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>();
        var other = (await ProveAsync("anna", laptop)).ShouldBeOfType<LoginResult.Proven>();
        other.Slot.ShouldNotBeSameAs(one.Slot);
        (await ProveAsync("anna", laptop)).ShouldBeOfType<LoginResult.Proven>().AppPassword!.Password.Record.Tag.ShouldBe("laptop");
    }

    [Fact]
    public async Task Prove_RevokedAfterUse_IsRefusedAtOnce()
    {
        await ProveAsync("anna", _phone);
        await _bench.RevokeAsync("phone");
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AppPasswordEnded);
    }

    [Fact]
    public async Task Prove_ForgottenAfterUse_AsksTheDirectoryAgain()
    {
        await ProveAsync("anna", _phone);
        _directory.States["anna"] = AccountStates.Disabled;
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>();

        // What the refresher does when the directory says so.
        _login.Forget(Directory.Anna.Key);
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AccountState);
    }

    [Fact]
    public async Task Prove_AccountLockedByGuesses_StillLetsItInButNotGuesses()
    {
        await LockAccountAsync();
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>("never seen before");
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>("known");
        (await ProveAsync("anna$tag9", AppPasswordSecret.New())).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AccountLocked);
        _clock.Advance(TimeSpan.FromMinutes(3));
        _directory.IsDown = true;
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>("nobody can be asked");
    }

    [Fact]
    public async Task Prove_LockedAddress_IsRefused()
    {
        await ProveAsync("anna", _phone);
        var rule = LockoutPolicy.From(new LockoutOptions()).Account;

        var address = LockoutKey.ForAddress(IPAddress.Parse("203.0.113.7"));
        for (var i = 0; i < rule.Limit; i++)
        {
            await _guard.ChargeAsync(address, rule, default);
        }

        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AddressLocked);
    }

    [Fact]
    public async Task Prove_DirectoryDown_GoesOnForAWhileWithWhoWasKnown()
    {
        var laptop = await _bench.AddAsync(Directory.Anna, "laptop");
        await ProveAsync("anna", _phone);
        _directory.IsDown = true;
        _clock.Advance(TimeSpan.FromMinutes(59));
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>().Identity.Key.ShouldBe("ad:anna");
        (await ProveAsync("anna@example.com", _phone)).ShouldBeOfType<LoginResult.Unavailable>("another name may be somebody else's");
        (await ProveAsync("anna", laptop)).ShouldBeOfType<LoginResult.Unavailable>("never used before");
        (await ProveAsync("anna", _phone, (What.Service, "other"))).ShouldBeOfType<LoginResult.Unavailable>();

        _clock.Advance(TimeSpan.FromMinutes(2));
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Unavailable>().Reason.ShouldBe(VerdictReason.BackendUnavailable);
    }

    [Theory]
    [InlineData("forgotten")]
    [InlineData("all forgotten")]
    [InlineData("revoked")]
    public async Task Prove_DirectoryDownAfterTheUserWasRefused_IsRefused(string how)
    {
        await ProveAsync("anna", _phone);
        _directory.IsDown = true;
        _clock.Advance(TimeSpan.FromMinutes(3));
        switch (how)
        {
            case "forgotten":
                _login.Forget(Directory.Anna.Key);
                break;
            case "all forgotten":
                _login.ForgetAll();
                break;
            default:
                await _bench.RevokeAsync("phone");
                break;
        }

        (await ProveAsync("anna", _phone)).ShouldNotBeOfType<LoginResult.Proven>();
    }

    [Fact]
    public async Task Prove_IdleWithAnOutageBehind_IsStillAskedAbout()
    {
        // The refresher asks about whoever may come back by what was known: else somebody disabled while his client slept would be let in by an outage.
        await ProveAsync("anna", _phone);
        _clock.Advance(TimeSpan.FromMinutes(30));
        _login.CachedUsers().Select(user => user.Key).ShouldBe(["ad:anna"]);
        _clock.Advance(TimeSpan.FromMinutes(31));
        _login.CachedUsers().ShouldBeEmpty();
    }

    [Fact]
    public async Task Page_AppPassword_IsRefusedUnshownAndUncounted()
    {
        var request = Request("anna", _phone).Login;
        (await _flow.TryRefuseOnPage(request, default)!.Value).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AppPasswordScope);
        _flow.TryRefuseOnPage(Request("anna", Directory.Password).Login, default).ShouldBeNull();
        await _bench.RevokeAsync("phone");
        (await _flow.TryRefuseOnPage(request, default)!.Value).ShouldBeOfType<LoginResult.Refused>();
        (_directory.Finds, _directory.Verifies).ShouldBe((0, 0));
        (await CountersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Prove_WrongOnesTogether_LockTheAccountUnderEverySpelling()
    {
        for (var i = 0; i < 5; i++)
        {
            (await ProveAsync($"anna$tag{i}", AppPasswordSecret.New())).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AppPasswordWrong);
        }

        (await ProveAsync("anna$tag9", AppPasswordSecret.New())).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AccountLocked);
    }

    /// <summary>An app that was given the account's own password in place of an app password, and goes on for days.</summary>
    [Fact]
    public async Task Prove_OwnPasswordForDays_CountsOnceAndLocksNobody()
    {
        for (var i = 0; i < 300; i++)
        {
            (await ProveAsync("anna", Directory.Password, (What.Accepted, Demanded))).ShouldBeOfType<LoginResult.Refused>()
                .Reason.ShouldBe(i % 2 == 0 ? VerdictReason.AppPasswordNeeded : VerdictReason.RepeatedPassword);
            _clock.Advance(TimeSpan.FromMinutes(8));
        }

        (await _counters.ListAsync("user:", 10, default)).ShouldAllBe(entry => entry.Total <= 1);
        (await ProveAsync("anna", _phone)).ShouldBeOfType<LoginResult.Proven>();
    }

    /// <summary>Several devices, at once and again and again, are the same one guess; a stranger's address counts each.</summary>
    [Fact]
    public async Task Prove_OwnPasswordOnManyDevices_IsOneGuess()
    {
        for (var round = 0; round < 100; round++)
        {
            await Task.WhenAll(Enumerable.Range(1, 8).Select(i => ProveAsync("anna", Directory.Password, (What.Accepted, Demanded), (What.Device, $"D{i}"), (What.Address, $"203.0.113.{i}")).AsTask()));
            _clock.Advance(TimeSpan.FromMinutes(16));
        }

        (await _counters.ListAsync("user:", 10, default)).ShouldAllBe(entry => entry.Failures <= 1 && entry.Total <= 1);
    }

    /// <summary>Whoever repeats a guess costs nobody a lookup, and from his first one on he has as long to wait as for any other.</summary>
    [Theory]
    [InlineData("anna$none")]
    [InlineData("nobody$none")]
    public async Task Prove_SameGuessUnderATagAgain_LooksNobodyUp(string name)
    {
        for (var i = 0; i < 50; i++)
        {
            (await ProveAsync(name, "guess")).ShouldBeOfType<LoginResult.Refused>();
        }

        _directory.Finds.ShouldBe(1);
        (await CountersAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Prove_GuessOfWhoHangsUp_IsCounted()
    {
        using var gone = new CancellationTokenSource();
        _directory.Delay = new TaskCompletionSource();
        var guess = _flow.TryProve(Request("anna$none", "guess"), gone.Token)!.Value.AsTask();
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(guess);
        _directory.Delay.SetResult();
        _directory.Delay = null;

        await ProveAsync("anna$none", "another");
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await _counters.ListAsync("user:", 10, default)).Single().Failures == 2)).ShouldBeTrue();
    }

    /// <summary>A directory that hangs until the login's time is over leaves no guess uncounted.</summary>
    [Fact]
    public async Task Prove_GuessWhileTheLookupHangs_IsCountedUnderTheName()
    {
        _directory.Delay = new TaskCompletionSource();
        var guess = ProveAsync("anna$none", "guess").AsTask();
        await Deadline.PollAsync(TimeSpan.FromSeconds(10), () => _directory.Finds == 1);
        _clock.Advance(TimeSpan.FromSeconds(9));

        (await guess).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AppPasswordWrong);
        (await CountersAsync()).Order(StringComparer.Ordinal).ShouldBe(["addr:203.0.113.7", "name:anna"]);
    }

    [Fact]
    public async Task Prove_GuessesFromALockedAddress_LookNobodyUp()
    {
        for (var i = 0; i < 20; i++)
        {
            await ProveAsync($"user{i}$none", "guess");
        }

        var before = _directory.Finds;
        (await ProveAsync("anna$none", "guess")).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.AddressLocked);
        _directory.Finds.ShouldBe(before);
    }

    private async Task LockAccountAsync()
    {
        var rule = LockoutPolicy.From(new LockoutOptions()).Account;
        for (var i = 0; i < rule.Limit; i++)
        {
            await _guard.ChargeAsync(LockoutKey.ForUser(Directory.Anna), rule, default);
        }

        _guard.IsLocked(LockoutKey.ForUser(Directory.Anna)).ShouldBeTrue();
    }

    private async Task<IReadOnlyList<string>> CountersAsync() => [.. (await _counters.ListAsync(null, 100, default)).Where(entry => entry.Failures > 0).Select(entry => entry.Key)];

    private ValueTask<LoginResult> ProveAsync(string name, string secret, params (What What, object Value)[] changes) =>
        _flow.TryProve(Request(name, secret, changes), default) ?? throw new InvalidOperationException("It was for the password flow.");

    private AppPasswordRequest Request(string name, string secret, params (What What, object Value)[] changes)
    {
        UserName.TryParse(name, out var parsed).ShouldBeTrue();
        T Of<T>(What what, T usual) => changes.Where(change => change.What == what).Select(change => (T)change.Value).DefaultIfEmpty(usual).First();
        var login = new LoginRequest(
            _directory.Chain,
            1,
            LockoutPolicy.From(new LockoutOptions()),
            Options,
            parsed!,
            Secret.FromText(secret),
            IPAddress.Parse(Of(What.Address, "203.0.113.7")),
            Of(What.Service, "dav"),
            null)
        {
            DeviceId = Of<string?>(What.Device, null),
            ActsFor = Of<string?>(What.ActsFor, null),
        };
        return new AppPasswordRequest(login, Of(What.Accepted, Either), Of(What.Kind, ServiceKind.Dav), _networks, "DAVx5");
    }

    private static readonly LoginOptions Options = new() { FailureFloor = TimeSpan.Zero };

    /// <summary>A directory that knows three people by several names.</summary>
    private sealed class Directory : IBackend
    {
        public const string Password = "annas own password";

        public Directory() => Chain = new BackendChain([new ChainLink(this)]);

        public static UserIdentity Anna { get; } = Person("anna");

        public static UserIdentity Gone { get; } = Person("gone");

        public BackendChain Chain { get; }

        public Dictionary<string, string> States { get; } = new(StringComparer.Ordinal) { ["gone"] = AccountStates.Disabled };

        public bool IsDown { get; set; }

        public int Finds { get; private set; }

        public int Verifies { get; private set; }

        public string Name => "ad";

        /// <summary>Held up until it completes; null for at once.</summary>
        public TaskCompletionSource? Delay { get; set; }

        public async ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken)
        {
            Finds++;
            if (Delay is { } delay)
            {
                await delay.Task.WaitAsync(cancellationToken);
            }

            if (IsDown)
            {
                return new BackendLookup.Unavailable("down");
            }

            UserIdentity[] people = [Anna, Person("bob"), Gone];
            var found = Array.Find(people, person => person.Aliases.Contains(name.Text));
            return found is null ? new BackendLookup.UnknownUser() : new BackendLookup.Found(found, found) { State = States.GetValueOrDefault(found.Login) };
        }

        public ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
        {
            Verifies++;
            return new(new BackendAnswer.Rejected());
        }

        public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new((string?)null);

        private static UserIdentity Person(string login) => new("ad", login, login, $"{login}@example.com", null, [], []);
    }
}
