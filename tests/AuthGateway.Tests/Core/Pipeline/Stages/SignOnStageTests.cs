using System.Net;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Tests.Core.Backends;
using AuthGateway.Tests.Core.Login.Tickets;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Pipeline.Stages;

/// <summary>Who comes in without a password, and who never does.</summary>
public sealed class SignOnStageTests
{
    private const string Inside = "10.1.1.1";
    private const string Outside = "192.0.2.1";

    private readonly RequestBed _bed = new();

    public SignOnStageTests()
    {
        NetworkSet.TryParse(["10.0.0.0/8"], out var inside, out _).ShouldBeTrue();
        _bed.Kerberos = new KerberosTable([new KerberosRealm("A.TEST", null, null)], inside, []);
        _bed.Policies("device", "device");
        _bed.Policies("ticket", "password|kerberos");
        _bed.Policies("ticket-only", "kerberos");
        _bed.Policies("header", "header|password");
        _bed.Services.Services["web"].Login = "both";
    }

    /// <summary>Certificate alone: policy, whom it names, whether its authority has domains, what else comes along, the outcome.</summary>
    public static TheoryData<string, string?, bool, string, string> Certificates => new()
    {
        { "device", "alice", true, "", "continue" },
        { "device", "ALICE", true, "", "continue" },
        { "device", "alice", false, "", "credentials-missing" },
        { "device", null, true, "", "credentials-missing" },
        { "device", "bob@example.com", true, "", "identity-mismatch" },
        { "device", "alice", true, "basic alice right", "continue" },
        { "device", "alice", true, "basic alice wrong", "continue" },
        { "device", "alice", true, "basic alice empty", "continue" },
        { "device", "alice", true, "basic DOMAIN\\alice wrong", "continue" },
        { "device", "alice", true, "basic bob right", "identity-mismatch" },
        { "device", "alice", true, "basic malformed", "identity-mismatch" },
        { "device", "alice", true, "bearer", "identity-mismatch" },
        { "device", "alice", true, "session alice", "continue" },
        { "device", "alice", true, "session bob", "identity-mismatch" },
        { "device", "alice", true, "another site posts", "foreign-form" },
        { "device", "alice", true, "another site loads", "foreign-form" },
        { "device", "alice", true, "another site opens", "continue" },
        { "device", "alice", true, "own page posts", "continue" },
        { "device", "alice", true, "foreign origin", "foreign-form" },
        { "both", "alice", true, "", "credentials-missing" },
        { "both", "alice", true, "basic alice right", "continue" },
        { "both", "alice", true, "basic alice wrong", "wrong-password" },
        { "password", "alice", true, "", "credentials-missing" },
        { "ticket", "alice", true, "", "credentials-missing" },
    };

    [Theory]
    [MemberData(nameof(Certificates))]
    public async Task Certificate_Alone_LetsItsOwnerIn(string policy, string? owner, bool hasDomains, string beside, string outcome)
    {
        var request = await RequestAsync(policy, Outside, beside);
        request.Device = owner is null ? null : new DeviceCheck(new DeviceCertificate(owner, "AB", "phones", DateTimeOffset.MaxValue) { SaysWho = hasDomains }, null, "AB", owner);
        (await WordAsync(request)).ShouldBe(outcome);
        if (outcome == "continue" && policy == "device")
        {
            request.Identity!.Login.ShouldBe("alice");
            ((IReadOnlyList<FactorSet>)[request.Proven & ~FactorSet.Password]).ShouldBe([FactorSet.Device]);
            _bed.Backend.Verifies.ShouldBe(0, "no password is looked at");
        }
    }

    /// <summary>Header: what the forwarder said, what else comes along, the outcome under a policy that takes its word.</summary>
    public static TheoryData<string, string, string> Headers => new()
    {
        { "alice", "", "continue" },
        { "fault", "", "header-not-trusted" },
        { "nothing", "", "credentials-missing" },
        { "alice", "session alice", "continue" },
        { "alice", "session bob", "identity-mismatch" },
        { "alice", "basic alice wrong", "continue" },
        { "alice", "basic bob right", "identity-mismatch" },
        { "alice", "bearer", "identity-mismatch" },
        { "alice", "another site posts", "foreign-form" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Header_OfAForwarder_NamesOnePerson(string said, string beside, string outcome)
    {
        var request = await RequestAsync("header", Inside, beside, said switch
        {
            "nothing" => null,
            "fault" => new ForwardedName(null, "twice"),
            _ => new ForwardedName(Name(said), null),
        });
        (await WordAsync(request)).ShouldBe(outcome);
        (outcome != "continue" || (request.Proven & FactorSet.Header) != 0).ShouldBeTrue();
    }

    [Fact]
    public async Task Header_WhereThePolicyAsksForThePassword_IsNothing()
    {
        (await WordAsync(await RequestAsync("password", Inside, "", new ForwardedName(Name("alice"), null)))).ShouldBe("credentials-missing");
        (await WordAsync(await RequestAsync("password", Inside, "session bob", new ForwardedName(Name("alice"), null)))).ShouldBe("continue");
    }

    [Theory]
    [InlineData("ticket", Inside, "alice@A.TEST", "continue")]
    [InlineData("ticket-only", Inside, "alice@A.TEST", "continue")]
    [InlineData("ticket", Outside, "alice@A.TEST", "credentials-scheme")]
    [InlineData("ticket", Inside, "alice@B.TEST", "realm-not-allowed")]
    [InlineData("ticket", Inside, "alice/admin@A.TEST", "realm-not-allowed")]
    [InlineData("password", Inside, "alice@A.TEST", "credentials-scheme")]
    [InlineData("both", Inside, "alice@A.TEST", "credentials-scheme")]
    public async Task Ticket_IsTakenWhereItIsAskedForOnly(string policy, string from, string principal, string outcome)
    {
        _bed.Tickets.Principal = principal;
        var request = await RequestAsync(policy, from, "ticket");
        (await WordAsync(request)).ShouldBe(outcome);
        _bed.Tickets.Asked.ShouldBe(outcome == "credentials-scheme" ? 0 : 1);
        (outcome != "continue" || request is { Proven: FactorSet.Kerberos, TicketAnswer: "Negotiate AQID" }).ShouldBeTrue();
    }

    [Fact]
    public async Task Ticket_Repeated_IsRefusedThoughTheUserIsKnown()
    {
        (await WordAsync(await RequestAsync("ticket", Inside, "ticket"))).ShouldBe("continue");
        (await WordAsync(await RequestAsync("ticket", Inside, "ticket"))).ShouldBe("ticket-refused");
    }

    [Theory]
    [InlineData("ticket", Inside, "Negotiate;Basic")]
    [InlineData("ticket", Outside, "Basic")]
    [InlineData("ticket-only", Inside, "Negotiate")]
    [InlineData("password", Inside, "Basic")]
    public async Task Challenge_ListsWhatWouldBeTaken(string policy, string from, string schemes)
    {
        var request = await RequestAsync(policy, from, "");
        request.OffersTicket.ShouldBe(schemes.StartsWith("Negotiate", StringComparison.Ordinal));
        ((request.Policy.Accepted & FactorSet.Password) != 0).ShouldBe(schemes.EndsWith("Basic", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Session_OfATicket_IsNoPassword()
    {
        var opened = await BeginAsync(RequestBed.Alice, FactorSet.Kerberos);
        (await WordAsync(Ruled("ticket", _bed.Request(token: opened.Token)))).ShouldBe("continue");
        (await WordAsync(Ruled("password", _bed.Request(token: opened.Token)))).ShouldBe("password-needed");
    }

    [Theory]
    [InlineData(FactorSet.Device, "device")]
    [InlineData(FactorSet.Header, "header")]
    [InlineData(FactorSet.Network, "network")]
    public async Task Session_OfWhatTheRequestMustBring_DoesNotStandForIt(FactorSet proven, string policy)
    {
        _bed.Policies("network", "network|password");
        _bed.Services.Services["web"].ValidUser = [new() { Users = ["bob"], From = ["office"] }];
        _bed.Services.Services["web"].Rules[0].Policy = "network";
        var opened = await BeginAsync(RequestBed.Alice, proven);
        (await WordAsync(Ruled(policy, _bed.Request(token: opened.Token, peer: Inside)))).ShouldBe(policy == "device" ? "factors-missing" : "password-needed");
    }

    [Theory]
    [InlineData(Inside, "continue")]
    [InlineData(Outside, "password-needed")]
    public async Task Session_OfANameAlone_HoldsWhereNamesAreTaken(string from, string outcome)
    {
        _bed.Policies("network", "network|password");
        _bed.Services.Services["web"].ValidUser = [new() { Users = ["alice"], From = ["office"] }];
        _bed.Services.Services["web"].Rules[0].Policy = "network";
        var opened = await BeginAsync(RequestBed.Alice, FactorSet.Network);
        (await WordAsync(Ruled("network", _bed.Request(token: opened.Token, peer: from)))).ShouldBe(outcome);
    }

    [Fact]
    public async Task Certificate_WhoseDirectoryIsDown_IsAnOutageAndNobodyElse()
    {
        _bed.Backend = new ScriptedBackend("ad", "down");
        var request = Ruled("device", _bed.Request());
        request.Device = new DeviceCheck(new DeviceCertificate("alice", "AB", "phones", DateTimeOffset.MaxValue) { SaysWho = true }, null, "AB", "alice");
        (await WordAsync(request)).ShouldBe("backend-unavailable");
    }

    private static UserName Name(string text) => UserName.TryParse(text, out var name) ? name : throw new InvalidOperationException(text);

    private Task<OpenedSession> BeginAsync(UserIdentity user, FactorSet proven) => _bed.Sessions.BeginAsync(
        new SessionStart(ServiceBed.Mail, user, proven, IsPending: false, null, Outside, null), new SessionOptions(), default).AsTask();

    private async Task<AccessRequest> RequestAsync(string policy, string from, string beside, ForwardedName? said = null)
    {
        var words = beside.Split(' ');
        var authorization = words[0] switch
        {
            "basic" when words[1] == "malformed" => "Basic %%%",
            "basic" => RequestBed.Basic(words[1], words[2] switch { "right" => RequestBed.Right, "empty" => "", _ => "wrong" }),
            "bearer" => "Bearer abc",
            "ticket" => ScriptedTickets.Header(),
            _ => null,
        };
        SessionToken? token = null;
        if (words[0] == "session")
        {
            var user = words[1] == "alice" ? _bed.Backend.Identity : new UserIdentity("ad", "2", "bob", null, null, [], []);
            token = (await BeginAsync(user, FactorSet.Password)).Token;
        }

        return Ruled(policy, _bed.Request(
            peer: from,
            token: token,
            forwardedName: said,
            authorization: authorization is null ? default : new(authorization),
            method: beside is "another site posts" or "own page posts" or "foreign origin" ? "POST" : "GET",
            fetchSite: beside switch { "another site posts" or "another site loads" or "another site opens" => "cross-site", "own page posts" => "same-origin", _ => default(Microsoft.Extensions.Primitives.StringValues) },
            origin: beside is "foreign origin" ? "https://evil.test" : default(Microsoft.Extensions.Primitives.StringValues),
            navigation: beside is "another site opens" or "another site posts"));
    }

    private AccessRequest Ruled(string policy, AccessRequest request) => _bed.Ruled(_bed.PolicyOf(policy), request);

    private async Task<string> WordAsync(AccessRequest request)
    {
        var verdict = await new LoginStage(_bed.Flow, _bed.AppPasswordFlow, _bed.Guard, _bed.Sessions, _bed.SignOn).JudgeAsync(request, default);
        return RequestBed.Word(verdict.Kind == VerdictKind.Continue ? await new FactorStage().JudgeAsync(request, default) : verdict);
    }
}
