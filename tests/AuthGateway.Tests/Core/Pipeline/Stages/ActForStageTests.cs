using System.Collections.Frozen;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Backends;
using AuthGateway.Tests.Core.Services;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Pipeline.Stages;

/// <summary>
/// Anna and Dora are users, Dora disabled; Carol of the helpdesk may act for users of the domain, from the office; Alice is an administrator, Zoe lives
/// in another domain, Bob may nothing.
/// </summary>
public sealed class ActForStageTests
{
    private const string Office = "10.0.0.1";
    private const string Outside = "192.0.2.1";

    private readonly RequestBed _bed = new();
    private readonly PeopleBackend _people = new("ad");
    private readonly InMemoryAuditStore _trail = new();
    private readonly AuditLog _log;
    private readonly AccessAudit _audit;

    public ActForStageTests()
    {
        _log = new AuditLog(_trail, _bed.Clock, NullLogger<AuditLog>.Instance);
        _audit = new AccessAudit(_log);
        _bed.Directory = _people;
        _bed.Services.Services["web"].Login = "both";
        _bed.Services.Policies["staff"] = new() { Factors = ["password"], Groups = ["staff"] };
        _bed.Services.Policies["two"] = new() { Factors = ["password", "totp"] };
        _bed.Acting.Grants.Add(new() { Roles = ["helpdesk"], Domains = ["example.com"], Services = ["web"], Networks = ["office"] });
        _bed.Acting.Ranks = ["helpdesk", "admin"];
        Add("anna", "");
        Add("dora", "").State = AccountStates.Disabled;
        Add("bob", "");
        Add("carol", "helpdesk");
        Add("grace", "helpdesk");
        Add("alice", "admin");
        var zoe = Add("zoe", "");
        zoe.Identity = new UserIdentity("ad", "id-zoe", "zoe", "zoe@other.example", null, ["staff"], []);
    }

    /// <summary>Name, password, from where, the outcome, whose record it is, and who acted.</summary>
    public static TheoryData<string, string, string, string, string?, string?> Attempts => new()
    {
        { "anna*carol", "pw-carol", Office, "allowed", "anna", "carol" },
        { "ANNA*Carol", "pw-carol", Office, "allowed", "anna", "carol" },
        { "anna*carol", "pw-carol", Outside, "act-for-denied", null, "carol" },
        { "anna*carol", "pw-anna", Office, "wrong-password", null, "carol" },
        { "anna*carol", "", Office, "empty-password", null, null },
        { "carol*carol", "pw-carol", Office, "act-for-denied", "carol", "carol" },
        { "anna*bob", "pw-bob", Office, "act-for-denied", null, "bob" },
        { "nobody*bob", "pw-bob", Office, "act-for-denied", null, "bob" },
        { "carol*bob", "pw-bob", Office, "act-for-denied", null, "bob" },
        { "alice*carol", "pw-carol", Office, "act-for-denied", "alice", "carol" },
        { "grace*carol", "pw-carol", Office, "act-for-denied", "grace", "carol" },
        { "zoe*carol", "pw-carol", Office, "act-for-denied", "zoe", "carol" },
        { "dora*carol", "pw-carol", Office, "act-for-denied", "dora", "carol" },
        { "nobody*carol", "pw-carol", Office, "act-for-denied", null, "carol" },
        { "anna*nobody", "pw", Office, "unknown-user", null, null },
        { "anna*alice", "pw-alice", Office, "act-for-denied", null, "alice" },
        { "anna*bob*carol", "pw-carol", Office, "unknown-user", null, null },
        { "anna**carol", "pw-carol", Office, "unknown-user", null, null },
        { "*carol", "pw-carol", Office, "unknown-user", null, null },
        { "anna*", "pw-anna", Office, "unknown-user", null, null },
        { "anna*carol\r\nX-Remote-User: alice", "pw-carol", Office, "credentials-malformed", null, null },
        { "anna*carol#x", "pw-carol", Office, "unknown-user", null, null },
    };

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task Basic_NameOfTwo_IsJudgedAsTheRightSays(string name, string password, string from, string outcome, string? user, string? actor)
    {
        var request = Request(name, password, from);
        var word = await JudgeAsync(request);

        word.ShouldBe(outcome);
        await RecordAsync(request);
        var record = _trail.Records.ShouldHaveSingleItem();
        (record.Identity, record.ActedBy?.Identity).ShouldBe((user is null ? null : $"ad:id-{user}", actor is null ? null : $"ad:id-{actor}"));
        var admitted = (IAdmittedRequest)request;
        admitted.IsAllowed.ShouldBe(outcome == "allowed");
        admitted.Password.ShouldBeNull("the actor's password is nobody else's");
        if (outcome == "allowed")
        {
            (admitted.Login, request.Actor!.Login, record.ActedBy!.Login).ShouldBe(("anna", "carol", "carol"));
        }
    }

    [Theory]
    [InlineData("nobody*carol")]
    [InlineData("alice*carol")]
    [InlineData("grace*carol")]
    [InlineData("zoe*carol")]
    [InlineData("dora*carol")]
    [InlineData("carol*carol")]
    public async Task Basic_WhomeverHeMayNot_IsToldTheSame(string name)
    {
        var request = Request(name, "pw-carol", Office);
        await JudgeAsync(request);

        (request.Verdict.Kind, request.Verdict.Reason).ShouldBe((VerdictKind.Deny, VerdictReason.ActForDenied));
        VerdictReason.ActForDenied.Status.ShouldBe(403);
    }

    [Fact]
    public async Task Basic_NoRightHere_LooksForNobody()
    {
        var asked = new CountingBackend(_people);
        _bed.Directory = asked;

        (await JudgeAsync(Request("anna*bob", "pw-bob", Office))).ShouldBe("act-for-denied");

        asked.Found.ShouldBe(["bob"]);
    }

    [Fact]
    public async Task Basic_Off_IsRefusedAsBefore()
    {
        _bed.Acting.Grants.Clear();
        var asked = new CountingBackend(_people);
        _bed.Directory = asked;

        (await JudgeAsync(Request("anna*carol", "pw-carol", Office))).ShouldBe("unknown-user");

        asked.Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task Basic_WrongPassword_CountsForTheActorAlone()
    {
        for (var i = 0; i < 20; i++)
        {
            await JudgeAsync(Request("anna*carol", $"guess {i}", $"10.0.1.{i}"));
        }

        _bed.Guard.IsLocked(LockoutKey.ForUser(_people.People["carol"].Identity)).ShouldBeTrue();
        _bed.Guard.IsLocked(LockoutKey.ForUser(_people.People["anna"].Identity)).ShouldBeFalse();
        _bed.Guard.IsLocked(LockoutKey.ForName(Name("anna*carol".Replace('*', '.')))).ShouldBeFalse();
        (await JudgeAsync(Request("anna", "pw-anna", Office))).ShouldBe("allowed");
        (await JudgeAsync(Request("anna*carol", "pw-carol", Office))).ShouldBe("account-locked");
    }

    [Fact]
    public async Task Basic_DeniedWithTheRightPassword_CountsForNobody()
    {
        for (var i = 0; i < 20; i++)
        {
            (await JudgeAsync(Request("alice*carol", "pw-carol", Office))).ShouldBe("act-for-denied");
        }

        (await JudgeAsync(Request("alice", "pw-alice", Office))).ShouldBe("allowed");
        (await JudgeAsync(Request("carol", "pw-carol", Office))).ShouldBe("allowed");
    }

    /// <summary>What was proven for one name, and what must not be served from it.</summary>
    [Theory]
    [InlineData("anna*carol", "pw-carol", "anna", "pw-carol", "wrong-password")]
    [InlineData("anna", "pw-anna", "anna*carol", "pw-anna", "wrong-password")]
    [InlineData("anna*carol", "pw-carol", "carol*anna", "pw-carol", "wrong-password")]
    [InlineData("anna*carol", "pw-carol", "bob*carol", "pw-carol", "allowed")]
    [InlineData("anna*carol", "pw-carol", "anna*bob", "pw-carol", "wrong-password")]
    [InlineData("anna*carol", "pw-carol", "anna*bob", "pw-bob", "act-for-denied")]
    [InlineData("anna*carol", "pw-carol", "anna*carol", "pw-anna", "wrong-password")]
    public async Task Cache_ProofOfOneName_ServesNoOther(string first, string firstPassword, string second, string password, string outcome)
    {
        (await JudgeAsync(Request(first, firstPassword, Office))).ShouldBe("allowed");
        (await JudgeAsync(Request(first, firstPassword, Office))).ShouldBe("allowed");
        var asked = new CountingBackend(_people);
        _bed.Directory = asked;

        var request = Request(second, password, Office);
        (await JudgeAsync(request)).ShouldBe(outcome);

        asked.Found.ShouldNotBeEmpty("proven anew");
        (request.Verdict.Kind != VerdictKind.Allow || request.Identity!.Login == second.Split('*')[0]).ShouldBeTrue();
    }

    [Fact]
    public async Task Cache_SameTwo_AskTheDirectoryOnceAndAreCountedByThemselves()
    {
        var asked = new CountingBackend(_people);
        _bed.Directory = asked;
        foreach (var name in (string[])["carol", "anna*carol", "anna*carol", "carol", "anna*carol"])
        {
            var request = Request(name, "pw-carol", Office);
            (await JudgeAsync(request)).ShouldBe("allowed");
            await RecordAsync(request);
        }

        asked.Found.ShouldBe(["carol", "carol", "anna"]);
        _trail.Records.Select(record => (record.Identity, record.ActedBy?.Login)).ShouldBe([("ad:id-carol", null), ("ad:id-anna", "carol")]);
        await _log.FlushAsync(all: true, default);
        _trail.Records.Skip(2).Select(record => (record.Identity, record.ActedBy?.Login, record.Count)).ShouldBe([("ad:id-carol", null, 1), ("ad:id-anna", "carol", 2)], ignoreOrder: true);
    }

    [Fact]
    public async Task Cache_RightWithdrawn_HoldsForNothing()
    {
        (await JudgeAsync(Request("anna*carol", "pw-carol", Office))).ShouldBe("allowed");
        _bed.Acting.Grants[0].Domains = ["other.example"];

        (await JudgeAsync(Request("anna*carol", "pw-carol", Office))).ShouldBe("act-for-denied");
    }

    [Theory]
    [InlineData("carol", "staff", "not-in-group")]
    [InlineData("anna", "staff", "not-in-group")]
    [InlineData("nobody", "staff", "allowed")]
    [InlineData("nobody", "two", "factors-missing")]
    public async Task Basic_Policy_IsMetByBoth(string outsider, string policy, string outcome)
    {
        _bed.Services.Services["web"].Rules[0].Policy = policy;
        if (_people.People.TryGetValue(outsider, out var person))
        {
            var (roles, old) = (person.Identity.Roles, person.Identity);
            person.Identity = new UserIdentity("ad", old.ObjectId, old.Login, old.Mail, null, ["others"], []) { Roles = roles };
        }

        (await JudgeAsync(Request("anna*carol", "pw-carol", Office))).ShouldBe(outcome);
    }

    [Theory]
    [InlineData("anna*carol")]
    [InlineData("nobody*carol")]
    [InlineData("alice*carol")]
    public async Task Basic_FactorMissing_TellsNothingAboutTheTarget(string name)
    {
        _bed.Services.Services["web"].Rules[0].Policy = "two";
        var asked = new CountingBackend(_people);
        _bed.Directory = asked;

        (await JudgeAsync(Request(name, "pw-carol", Office))).ShouldBe("factors-missing");

        asked.Found.ShouldBe(["carol"]);
    }

    [Theory]
    [InlineData("carol", "allowed")]
    [InlineData("anna", "identity-mismatch")]
    public async Task Basic_Device_IsTheActors(string owner, string outcome)
    {
        _bed.Services.Hosts[ServiceBed.Mail].ClientCertificate = "required";
        _bed.Services.Services["web"].Rules[0].Policy = "both";
        var request = Request("anna*carol", "pw-carol", Office);
        request.Device = new DeviceCheck(new DeviceCertificate(owner, "AB", "phones", DateTimeOffset.MaxValue), null, "AB", owner);
        request.PublishedHost = request.Table.Services.FindHost(request.Host);
        request.Service = request.Table.Services.Services[0];
        request.Rule = request.Service.Rules[0];

        RequestBed.Word(await BehindTheDoor().JudgeAsync(request, default)).ShouldBe(outcome);
    }

    [Theory]
    [InlineData("app-password")]
    [InlineData("app-password|password")]
    public async Task Basic_AppPassword_LetsNobodyActForAnother(string factors)
    {
        _bed.Policies("apps", factors);
        _bed.Services.Services["web"].Rules[0].Policy = "apps";
        var secret = await _bed.AppPasswords.AddAsync(_people.People["carol"].Identity, change: record => record with { For = [AppPasswordClass.Web] });
        (await JudgeAsync(Request("carol", secret, Office))).ShouldBe("allowed");
        var asked = new CountingBackend(_people);
        _bed.Directory = asked;

        (await JudgeAsync(Request("anna*carol", secret, Office))).ShouldBe("app-password-scope");

        asked.Found.Contains("anna", StringComparer.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public async Task Basic_DirectoryAway_IsNobodysFault()
    {
        var asked = new CountingBackend(_people) { FailsFor = "anna" };
        _bed.Directory = asked;

        var request = Request("anna*carol", "pw-carol", Office);
        (await JudgeAsync(request)).ShouldBe("backend-unavailable");

        ((IAdmittedRequest)request).Login.ShouldBeNull();
    }

    /// <summary>A session that acts: what has happened since, and the outcome.</summary>
    [Theory]
    [InlineData("", Office, "allowed")]
    [InlineData("", Outside, "act-for-denied")]
    [InlineData("role withdrawn", Office, "act-for-denied")]
    [InlineData("target risen", Office, "act-for-denied")]
    [InlineData("off", Office, "act-for-denied")]
    [InlineData("two", Office, "factors-missing")]
    public async Task Session_ThatActs_IsJudgedAnewEachTime(string change, string from, string outcome)
    {
        var (carol, anna) = (_people.People["carol"].Identity, _people.People["anna"].Identity);
        var opened = await ActAsync(carol, anna);
        switch (change)
        {
            case "role withdrawn":
                await _bed.Sessions.RenewAsync(new UserIdentity("ad", carol.ObjectId, "carol", carol.Mail, null, carol.Groups, []), default);
                break;
            case "target risen":
                await _bed.Sessions.RenewAsync(new UserIdentity("ad", anna.ObjectId, "anna", anna.Mail, null, anna.Groups, []) { Roles = Set("admin") }, default);
                break;
            case "off":
                _bed.Acting.Grants.Clear();
                break;
            case "two":
                _bed.Services.Services["web"].Rules[0].Policy = "two";
                break;
            default:
                break;
        }

        foreach (var webSocket in (bool[])[false, true])
        {
            var request = _bed.Request(peer: from, token: opened.Token, webSocket: webSocket, origin: webSocket ? $"https://{ServiceBed.Mail}" : default(string));
            (await JudgeAsync(request)).ShouldBe(outcome);
            var admitted = (IAdmittedRequest)request;
            admitted.IsAllowed.ShouldBe(outcome == "allowed");
            admitted.Password.ShouldBeNull();
            (outcome != "allowed" || admitted.Login == "anna").ShouldBeTrue();
            await RecordAsync(request);
        }

        _trail.Records.ShouldAllBe(record => record.Identity == "ad:id-anna" && record.ActedBy!.Login == "carol");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("role withdrawn", false)]
    [InlineData("off", false)]
    [InlineData("basic", true)]
    [InlineData("basic, role withdrawn", false)]
    [InlineData("basic, target disabled", false)]
    public async Task WebSocket_Open_StandsWithTheRight(string change, bool stands)
    {
        var (carol, anna) = (_people.People["carol"].Identity, _people.People["anna"].Identity);
        var basic = change.StartsWith("basic", StringComparison.Ordinal);
        var request = basic
            ? Request("anna*carol", "pw-carol", Office)
            : _bed.Request(peer: Office, token: (await ActAsync(carol, anna)).Token, webSocket: true, origin: $"https://{ServiceBed.Mail}");
        (await JudgeAsync(request)).ShouldBe("allowed");
        var poorer = new UserIdentity("ad", carol.ObjectId, "carol", carol.Mail, null, carol.Groups, []);
        switch (change)
        {
            case "role withdrawn":
                await _bed.Sessions.RenewAsync(poorer, default);
                break;
            case "basic, role withdrawn":
                _people.People["carol"].Identity = poorer;
                _bed.Flow.ForgetOthersOf(poorer);
                break;
            case "basic, target disabled":
                // As the refresher does it within its interval: it asks about whoever was resolved.
                _bed.Flow.CachedUsers().ShouldContain(user => user.Key == anna.Key);
                _people.People["anna"].State = AccountStates.Disabled;
                _bed.Flow.Forget(anna.Key);
                break;
            case "off":
                _bed.Acting.Grants.Clear();
                break;
            default:
                break;
        }

        var state = new GatewayState();
        state.Swap(_bed.Table());
        (await new StandingJudge(_bed.Judge(), state, _bed.Clock).StandsAsync(request)).ShouldBe(stands);
    }

    [Fact]
    public async Task Session_BackToItself_IsItsOwnersAgain()
    {
        var (carol, anna) = (_people.People["carol"].Identity, _people.People["anna"].Identity);
        var acting = await ActAsync(carol, anna, "pw-carol");
        var back = (await _bed.Sessions.ActForAsync(acting.Session, acting.Token, null, acting.Session.Record.EndsAt, default)).ShouldNotBeNull();

        var old = _bed.Request(peer: Office, token: acting.Token);
        (await JudgeAsync(old)).ShouldBe("credentials-missing");
        var request = _bed.Request(peer: Office, token: back.Token);
        (await JudgeAsync(request)).ShouldBe("allowed");
        var admitted = (IAdmittedRequest)request;
        (admitted.Login, request.Actor).ShouldBe(("carol", null));
        admitted.Password!.FixedTimeEquals(Secret.FromText("pw-carol")).ShouldBeTrue("kept for its owner's return");
    }

    private static FrozenSet<string> Set(string one) => new[] { one }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static UserName Name(string text)
    {
        UserName.TryParse(text, out var name).ShouldBeTrue();
        return name!;
    }

    private Person Add(string login, string role)
    {
        var person = _people.Add(login, $"pw-{login}", "staff");
        person.Identity = new UserIdentity("ad", $"id-{login}", login, $"{login}@example.com", null, ["staff"], []) { Roles = role.Length == 0 ? [] : Set(role) };
        return person;
    }

    private async Task<OpenedSession> ActAsync(UserIdentity actor, UserIdentity target, string? password = null)
    {
        var opened = await _bed.Sessions.BeginAsync(
            new SessionStart(ServiceBed.Mail, actor, FactorSet.Password, false, password is null ? null : Secret.FromText(password), Office, null), new SessionOptions(), default);
        return (await _bed.Sessions.ActForAsync(opened.Session, opened.Token, target, opened.Session.Record.EndsAt, default)).ShouldNotBeNull();
    }

    private AccessRequest Request(string name, string password, string from) => _bed.Request(peer: from, authorization: RequestBed.Basic(name, password));

    private async Task<string> JudgeAsync(AccessRequest request) => RequestBed.Word(await _bed.Judge().JudgeAsync(request, default));

    private AccessJudge BehindTheDoor() => new(_bed.Judge().Stages.SkipWhile(stage => stage.Name != "login"));

    private async Task RecordAsync(AccessRequest request)
    {
        if (request.Verdict.Kind == VerdictKind.Allow)
        {
            (_audit.TryCount(request) || await _audit.RecordAllowAsync(request, default)).ShouldBeTrue();
        }
        else
        {
            await _audit.RecordRefusalAsync(request, default);
        }
    }

    /// <summary>Writes down who is looked for.</summary>
    private sealed class CountingBackend(PeopleBackend people) : IBackend
    {
        public string Name => people.Name;

        public List<string> Found { get; } = [];

        public string? FailsFor { get; init; }

        public ValueTask<BackendLookup> FindAsync(UserName typed, CancellationToken cancellationToken)
        {
            Found.Add(typed.Folded);
            return typed.Folded == FailsFor ? new(new BackendLookup.Unavailable("down")) : people.FindAsync(typed, cancellationToken);
        }

        public ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken) => people.VerifyAsync(user, secret, cancellationToken);

        public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new((string?)null);
    }
}
