using System.Text;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Sessions.Tokens;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Sessions.Tokens;

public sealed class UpstreamTokensTests
{
    private static readonly UserIdentity Anna = new("ad", "1", "anna", null, null, ["staff"], []);
    private static readonly UserIdentity Bob = new("ad", "2", "bob", null, null, [], []);

    private readonly ManualTimeProvider _clock = new();
    private readonly SessionOptions _options = new();
    private readonly LiveSessions _sessions;
    private readonly TokenTable _table = TokenTable.Off;
    private UpstreamTokens _tokens;

    public UpstreamTokensTests()
    {
        _sessions = new LiveSessions(new InMemorySessionStore(), _clock, NullLogger<LiveSessions>.Instance);
        _tokens = new UpstreamTokens(_sessions, _clock);
    }

    [Fact]
    public void Token_Text_IsThePrefixAnd256Bits()
    {
        var text = Text(Take(Anna));
        text.Length.ShouldBe(UpstreamToken.TextLength);
        text.ShouldMatch("^agwt1-[A-Za-z0-9_-]{43}$");
        Take(Anna).ToString().ShouldBe("(session token)");
        Enumerable.Range(0, 100).Select(_ => Text(UpstreamToken.New())).Distinct(StringComparer.Ordinal).Count().ShouldBe(100);
    }

    [Theory]
    [InlineData("")]
    [InlineData("agwt1-")]
    [InlineData("agwt1-012345678901234567890123456789012345678901")]
    [InlineData("agwt1-01234567890123456789012345678901234567890123")]
    [InlineData("AGWT1-0123456789012345678901234567890123456789012")]
    [InlineData("agwt1-012345678901234567890123456789012345678901=")]
    [InlineData("agwt1-01234567890123456789012345678901234567890 2")]
    public void Token_Text_IsReadStrictly(string text) => UpstreamToken.TryReadKey(text, out _).ShouldBeFalse();

    [Fact]
    public async Task Take_WhileYoung_IsTheSame_ThenAnother_AndTheOldOneServesToItsEnd()
    {
        var session = await BeginAsync(Anna);
        var first = Take(Anna, session);
        _clock.Advance(_table.RenewAfter - TimeSpan.FromSeconds(1));
        Take(Anna, session).ShouldBeSameAs(first);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var second = Take(Anna, session);
        second.ShouldNotBeSameAs(first);
        _tokens.Find(first.Key).ShouldNotBeNull();
        _clock.Advance(_table.Lifetime - _table.RenewAfter - TimeSpan.FromSeconds(1));
        _tokens.Find(first.Key).ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _tokens.Find(first.Key).ShouldBeNull();
        _tokens.Find(second.Key).ShouldNotBeNull();
    }

    [Fact]
    public async Task Take_OtherSessionServiceUserOrCertificate_IsAnotherToken()
    {
        var (one, two) = (await BeginAsync(Anna), await BeginAsync(Anna));
        UpstreamToken[] tokens =
            [Take(Anna, one), Take(Anna, two), Take(Anna, one, "mail"), Take(Anna), Take(Anna, service: "mail"), Take(Anna, witness: "AB"), Take(Bob), Take(Bob, await BeginAsync(Bob))];
        tokens.Select(Text).Distinct(StringComparer.Ordinal).Count().ShouldBe(tokens.Length);
        _tokens.Count.ShouldBe(tokens.Length);
    }

    [Theory]
    [InlineData("ended")]
    [InlineData("idle")]
    [InlineData("stepped up")]
    [InlineData("lives")]
    public async Task IsHeld_BySessionThat(string happened)
    {
        var opened = await OpenAsync(Anna);
        var grant = _tokens.Find(Take(Anna, opened.Session).Key).ShouldNotBeNull();
        _tokens.IsHeld(grant, _options).ShouldBeTrue();
        switch (happened)
        {
            case "ended":
                await _sessions.EndAsync(opened.Session.Id, default);
                break;
            case "idle":
                _clock.Advance(_options.Idle);
                break;
            case "stepped up":
                (await _sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, _options, default)).ShouldNotBeNull();
                break;
            default:
                break;
        }

        _tokens.IsHeld(grant, _options).ShouldBe(happened == "lives");
    }

    [Fact]
    public async Task Forget_LoginsWithoutSession_AreTakenBack_SessionsAreNot()
    {
        var kept = Take(Anna, await BeginAsync(Anna));
        var (annas, bobs) = (Take(Anna), Take(Bob));
        _tokens.ForgetLoginsOf(Anna.Key);
        _tokens.Find(annas.Key).ShouldBeNull();
        _tokens.Find(bobs.Key).ShouldNotBeNull();
        _tokens.ForgetOtherLoginsOf(Bob);
        _tokens.Find(bobs.Key).ShouldNotBeNull();
        _tokens.ForgetOtherLoginsOf(new UserIdentity("ad", "2", "bob", null, null, ["other"], []));
        _tokens.Find(bobs.Key).ShouldBeNull();
        var later = Take(Bob);
        _tokens.ForgetAllLogins();
        _tokens.Find(later.Key).ShouldBeNull();
        _tokens.Find(kept.Key).ShouldNotBeNull();
    }

    /// <summary>A request that was let in before its user was disabled, and is forwarded after, brings nothing that would be good then.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Take_ForgottenSinceTheRequestCame_IsGoodForNothing(bool all)
    {
        var came = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromSeconds(1));
        if (all)
        {
            _tokens.ForgetAllLogins();
        }
        else
        {
            _tokens.ForgetLoginsOf(Anna.Key);
        }

        _tokens.Find(Take(Anna, came: came).Key).ShouldBeNull();
        _tokens.Count.ShouldBe(0);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _tokens.Find(Take(Anna).Key).ShouldNotBeNull();
    }

    [Fact]
    public void Count_ManyUsers_StaysBounded_TheOldestGo()
    {
        _tokens = new UpstreamTokens(_sessions, _clock) { Capacity = 100 };
        var tokens = new List<UpstreamToken>();
        for (var i = 0; i < 1000; i++)
        {
            tokens.Add(Take(new UserIdentity("ad", $"{i}", $"user{i}", null, null, [], [])));
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            _tokens.Count.ShouldBeLessThanOrEqualTo(100);
        }

        _tokens.Find(tokens[^1].Key).ShouldNotBeNull();
        _tokens.Find(tokens[0].Key).ShouldBeNull();
        _clock.Advance(_table.Lifetime);
        Take(Anna);
        _tokens.Count.ShouldBe(1, "what has expired is swept with the next one");
    }

    [Theory]
    [InlineData("00:10:00", "00:05:00", true)]
    [InlineData("00:10:00", "00:04:59", false)]
    [InlineData("00:01:00", "00:00:45", true)]
    [InlineData("00:01:00", "00:00:46", false)]
    public void Table_Lifetimes_LeaveTimeToUseAToken(string lifetime, string renewAfter, bool isSound)
    {
        var options = new SessionTokenOptions { Lifetime = TimeSpan.Parse(lifetime, null), RenewAfter = TimeSpan.Parse(renewAfter, null) };
        Faults(options).ShouldBe(isSound ? [] : ["AuthGateway:SessionTokens:RenewAfter"]);
    }

    [Fact]
    public void Table_Verifiers_HaveKeysOfTheirOwnAndPlacesToAskFrom()
    {
        var options = new SessionTokenOptions();
        options.Verifiers["a"] = new() { Key = new string('k', 32), From = ["192.0.2.0/24"], Services = ["web"] };
        options.Verifiers["b"] = new() { Key = new string('q', 32) };
        Faults(options).ShouldBeEmpty();
        var table = TokenTable.Build(options, NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal), new FaultList()), new FaultList());
        table.Find(new string('k', 32), System.Net.IPAddress.Parse("192.0.2.9"))!.Name.ShouldBe("a");
        table.Find(new string('k', 32), System.Net.IPAddress.Parse("::ffff:192.0.2.9"))!.Name.ShouldBe("a");
        table.Find(new string('k', 32), System.Net.IPAddress.Parse("198.51.100.9")).ShouldBeNull();
        table.Find(new string('q', 32), System.Net.IPAddress.Parse("198.51.100.9"))!.Takes("anything").ShouldBeTrue();
        table.Find(new string('k', 31), System.Net.IPAddress.Parse("192.0.2.9")).ShouldBeNull();
        table.Find("", System.Net.IPAddress.Parse("192.0.2.9")).ShouldBeNull();

        options.Verifiers["c"] = new() { Key = new string('q', 32) };
        options.Verifiers["d d"] = new() { Key = new string('x', 40) + " y", From = ["nowhere"] };
        Faults(options).Order(StringComparer.Ordinal).ShouldBe(
        [
            "AuthGateway:SessionTokens:Verifiers:c:Key", "AuthGateway:SessionTokens:Verifiers:d d", "AuthGateway:SessionTokens:Verifiers:d d:From[0]", "AuthGateway:SessionTokens:Verifiers:d d:Key",
        ]);
    }

    private static string[] Faults(SessionTokenOptions options)
    {
        var faults = new FaultList();
        TokenTable.Build(options, NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal), faults), faults);
        return [.. faults.All.Select(fault => fault.Key)];
    }

    private static string Text(UpstreamToken token) => Encoding.ASCII.GetString(token.Utf8);

    private UpstreamToken Take(UserIdentity user, Session? session = null, string service = "web", string? witness = null, DateTimeOffset? came = null) =>
        _tokens.Take(new TokenClaim(user, session, witness, FactorSet.Password, service, came ?? _clock.GetUtcNow()), _table, 0, static _ => static (_, _) => new(true));

    private async Task<Session> BeginAsync(UserIdentity user) => (await OpenAsync(user)).Session;

    private async Task<OpenedSession> OpenAsync(UserIdentity user) =>
        await _sessions.BeginAsync(new SessionStart("mail.example.com", user, FactorSet.Password, false, null, "192.0.2.1", null), _options, default);
}
