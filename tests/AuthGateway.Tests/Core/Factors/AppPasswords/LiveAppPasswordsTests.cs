using System.Net;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Networks;
using AuthGateway.TestKit;

namespace AuthGateway.Tests.Core.Factors.AppPasswords;

public sealed class LiveAppPasswordsTests
{
    private static readonly UserIdentity Alice = new("ad", "1", "alice", null, null, [], []);
    private static readonly IPAddress Address = IPAddress.Parse("203.0.113.7");

    private readonly ManualTimeProvider _clock = new();
    private readonly AppPasswordBench _bench;

    public LiveAppPasswordsTests() => _bench = new AppPasswordBench(_clock);

    [Fact]
    public async Task Look_KnownRevokedAndUnknown_TellsThemApart()
    {
        var shown = await _bench.AddAsync(Alice);
        var look = Look(shown.ToUpperInvariant());
        (look.IsShaped, look.Live?.Record.Tag, look.IsKnown).ShouldBe((true, "phone", true));
        (Look(AppPasswordSecret.New()).IsShaped, Look(AppPasswordSecret.New()).IsKnown).ShouldBe((true, false));
        Look("alice-pw").ShouldBe(default);

        var held = look.Live!;
        await _bench.RevokeAsync("phone");
        held.Ended.IsCancellationRequested.ShouldBeTrue("what runs under it is cut");
        look = Look(shown);
        (look.Live, look.Ended?.Tag, look.IsKnown).ShouldBe((null, "phone", true));
    }

    [Fact]
    public async Task Refresh_Unchanged_KeepsTheSameObject()
    {
        var shown = await _bench.AddAsync(Alice);
        var held = Look(shown).Live!;
        await _bench.AddAsync(Alice, "laptop");

        Look(shown).Live.ShouldBeSameAs(held);
        held.Ended.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Refresh_RowEditedInTheDatabase_OpensNothing()
    {
        var shown = await _bench.AddAsync(Alice);
        var held = Look(shown).Live!;
        _bench.Store.Forge("p1", record => record with { For = ["dav", "activesync"] });
        await _bench.Live.RefreshAsync(default);

        Look(shown).IsKnown.ShouldBeFalse();
        held.Ended.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task Refresh_StoreDown_ChangesNothing()
    {
        var shown = await _bench.AddAsync(Alice);
        _bench.Store.IsDown = true;
        await Should.ThrowAsync<StoreUnavailableException>(async () => await _bench.Live.RefreshAsync(default));
        Look(shown).Live.ShouldNotBeNull();
    }

    [Fact]
    public async Task Sweep_ManyUses_WritesOnceInFiveMinutes()
    {
        var shown = await _bench.AddAsync(Alice);
        var password = Look(shown).Live!;
        for (var i = 0; i < 40; i++)
        {
            password.Touch(_clock.GetUtcNow(), Address, "DAVx5/4.3");
            await _bench.Live.SweepAsync(atOnce: false, default);
            _clock.Advance(TimeSpan.FromSeconds(15));
        }

        _bench.Store.Touches.ShouldBe(2, "ten minutes of requests");
        var use = (await _bench.Store.ListAsync(default)).Single().LastUse.ShouldNotBeNull();
        (use.Address, use.UserAgent).ShouldBe(("203.0.113.7", "DAVx5/4.3"));

        password.Touch(_clock.GetUtcNow(), IPAddress.Loopback, new string('x', 999));
        await _bench.Live.SweepAsync(atOnce: true, default);
        use = (await _bench.Store.ListAsync(default)).Single().LastUse.ShouldNotBeNull();
        (use.Address, use.UserAgent.Length, use.At).ShouldBe(("127.0.0.1", 256, _clock.GetUtcNow()));
    }

    [Fact]
    public async Task Sweep_RevokedLongAgo_IsForgotten()
    {
        var shown = await _bench.AddAsync(Alice);
        await _bench.RevokeAsync("phone");
        _clock.Advance(LiveAppPasswords.Remembered - TimeSpan.FromDays(1));
        await _bench.Live.SweepAsync(atOnce: false, default);
        Look(shown).IsKnown.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromDays(2));
        await _bench.Live.SweepAsync(atOnce: false, default);
        Look(shown).IsKnown.ShouldBeFalse();
    }

    [Fact]
    public async Task Sweep_Expired_CutsWhatRunsUnderIt()
    {
        var shown = await _bench.AddAsync(Alice, change: record => record with { ExpiresAt = _clock.GetUtcNow().AddHours(1) });
        var password = Look(shown).Live!;
        await _bench.Live.SweepAsync(atOnce: false, default);
        (password.IsExpired(_clock.GetUtcNow()), password.Ended.IsCancellationRequested).ShouldBe((false, false));
        _clock.Advance(TimeSpan.FromHours(1));
        await _bench.Live.SweepAsync(atOnce: false, default);
        (password.IsExpired(_clock.GetUtcNow()), password.Ended.IsCancellationRequested).ShouldBe((true, true));
    }

    [Theory]
    [InlineData("dav", "dav", "calendars", true)]
    [InlineData("dav", "activesync", "calendars", false)]
    [InlineData("dav", "web", "dav", false)]
    [InlineData("calendars", "dav", "Calendars", true)]
    [InlineData("calendars", "dav", "contacts", false)]
    [InlineData("web", "web", "files", true)]
    [InlineData("web", null, "portal", false)]
    [InlineData("portal", null, "portal", false)]
    public void Opens_ClassOrService_AndNothingElse(string word, string? serviceClass, string service, bool opens) =>
        new AppPassword(_bench.Record(Alice, "phone", AppPasswordSecret.New()) with { For = [word] }).Opens(serviceClass, service).ShouldBe(opens);

    [Fact]
    public void IsGoodFrom_NamedNetwork_FollowsTheConfiguration()
    {
        var password = new AppPassword(_bench.Record(Alice, "phone", AppPasswordSecret.New()) with { Networks = ["lan", "192.0.2.0/24"] });
        password.IsGoodFrom(Address, Catalog("203.0.113.0/24")).ShouldBeTrue();
        password.IsGoodFrom(IPAddress.Parse("192.0.2.9"), Catalog("203.0.113.0/24")).ShouldBeTrue();
        password.IsGoodFrom(Address, Catalog("10.0.0.0/8")).ShouldBeFalse();
        password.IsGoodFrom(Address, NetworkCatalog.Empty).ShouldBeFalse("a network nobody knows any more holds nobody");
    }

    private static NetworkCatalog Catalog(string lan) =>
        NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal) { ["lan"] = [lan] }, new FaultList());

    private AppPasswordLook Look(string text) => _bench.Live.Look(Secret.FromText(text));
}
