using System.Net;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Services;

namespace AuthGateway.Tests.Core.Services;

public sealed class ServiceTableBuilderTests
{
    private readonly ServiceBed _bed = new();

    private ServiceOptions Only => _bed.Services["web"];

    [Fact]
    public void Build_SoundConfiguration_HasNoErrorAndTellsWhatIsUnused()
    {
        _bed.Warnings().ShouldBe(
        [
            $"AuthGateway:Hosts:{ServiceBed.Phones}: No service is published on this host; every request to it is refused.",
            "AuthGateway:Policies:open: No rule uses this policy.",
            "AuthGateway:Policies:both: No rule uses this policy.",
            "AuthGateway:Upstreams:sogo: No service uses this upstream.",
        ]);
        _bed.Faults.HasErrors.ShouldBeFalse();
    }

    [Theory]
    [InlineData("generic-wep", "AuthGateway:Services:web:Preset = generic-wep: No preset has this name. Known: generic-activesync, generic-web, sogo-activesync, sogo-dav, sogo-web. Did you mean \"generic-web\"?")]
    [InlineData("Exchange 2019", "AuthGateway:Services:web:Preset = Exchange 2019: No preset has this name. Known: generic-activesync, generic-web, sogo-activesync, sogo-dav, sogo-web.")]
    public void Preset_Unknown_IsNamedWithTheNearest(string preset, string error)
    {
        Only.Preset = preset;
        _bed.Errors().ShouldBe([error]);
    }

    [Fact]
    public void Names_Unknown_AreAllToldAtOnce()
    {
        Only.Hosts = ["mial.example.com"];
        Only.Upstream = "ap";
        Only.Rules = [new() { Policy = "passwort" }, new() { Policy = "password", From = ["ofice"] }];
        _bed.Errors().ShouldBe(
        [
            "AuthGateway:Services:web:Hosts[0] = mial.example.com: No host has this name. Known: eas.example.com, mail.example.com. Did you mean \"mail.example.com\"?",
            "AuthGateway:Services:web:Upstream = ap: No upstream has this name. Known: app, sogo. Did you mean \"app\"?",
            "AuthGateway:Services:web:Rules[0]:Policy = passwort: No policy has this name. Known: both, deny, open, password. Did you mean \"password\"?",
            "AuthGateway:Services:web:Rules[1]:From[0] = ofice: No network has this name. Known: office. Did you mean \"office\"?",
        ]);
    }

    [Fact]
    public void Policy_Unknown_IsReplacedByDeny()
    {
        Only.Rules = [new() { Policy = "passwort" }];
        _bed.Build().Services[0].Rules[0].Policy.Denies.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Mail.example.com")]
    [InlineData("mail.example.com.")]
    [InlineData("mail.example.com:443")]
    [InlineData("mail_1.example.com/")]
    [InlineData("")]
    public void Host_NotInPlainForm_IsRefused(string host)
    {
        _bed.Hosts[host] = new HostOptions();
        _bed.Errors().ShouldBe([$"AuthGateway:Hosts:{host} = {host}: This is not a host name in its plain form: lower-case letters, digits, hyphens and dots, without port."]);
    }

    [Theory]
    [InlineData("/entrance")]
    [InlineData("a b")]
    [InlineData("wéb")]
    public void ServiceName_Odd_IsRefused(string name)
    {
        _bed.Services[name] = ServiceBed.Web("/other");
        _bed.Errors().ShouldBe([$"AuthGateway:Services:{name} = {name}: A service's name has letters, digits, \"-\", \"_\" and \".\" only."]);
    }

    [Theory]
    [InlineData("owa")]
    [InlineData("/a/../b")]
    [InlineData("/a//b")]
    [InlineData("/a\\b")]
    [InlineData("/a%2Fb")]
    [InlineData("/a?b")]
    [InlineData("/a;b")]
    [InlineData("/a.")]
    [InlineData("/a b ")]
    public void Path_NotCanonical_IsRefused(string path)
    {
        Only.Paths = [path];
        Only.ClosedPaths = [path + "x", path];
        Only.Rules = [new() { Policy = "password", Path = path }];
        var errors = _bed.Errors();
        errors.ShouldContain(error => error == $"AuthGateway:Services:web:Paths[0] = {path}: A path starts with \"/\" and is written plainly: no \"..\", \"//\", \"\\\", \"%\" or query.");
        errors.ShouldContain(error => error.StartsWith($"AuthGateway:Services:web:ClosedPaths[1] = {path}: A path starts", StringComparison.Ordinal));
        errors.ShouldContain(error => error.StartsWith($"AuthGateway:Services:web:Rules[0]:Path[0] = {path}: A path starts", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/.agw")]
    [InlineData("/.AGW/x")]
    public void Path_Reserved_IsRefused(string path)
    {
        Only.Paths = [path];
        _bed.Errors().ShouldBe([$"AuthGateway:Services:web:Paths[0] = {path}: Paths below \"/.agw\" belong to the gateway."]);
    }

    /// <summary>A protecting rule on <c>/admin/</c> would leave <c>/admin</c> to the next rule.</summary>
    [Fact]
    public void Path_SlashAtTheEnd_IsRefused()
    {
        Only.ClosedPaths = ["/admin/"];
        Only.Rules = [new() { Policy = "deny", Path = "/admin/" }, new() { Policy = "password", Path = "/" }];
        _bed.Errors().ShouldBe(
        [
            "AuthGateway:Services:web:ClosedPaths[0] = /admin/: With the slash at its end this would leave out \"/admin\" itself. Write it without; everything below is meant anyway.",
            "AuthGateway:Services:web:Rules[0]:Path[0] = /admin/: With the slash at its end this would leave out \"/admin\" itself. Write it without; everything below is meant anyway.",
        ]);
    }

    [Fact]
    public void Path_TwoServices_SamePathInAnotherCase_IsRefused()
    {
        Only.Paths = ["/mail"];
        _bed.Services["other"] = ServiceBed.Web("/MAIL");
        _bed.Errors().ShouldBe(["AuthGateway:Services:other:Paths = /MAIL: The service \"web\" publishes the same path on \"mail.example.com\"."]);
    }

    [Fact]
    public void Path_ClosedByTheServiceItself_IsRefused()
    {
        Only.Paths = ["/mail", "/mail/admin"];
        Only.ClosedPaths = ["/Mail/Admin"];
        _bed.Errors().ShouldBe(["AuthGateway:Services:web:Paths = /Mail/Admin: The service closes this path itself, by its preset or its ClosedPaths, and would publish it all the same. Remove one."]);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("")]
    [InlineData("TRACE")]
    [InlineData("CONNECT")]
    [InlineData("GET ")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTU")]
    public void Method_Unfit_IsRefused(string method)
    {
        Only.Methods = [method];
        _bed.Errors().ShouldBe([$"AuthGateway:Services:web:Methods[0] = {method}: A method is written in capitals, such as \"PROPFIND\"; TRACE, TRACK and CONNECT are never allowed."]);
    }

    [Theory]
    [InlineData("none", "none")]
    [InlineData("basic", "basic")]
    public void TrustingUpstream_WithoutIdentityHeader_IsRefused(string identity, string value)
    {
        Only.Upstream = "sogo";
        Only.Identity = identity;
        _bed.Errors().ShouldBe([$"AuthGateway:Services:web:Identity = {value}: The upstream \"sogo\" believes whatever name it is told; a request without the gateway's header would be a login without a password. Set Identity to \"header\", \"header-and-basic\" or \"header-and-session-token\"."]);
    }

    [Fact]
    public void TrustingUpstream_PresetThatForwardsBasicOnly_IsRefused()
    {
        _bed.Services["phones"] = ServiceBed.Service("sogo-activesync", "sogo");
        _bed.Errors().ShouldHaveSingleItem().ShouldStartWith("AuthGateway:Services:phones:Identity = basic: The upstream \"sogo\" believes");
    }

    [Fact]
    public void TrustingUpstream_AnonymousRule_IsRefused()
    {
        Only.Upstream = "sogo";
        Only.Rules = [new() { Policy = "open", Path = "/public" }, new() { Policy = "password" }];
        _bed.Errors().ShouldBe(["AuthGateway:Services:web:Rules[0]:Policy = open: The upstream \"sogo\" believes whatever name it is told, so no anonymous request may reach it."]);
    }

    [Theory]
    [InlineData("http://10.0.0.6:20000")]
    [InlineData("HTTP://10.0.0.6:20000/")]
    public void TrustingUpstream_UnderASecondNameThatDoesNotSaySo_IsRefused(string destination)
    {
        _bed.Upstreams["back-door"] = new() { Destinations = ["http://10.0.0.9:1", destination] };
        _bed.Errors().ShouldBe(["AuthGateway:Upstreams:back-door:TrustsIdentityHeader = false: The upstream \"sogo\" leads to the same server and says that it believes the identity header. Say so here too."]);
    }

    [Fact]
    public void Sogo_HeaderToAnUpstreamThatDoesNotBelieveIt_IsRefused()
    {
        _bed.Services["sogo"] = ServiceBed.Service("sogo-web", "app");
        _bed.Errors().ShouldBe(["AuthGateway:Services:sogo:Identity = header-and-basic: The upstream \"app\" does not believe the identity header. Set its TrustsIdentityHeader to true (and SOGoTrustProxyAuthentication in SOGo), or Identity to \"basic\"."]);
    }

    [Theory]
    [InlineData("Login-Name")]
    [InlineData("X_Remote_User")]
    [InlineData("X-Remote User")]
    public void IdentityHeader_ClientsCouldSend_IsRefused(string header)
    {
        Only.IdentityHeader = header;
        _bed.Errors().ShouldBe([$"AuthGateway:Services:web:IdentityHeader = {header}: Clients could send this header themselves. Take one the gateway removes from every request, such as \"X-Remote-User\"."]);
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("x-forwarded-proto")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-AGW-Secret")]
    [InlineData("x-webobjects-server-name")]
    [InlineData("X-WebObjects-Remote-Host")]
    public void IdentityHeader_OfTheGatewayItself_IsRefused(string header)
    {
        Only.IdentityHeader = header;
        _bed.Errors().ShouldBe([$"AuthGateway:Services:web:IdentityHeader = {header}: The gateway says something else in this header. Take another, such as \"X-Remote-User\"."]);
    }

    [Theory]
    [InlineData("X-Remote-User")]
    [InlineData("x-webobjects-remote-user")]
    public void IdentityHeader_OfTheLogin_IsTaken(string header)
    {
        Only.IdentityHeader = header;
        _bed.Errors().ShouldBeEmpty();
    }

    [Fact]
    public void Path_ThePresetWouldNotRewrite_IsRefused()
    {
        _bed.Services["phones"] = ServiceBed.Service("sogo-activesync", "app", "/Microsoft-Server-ActiveSync", "/microsoft-server-activesync/x", "/SOGo");
        _bed.Errors().ShouldBe(["AuthGateway:Services:phones:Paths[2] = /SOGo: The preset leads \"/Microsoft-Server-ActiveSync\" to \"/SOGo/Microsoft-Server-ActiveSync\" and would forward this path as it is. Leave Paths out."]);
    }

    [Fact]
    public void IdentityHeader_WithIdentityNone_IsNotLookedAt()
    {
        (Only.IdentityHeader, Only.Identity) = ("Login-Name", "none");
        _bed.Errors().ShouldBeEmpty();
    }

    [Fact]
    public void DevicePolicy_OnAHostThatNeverAsks_IsRefused()
    {
        Only.Hosts = [ServiceBed.Mail, ServiceBed.Phones];
        Only.Rules = [new() { Policy = "both" }];
        _bed.Errors().ShouldBe(["AuthGateway:Services:web:Rules[0]:Policy = both: The policy asks for a device, but the host \"mail.example.com\" never asks for a certificate. Set its ClientCertificate to \"required\"."]);
    }

    [Fact]
    public void Rule_AfterOneThatMatchesEverything_IsToldToBeUnreachable()
    {
        Only.Rules = [new() { Policy = "open" }, new() { Policy = "password" }, new() { Policy = "deny", Path = "/admin" }];
        _bed.Warnings().ShouldContain(warning => warning == "AuthGateway:Services:web:Rules[2]: An earlier rule matches every request, so this one is never reached.");
        _bed.Warnings().ShouldNotContain(warning => warning.StartsWith("AuthGateway:Services:web:Rules[1]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/", "web", false)]
    [InlineData("/x", "web", false)]
    [InlineData("/shop", "shop", false)]
    [InlineData("/SHOP/cart", "shop", false)]
    [InlineData("/shopping", "web", false)]
    [InlineData("/shop/admin", "shop", true)]
    [InlineData("/Shop/Admin/x", "shop", true)]
    [InlineData("/shop/admin/help", "help", false)]
    [InlineData("/shop/admin/helpers", "shop", true)]
    [InlineData("/api", "api", false)]
    [InlineData("/api/x", "api", false)]
    public void Find_Path_LongestPrefixWinsAndPublishedBeatsEqualClosed(string path, string service, bool closed)
    {
        var shop = ServiceBed.Web("/shop");
        shop.ClosedPaths = ["/shop/admin"];
        Only.ClosedPaths = ["/api"];
        _bed.Services["shop"] = shop;
        _bed.Services["help"] = ServiceBed.Web("/shop/admin/help");
        _bed.Services["api"] = ServiceBed.Web("/api");

        var match = _bed.Sound().FindHost(ServiceBed.Mail)!.Find(path);

        (match.Service!.Name, match.Closed, match.RedirectTo).ShouldBe((service, closed, null));
    }

    [Theory]
    [InlineData("/", "/SOGo/")]
    [InlineData("/.well-known/caldav", "/SOGo/dav/")]
    [InlineData("/.well-known/carddav", "/SOGo/dav/")]
    [InlineData("/.well-known/CalDAV", null)]
    [InlineData("/.well-known/caldav/", null)]
    [InlineData("/index.html", null)]
    public void Find_SogoRedirects_AreExact(string path, string? target)
    {
        _bed.Services.Clear();
        _bed.Services["web"] = ServiceBed.Service("sogo-web", "sogo");
        _bed.Services["dav"] = ServiceBed.Service("sogo-dav", "sogo");
        _bed.Services["dav"].Identity = "header-and-basic";
        var match = _bed.Sound().FindHost(ServiceBed.Mail)!.Find(path);
        match.RedirectTo.ShouldBe(target);
        match.Service.ShouldBeNull();
    }

    [Fact]
    public void Find_RedirectFromAPathAnotherServicePublishes_IsGivenUp()
    {
        _bed.Services["sogo"] = ServiceBed.Service("sogo-web", "sogo");
        _bed.Sound().FindHost(ServiceBed.Mail)!.Find("/").Service!.Name.ShouldBe("web");
    }

    [Theory]
    [InlineData("/SOGo/dav/alice", "dav", false)]
    [InlineData("/sogo/DAV", "dav", false)]
    [InlineData("/SOGo/dav/public", "dav", true)]
    [InlineData("/SOGo/davx", "web", false)]
    [InlineData("/SOGo/Microsoft-Server-ActiveSync", "web", true)]
    [InlineData("/SOGo/casProxy", "web", true)]
    public void Find_SogoPresetsTogether_WebNeverOpensWhatIsDav(string path, string service, bool closed)
    {
        _bed.Services.Clear();
        _bed.Services["web"] = ServiceBed.Service("sogo-web", "sogo");
        _bed.Services["dav"] = ServiceBed.Service("sogo-dav", "sogo");
        _bed.Services["dav"].Identity = "header";
        var match = _bed.Sound().FindHost(ServiceBed.Mail)!.Find(path);
        (match.Service!.Name, match.Closed).ShouldBe((service, closed));
    }

    [Fact]
    public void FindAndFindRule_AllocateNothing()
    {
        Only.Rules = [new() { Policy = "open", Path = "/public", From = ["office"] }, new() { Policy = "deny", Path = "/admin" }, new() { Policy = "password" }];
        _bed.Services["sogo"] = ServiceBed.Service("sogo-web", "sogo");
        var host = _bed.Sound().FindHost(ServiceBed.Mail)!;
        var address = IPAddress.Parse("10.1.2.3");

        Allocations.Of(() => host.Find("/public/a")).ShouldBe(0);
        var service = host.Find("/x").Service!;
        service.FindRule(address, "/x/y", "GET")!.Number.ShouldBe(3);
        Allocations.Of(() => service.FindRule(address, "/x/y", "GET")).ShouldBe(0);
    }

    [Fact]
    public void Options_LeftOut_ComeFromThePreset()
    {
        var service = _bed.Sound().Services[0];
        (service.MaxBodyBytes, service.ActivityTimeout, service.Identity, service.IdentityHeader, service.ReuseConnections)
            .ShouldBe((128L * 1024 * 1024, TimeSpan.FromSeconds(100), IdentityForwarding.Header, "X-Remote-User", true));
        service.Methods.Order(StringComparer.Ordinal).ShouldBe(["GET", "HEAD", "OPTIONS", "POST"]);
    }

    [Fact]
    public void Options_Given_ReplaceThePresets()
    {
        (Only.Methods, Only.MaxBodyBytes, Only.ActivityTimeout, Only.SharedSecret, Only.Identity) = (["GET"], 5, TimeSpan.FromSeconds(7), "s3", "none");
        _bed.Upstreams["app"].ReuseConnections = false;
        var service = _bed.Sound().Services[0];
        (service.MaxBodyBytes, service.ActivityTimeout, service.SharedSecret, service.Identity, service.ReuseConnections).ShouldBe((5L, TimeSpan.FromSeconds(7), "s3", IdentityForwarding.None, false));
        service.Methods.ShouldBe(["GET"]);
    }

    [Theory]
    [InlineData("generic-activesync")]
    [InlineData("sogo-dav")]
    [InlineData("sogo-activesync")]
    public void Login_FormWhereNobodyFillsInAPage_IsRefused(string preset)
    {
        _bed.Services["dav"] = ServiceBed.Service(preset, preset.StartsWith("sogo", StringComparison.Ordinal) ? "sogo" : "app");
        _bed.Services["dav"].Login = "form";
        _bed.Errors().Any(error => error.StartsWith("AuthGateway:Services:dav:Login = form: Clients of ActiveSync and DAV cannot fill in a page.", StringComparison.Ordinal)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("", "totp", true)]
    [InlineData("form", "totp", true)]
    [InlineData("both", "totp", true)]
    [InlineData("basic", "totp", false)]
    [InlineData("basic", "device|totp", true)]
    public void Login_TotpWithoutAPageToTypeInto_IsRefused(string login, string factor, bool sound)
    {
        _bed.Policies["strong"] = new() { Factors = ["password", factor] };
        Only.Login = login;
        Only.Rules = [new() { Policy = "strong" }];
        var errors = _bed.Errors();
        if (sound)
        {
            errors.ShouldBeEmpty();
        }
        else
        {
            errors.ShouldHaveSingleItem().ShouldStartWith("AuthGateway:Services:web:Rules[0]:Policy = strong: The policy asks for \"totp\", but the clients of this service have no page");
        }
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("192.0.2.1", false)]
    public void Portal_OfServicesForOneNetwork_IsOpenToThatNetworkOnly(string address, bool open)
    {
        Only.Login = "form";
        Only.Rules = [new() { Policy = "password", From = ["office"] }, new() { Policy = "deny" }];
        var portal = _bed.Sound().FindHost(ServiceBed.Mail)!.Find("/.agw/sign-in").Service.ShouldNotBeNull();
        (portal.FindRule(System.Net.IPAddress.Parse(address), "/.agw/sign-in", "POST") is not null).ShouldBe(open);
    }

    [Theory]
    [InlineData("form", true)]
    [InlineData("both", true)]
    [InlineData("basic", false)]
    public void Login_Form_BringsThePagesOfTheGateway(string login, bool pages)
    {
        Only.Login = login;
        var match = _bed.Sound().FindHost(ServiceBed.Mail)!.Find("/.agw/sign-in");
        (match.Service?.Name == "portal").ShouldBe(pages);
    }

    [Fact]
    public void Home_SeveralWebServices_IsTheFirstOfTheConfiguration()
    {
        _bed.Services.Clear();
        _bed.Services["public"] = ServiceBed.Web("/public/much/longer");
        _bed.Services["public"].Rules = [new() { Policy = "open" }];
        _bed.Services["mail"] = ServiceBed.Web("/mail");
        _bed.Services["files"] = ServiceBed.Web("/files/longer");
        foreach (var service in _bed.Services.Values)
        {
            service.Login = "form";
        }

        _bed.Sound().FindHost(ServiceBed.Mail)!.Home.ShouldBe("/mail");
    }

    [Theory]
    [InlineData("/.agw")]
    [InlineData("/.agw/sign-in")]
    [InlineData("/.AGW/x")]
    public void Find_GatewaysPathOnAHostWithoutPages_IsNobodys(string path)
    {
        Only.Login = "basic";
        var host = _bed.Sound().FindHost(ServiceBed.Mail)!;

        host.Find(path).Service.ShouldBeNull();
        host.Find("/.agwx").Service.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("kiosk", "office", "")]
    [InlineData("login\\d+", "office", "")]
    [InlineData("", "office", "ValidUser[0]:Users[0]")]
    [InlineData("(", "office", "ValidUser[0]:Users[0]")]
    [InlineData("a)|(?:b", "office", "ValidUser[0]:Users[0]")]
    [InlineData("(a)\\1", "office", "ValidUser[0]:Users[0]")]
    [InlineData("(?=a)", "office", "ValidUser[0]:Users[0]")]
    [InlineData(".*", "office", "ValidUser[0]:Users[0]")]
    [InlineData("kiosk", "nowhere", "ValidUser[0]:From[0]")]
    [InlineData("kiosk", "0.0.0.0/0", "ValidUser[0]:From")]
    [InlineData("kiosk", "::/0", "ValidUser[0]:From")]
    public void Build_ValidUser_IsWarnedOfOrRefused(string pattern, string from, string fault)
    {
        _bed.Policies["name"] = new() { Factors = ["network|password"] };
        _bed.Services["web"].Rules[0].Policy = "name";
        _bed.Services["web"].ValidUser = [new() { Users = [pattern], From = [from] }];
        _bed.Build();
        var errors = _bed.Faults.All.Where(found => found.Severity == FaultSeverity.Error).Select(found => found.Key).ToArray();
        errors.ShouldBe(fault.Length == 0 ? Array.Empty<string>() : [$"AuthGateway:Services:web:{fault}"]);
        _bed.Faults.All.Where(found => found.Severity == FaultSeverity.Warning).ShouldContain(found => found.Key == "AuthGateway:Services:web:ValidUser");
    }

    [Theory]
    [InlineData("policy without list", "Rules[0]:Policy")]
    [InlineData("list without policy", "ValidUser")]
    [InlineData("no page", "ValidUser")]
    public void Build_ValidUserThatCouldNotWork_IsRefused(string fault, string key)
    {
        _bed.Policies["name"] = new() { Factors = ["network|password"] };
        var web = _bed.Services["web"];
        web.Rules[0].Policy = fault == "list without policy" ? "password" : "name";
        web.ValidUser = fault == "policy without list" ? [] : [new() { Users = ["kiosk"], From = ["office"] }];
        web.Login = fault == "no page" ? "basic" : "";
        _bed.Build();
        _bed.Faults.All.Where(found => found.Severity == FaultSeverity.Error).Select(found => found.Key).ShouldBe([$"AuthGateway:Services:web:{key}"]);
    }

    [Theory]
    [InlineData("kiosk", "10.1.1.1", true)]
    [InlineData("KIOSK", "10.1.1.1", true)]
    [InlineData("login17", "10.1.1.1", true)]
    [InlineData("kiosk", "192.0.2.1", false)]
    [InlineData("kiosk2", "10.1.1.1", false)]
    [InlineData("akiosk", "10.1.1.1", false)]
    [InlineData("kiosk\n", "10.1.1.1", false)]
    [InlineData("login", "10.1.1.1", false)]
    [InlineData("", "10.1.1.1", false)]
    public void TakesName_WholeNameFromTheNetwork_Only(string name, string address, bool taken)
    {
        _bed.Policies["name"] = new() { Factors = ["network|password"] };
        _bed.Services["web"].Rules[0].Policy = "name";
        _bed.Services["web"].ValidUser = [new() { Users = ["kiosk", "login\\d+"], From = ["office"] }];
        _bed.Sound().Services[0].TakesName(name, System.Net.IPAddress.Parse(address)).ShouldBe(taken);
    }

    [Theory]
    [InlineData("password|kerberos")]
    [InlineData("device")]
    [InlineData("kerberos")]
    public void Build_BasicUpstreamWhereSomebodyMayComeWithoutPassword_IsRefused(string factors)
    {
        _bed.Policies["sso"] = new() { Factors = [factors] };
        _bed.Hosts[ServiceBed.Mail].ClientCertificate = "optional";
        _bed.Services["web"].Rules[0].Policy = "sso";
        _bed.Services["web"].Identity = "basic";
        _bed.Errors().ShouldHaveSingleItem().ShouldContain("somebody may come in without one");
    }

    [Theory]
    [InlineData("app-password", "basic", "header", "", "")]
    [InlineData("app-password|password", "both", "header", "", "")]
    [InlineData("app-password", "basic", "basic", "", "which will refuse him: Identity is \"basic\"")]
    [InlineData("app-password|password", "basic", "basic", "", "which will refuse him: Identity is \"basic\"")]
    [InlineData("app-password", "basic", "header-and-basic", "", "told to the upstream by name alone")]
    [InlineData("app-password", "form", "header", "none is ever taken", "")]
    [InlineData("app-password|password", "form", "header", "", "")]
    [InlineData("kerberos|app-password", "basic", "basic", "Only a verified password may be passed on", "which will refuse him")]
    public void AppPassword_WhereItCannotServe_IsTold(string factor, string login, string identity, string error, string warning)
    {
        _bed.Policies["apps"] = new() { Factors = [factor] };
        _bed.Services["web"].Rules[0].Policy = "apps";
        _bed.Services["web"].Login = login;
        _bed.Services["web"].Identity = identity;
        var errors = _bed.Errors();
        errors.Length.ShouldBe(error.Length == 0 ? 0 : 1, string.Join('\n', errors));
        errors.ShouldAllBe(line => line.Contains(error, StringComparison.Ordinal));
        string[] warnings = [.. _bed.Faults.All.Where(fault => fault.Severity == FaultSeverity.Warning && fault.Key.Contains(":Rules", StringComparison.Ordinal)).Select(fault => fault.Message)];
        warnings.Length.ShouldBe(warning.Length == 0 ? 0 : 1, string.Join('\n', warnings));
        warnings.ShouldAllBe(line => line.Contains(warning, StringComparison.Ordinal));
    }
}
