using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Networks;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login.Tickets;

public sealed class TicketGateTests
{
    private readonly ScriptedTickets _tickets = new();

    public static TheoryData<string, string> Tokens => new()
    {
        { "", "refused" },
        { "%%%", "refused" },
        { Base64("garbage"u8), "refused" },
        { Base64("NTLMSSP\0\x01\0\0\0"u8), "refused" },
        { Base64(TokenWriter.Offer([TokenWriter.Ntlm], "NTLMSSP\0\x01\0\0\0"u8.ToArray())), "refused" },
        { Base64(TokenWriter.Offer([TokenWriter.Ntlm, TokenWriter.Kerberos], TokenWriter.Request())), "refused" },
        { Base64(TokenWriter.Offer([TokenWriter.Kerberos], "NTLMSSP\0\x01\0\0\0"u8.ToArray())), "refused" },
        { Base64(TokenWriter.Offer([TokenWriter.Kerberos], null)), "refused" },
        { Base64(TokenWriter.Offer(["1.2.3.4"], TokenWriter.Request())), "refused" },
        { Base64(TokenWriter.Offer([TokenWriter.Kerberos], TokenWriter.Request(kind: 2))), "refused" },
        { Base64([0x60, 0x82, 0xff, 0xff, 0x06]), "refused" },
        { Base64([.. TokenWriter.Offer([TokenWriter.Kerberos], TokenWriter.Request()), 0]), "refused" },
        { new string('A', (64 * 1024) + 4), "refused" },
        { Base64(TokenWriter.Offer([TokenWriter.Kerberos], TokenWriter.Request())), "alice" },
        { Base64(TokenWriter.Offer([TokenWriter.KerberosOfWindows, TokenWriter.Kerberos, TokenWriter.Ntlm], TokenWriter.Request())), "alice" },
        { Base64(TokenWriter.Request()), "alice" },
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Judge_Token_OnlyATicketReachesTheLibrary(string base64, string outcome)
    {
        Word(Judge("Negotiate " + base64)).ShouldBe(outcome == "refused" ? "ticket-refused" : outcome);
        _tickets.Asked.ShouldBe(outcome == "refused" ? 0 : 1);
    }

    [Theory]
    [InlineData("alice@A.TEST", "alice")]
    [InlineData("alice@B.TEST", "alice@b.example")]
    [InlineData("alice@C.TEST", "alice@c.test")]
    [InlineData("alice@a.test", "realm-not-allowed")]
    [InlineData("alice@OTHER.TEST", "realm-not-allowed")]
    [InlineData("alice", "realm-not-allowed")]
    [InlineData("@A.TEST", "realm-not-allowed")]
    [InlineData("alice/admin@A.TEST", "realm-not-allowed")]
    [InlineData("host/mail.example.com@A.TEST", "realm-not-allowed")]
    [InlineData("PHONE$@A.TEST", "realm-not-allowed")]
    [InlineData("alice\\@OTHER.TEST@A.TEST", "realm-not-allowed")]
    [InlineData("alice@OTHER.TEST@A.TEST", "realm-not-allowed")]
    [InlineData("alice\\/admin@A.TEST", "realm-not-allowed")]
    [InlineData("al*@A.TEST", "realm-not-allowed")]
    [InlineData("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS", "realm-not-allowed")]
    public void Judge_Principal_IsOneUserOfOneTrustedRealm(string principal, string outcome)
    {
        _tickets.Principal = principal;
        Word(Judge(ScriptedTickets.Header())).ShouldBe(outcome);
    }

    [Fact]
    public void Judge_SameTokenTwice_IsRefused()
    {
        Word(Judge(ScriptedTickets.Header())).ShouldBe("alice");
        Word(Judge(ScriptedTickets.Header())).ShouldBe("ticket-refused");
        Word(Judge(ScriptedTickets.Header(2))).ShouldBe("alice");
    }

    [Fact]
    public void Judge_LibraryCallsItAnotherMechanism_IsRefused()
    {
        _tickets.Package = "NTLM";
        Word(Judge(ScriptedTickets.Header())).ShouldBe("ticket-refused");
    }

    [Theory]
    [InlineData("Basic YTpi")]
    [InlineData("NegotiateX abc")]
    [InlineData("NTLM TlRMTVNTUAAB")]
    [InlineData("Kerberos abc")]
    public void Judge_AnotherScheme_IsNoTicket(string header) => Judge(header).ShouldBeOfType<TicketOutcome.None>();

    [Fact]
    public void Judge_TwoLines_AreNoTicket() =>
        Gate().Judge(new Microsoft.Extensions.Primitives.StringValues([ScriptedTickets.Header(), ScriptedTickets.Header(2)]), Table()).ShouldBeOfType<TicketOutcome.None>();

    [Fact]
    public void Judge_Accepted_CarriesBackendAndAnswer()
    {
        var accepted = Judge(ScriptedTickets.Header()).ShouldBeOfType<TicketOutcome.Accepted>();
        (accepted.Backend, accepted.Principal, accepted.Answer).ShouldBe(("ad", "alice@A.TEST", "Negotiate AQID"));
    }

    private static KerberosTable Table() => new(
        [new KerberosRealm("A.TEST", "ad", null), new KerberosRealm("B.TEST", null, "b.example"), new KerberosRealm("C.TEST", null, "c.test")], NetworkSet.Any, []);

    private static string Base64(ReadOnlySpan<byte> token) => Convert.ToBase64String(token);

    private static string Word(TicketOutcome outcome) => outcome switch
    {
        TicketOutcome.Accepted accepted => accepted.Name.Text,
        TicketOutcome.Refused refused => refused.Reason.Code,
        _ => "none",
    };

    private TicketGate Gate() => new(_tickets, NullLogger<TicketGate>.Instance);

    private TicketOutcome Judge(string header) => Gate().Judge(header, Table());
}
