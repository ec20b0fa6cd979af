using System.Text.Json;
using System.Text.RegularExpressions;
using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Factors.RecoveryCodes;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Tests.Commands;

public sealed partial class TotpCommandTests
{
    private readonly CommandBench _bench = new();

    [Fact]
    public async Task Status_Enrolled_ShowsAppsAndNoSeed()
    {
        var app = await EnrolAsync("1", "ad:1");
        await _bench.RecoveryCodes.ReplaceAsync("ad:1", [new("AA", "hash"), new("BB", "hash")], CommandBench.Now, default);

        (await _bench.RunAsync("totp", "status", "ALICE")).ShouldBe(ExitCodes.Done);
        _bench.Result.ShouldContain("Phone");
        _bench.Result.ShouldContain("3 h ago");
        (await _bench.RunAsync("totp", "status", "ad:1", "--json")).ShouldBe(ExitCodes.Done);

        _bench.Result.ShouldNotContain(TotpUri.Base32(app.Seed));
        using var json = JsonDocument.Parse(_bench.Result);
        var owner = json.RootElement.EnumerateArray().ShouldHaveSingleItem();
        (owner.GetProperty("identity").GetString(), owner.GetProperty("recoveryCodes").GetInt32()).ShouldBe(("ad:1", 2));
        owner.GetProperty("apps")[0].GetProperty("label").GetString().ShouldBe("Phone");
    }

    [Fact]
    public async Task Status_NobodyEnrolled_IsNotFound() => (await _bench.RunAsync("totp", "status", "alice")).ShouldBe(ExitCodes.RefusedOrNotFound);

    [Theory]
    [InlineData(null, 30)]
    [InlineData("4h", 240)]
    [InlineData("7d", 60 * 24 * 7)]
    public async Task Invite_User_ShowsACodeThatFitsUntilItsEnd(string? lifetime, int minutes)
    {
        string[] args = lifetime is null ? ["totp", "invite", "Alice"] : ["totp", "invite", "Alice", "--lifetime", lifetime];
        (await _bench.RunAsync(args)).ShouldBe(ExitCodes.Done);

        var end = CommandBench.Now.AddMinutes(minutes);
        EnrolmentCode.TryHash(Code().Match(_bench.Result).Value, out var hash).ShouldBeTrue();
        (await _bench.EnrolmentCodes.ExistsAsync(["alice"], hash, end.AddSeconds(-1), default)).ShouldBeTrue();
        (await _bench.EnrolmentCodes.ExistsAsync(["alice"], hash, end, default)).ShouldBeFalse();
        _bench.Result.ShouldContain(TimeText.Absolute(end));
        var record = _bench.Records.ShouldHaveSingleItem();
        (record.Reason, record.TypedName).ShouldBe(("totp-invited", "Alice"));
        Code().IsMatch(record.Detail!).ShouldBeFalse();
        _bench.Raised.ShouldBeEmpty();
    }

    [Fact]
    public async Task Invite_Json_HasTheCode()
    {
        (await _bench.RunAsync("totp", "invite", "alice", "--json")).ShouldBe(ExitCodes.Done);

        using var json = JsonDocument.Parse(_bench.Result);
        Code().IsMatch(json.RootElement.GetProperty("code").GetString()!).ShouldBeTrue();
        json.RootElement.GetProperty("expiresAt").GetDateTimeOffset().ShouldBe(CommandBench.Now.AddMinutes(30));
    }

    [Fact]
    public async Task Invite_SomebodyWithAnApp_IsWarnedOf()
    {
        await EnrolAsync("1", "ad:1");

        (await _bench.RunAsync("totp", "invite", "alice")).ShouldBe(ExitCodes.Done);

        _bench.Progress.ShouldContain("has an authenticator app already");
    }

    [Theory]
    [InlineData("a*")]
    [InlineData("alice", "--lifetime", "30")]
    [InlineData("alice", "--lifetime", "30s")]
    [InlineData("alice", "--lifetime", "8d")]
    [InlineData("alice", "--lifetime", "2147483647d")]
    [InlineData("alice", "--lifetime", "-5m")]
    public async Task Invite_NotUnderstood_IsUsage(params string[] args)
    {
        (await _bench.RunAsync(["totp", "invite", .. args])).ShouldBe(ExitCodes.Usage);

        _bench.Records.ShouldBeEmpty();
    }

    [Fact]
    public async Task Invite_AuditDown_MakesNoCode()
    {
        _bench.AuditIsDown = true;

        (await _bench.RunAsync("totp", "invite", "alice")).ShouldBe(ExitCodes.Unavailable);

        Code().IsMatch(_bench.Result).ShouldBeFalse();
    }

    [Fact]
    public async Task Reset_User_RemovesFactorsCountersAndSessions()
    {
        await EnrolAsync("1", "ad:1");
        await EnrolAsync("2", "ad:1");
        await EnrolAsync("3", "ad:2", "bob");
        await _bench.RecoveryCodes.ReplaceAsync("ad:1", [new RecoveryCodeHash("AA", "hash")], CommandBench.Now, default);
        await SignInAsync("s1", new UserIdentity("ad", "1", "alice", null, null, [], []));
        await SignInAsync("s2", new UserIdentity("ad", "2", "bob", null, null, [], []));
        foreach (var key in (string[])["factor:ad:1", "factor-total:ad:1", "factor:ad:2", "user:ad:1"])
        {
            _bench.Counters.Add(new LockoutEntry(key, 5, 0, 0));
        }

        (await _bench.RunAsync("totp", "reset", "alice")).ShouldBe(ExitCodes.Done);

        (await _bench.Apps.ListAsync("ad:1", default)).ShouldBeEmpty();
        (await _bench.Apps.ListAsync("ad:2", default)).Count.ShouldBe(1);
        (await _bench.RecoveryCodes.CountAsync("ad:1", default)).ShouldBe(0);
        (await _bench.Sessions.ListAsync(default)).ShouldHaveSingleItem().Id.ShouldBe("s2");
        _bench.Counters.Select(entry => entry.Key).ShouldBe(["factor:ad:2", "user:ad:1"]);
        _bench.Records.Select(record => (record.Reason, record.Identity)).ShouldBe(
            [("totp-reset", "ad:1"), ("session-revoked", "ad:1"), ("lockout-cleared", "ad:1"), ("lockout-cleared", "ad:1")]);
        _bench.Raised.ShouldBe([SignalNames.SessionsChanged, SignalNames.LockoutsChanged, SignalNames.LockoutsChanged]);
        _bench.Result.ShouldContain("Removed 2 apps");
    }

    [Fact]
    public async Task Reset_NameOfTwo_ListsThemAndChangesNothing()
    {
        await EnrolAsync("1", "ad:1");
        await EnrolAsync("2", "local:x");

        (await _bench.RunAsync("totp", "reset", "alice")).ShouldBe(ExitCodes.RefusedOrNotFound);
        _bench.Progress.ShouldContain("ad:1, local:x");
        _bench.Records.ShouldBeEmpty();
        (await _bench.Apps.ListAsync("ad:1", default)).Count.ShouldBe(1);

        (await _bench.RunAsync("totp", "reset", "local:x")).ShouldBe(ExitCodes.Done);
        (await _bench.Apps.ListAsync("ad:1", default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Reset_NobodyEnrolled_IsNotFound()
    {
        (await _bench.RunAsync("totp", "reset", "alice")).ShouldBe(ExitCodes.RefusedOrNotFound);
        _bench.Records.ShouldBeEmpty();
    }

    private async Task<TotpCredential> EnrolAsync(string id, string owner, string login = "alice")
    {
        var app = new TotpCredential
        {
            Id = id,
            IdentityKey = owner,
            Login = login,
            Label = "Phone",
            Seed = TotpSeed.New(),
            Algorithm = TotpAlgorithm.Sha1,
            Digits = 6,
            CreatedAt = CommandBench.Now.AddDays(-3),
            LastStep = 0,
            UsedAt = CommandBench.Now.AddHours(-3),
        };
        (await _bench.Apps.AddAsync(app, 5, default)).ShouldBeTrue();
        return app;
    }

    private ValueTask SignInAsync(string id, UserIdentity user) => _bench.Sessions.AddAsync(
        new SessionRecord
        {
            Id = id,
            Key = SessionToken.New().Key,
            Host = "mail.example.com",
            User = user,
            Proven = FactorSet.Password,
            IsPending = false,
            CreatedAt = CommandBench.Now,
            ProvenAt = CommandBench.Now,
            SeenAt = CommandBench.Now,
            EndsAt = CommandBench.Now.AddHours(12),
            Address = "192.0.2.1",
            UserAgent = "",
        },
        default);

    [GeneratedRegex("[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", RegexOptions.ExplicitCapture)]
    private static partial Regex Code();
}
