using AuthGateway.Core.Tunnels;

namespace AuthGateway.Tests.Core.Tunnels;

public sealed class TunnelTextTests
{
    [Theory]
    [InlineData("ssh.example.org", true)]
    [InlineData("dc_1.lan", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("-oProxyCommand=id", false)]
    [InlineData("-l", false)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a;b", false)]
    [InlineData("a@b", false)]
    [InlineData("a:22", false)]
    [InlineData("$(id)", false)]
    [InlineData("%h", false)]
    [InlineData("fe80::1%eth0", false)]
    [InlineData("[::1]", false)]
    [InlineData("1", false)]
    [InlineData("1.2.3", false)]
    [InlineData("host\n", false)]
    [InlineData("*.example.org", false)]
    public void IsHost_Text_IsJudged(string text, bool expected) => TunnelText.IsHost(text).ShouldBe(expected);

    [Theory]
    [InlineData("tunnel", true)]
    [InlineData("_tunnel-1", true)]
    [InlineData(@"CORP\tunnel", true)]
    [InlineData("tunnel@corp.example.org", true)]
    [InlineData("-l", false)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a'b", false)]
    [InlineData("a`id`", false)]
    [InlineData("ä", false)]
    public void IsUser_Text_IsJudged(string text, bool expected) => TunnelText.IsUser(text).ShouldBe(expected);

    [Theory]
    [InlineData("dc1.example.org:636", "dc1.example.org", 636)]
    [InlineData("[2001:db8::1]:389", "2001:db8::1", 389)]
    [InlineData("127.0.0.1:1", "127.0.0.1", 1)]
    public void TryParseEnd_Sound_IsRead(string text, string host, int port)
    {
        TunnelText.TryParseEnd(text, out var end).ShouldBeTrue();
        (end!.Value.Host, end.Value.Port, end.Value.ToString()).ShouldBe((host, port, text));
    }

    [Theory]
    [InlineData("dc1")]
    [InlineData(":636")]
    [InlineData("dc1:0")]
    [InlineData("dc1:65536")]
    [InlineData("dc1:+1")]
    [InlineData("dc1: 1")]
    [InlineData("2001:db8::1:389")]
    [InlineData("[dc1]:389")]
    [InlineData("*:389")]
    [InlineData("/run/x:389")]
    public void TryParseEnd_Unsound_IsNot(string text) => TunnelText.TryParseEnd(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("/run/authgateway/ldap.sock", true)]
    [InlineData("run/x.sock", false)]
    [InlineData("/run/../etc/x", false)]
    [InlineData("/run/%h", false)]
    [InlineData("/run/${HOME}", false)]
    [InlineData("/run/a:b", false)]
    [InlineData("/run/", false)]
    public void IsSocketPath_Text_IsJudged(string text, bool expected) => TunnelText.IsSocketPath(text).ShouldBe(expected);

    [Fact]
    public void IsSocketPath_Long_IsNot() => TunnelText.IsSocketPath("/" + new string('x', TunnelText.LongestSocket)).ShouldBeFalse();

    [Theory]
    [InlineData("ldap", "dc1.lan", "local 127.0.0.1:10389 -> dc1.lan:389")]
    [InlineData("ldaps", "10.0.0.5", "local 127.0.0.1:10636 -> 10.0.0.5:636")]
    [InlineData("smtp", "mail.lan", "local 127.0.0.1:10025 -> mail.lan:25")]
    [InlineData("postgres", "2001:db8::5", "local 127.0.0.1:15432 -> [2001:db8::5]:5432")]
    [InlineData("prometheus", "127.0.0.1:9464", "remote 127.0.0.1:19090 -> 127.0.0.1:9464")]
    [InlineData("prometheus", "localhost", "remote 127.0.0.1:19090 -> localhost:9090")]
    public void Template_Target_GivesTheUsualForward(string name, string target, string expected) =>
        TunnelTemplate.Expand(name, target, out _).ShouldNotBeNull().ShouldHaveSingleItem().ToString().ShouldBe(expected);

    [Fact]
    public void Template_Ad_GivesDirectoryCatalogueAndKerberos() =>
        TunnelTemplate.Expand("ad", "dc1.lan", out _).ShouldNotBeNull().Select(forward => forward.ToString()).ShouldBe(
        [
            "local 127.0.0.1:10389 -> dc1.lan:389", "local 127.0.0.1:10636 -> dc1.lan:636", "local 127.0.0.1:13268 -> dc1.lan:3268",
            "local 127.0.0.1:13269 -> dc1.lan:3269", "local 127.0.0.1:10088 -> dc1.lan:88", "local 127.0.0.1:10464 -> dc1.lan:464",
        ]);

    [Theory]
    [InlineData("ldap", "dc1.lan:389")]
    [InlineData("ad", "-x")]
    [InlineData("prometheus", "127.0.0.1:x")]
    public void Template_WrongTarget_IsAFault(string name, string target)
    {
        TunnelTemplate.Expand(name, target, out var fault).ShouldBeNull();
        fault.ShouldNotBeEmpty();
    }
}
