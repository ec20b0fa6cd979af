using System.Collections.Frozen;
using System.Net;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Services.ActiveSync;
using AuthGateway.TestKit.Certificates;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Pipeline.Stages;

public sealed class SmallStagesTests : IDisposable
{
    private static readonly Policy Open = new() { Name = "open", Anonymous = true };
    private static readonly Policy Password = new() { Name = "password", Factors = [FactorSet.Password], RequiresPassword = true };
    private static readonly Policy Both = new() { Name = "both", Factors = [FactorSet.Password, FactorSet.Device], RequiresPassword = true, RequiresDevice = true };
    private static readonly Policy Registered = new() { Name = "registered", Factors = [FactorSet.Password], RequiresPassword = true, RequiresDevice = true };

    private readonly RequestBed _bed = new();
    private readonly TestAuthority _authority = TestAuthority.Create();
    private readonly string _folder = Directory.CreateTempSubdirectory("agw-stages-").FullName;

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("192.0.2.1", "", "continue", "192.0.2.1")]
    [InlineData("::ffff:10.0.0.1", "", "continue", "10.0.0.1")]
    [InlineData("192.0.2.1", "10.0.0.1", "continue", "192.0.2.1")]
    [InlineData("10.0.0.9", "10.0.0.1, 203.0.113.5", "continue", "203.0.113.5")]
    [InlineData("10.0.0.9", "203.0.113.5, 10.0.0.1", "continue", "203.0.113.5")]
    [InlineData("10.0.0.9", "203.0.113.5, unknown", "forwarded-address", null)]
    [InlineData("10.0.0.9", "010.0.0.1", "forwarded-address", null)]
    public void ClientAddress_IsThePeerOrWhatATrustedForwarderSays(string peer, string forwarded, string outcome, string? client)
    {
        _bed.Forwarders = ["10.0.0.0/24"];
        var request = _bed.Request(peer: peer, forwardedFor: forwarded.Length > 0 ? forwarded : default);
        RequestBed.Judge(new ClientAddressStage(), request).ShouldBe(outcome);
        if (client is not null)
        {
            request.ClientAddress.ShouldBe(IPAddress.Parse(client));
        }
    }

    [Theory]
    [InlineData("10.1.1.1", "continue", "inside the policy's networks")]
    [InlineData("192.0.2.1", "address-not-allowed", "outside the policy's networks")]
    public void IpAllowlist_PolicyNetworks_Decide(string client, string outcome, string found)
    {
        NetworkSet.TryParse(["10.0.0.0/8"], out var office, out _).ShouldBeTrue();
        foreach (var policy in new[] { new Policy { Name = "p", Networks = office }, new Policy { Name = "p", Networks = office, Anonymous = true } })
        {
            var request = _bed.Ruled(policy);
            request.ClientAddress = IPAddress.Parse(client);
            RequestBed.Judge(new IpAllowlistStage(), request).ShouldBe(outcome);
            new IpAllowlistStage().Describe(request).ShouldBe(found);
        }
    }

    [Theory]
    [InlineData("password", false, "alice@example.com", "continue", true)]
    [InlineData("password", false, null, "continue", false)]
    [InlineData("both", false, "alice@example.com", "continue", true)]
    [InlineData("both", false, null, "no-device-certificate", false)]
    [InlineData("registered", false, null, "no-device-certificate", false)]
    [InlineData("open", true, null, "no-device-certificate", false)]
    [InlineData("password", true, null, "no-device-certificate", false)]
    [InlineData("password", true, "stranger", "device-unknown-authority", false)]
    [InlineData("password", false, "stranger", "continue", false)]
    [InlineData("both", false, "stranger", "device-unknown-authority", false)]
    public void Device_CertificateIsCheckedAndAskedForWhereRequired(string policy, bool hostRequires, string? owner, string outcome, bool device)
    {
        _bed.Devices = Trust();
        using var impostor = TestAuthority.Create();
        using var certificate = owner is null ? null : (owner == "stranger" ? impostor : _authority).IssueClient(
            new ClientCertificateOptions { Mails = [owner], NotBefore = _bed.Clock.GetUtcNow().AddDays(-1), NotAfter = _bed.Clock.GetUtcNow().AddDays(300) });
        var request = _bed.Ruled(Of(policy), _bed.Request(certificate: certificate, host: hostRequires ? ServiceBed.Phones : ServiceBed.Mail));
        RequestBed.Judge(new DeviceStage(), request).ShouldBe(outcome);
        (request.Device?.Device is not null).ShouldBe(device);
    }

    [Fact]
    public async Task Lockout_LockedAddress_IsRefusedUnlessNobodyNeedsToBeKnown()
    {
        var key = LockoutKey.ForAddress(IPAddress.Parse("192.0.2.1"));
        var rule = new LockoutRule(1, 60_000, 60_000);
        if (await _bed.Guard.ChargeAsync(key, rule, default) is ChargeResult.Charged charged)
        {
            _bed.Guard.Confirm(key, charged);
        }

        var stage = new LockoutStage(_bed.Guard);
        RequestBed.Judge(stage, _bed.Ruled(Password)).ShouldBe("address-locked");
        RequestBed.Judge(stage, _bed.Ruled(Open)).ShouldBe("continue");
        RequestBed.Judge(stage, _bed.Ruled(Password, _bed.Request(peer: "198.51.100.1"))).ShouldBe("continue");
    }

    [Theory]
    [InlineData(true, true, "continue")]
    [InlineData(true, false, "address-locked")]
    [InlineData(false, true, "address-locked")]
    public async Task Lockout_WhatIsOpenJudgedWithoutItsCredentials_GoesOnToTheOtherStages(bool isRehearsal, bool ignoresLocks, string verdict)
    {
        var key = LockoutKey.ForAddress(IPAddress.Parse("192.0.2.1"));
        if (await _bed.Guard.ChargeAsync(key, new LockoutRule(1, 60_000, 60_000), default) is ChargeResult.Charged charged)
        {
            _bed.Guard.Confirm(key, charged);
        }

        var request = _bed.Request();
        var again = new AccessRequest
        {
            RequestId = request.RequestId,
            Table = request.Table,
            ReceivedAt = request.ReceivedAt,
            Listener = request.Listener,
            Host = request.Host,
            Authority = request.Authority,
            Port = request.Port,
            Method = request.Method,
            Target = request.Target,
            Peer = request.Peer,
            ClientAddress = request.ClientAddress,
            IsRehearsal = isRehearsal,
            IgnoresLocks = ignoresLocks,
        };
        RequestBed.Judge(new LockoutStage(_bed.Guard), _bed.Ruled(Password, again)).ShouldBe(verdict);
    }

    [Theory]
    [InlineData(null, "challenge", "credentials-missing")]
    [InlineData("Bearer abc", "challenge", "credentials-scheme")]
    [InlineData("Negotiate YII=", "challenge", "credentials-scheme")]
    [InlineData("Basic !!!", "deny", "credentials-malformed")]
    [InlineData("Basic YWxpY2U=", "deny", "credentials-malformed")]
    public async Task Login_WithoutUsableCredentials_AsksOrRefuses(string? authorization, string kind, string outcome)
    {
        var verdict = await Login().JudgeAsync(_bed.Ruled(Password, _bed.Request(authorization: authorization)), default);
        (verdict.Kind.ToString().ToLowerInvariant(), RequestBed.Word(verdict)).ShouldBe((kind, outcome));
        _bed.Backend.Finds.ShouldBe(0);
    }

    [Theory]
    [InlineData("alice", RequestBed.Right, "continue")]
    [InlineData("alice", "wrong", "wrong-password")]
    [InlineData("alice", "", "empty-password")]
    [InlineData("bob*alice", RequestBed.Right, "unknown-user")]
    [InlineData("alice#bob", RequestBed.Right, "unknown-user")]
    public async Task Login_Credentials_AreProven(string user, string password, string outcome)
    {
        var request = _bed.Ruled(Password, _bed.Request(authorization: RequestBed.Basic(user, password)));
        RequestBed.Word(await Login().JudgeAsync(request, default)).ShouldBe(outcome);
        request.Proven.ShouldBe(outcome == "continue" ? FactorSet.Password : FactorSet.None);
        (((AuthGateway.Core.Forwarding.IAdmittedRequest)request).Password is not null).ShouldBe(outcome == "continue");
    }

    [Fact]
    public async Task Login_BackendDown_IsOurOutage()
    {
        _bed.Backend = new Backends.ScriptedBackend("ad", "down");
        var verdict = await Login().JudgeAsync(_bed.Ruled(Password, _bed.Request(authorization: RequestBed.Basic("alice", "x"))), default);
        (verdict.Kind, verdict.Reason).ShouldBe((VerdictKind.Unavailable, VerdictReason.BackendUnavailable));
    }

    [Fact]
    public void Login_NobodyNeedsToBeKnown_LooksAtNoCredentials()
    {
        var request = _bed.Ruled(Open, _bed.Request(authorization: "Basic !!!"));
        RequestBed.Judge(Login(), request).ShouldBe("continue");
        request.Credentials.ShouldBeNull();
    }

    [Fact]
    public void Login_Rehearsal_BelievesWhatItIsToldAndAsksNobody()
    {
        var stage = Login();
        RequestBed.Judge(stage, _bed.Ruled(Password, _bed.Request(rehearsal: true))).ShouldBe("credentials-missing");

        var request = _bed.Ruled(Password, _bed.Request(rehearsed: RequestBed.Alice, authorization: RequestBed.Basic("bob", "x")));
        RequestBed.Judge(stage, request).ShouldBe("continue");
        request.Identity.ShouldBeSameAs(RequestBed.Alice);
        ((AuthGateway.Core.Forwarding.IAdmittedRequest)request).Password.ShouldBeNull();
        (_bed.Backend.Finds, _bed.Backend.Verifies).ShouldBe((0, 0));
    }

    /// <summary>A user of whom <c>explain</c> is told has no counter of his own; those of whom the database knows by his name are looked at.</summary>
    [Theory]
    [InlineData("user:ad:7", "the address is not locked; the account is, but not for its familiar places")]
    [InlineData("name:alice", "the address is not locked; the account is, but not for its familiar places")]
    [InlineData("budget:ad:7", "the address is not locked; wrong passwords have used up what its directory bears, for everybody")]
    [InlineData("budget-strangers:ad:7", "the address is not locked; wrong passwords have used up what its directory bears, but not for its familiar places")]
    [InlineData("user:ad:8", "not locked")]
    public async Task Lockout_RehearsalWithKnownCounters_TellsWhichIsLocked(string locked, string expected)
    {
        await _bed.Guard.ChargeAsync(LockoutKey.FromText(locked), new LockoutRule(1, 60_000, 60_000), default);
        LockoutKey[] counters = [.. new[] { "name:alice", "user:ad:7", "budget:ad:7", "budget-strangers:ad:7" }.Select(LockoutKey.FromText)];

        new LockoutStage(_bed.Guard).Describe(_bed.Ruled(Password, _bed.Request(rehearsed: RequestBed.Alice, counters: counters))).ShouldBe(expected);
    }

    [Fact]
    public async Task Login_RehearsalOfALockedAccount_IsRefused()
    {
        var key = LockoutKey.ForUser(RequestBed.Alice);
        if (await _bed.Guard.ChargeAsync(key, new LockoutRule(1, 60_000, 60_000), default) is ChargeResult.Charged charged)
        {
            _bed.Guard.Confirm(key, charged);
        }

        RequestBed.Judge(Login(), _bed.Ruled(Password, _bed.Request(rehearsed: RequestBed.Alice))).ShouldBe("account-locked");
        new LockoutStage(_bed.Guard).Describe(_bed.Ruled(Password, _bed.Request(rehearsed: RequestBed.Alice))).ShouldBe("the address is not locked; the account is, but not for its familiar places");
    }

    [Theory]
    [InlineData("open", "none", null, "continue")]
    [InlineData("password", "none", null, "factors-missing")]
    [InlineData("password", "password", null, "continue")]
    [InlineData("password", "password", "alice", "continue")]
    [InlineData("password", "password", "ALICE@corp.example.com", "continue")]
    [InlineData("password", "password", "bob@example.com", "identity-mismatch")]
    [InlineData("password", "password", "alice@other.example", "identity-mismatch")]
    [InlineData("both", "password", null, "factors-missing")]
    [InlineData("both", "password", "alice", "continue")]
    [InlineData("both", "none", "alice", "factors-missing")]
    [InlineData("both", "password", "bob", "identity-mismatch")]
    [InlineData("registered", "password", null, "factors-missing")]
    [InlineData("registered", "password", "alice", "continue")]
    public void Factor_EveryEntryMustBeProvenByOnePerson(string policy, string proven, string? owner, string outcome)
    {
        var request = _bed.Ruled(Of(policy));
        request.Proven = proven == "password" ? FactorSet.Password : FactorSet.None;
        request.Identity = policy == "open" ? null : RequestBed.Alice;
        request.Device = owner is null ? null : new DeviceCheck(new DeviceCertificate(owner, "AB", "phones", DateTimeOffset.MaxValue), null, "AB", owner);
        RequestBed.Judge(new FactorStage(), request).ShouldBe(outcome);
    }

    [Fact]
    public async Task Factor_StoreFailsWhenTheCounterIsToBeCleared_IsOurOutage()
    {
        await Login().JudgeAsync(_bed.Ruled(Password, _bed.Request(authorization: RequestBed.Basic("alice", "wrong"))), default);
        var request = _bed.Ruled(Password, _bed.Request(authorization: RequestBed.Basic("alice", RequestBed.Right)));
        RequestBed.Word(await Login().JudgeAsync(request, default)).ShouldBe("continue");
        _bed.Store.IsDown = true;
        var verdict = await new FactorStage().JudgeAsync(request, default);
        (verdict.Kind, verdict.Reason).ShouldBe((VerdictKind.Unavailable, VerdictReason.StoreUnavailable));
    }

    [Theory]
    [InlineData("", "allowed")]
    [InlineData("mobile", "allowed")]
    [InlineData("MOBILE,other", "allowed")]
    [InlineData("cn=staff,dc=EXAMPLE,dc=com", "allowed")]
    [InlineData("Staff", "not-in-group")]
    [InlineData("mob", "not-in-group")]
    public void Authorization_OneGroupOfThePolicy_ByNameOrDn(string groups, string outcome)
    {
        string[] asked = groups.StartsWith("cn=", StringComparison.Ordinal) ? [groups] : groups.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var request = _bed.Ruled(new Policy { Name = "p", Factors = [FactorSet.Password], Groups = asked.ToFrozenSet(StringComparer.OrdinalIgnoreCase) });
        (request.Identity, request.Proven) = (RequestBed.Alice, FactorSet.Password);
        RequestBed.Judge(new AuthorizationStage(), request).ShouldBe(outcome);
    }

    [Theory]
    [InlineData("", "", "Editor", "allowed")]
    [InlineData("", "Editor", "", "not-in-role")]
    [InlineData("", "Editor", "Reader", "not-in-role")]
    [InlineData("", "Editor", "EDITOR", "allowed")]
    [InlineData("", "Editor,Reader", "Reader", "allowed")]
    [InlineData("mobile", "Editor", "Editor", "allowed")]
    [InlineData("board", "Editor", "Editor", "not-in-group")]
    [InlineData("mobile", "Editor", "Reader", "not-in-role")]
    public void Authorization_OneRoleOfThePolicy_BesideTheGroup(string groups, string asked, string held, string outcome)
    {
        var request = _bed.Ruled(new Policy { Name = "p", Factors = [FactorSet.Password], Groups = Names(groups), Roles = Names(asked) });
        (request.Identity, request.Proven) = (new UserIdentity("ad", "1", "alice", null, null, ["Mobile"], []) { Roles = Names(held) }, FactorSet.Password);
        RequestBed.Judge(new AuthorizationStage(), request).ShouldBe(outcome);

        static FrozenSet<string> Names(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("alice", "allowed")]
    [InlineData("ALICE", "allowed")]
    [InlineData("alice@example.com", "allowed")]
    [InlineData("CORP%5Calice", "allowed")]
    [InlineData("CORP%5CALICE@corp.example.com", "allowed")]
    [InlineData("bob", "activesync-user")]
    [InlineData("CORP%5Cbob", "activesync-user")]
    [InlineData("alice%5Cbob", "activesync-user")]
    [InlineData("alice@other.example", "activesync-user")]
    [InlineData("alice%5C", "activesync-user")]
    public void Authorization_ActiveSyncUser_MustBeTheLogin(string named, string outcome)
    {
        ActiveSyncQuery.TryParse($"Cmd=Sync&User={named}&DeviceId=ABC1&DeviceType=iPhone", true, out var query, out _).ShouldBeTrue();
        var request = _bed.Ruled(Password);
        (request.Identity, request.Proven, request.ActiveSync) = (RequestBed.Alice, FactorSet.Password, query);
        RequestBed.Judge(new AuthorizationStage(), request).ShouldBe(outcome);
    }

    [Fact]
    public void Authorization_NobodyKnown_IsRefused() => RequestBed.Judge(new AuthorizationStage(), _bed.Ruled(Password)).ShouldBe("factors-missing");

    [Fact]
    public void Authorization_NoRule_IsRefusedWhoeverItIs()
    {
        var request = _bed.Request();
        (request.Identity, request.Proven) = (RequestBed.Alice, FactorSet.Password);
        RequestBed.Judge(new AuthorizationStage(), request).ShouldBe("denied-by-rule");
    }

    private static Policy Of(string name) => name switch { "open" => Open, "both" => Both, "registered" => Registered, _ => Password };

    private LoginStage Login() => new(_bed.Flow, _bed.AppPasswordFlow, _bed.Guard, _bed.Sessions, _bed.SignOn);

    private DeviceTrust Trust()
    {
        var faults = new FaultList();
        var options = new DeviceOptions { Authorities = { ["phones"] = new DeviceAuthorityOptions { CaFile = _authority.WriteCa(Path.Combine(_folder, "ca.pem")) } } };
        var trust = DeviceTrust.Build(options, faults);
        faults.HasErrors.ShouldBeFalse();
        return trust.ShouldNotBeNull();
    }
}
