using System.Net;
using AuthGateway.Core.Tunnels;

namespace AuthGateway.Tests.Core.Tunnels;

public sealed class TunnelTableBuilderTests : IDisposable
{
    private readonly TunnelBed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public void Build_NamedByABackend_LeadsAPrivateSocketToEachServer()
    {
        _bed.Add();
        _bed.Use("office", "AuthGateway:Backends[0]", ("dc1.lan", 636), ("dc2.lan", 636), ("dc1.lan", 636));

        var tunnel = _bed.Build(out var faults).Tunnels.ShouldHaveSingleItem();

        faults.All.ShouldBeEmpty();
        tunnel.Owner.ShouldBe("AuthGateway:Backends[0]");
        tunnel.Forwards.Select(forward => (forward.IsRemote, forward.Listen.Socket, forward.Target.ToString())).ShouldBe(
            [(false, _bed.Places.Socket("office", "dc1.lan", 636), "dc1.lan:636"), (false, _bed.Places.Socket("office", "dc2.lan", 636), "dc2.lan:636")]);
    }

    [Fact]
    public void Socket_EachTarget_HasItsOwn()
    {
        string[] sockets =
        [
            _bed.Places.Socket("office", "dc1.lan", 636), _bed.Places.Socket("office", "dc1.lan", 389), _bed.Places.Socket("office", "dc2.lan", 636), _bed.Places.Socket("shop", "dc1.lan", 636),
        ];
        sockets.Distinct(StringComparer.Ordinal).Count().ShouldBe(sockets.Length);
        _bed.Places.Socket("office", "DC1.LAN", 636).ShouldBe(sockets[0], "the proxy writes hosts in small letters");
    }

    [Fact]
    public void Build_NobodyNames_IsWarnedOf_UnlessItServesTheFarSide()
    {
        _bed.Add("a", tunnel => tunnel.Templates["postgres"] = "db.lan");
        _bed.Add("b", tunnel => tunnel.Templates["prometheus"] = "127.0.0.1:9090");
        _bed.Add("c");

        var faults = _bed.Faults();

        faults.Count.ShouldBe(2);
        faults[0].ShouldStartWith("warning AuthGateway:Tunnels:a=: No backend and no upstream names this tunnel.");
        faults[1].ShouldStartWith("AuthGateway:Tunnels:c=: Nothing is led through this tunnel.");
    }

    [Fact]
    public void Build_SecondNamer_IsRefused()
    {
        _bed.Add();
        _bed.Use("office", "AuthGateway:Backends[0]", ("dc1.lan", 636));
        _bed.Use("office", "AuthGateway:Upstreams:web", ("web.lan", 80));
        _bed.Use("ofice", "AuthGateway:Upstreams:shop", ("web.lan", 80));

        var faults = _bed.Faults();

        faults.Count.ShouldBe(2);
        faults[0].ShouldStartWith("AuthGateway:Upstreams:web:Tunnel=office: This tunnel belongs to AuthGateway:Backends[0] already");
        faults[1].ShouldContain("Did you mean \"office\"?");
    }

    [Fact]
    public void Build_ManyFaults_AreAllNamed()
    {
        _bed.Add("a b", tunnel => tunnel.Templates["ldap"] = "dc1.lan");
        _bed.Add("office", tunnel =>
        {
            tunnel.Host = "-oProxyCommand=id";
            tunnel.User = "a b";
            tunnel.KeyFile = "";
            tunnel.KeyPassphrase = "x\ny";
            tunnel.ReconnectDelay = TimeSpan.FromSeconds(9);
            tunnel.KeepAliveInterval = TimeSpan.FromSeconds(1.5);
            tunnel.Fingerprint = "";
            tunnel.Templates["ldapss"] = "dc1.lan";
            tunnel.Templates["ldap"] = "dc1.lan:389";
            tunnel.Forwards.Add(new TunnelForwardOptions { Listen = "0.0.0.0:389", Target = "dc1.lan:389" });
            tunnel.Forwards.Add(new TunnelForwardOptions { Listen = "dc1:389", Target = "dc1.lan" });
            tunnel.Forwards.Add(new TunnelForwardOptions { Direction = "remote", Listen = "0.0.0.0:80", Target = "127.0.0.1:80" });
            tunnel.Forwards.Add(new TunnelForwardOptions { Listen = "127.0.0.1:81", Target = "127.0.0.1:80", Public = true });
            tunnel.Forwards.Add(new TunnelForwardOptions { Listen = _bed.Key, Target = "127.0.0.1:80" });
            tunnel.Forwards.Add(new TunnelForwardOptions { Listen = "/run/${HOME}", Target = "127.0.0.1:80" });
        });
        _bed.Use("office", "AuthGateway:Backends[0]", ("fe80::1%eth0", 636));

        _bed.Faults().Select(fault => fault[..fault.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal).ShouldBe(
            new[]
            {
                "AuthGateway:Tunnels:a b=",
                "AuthGateway:Tunnels:office:Host=-oProxyCommand=id",
                "AuthGateway:Tunnels:office:User=a b",
                "AuthGateway:Tunnels:office:KeyFile=",
                "AuthGateway:Tunnels:office:KeyPassphrase=***",
                "AuthGateway:Tunnels:office:KeyPassphrase=***",
                "AuthGateway:Tunnels:office:ReconnectDelayMax=8s",
                "AuthGateway:Tunnels:office:KeepAliveInterval=1.5s",
                "warning AuthGateway:Tunnels:office:Fingerprint=",
                "AuthGateway:Tunnels:office:Templates:ldapss=dc1.lan",
                "AuthGateway:Tunnels:office:Templates:ldap=dc1.lan:389",
                "AuthGateway:Tunnels:office:Forwards[0]:Listen=0.0.0.0:389",
                "AuthGateway:Tunnels:office:Forwards[1]:Listen=dc1:389",
                "AuthGateway:Tunnels:office:Forwards[1]:Target=dc1.lan",
                "AuthGateway:Tunnels:office:Forwards[2]:Listen=0.0.0.0:80",
                "AuthGateway:Tunnels:office:Forwards[3]:Public=true",
                $"AuthGateway:Tunnels:office:Forwards[4]:Listen={_bed.Key}",
                "AuthGateway:Tunnels:office:Forwards[5]:Listen=/run/${HOME}",
                "AuthGateway:Backends[0]:Tunnel=office",
            }.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1:1389", "127.0.0.1:1389", true)]
    [InlineData("127.0.0.1:1389", "[::1]:1389", false)]
    [InlineData("127.0.0.1:1389", "127.0.0.2:1389", false)]
    [InlineData("127.0.0.1:1389", "127.0.0.1:1390", false)]
    [InlineData("/run/x.sock", "/run/x.sock", true)]
    [InlineData("/run/x.sock", "/run/y.sock", false)]
    public void Conflict_OfTwoTunnels_IsFound(string first, string second, bool clashes)
    {
        _bed.Add("a", tunnel => tunnel.Forwards.Add(new TunnelForwardOptions { Listen = first, Target = "dc1.lan:389" }));
        _bed.Add("b", tunnel => tunnel.Forwards.Add(new TunnelForwardOptions { Listen = second, Target = "dc1.lan:389" }));

        _bed.Faults().Where(fault => !fault.StartsWith("warning", StringComparison.Ordinal)).ShouldBe(
            clashes ? [$"AuthGateway:Tunnels:b:Forwards[0]:Listen={second}: AuthGateway:Tunnels:a:Forwards[0] listens there already. Choose another port."] : []);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1:8443", true)]
    [InlineData("::", "127.0.0.1:8443", true)]
    [InlineData("::", "[::1]:8443", true)]
    [InlineData("0.0.0.0", "[::1]:8443", false)]
    [InlineData("127.0.0.1", "127.0.0.1:8443", true)]
    [InlineData("10.0.0.1", "127.0.0.1:8443", false)]
    [InlineData("0.0.0.0", "127.0.0.1:8444", false)]
    public void Conflict_WithAListenerOfOurs_IsFound(string address, string listen, bool clashes)
    {
        _bed.Taken.Add(new TakenPort("public", IPAddress.Parse(address), 8443));
        _bed.Add("a", tunnel => tunnel.Forwards.Add(new TunnelForwardOptions { Listen = listen, Target = "dc1.lan:389" }));

        _bed.Faults().Any(fault => fault.Contains("The gateway's own listener \"public\" has this port.", StringComparison.Ordinal)).ShouldBe(clashes);
    }

    [Theory]
    [InlineData("ssh.example.org", true)]
    [InlineData("SSH.example.org.", true)]
    [InlineData("ssh2.example.org", false)]
    public void Conflict_OnTheFarSide_IsOneOfOneServer(string host, bool clashes)
    {
        void Remote(TunnelOptions tunnel) => tunnel.Forwards.Add(new TunnelForwardOptions { Direction = "remote", Listen = "127.0.0.1:9090", Target = "127.0.0.1:9090" });
        _bed.Add("a", Remote);
        _bed.Add("b", tunnel =>
        {
            tunnel.Host = host.TrimEnd('.');
            Remote(tunnel);
        });
        // The same port on our side is another.
        _bed.Add("c", tunnel => tunnel.Forwards.Add(new TunnelForwardOptions { Listen = "127.0.0.1:9090", Target = "127.0.0.1:9090" }));

        _bed.Faults().Count(fault => fault.Contains("on the same server", StringComparison.Ordinal)).ShouldBe(clashes ? 1 : 0);
    }

    [Fact]
    public void KeyFile_WhatOthersMayReadOrIsNoKey_IsRefused()
    {
        TunnelTableBuilder.FindKeyFault(_bed.Key).ShouldBeNull();
        TunnelTableBuilder.FindKeyFault(_bed.Write("open", "-----BEGIN OPENSSH PRIVATE KEY-----\n", UnixFileMode.UserRead | UnixFileMode.GroupRead)).ShouldNotBeNull().ShouldContain("chmod 600");
        TunnelTableBuilder.FindKeyFault(_bed.Write("key.pub", "ssh-ed25519 AAAA x\n")).ShouldNotBeNull().ShouldContain("not a private key");
        TunnelTableBuilder.FindKeyFault(Path.Combine(_bed.Folder, "none")).ShouldNotBeNull().ShouldContain("no such file");
        File.CreateSymbolicLink(Path.Combine(_bed.Folder, "link"), _bed.Key);
        TunnelTableBuilder.FindKeyFault(Path.Combine(_bed.Folder, "link")).ShouldNotBeNull().ShouldContain("symbolic link");
    }

    [Fact]
    public void Version_EveryChange_IsAnotherTunnel_AndShowsNoSecret()
    {
        string Version(Action<TunnelOptions> change)
        {
            _bed.Options.Clear();
            _bed.Add(change: tunnel =>
            {
                tunnel.Templates["ldap"] = "dc1.lan";
                change(tunnel);
            });
            return _bed.Build(out _).Tunnels[0].Version;
        }

        string[] versions =
        [
            Version(_ => { }), Version(tunnel => tunnel.Port = 2222), Version(tunnel => tunnel.KeyPassphrase = "hunter2"), Version(tunnel => tunnel.Templates["smtp"] = "mail.lan"),
            Version(tunnel => tunnel.Fingerprint = ""), Version(tunnel => tunnel.KeepAliveCount = 4),
        ];
        versions.Distinct(StringComparer.Ordinal).Count().ShouldBe(versions.Length);
        Version(_ => { }).ShouldBe(versions[0]);
        versions.ShouldAllBe(version => !version.Contains("hunter2", StringComparison.Ordinal));
        _bed.Build(out _).Tunnels[0].ToString().ShouldBe("office (tunnel at ssh.example.org:22)");
    }
}
