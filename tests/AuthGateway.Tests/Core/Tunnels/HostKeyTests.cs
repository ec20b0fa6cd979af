using AuthGateway.Core.Tunnels;

namespace AuthGateway.Tests.Core.Tunnels;

public sealed class HostKeyTests : IDisposable
{
    // Both as ssh-keygen wrote them; the key was thrown away.
    private const string Blob = "AAAAC3NzaC1lZDI1NTE5AAAAIPXEo5Bzy6whjCGyPjjBqCeTLsyNh1VMCLBDW4jWfnEY";
    private const string Fingerprint = "SHA256:oBO+eByySVy+gCxpXBJimv1q6mZGYwCqZfpH8s6dOnE";

    private readonly TunnelBed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public void Parse_LineOfKeyscan_HasTheFingerprintOpenSshShows()
    {
        HostKey.TryParse($"[ssh.example.org]:2222 ssh-ed25519 {Blob}", out var key).ShouldBeTrue();
        key!.Fingerprint.ShouldBe(Fingerprint);
    }

    [Theory]
    [InlineData("# ssh.example.org:22 SSH-2.0-OpenSSH_9.2p1")]
    [InlineData("ssh.example.org ssh-ed25519")]
    [InlineData("ssh.example.org ssh-rsa " + Blob)]
    [InlineData("ssh.example.org ssh-ed25519 AAAA")]
    [InlineData("ssh.example.org ssh-ed25519 not*base64")]
    [InlineData("ssh.example.org ssh-ed25519,x " + Blob)]
    [InlineData("")]
    public void Parse_AnythingElse_IsNoKey(string line) => HostKey.TryParse(line, out _).ShouldBeFalse();

    [Fact]
    public void Book_ConfiguredPin_CountsBeforeWhatWasLearned()
    {
        var book = new HostKeyBook(_bed.Places);
        HostKey.TryParse($"x ssh-ed25519 {Blob}", out var key).ShouldBeTrue();
        var tunnel = new Tunnel { Name = "office", Host = "ssh.example.org", Port = 22, User = "tunnel", Forwards = [] };
        book.Pin(tunnel).ShouldBeNull();

        book.Learn(tunnel, key!);

        book.Pin(tunnel).ShouldBe(Fingerprint);
        book.Pin(tunnel with { Fingerprint = TunnelBed.Fingerprint }).ShouldBe(TunnelBed.Fingerprint);
        book.Pin(tunnel with { Host = "elsewhere.example.org" }).ShouldBeNull("it was learned from another server");
        book.Pin(tunnel with { Port = 2222 }).ShouldBeNull();
        book.Pin(tunnel with { Name = "shop" }).ShouldBeNull();
        File.GetUnixFileMode(Path.Combine(_bed.Places.Folder, "office.trusted")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void StatusFile_OfAProcessThatLives_IsReadAndOthersAreNot()
    {
        _bed.Places.Prepare();
        var file = new TunnelStatusFile(_bed.Places, TimeProvider.System);
        file.Read().ShouldBeNull();
        var status = new TunnelStatus("office", "ssh.example.org:22", TunnelState.Refused, DateTimeOffset.UnixEpoch, null, null, ["local a -> b"], TunnelFailure.HostKeyChanged, "why", null);

        file.Write([status]);

        var read = file.Read().ShouldNotBeNull().ShouldHaveSingleItem();
        (read.Name, read.State, read.Failure, read.Forwards[0]).ShouldBe(("office", TunnelState.Refused, TunnelFailure.HostKeyChanged, "local a -> b"));
        var text = File.ReadAllText(_bed.Places.StatusFile);
        text.ShouldContain("\"state\": \"refused\"");
        File.WriteAllText(_bed.Places.StatusFile, text.Replace("\"startedAt\": \"", "\"startedAt\": \"1", StringComparison.Ordinal));
        file.Read().ShouldBeNull("the number was given to another process since");
    }
}
