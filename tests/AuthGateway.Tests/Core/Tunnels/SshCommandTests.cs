using AuthGateway.Core.Tunnels;

namespace AuthGateway.Tests.Core.Tunnels;

public sealed class SshCommandTests
{
    private static readonly TunnelPlaces Places = new("/state/tunnels") { AskPass = "/opt/authgateway/authgateway" };

    private static Tunnel Office => new()
    {
        Name = "office",
        Host = "ssh.example.org",
        Port = 2222,
        User = "tunnel",
        KeyFile = "/state/key",
        Forwards =
        [
            new TunnelForward(false, new TunnelEnd("", 0, "/state/tunnels/office-1.sock"), new TunnelEnd("dc1.lan", 636, null)),
            new TunnelForward(true, new TunnelEnd("127.0.0.1", 19090, null), new TunnelEnd("::1", 9090, null)),
        ],
    };

    [Fact]
    public void Tunnel_WithAKey_IsThisLine()
    {
        var command = SshCommand.Tunnel(Office, Office.Forwards, "/state/tunnels/office.known_hosts", Places);

        command.File.ShouldBe("/usr/bin/ssh");
        string.Join(' ', command.Arguments).ShouldBe(
            "-F none -N -T -v -p 2222 -L /state/tunnels/office-1.sock:dc1.lan:636 -R 127.0.0.1:19090:[::1]:9090"
            + " -o ExitOnForwardFailure=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/state/tunnels/office.known_hosts -o GlobalKnownHostsFile=/dev/null"
            + " -o HostKeyAlias=tunnel-office -o CheckHostIP=no -o UpdateHostKeys=no -o VerifyHostKeyDNS=no"
            + " -o Ciphers=aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"
            + " -o ServerAliveInterval=15 -o ServerAliveCountMax=2 -o TCPKeepAlive=yes -o ConnectTimeout=10 -o NumberOfPasswordPrompts=1"
            + " -o IdentityAgent=none -o ControlMaster=no -o ControlPath=none -o ForwardAgent=no -o ForwardX11=no -o PermitLocalCommand=no"
            + " -o StreamLocalBindUnlink=yes -o StreamLocalBindMask=0177 -o IdentitiesOnly=yes -o PreferredAuthentications=publickey -i /state/key"
            + " -o BatchMode=yes -- tunnel@ssh.example.org");
        command.Environment.ShouldBe(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "LC_ALL=C"]);
        command.Account.ShouldBeNull();
    }

    [Fact]
    public void Tunnel_WithASecret_KeepsItOffTheCommandLine()
    {
        var command = SshCommand.Tunnel(Office with { KeyFile = "", Password = "hunter2" }, [], "/k", Places);

        var line = string.Join(' ', command.Arguments);
        line.ShouldNotContain("hunter2");
        line.ShouldNotContain("BatchMode");
        line.ShouldContain("-o PubkeyAuthentication=no -o PreferredAuthentications=password -- tunnel@");
        command.Environment.Contains("AUTHGATEWAY_TUNNEL_SECRET=hunter2", StringComparer.Ordinal).ShouldBeTrue();
        command.Environment.Contains("SSH_ASKPASS=/opt/authgateway/authgateway", StringComparer.Ordinal).ShouldBeTrue();
        command.Environment.Contains("SSH_ASKPASS_REQUIRE=force", StringComparer.Ordinal).ShouldBeTrue();
        SshCommand.Tunnel(Office with { KeyPassphrase = "hunter2" }, [], "/k", Places).Arguments.Contains("BatchMode=yes", StringComparer.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public void KeyScan_Server_IsThisLine() =>
        string.Join(' ', SshCommand.KeyScan(Office, Places).Arguments).ShouldBe("-T 10 -p 2222 ssh.example.org");

    [Theory]
    [InlineData(false, TunnelFailure.LoginRefused, "tunnel@ssh.example.org: Permission denied (publickey,password).")]
    [InlineData(false, TunnelFailure.HostKeyChanged, "No ED25519 host key is known for tunnel-office and you have requested strict checking.", "Host key verification failed.")]
    [InlineData(false, TunnelFailure.HostKeyChanged, "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @", "The fingerprint for the ED25519 key sent by the remote host is", "SHA256:abc.", "Host key verification failed.")]
    [InlineData(false, TunnelFailure.ListenRefused, "bind [127.0.0.1]:1389: Address already in use", "channel_setup_fwd_listener_tcpip: cannot listen to port: 1389", "Could not request local forwarding.")]
    [InlineData(true, TunnelFailure.RemoteRefused, "Error: remote port forwarding failed for listen port 3022")]
    [InlineData(true, TunnelFailure.Silent, "Timeout, server ssh.example.org not responding.")]
    [InlineData(true, TunnelFailure.Lost, "Connection to ssh.example.org closed by remote host.")]
    [InlineData(true, TunnelFailure.Lost, "connect_to 10.0.0.1 port 389: Connection refused", "Connection to ssh.example.org closed by remote host.")]
    [InlineData(true, TunnelFailure.Lost)]
    [InlineData(false, TunnelFailure.Unreachable, "ssh: connect to host ssh.example.org port 2222: Connection refused")]
    [InlineData(false, TunnelFailure.Unreachable, "ssh: Could not resolve hostname ssh.example.org: Name or service not known")]
    [InlineData(false, TunnelFailure.Unreachable, "kex_exchange_identification: Connection closed by remote host")]
    [InlineData(false, TunnelFailure.Unreachable)]
    [InlineData(false, TunnelFailure.KeyUnusable, "Load key \"/state/key\": error in libcrypto", "tunnel@ssh.example.org: Permission denied (publickey).")]
    [InlineData(false, TunnelFailure.KeyUnusable, "Load key \"/state/key\": incorrect passphrase supplied to decrypt private key", "tunnel@ssh.example.org: Permission denied (publickey).")]
    [InlineData(false, TunnelFailure.Program, "command-line: line 0: Bad configuration option: nonsense")]
    public void Words_OfAnEnd_AreAKind(bool wasUp, TunnelFailure expected, params string[] lines)
    {
        var loss = SshWords.Judge(lines, wasUp, isTrusted: true);

        loss.Failure.ShouldBe(expected);
        loss.Why.ShouldNotBeEmpty();
    }

    [Fact]
    public void Words_OfAChangedKey_NameTheKeyShown() =>
        SshWords.Judge(["@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "SHA256:KKIZlmqxMlwr9dbP9Jkn1+/riT+jpDt72ZHPdBj/5fg."], wasUp: false, isTrusted: false).Why
            .ShouldBe("the server shows the key SHA256:KKIZlmqxMlwr9dbP9Jkn1+/riT+jpDt72ZHPdBj/5fg, which is not the pinned one");

    /// <summary>Who answers in the server's place and has not shown its key may end the connection with whatever words.</summary>
    [Theory]
    [InlineData("Received disconnect from 192.0.2.1 port 22:2: incorrect passphrase")]
    [InlineData("Received disconnect from 192.0.2.1 port 22:2: Permission denied (publickey).")]
    [InlineData("Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures")]
    [InlineData("Received disconnect from 192.0.2.1 port 22:2: Error: remote port forwarding failed for listen port 1")]
    public void Words_OfAServerWithoutItsKey_ChooseNoCause(string line) =>
        SshWords.Judge([line], wasUp: false, isTrusted: false).Failure.ShouldBe(TunnelFailure.Unreachable);

    [Theory]
    [InlineData("debug1: Host 'tunnel-office' is known and matches the ED25519 host key.", true)]
    [InlineData("debug1: Remote protocol version 2.0, remote software version Host 'tunnel-office' is known and matches the ED25519 host key.", false)]
    [InlineData("debug1: kex_exchange_identification: banner line 0: debug1: Host 'tunnel-office' is known and matches the ED25519 host key.", false)]
    public void Words_ThatSayTheKeyMatches_AreSshsOwn(string line, bool expected) => SshWords.IsTrusted(line).ShouldBe(expected);

    [Fact]
    public void Words_OfAHostileServer_StayOnOneShortLine()
    {
        var why = SshWords.Judge([$"\e[2J\rforged {new string('x', 5000)}"], wasUp: true, isTrusted: true).Why;
        why.Length.ShouldBeLessThanOrEqualTo(300);
        why.ShouldStartWith("\\u001b[2J\\rforged");
    }
}
