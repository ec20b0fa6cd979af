using System.Net;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Services;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Pipeline;

public sealed class SignInTargetTests
{
    private readonly RequestBed _bed = new();

    public SignInTargetTests()
    {
        _bed.Services.Policies["strong"] = new() { Factors = ["password", "totp"] };
        _bed.Services.Policies["device-or-totp"] = new() { Factors = ["password", "device|totp"] };
        _bed.Services.Services.Clear();
        _bed.Services.Services["mail"] = Form("/owa", new() { Policy = "password", From = ["office"] }, new() { Policy = "strong" });
        _bed.Services.Services["files"] = Form("/files", new RuleOptions { Policy = "password" });
        _bed.Services.Services["either"] = Form("/either", new RuleOptions { Policy = "device-or-totp" });
        _bed.Services.Services["public"] = Form("/public", new RuleOptions { Policy = "open" });
        _bed.Services.Services["closed"] = Form("/closed", new RuleOptions { Policy = "deny" });
    }

    [Theory]
    [InlineData("/owa/inbox?x=1", "192.0.2.1", "/owa/inbox?x=1", true)]
    [InlineData("/OWA/inbox", "192.0.2.1", "/OWA/inbox", true)]
    [InlineData("/owa/inbox", "10.1.2.3", "/owa/inbox", false)]
    [InlineData("/files/a", "192.0.2.1", "/files/a", false)]
    [InlineData("/either/", "192.0.2.1", "/either/", true)]
    [InlineData("/public/", "192.0.2.1", "/public/", true)]
    [InlineData("/public/", "10.1.2.3", "/public/", false)]
    [InlineData("/closed/", "192.0.2.1", "/closed/", true)]
    [InlineData("/nowhere", "192.0.2.1", "/nowhere", true)]
    [InlineData("/x%zz", "192.0.2.1", "/owa", true)]
    [InlineData(null, "192.0.2.1", "/owa", true)]
    [InlineData("//evil.test", "192.0.2.1", "/owa", true)]
    [InlineData("/owa/../files/", "192.0.2.1", "/owa", true)]
    [InlineData("/.agw/account", "192.0.2.1", "/.agw/account", true)]
    [InlineData("/.AGW/account", "192.0.2.1", "/.AGW/account", true)]
    public void Of_Wish_TellsThePathAndWhatItsRuleOwes(string? wish, string address, string path, bool owes) =>
        (SignInTarget.Of(_bed.Table(), ServiceBed.Mail, IPAddress.Parse(address), wish) with { Service = "", Policy = null }).ShouldBe(new SignInTarget(path, owes, ""));

    [Fact]
    public void Of_UnknownHost_GoesNowhere() =>
        SignInTarget.Of(_bed.Table(), "evil.test", IPAddress.Loopback, "/owa/").ShouldBe(new SignInTarget("/", false, ""));

    private static ServiceOptions Form(string path, params RuleOptions[] rules)
    {
        var service = ServiceBed.Web(path);
        service.Login = "form";
        service.Rules = [.. rules];
        return service;
    }
}
