using System.Collections.Frozen;
using System.Net;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Networks;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Login.ActFor;

public sealed class ActForTableTests
{
    private const string Office = "10.0.0.1";
    private const string Outside = "192.0.2.1";

    private readonly ServiceBed _services = new();
    private readonly FaultList _faults = new();
    private readonly ActForOptions _options = new()
    {
        Grants =
        [
            new() { Roles = ["helpdesk"], Domains = ["example.com"], Services = ["web"], Networks = ["office"] },
            new() { Roles = ["boss"], Groups = ["CN=Postmasters,DC=example"], Domains = ["*"], Services = ["web", "dav"] },
            new() { Roles = ["helpdesk"], Domains = ["partner.example"], Services = ["dav"] },
        ],
        Ranks = ["helpdesk", "auditor", "boss"],
    };

    public ActForTableTests() => _services.Services["dav"] = ServiceBed.Web("/dav");

    /// <summary>The actor's roles (a group after a <c>#</c>), the target's mail and roles, service, address, answer.</summary>
    public static TheoryData<string, string, string, string, string, ActForAnswer> Rights => new()
    {
        // who
        { "", "anna@example.com", "", "web", Office, ActForAnswer.NoRight },
        { "auditor", "anna@example.com", "", "web", Office, ActForAnswer.NoRight },
        { "helpdesk", "anna@example.com", "", "web", Office, ActForAnswer.Allowed },
        { "HELPDESK", "anna@example.com", "", "web", Office, ActForAnswer.Allowed },
        { "#helpdesk", "anna@example.com", "", "web", Office, ActForAnswer.NoRight },
        { "#cn=postmasters,dc=example", "anna@example.com", "", "web", Office, ActForAnswer.Allowed },

        // of which domain
        { "helpdesk", "anna@EXAMPLE.com", "", "web", Office, ActForAnswer.Allowed },
        { "helpdesk", "anna@sub.example.com", "", "web", Office, ActForAnswer.OtherDomain },
        { "helpdesk", "anna@example.com.evil.test", "", "web", Office, ActForAnswer.OtherDomain },
        { "helpdesk", "anna@notexample.com", "", "web", Office, ActForAnswer.OtherDomain },
        { "helpdesk", "example.com", "", "web", Office, ActForAnswer.OtherDomain },
        { "helpdesk", "@example.com", "", "web", Office, ActForAnswer.OtherDomain },
        { "helpdesk", "", "", "web", Office, ActForAnswer.OtherDomain },
        { "boss", "", "", "web", Office, ActForAnswer.Allowed },

        // on which service: of one right, never of two
        { "helpdesk", "anna@partner.example", "", "web", Office, ActForAnswer.OtherDomain },
        { "helpdesk", "anna@partner.example", "", "dav", Outside, ActForAnswer.Allowed },
        { "helpdesk", "anna@example.com", "", "dav", Office, ActForAnswer.OtherDomain },
        { "helpdesk", "anna@example.com", "", "other", Office, ActForAnswer.NoRight },
        { "boss", "anna@example.com", "", "WEB", Office, ActForAnswer.NoRight },

        // from where
        { "helpdesk", "anna@example.com", "", "web", Outside, ActForAnswer.NoRight },
        { "boss", "anna@example.com", "", "web", Outside, ActForAnswer.Allowed },

        // of which rank; holders of the right first
        { "helpdesk", "anna@example.com", "auditor", "web", Office, ActForAnswer.Rank },
        { "helpdesk", "anna@example.com", "Auditor", "web", Office, ActForAnswer.Rank },
        { "helpdesk", "anna@example.com", "helpdesk", "web", Office, ActForAnswer.Holder },
        { "helpdesk", "anna@example.com", "boss", "web", Office, ActForAnswer.Holder },
        { "helpdesk", "anna@example.com", "#CN=Postmasters,DC=example", "web", Office, ActForAnswer.Holder },
        { "helpdesk", "anna@example.com", "editor", "web", Office, ActForAnswer.Allowed },
        { "boss", "anna@example.com", "auditor", "web", Office, ActForAnswer.Allowed },
        { "boss", "anna@example.com", "helpdesk", "web", Office, ActForAnswer.Holder },
        { "boss", "anna@example.com", "boss", "web", Office, ActForAnswer.Holder },
        { "#cn=postmasters,dc=example", "anna@example.com", "auditor", "web", Office, ActForAnswer.Rank },
        { "auditor,#cn=postmasters,dc=example", "anna@example.com", "auditor", "web", Office, ActForAnswer.Rank },
    };

    [Theory]
    [MemberData(nameof(Rights))]
    public void Judge_RolesDomainsServicesNetworksRanks_AsTheRulesSay(string actor, string mail, string target, string service, string address, ActForAnswer answer)
    {
        var (table, who, whom) = (Build(), User("carol", "carol@example.com", actor), User("anna", mail, target));

        table.Judge(who, whom, service, IPAddress.Parse(address)).ShouldBe(answer);
        if (answer == ActForAnswer.Allowed)
        {
            table.Stands(who, whom).ShouldBeTrue();
            table.Judge(whom, who, service, IPAddress.Parse(address)).ShouldNotBe(ActForAnswer.Allowed, "never both ways");
        }
    }

    [Theory]
    [InlineData("helpdesk")]
    [InlineData("boss")]
    public void Judge_Himself_IsRefused(string role)
    {
        var carol = User("carol", "carol@example.com", role);

        Build().Judge(carol, User("carol", "carol@example.com", ""), "web", IPAddress.Parse(Office)).ShouldBe(ActForAnswer.Himself);
        Build().Stands(carol, carol).ShouldBeFalse();
    }

    [Fact]
    public void Judge_TargetWithoutMail_HasTheDomainOfHisLogin()
    {
        var carol = User("carol", "carol@example.com", "helpdesk");

        Build().Judge(carol, User("anna@example.com", "", ""), "web", IPAddress.Parse(Office)).ShouldBe(ActForAnswer.Allowed);
        Build().Judge(carol, User("anna@example.com", "anna@other.example", ""), "web", IPAddress.Parse(Office)).ShouldBe(ActForAnswer.OtherDomain);
    }

    [Fact]
    public void Judge_Off_AllowsNobody()
    {
        (ActForTable.Off.IsOn, ActForTable.Off.MayAct(User("carol", "", "boss"), "web", IPAddress.Loopback)).ShouldBe((false, false));
        ActForTable.Off.Judge(User("carol", "", "boss"), User("anna", "", ""), "web", IPAddress.Loopback).ShouldBe(ActForAnswer.NoRight);
        _options.Grants.Clear();
        Build().IsOn.ShouldBeFalse();
    }

    [Fact]
    public void Words_EveryAnswer_HasItsOwn()
    {
        var words = Enum.GetValues<ActForAnswer>().Select(ActForWords.Of).ToArray();

        words.Distinct(StringComparer.Ordinal).Count().ShouldBe(words.Length);
    }

    [Fact]
    public void Build_On_IsWarnedOf()
    {
        _options.Grants.RemoveRange(1, 2);
        Build();

        _faults.All.ShouldHaveSingleItem().Key.ShouldBe("AuthGateway:ActFor");
    }

    [Fact]
    public void Build_ManyFaults_NamesEveryOne()
    {
        _services.Services["phones"] = ServiceBed.Service("generic-activesync", "app");
        _services.Services["basic"] = ServiceBed.Web("/basic");
        _services.Services["basic"].Identity = "basic";
        _services.Services["untold"] = ServiceBed.Web("/untold");
        _services.Services["untold"].Identity = "none";
        _services.Services["tokens"] = ServiceBed.Web("/tokens");
        _services.Services["tokens"].Identity = "session-token";
        _services.Services["both"] = ServiceBed.Web("/both");
        _services.Services["both"].Identity = "header-and-session-token";
        _options.Ranks = ["helpdesk", "HelpDesk", " "];
        _options.Grants =
        [
            new() { Domains = ["@example.com", "a b", "example.com", "*"], Services = ["web", "wep", "phones", "basic", "untold", "tokens", "both"], Networks = ["offfice"] },
            new() { Roles = [""], Groups = [" "], Domains = ["example.com"], Services = ["web"] },
        ];

        Build();

        _faults.All.Where(fault => fault.Severity == FaultSeverity.Error).Select(fault => $"{fault.Key} = {fault.Value}").ShouldBe(
        [
            "AuthGateway:ActFor:Ranks[2] =  ",
            "AuthGateway:ActFor:Ranks[1] = HelpDesk",
            "AuthGateway:ActFor:Grants[0] = ",
            "AuthGateway:ActFor:Grants[0]:Domains[0] = @example.com",
            "AuthGateway:ActFor:Grants[0]:Domains[1] = a b",
            "AuthGateway:ActFor:Grants[0]:Services[1] = wep",
            "AuthGateway:ActFor:Grants[0]:Services[2] = phones",
            "AuthGateway:ActFor:Grants[0]:Services[3] = basic",
            "AuthGateway:ActFor:Grants[0]:Services[4] = untold",
            "AuthGateway:ActFor:Grants[0]:Services[5] = tokens",
            "AuthGateway:ActFor:Grants[0]:Services[6] = both",
            "AuthGateway:ActFor:Grants[0]:Networks[0] = offfice",
            "AuthGateway:ActFor:Grants[1]:Roles[0] = ",
            "AuthGateway:ActFor:Grants[1]:Groups[0] =  ",
        ]);
        _faults.All.ShouldAllBe(fault => fault.Message.Length > 20);
    }

    [Theory]
    [InlineData("no ranks", "AuthGateway:ActFor:Ranks")]
    [InlineData("no networks", "AuthGateway:ActFor:Grants[0]:Networks")]
    [InlineData("header and basic", "AuthGateway:ActFor:Grants[0]:Services[0]")]
    [InlineData("ranks alone", "AuthGateway:ActFor:Ranks")]
    public void Build_DoubtfulSetting_IsWarnedOf(string setting, string key)
    {
        _options.Grants.RemoveRange(1, 2);
        switch (setting)
        {
            case "no ranks":
                _options.Ranks.Clear();
                break;
            case "no networks":
                _options.Grants[0].Networks.Clear();
                break;
            case "header and basic":
                _services.Services["web"].Identity = "header-and-basic";
                break;
            default:
                _options.Grants.Clear();
                break;
        }

        Build();

        _faults.HasErrors.ShouldBeFalse();
        _faults.All.ShouldContain(fault => fault.Key == key && fault.Severity == FaultSeverity.Warning);
    }

    private static UserIdentity User(string login, string mail, string held)
    {
        // Groups may have commas of their own: one, and last.
        var hash = held.IndexOf('#', StringComparison.Ordinal);
        var roles = (hash < 0 ? held : held[..hash]).Split(',', StringSplitOptions.RemoveEmptyEntries);
        return new UserIdentity("ad", $"id-{login}", login, mail.Length == 0 ? null : mail, null, hash < 0 ? [] : [held[(hash + 1)..]], [])
        {
            Roles = roles.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
        };
    }

    private ActForTable Build() => ActForTable.Build(_options, _services.Sound(), NetworkCatalog.Build(_services.Networks, new FaultList()), _faults);
}
