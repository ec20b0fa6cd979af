using System.Net.Security;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Services;
using AuthGateway.TestKit.Certificates;

namespace AuthGateway.Tests.Core.Listeners;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ListenerTableTests : IAsyncDisposable
{
    private readonly ListenerBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public void Find_SameHost_GivesTheSameOptionsAfterAReloadToo()
    {
        var first = _bed.Build().ShouldNotBeNull();
        var options = first.Find("public", "mail.gw.test").ShouldNotBeNull();
        first.Find("public", "MAIL.gw.test.").ShouldBeSameAs(options);
        _bed.Build(first).ShouldNotBeNull().Find("public", "mail.gw.test").ShouldBeSameAs(options);
        options.AllowTlsResume.ShouldBeTrue();
        options.AllowRenegotiation.ShouldBeFalse();
        options.ApplicationProtocols.ShouldBe([SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
    }

    [Fact]
    public void Find_NewDeviceTrust_MakesNewOptionsForHostsThatAsk()
    {
        var first = _bed.Build().ShouldNotBeNull();
        _bed.BuildTrust();
        var second = _bed.Build(first).ShouldNotBeNull();
        second.Find("public", "mtls.gw.test").ShouldNotBeSameAs(first.Find("public", "mtls.gw.test"));
        second.Find("public", "mtls.gw.test").ShouldNotBeNull().AllowTlsResume.ShouldBeFalse();
    }

    [Fact]
    public void HostAsksCertificate_UnknownHost_IsTheStricterAnswer()
    {
        var table = _bed.Build().ShouldNotBeNull();
        table.HostAsksCertificate("mail.gw.test").ShouldBeFalse();
        table.HostAsksCertificate("Mtls.gw.test").ShouldBeTrue();
        table.HostAsksCertificate("evil.test").ShouldBeTrue();
        table.Serves("public", "mail.gw.test").ShouldBeTrue();
        table.Serves("staff", "mail.gw.test").ShouldBeFalse();
    }

    [Fact]
    public async Task Reload_CertificateChanged_NextHandshakeShowsIt_BadFileKeepsIt()
    {
        await _bed.StartAsync();
        var state = _bed.State;
        using var next = _bed.Authority.IssueServer("mail.gw.test");
        using (var before = await _bed.HandshakeAsync("mail.gw.test"))
        {
            (before.Serial == next.SerialNumber).ShouldBeFalse();
        }

        _bed.WriteCertificate("mail.gw.test", next);
        state.Current = _bed.Build(state.Current).ShouldNotBeNull();
        using (var after = await _bed.HandshakeAsync("mail.gw.test"))
        {
            after.Serial.ShouldBe(next.SerialNumber);
        }

        File.WriteAllText(_bed.PathOf("mail.gw.test.pem"), "half a cert");
        state.Current = _bed.Build(state.Current).ShouldNotBeNull();
        _bed.Faults.All.ShouldContain(fault => fault.Severity == FaultSeverity.Warning && fault.Key == "AuthGateway:Hosts:mail.gw.test:CertificateFile");
        state.Current.Certificates.Single(status => status.Host == "mail.gw.test").Problem.ShouldNotBeNull();
        using (var kept = await _bed.HandshakeAsync("mail.gw.test"))
        {
            kept.Serial.ShouldBe(next.SerialNumber);
        }

        _bed.Build().ShouldBeNull("at a start there is nothing to keep");
    }

    [Fact]
    public void Reload_NewCertificateAlreadyExpired_KeepsTheOneThatIsNot()
    {
        var first = _bed.Build().ShouldNotBeNull();
        var now = DateTimeOffset.UtcNow;
        _bed.WriteCertificate("mail.gw.test", _bed.Authority.IssueServer(["mail.gw.test"], now.AddDays(-9), now.AddDays(-1)));
        var second = _bed.Build(first).ShouldNotBeNull();
        second.Find("public", "mail.gw.test").ShouldBeSameAs(first.Find("public", "mail.gw.test"));
        _bed.Build().ShouldNotBeNull("an expired certificate does not stop a start");
        _bed.Faults.All.ShouldContain(fault => fault.Severity == FaultSeverity.Warning && fault.Message.Contains("not now", StringComparison.Ordinal));
    }

    /// <summary>CR-01 for keys, and what else may not be served.</summary>
    [Theory]
    [InlineData("open-key", "0600")]
    [InlineData("linked-key", "symbolic link")]
    [InlineData("other-key", "not the unencrypted PEM key")]
    [InlineData("other-name", "not for")]
    [InlineData("weak-key", "too weak")]
    [InlineData("no-file", "cannot be read")]
    [InlineData("no-setting", "demo mode")]
    [InlineData("client-only", "extended key usage")]
    public void Build_UnfitCertificateOrKey_IsAnError(string what, string says)
    {
        const string Host = "mail.gw.test";
        var key = _bed.PathOf(Host + ".key");
        switch (what)
        {
            case "open-key":
                File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
                break;
            case "linked-key":
                File.Move(key, key + ".real");
                File.CreateSymbolicLink(key, key + ".real");
                break;
            case "other-key":
                File.Copy(_bed.PathOf("mtls.gw.test.key"), key, overwrite: true);
                break;
            case "other-name":
                _bed.WriteCertificate(Host, _bed.Authority.IssueServer("www.gw.test"));
                break;
            case "weak-key":
                _bed.WriteCertificate(Host, _bed.Authority.IssueServer([Host], null, null, rsaBits: 2048));
                break;
            case "no-file":
                File.Delete(_bed.PathOf(Host + ".pem"));
                break;
            case "no-setting":
                _bed.Hosts[Host] = new HostOptions();
                break;
            default:
                _bed.Hosts.Clear();
                _bed.AddHost(Host);
                using (var certificate = _bed.Authority.IssueClient(new ClientCertificateOptions { Subject = "CN=x", Dns = [Host] }))
                {
                    _bed.WriteCertificate(Host, certificate);
                }

                break;
        }

        _bed.Build().ShouldBeNull();
        _bed.Faults.All.Single(fault => fault.Severity == FaultSeverity.Error).Message.ShouldContain(says);
    }

    [Fact]
    public void Build_DemoWithoutFiles_MakesOneCertificatePerHostAndKeepsIt()
    {
        _bed.Demo = true;
        _bed.Hosts["mail.gw.test"] = new HostOptions();
        _bed.Hosts["dav.gw.test"] = new HostOptions();
        var first = _bed.Build().ShouldNotBeNull();
        first.Certificates.Count(status => status.SelfSigned).ShouldBe(2);
        var again = _bed.Build(first).ShouldNotBeNull();
        again.Find("public", "dav.gw.test").ShouldNotBeNull().ShouldBeSameAs(first.Find("public", "dav.gw.test"));
        again.Find("public", "mail.gw.test").ShouldNotBeSameAs(again.Find("public", "dav.gw.test"));
    }

    [Theory]
    [InlineData("https://localhost:443")]
    [InlineData("https://010.0.0.1:443")]
    [InlineData("https://127.1:443")]
    [InlineData("https://1.2.3.4")]
    [InlineData("https://::1:443")]
    [InlineData("https://1.2.3.4:70000")]
    [InlineData("https://1.2.3.4:443/x")]
    [InlineData("ftp://1.2.3.4:21")]
    [InlineData("")]
    public void Build_BadUrl_IsAnError(string url)
    {
        _bed.Listeners["public"].Url = url;
        _bed.Build().ShouldBeNull();
        _bed.Faults.All.ShouldContain(fault => fault.Key == "AuthGateway:Listeners:public:Url");
    }

    [Fact]
    public void Build_ListenersThatCollide_UnknownListener_OpenStaff_NoAuthority_AreErrors()
    {
        _bed.Listeners["a"] = new ListenerOptions { Url = "https://[::]:7443" };
        _bed.Listeners["b"] = new ListenerOptions { Url = "https://0.0.0.0:7443" };
        _bed.Listeners["staff"].Url = "https://0.0.0.0:7444";
        _bed.Hosts["mail.gw.test"].Listeners = ["pubic"];
        _bed.Build().ShouldBeNull();
        var keys = _bed.Faults.All.Where(fault => fault.Severity == FaultSeverity.Error).Select(fault => fault.Key).ToArray();
        keys.ShouldBe(["AuthGateway:Listeners:b:Url", "AuthGateway:Listeners:staff:AllowFrom", "AuthGateway:Hosts:mail.gw.test:Listeners[0]"], ignoreOrder: true);
        _bed.Faults.All.ShouldContain(fault => fault.Message.Contains("\"public\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Redirect_KnowsThePortAndOnlyOpenHosts()
    {
        _bed.Listeners["public"].Url = "https://127.0.0.1:8443";
        _bed.Listeners["office"] = new ListenerOptions { Url = "https://127.0.0.1:8444", AllowFrom = ["10.0.0.0/8"] };
        _bed.AddHost("int.gw.test").Listeners = ["office"];
        var table = _bed.Build().ShouldNotBeNull();
        table.RedirectOrigin("plain", "mail.gw.test").ShouldBe("https://mail.gw.test:8443");
        table.RedirectOrigin("plain", "int.gw.test").ShouldBeNull();
        table.RedirectOrigin("public", "mail.gw.test").ShouldBeNull();
    }
}
