using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Listeners;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class SessionTokenRulesTests
{
    private readonly ServiceBed _bed = new();
    private readonly FaultList _faults = new();

    [Theory]
    [InlineData("session-token", "*", "https://10.0.0.2:9443", "")]
    [InlineData("session-token", "web", "http://127.0.0.1:9080", "")]
    [InlineData("session-token", "web", "http://[::1]:9080", "")]
    [InlineData("session-token", "web", "http://10.0.0.2:9080", "error AuthGateway:Listeners:staff:Url")]
    [InlineData("session-token", "web", "", "error AuthGateway:SessionTokens:Verifiers")]
    [InlineData("session-token", "", "https://10.0.0.2:9443", "error AuthGateway:Services:web:Identity")]
    [InlineData("session-token", "wbe", "https://10.0.0.2:9443", "error AuthGateway:Services:web:Identity, error AuthGateway:SessionTokens:Verifiers:dovecot:Services[0]")]
    [InlineData("header", "*", "https://10.0.0.2:9443", "warning AuthGateway:SessionTokens")]
    [InlineData("header", "web", "https://10.0.0.2:9443", "error AuthGateway:SessionTokens:Verifiers:dovecot:Services[0], warning AuthGateway:SessionTokens")]
    [InlineData("header", "", "http://10.0.0.2:9080", "")]
    public void Check_ServiceVerifierAndListener_NeedEachOther(string identity, string verifies, string staff, string faults)
    {
        _bed.Services["web"].Identity = identity;
        var options = new GatewayOptions();
        options.Listeners["public"] = new ListenerOptions { Url = "https://0.0.0.0:443" };
        if (staff.Length > 0)
        {
            options.Listeners["staff"] = new ListenerOptions { Url = staff, Kind = "staff" };
        }

        if (verifies.Length > 0)
        {
            options.SessionTokens.Verifiers["dovecot"] = new() { Key = new string('k', 32), Services = verifies == "*" ? [] : [verifies] };
        }

        SessionTokenRules.Check(options, _bed.Sound(), _faults);

        string.Join(", ", _faults.All.Select(fault => $"{fault.Severity.ToString().ToLowerInvariant()} {fault.Key}")).ShouldBe(faults);
    }

    [Theory]
    [InlineData("sogo-web", "sogo", "header-and-session-token", "")]
    [InlineData("sogo-web", "app", "header-and-session-token", "does not believe the identity header")]
    [InlineData("sogo-web", "app", "session-token", "hold the token against the directory")]
    [InlineData("sogo-web", "sogo", "session-token", "hold the token against the directory")]
    [InlineData("sogo-dav", "sogo", "header-and-session-token", "")]
    [InlineData("generic-web", "app", "session-token", "")]
    [InlineData("generic-web", "sogo", "session-token", "believes whatever name it is told")]
    public void Identity_WhereATokenWouldBeTriedAsAPassword_IsAnError(string preset, string upstream, string identity, string fault)
    {
        _bed.Services["web"] = ServiceBed.Service(preset, upstream);
        _bed.Services["web"].Identity = identity;
        var errors = string.Join('\n', _bed.Errors());
        if (fault.Length == 0)
        {
            errors.ShouldBeEmpty();
        }
        else
        {
            errors.ShouldContain(fault);
        }
    }

    [Fact]
    public void Identity_Token_NeedsNoPassword()
    {
        _bed.Policies["ticket"] = new() { Factors = ["kerberos|password"] };
        _bed.Services["web"].Rules[0].Policy = "ticket";
        _bed.Services["web"].Identity = "session-token";
        var table = _bed.Sound();
        table.FindHost(ServiceBed.Mail)!.KeepsPassword.ShouldBeFalse("no service hands on a password, so sessions keep none");
    }
}
