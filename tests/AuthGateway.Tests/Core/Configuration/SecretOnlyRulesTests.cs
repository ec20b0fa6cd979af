using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Checkpassword;
using AuthGateway.Core.Backends.Helper;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class SecretOnlyRulesTests
{
    private readonly ServiceBed _bed = new();
    private readonly FaultList _faults = new();

    [Theory]
    [InlineData("helper", true)]
    [InlineData("check", true)]
    [InlineData("template", true)]
    [InlineData("HELPER", true)]
    [InlineData("ldap", false)]
    [InlineData("local", false)]
    [InlineData("", false)]
    public void Check_RealmOfABackendThatFindsNobody_IsAnError(string backend, bool isFault)
    {
        var options = Options("ldap", "local", "helper", "template", "check");
        options.Kerberos.Realms["A.TEST"] = new() { Backend = backend };

        SecretOnlyRules.Check(options, _bed.Sound(), _faults);

        Errors().ShouldBe(isFault ? ["AuthGateway:Kerberos:Realms:A.TEST:Backend"] : Array.Empty<string>());
    }

    [Theory]
    [InlineData("kerberos|password", "helper", true)]
    [InlineData("header|password", "helper check", true)]
    [InlineData("network|password", "template", true)]
    [InlineData("device|password", "helper", true)]
    [InlineData("password", "helper", false)]
    [InlineData("kerberos|password", "helper local", false)]
    [InlineData("kerberos|password", "helper ldap-elsewhere", true)]
    public void Check_NobodyIsFoundWithoutAPassword_IsAnError(string factors, string backends, bool isFault)
    {
        _bed.Policies["quick"] = new() { Factors = [factors] };
        _bed.Services["web"].Rules[0].Policy = "quick";
        _bed.Services["web"].ValidUser = factors.StartsWith("network", StringComparison.Ordinal) ? [new() { Users = ["kiosk"], From = ["office"] }] : [];

        SecretOnlyRules.Check(Options(backends.Split(' ')), _bed.Build(), _faults);

        Errors().ShouldBe(isFault ? ["AuthGateway:Services:web:Rules[0]:Policy"] : Array.Empty<string>());
    }

    [Theory]
    [InlineData("check local", "", "0")]
    [InlineData("template local", "", "0")]
    [InlineData("check template local", "", "0 1")]
    [InlineData("check local", "rejected", "")]
    [InlineData("local check", "", "")]
    [InlineData("helper local", "", "")]
    [InlineData("ldap local", "", "")]
    public void Check_BackendThatHidesTheNext_IsWarnedOf(string backends, string next, string warned)
    {
        var options = Options(backends.Split(' '));
        options.Backends[0].Next = next.Length == 0 ? [] : [next];

        SecretOnlyRules.Check(options, _bed.Sound(), _faults);

        string.Join(' ', _faults.All.Where(fault => fault.Severity == FaultSeverity.Warning).Select(fault => fault.Key["AuthGateway:Backends[".Length..].Split(']')[0])).ShouldBe(warned);
        Errors().ShouldBeEmpty();
    }

    private string[] Errors() => [.. _faults.All.Where(fault => fault.Severity == FaultSeverity.Error).Select(fault => fault.Key)];

    private static GatewayOptions Options(params string[] backends)
    {
        var options = new GatewayOptions();
        options.Backends.Clear();
        options.Backends.AddRange(backends.Select(Backend));
        return options;
    }

    private static BackendOptions Backend(string name) => name switch
    {
        "helper" => new HelperBackendOptions { Name = name },
        "check" => new CheckpasswordBackendOptions { Name = name },
        "template" => new LdapBackendOptions { Name = name, UserDnTemplate = "uid={0},dc=example,dc=org" },
        "ldap" => new LdapBackendOptions { Name = name },
        "ldap-elsewhere" => new LdapBackendOptions { Name = name, UsageContext = ["portal"] },
        _ => new LocalBackendOptions { Name = name },
    };
}
