using System.Text.Json;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Tests.Commands;

public sealed class SessionCommandTests
{
    private const string Password = "four words in a row";
    private static readonly UserIdentity Alice = new("ad", "1", "alice", "alice@example.com", null, [], []);
    private static readonly UserIdentity Bob = new("ad", "2", "bob", null, null, [], []);

    private readonly CommandBench _bench = new();

    [Fact]
    public async Task List_Sessions_ShowsTheLastUsedFirstAndNoSecret()
    {
        await AddAsync("s1", Alice);
        var bobs = await AddAsync("s2", Bob, minutes: 5, pending: true);
        await AddAsync("s3", Alice, minutes: -60 * 24);

        (await _bench.RunAsync("session", "list")).ShouldBe(ExitCodes.Done);

        var rows = _bench.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        rows.Length.ShouldBe(3);
        rows[1].ShouldContain("s2");
        rows[1].ShouldContain("one owed");
        rows[2].ShouldContain("s1");
        _bench.Result.ShouldNotContain(Convert.ToHexString(bobs.Key.ToBytes()), Case.Insensitive);
    }

    [Theory]
    [InlineData("ALICE")]
    [InlineData("alice@example.com")]
    [InlineData("ad:1")]
    public async Task List_OfUser_KnowsEveryName(string name)
    {
        await AddAsync("s1", Alice);
        await AddAsync("s2", Bob);

        (await _bench.RunAsync("session", "list", "--user", name, "--json")).ShouldBe(ExitCodes.Done);

        using var json = JsonDocument.Parse(_bench.Result);
        var session = json.RootElement.EnumerateArray().ShouldHaveSingleItem();
        (session.GetProperty("id").GetString(), session.GetProperty("identity").GetString(), session.GetProperty("address").GetString(), session.GetProperty("factors").GetString())
            .ShouldBe(("s1", "ad:1", "192.0.2.1", "password"));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("bob")]
    public async Task List_ActingForAnother_IsShownUnderBothNames(string user)
    {
        var session = await AddAsync("s1", Bob);
        await _bench.Sessions.ReplaceAsync(session.Key, session with { ActsFor = Alice }, default);

        (await _bench.RunAsync("session", "list", "--user", user)).ShouldBe(ExitCodes.Done);
        _bench.Result.ShouldContain("bob, acts for alice");
        (await _bench.RunAsync("session", "revoke", "--user", user)).ShouldBe(ExitCodes.Done);
        (await KeptAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task List_Nobody_SaysSo()
    {
        (await _bench.RunAsync("session", "list")).ShouldBe(ExitCodes.Done);
        _bench.Progress.ShouldContain("Nobody is signed in.");
        (await _bench.RunAsync("session", "list", "--user", "alice")).ShouldBe(ExitCodes.RefusedOrNotFound);
    }

    [Fact]
    public async Task Revoke_Id_EndsItRecordsAndSignals()
    {
        await AddAsync("s1", Alice);
        await AddAsync("s2", Alice);

        (await _bench.RunAsync("session", "revoke", "s1")).ShouldBe(ExitCodes.Done);

        (await KeptAsync()).ShouldBe(["s2"]);
        var record = _bench.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.Identity, record.TypedName).ShouldBe((AuditEvents.Administration, "session-revoked", "done", "ad:1", "alice"));
        record.Detail.ShouldNotBeNull().ShouldStartWith("session s1, by ");
        _bench.Raised.ShouldBe([SignalNames.SessionsChanged]);
    }

    [Fact]
    public async Task Revoke_UserOrAll_EndsThoseAndNoOthers()
    {
        await AddAsync("s1", Alice);
        await AddAsync("s2", Alice);
        await AddAsync("s3", Bob);

        (await _bench.RunAsync("session", "revoke", "--user", "alice", "--json")).ShouldBe(ExitCodes.Done);
        (await KeptAsync()).ShouldBe(["s3"]);
        _bench.Result.ShouldContain("revoked");
        _bench.Records.ShouldHaveSingleItem();

        await AddAsync("s4", Alice);
        (await _bench.RunAsync("session", "revoke", "--all")).ShouldBe(ExitCodes.Done);
        (await KeptAsync()).ShouldBeEmpty();
        _bench.Records.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("s9")]
    [InlineData("--user", "carol")]
    [InlineData("--all")]
    public async Task Revoke_NothingMatches_IsNotFound(params string[] what)
    {
        if (what[0] != "--all")
        {
            await AddAsync("s1", Alice);
        }

        (await _bench.RunAsync(["session", "revoke", .. what])).ShouldBe(ExitCodes.RefusedOrNotFound);

        _bench.Records.ShouldBeEmpty();
        _bench.Raised.ShouldBeEmpty();
    }

    [Theory]
    [InlineData]
    [InlineData("s1", "--all")]
    [InlineData("s1", "--user", "alice")]
    [InlineData("--user", "alice", "--all")]
    public async Task Revoke_NoneOrSeveralKinds_IsUsage(params string[] what)
    {
        await AddAsync("s1", Alice);

        (await _bench.RunAsync(["session", "revoke", .. what])).ShouldBe(ExitCodes.Usage);

        (await KeptAsync()).ShouldBe(["s1"]);
    }

    [Fact]
    public async Task Revoke_AuditDown_ChangesNothing()
    {
        await AddAsync("s1", Alice);
        _bench.AuditIsDown = true;

        (await _bench.RunAsync("session", "revoke", "s1")).ShouldBe(ExitCodes.Unavailable);

        (await KeptAsync()).ShouldBe(["s1"]);
    }

    [Theory]
    [InlineData("disable", false)]
    [InlineData("passwd", false)]
    [InlineData("enable", true)]
    public async Task User_DisabledOrNewPassword_IsSignedOut(string verb, bool kept)
    {
        await _bench.Types(Password, Password).RunAsync("user", "add", "carol");
        await AddAsync("s1", new UserIdentity("local", _bench.Accounts[0].Id, "carol", null, null, [], []));
        await AddAsync("s2", Alice);

        (await _bench.Types(Password, Password).RunAsync("user", verb, "carol")).ShouldBe(ExitCodes.Done);

        (await KeptAsync()).ShouldBe(kept ? ["s1", "s2"] : ["s2"]);
        _bench.Raised.Contains(SignalNames.SessionsChanged).ShouldBe(!kept);
    }

    private async Task<SessionRecord> AddAsync(string id, UserIdentity user, int minutes = 0, bool pending = false)
    {
        var session = new SessionRecord
        {
            Id = id,
            Key = SessionToken.New().Key,
            Host = "mail.example.com",
            User = user,
            Proven = FactorSet.Password,
            IsPending = pending,
            CreatedAt = CommandBench.Now.AddMinutes(minutes - 10),
            ProvenAt = CommandBench.Now.AddMinutes(minutes - 10),
            SeenAt = CommandBench.Now.AddMinutes(minutes - 6),
            EndsAt = CommandBench.Now.AddMinutes(minutes - 10).AddHours(12),
            Address = "192.0.2.1",
            UserAgent = "Browser",
        };
        await _bench.Sessions.AddAsync(session, default);
        return session;
    }

    private async Task<IEnumerable<string>> KeptAsync() => (await _bench.Sessions.ListAsync(default)).Select(session => session.Id).Order(StringComparer.Ordinal);
}
