using System.Buffers.Binary;
using System.Text;
using AuthGateway.Core.Tunnels;

namespace AuthGateway.Tests.Core.Tunnels;

/// <summary>A busy server drops some of a scan's connections; only a server that shows other keys again and again has changed its own.</summary>
public sealed class SshDialerTests : IDisposable
{
    private static readonly HostKey s_pinned = Key("ssh-ed25519", 1);
    private static readonly HostKey s_rsa = Key("ssh-rsa", 2);
    private static readonly HostKey s_other = Key("ssh-ed25519", 3);

    private readonly TunnelBed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Theory]
    [InlineData("pinned", null, 1)]
    [InlineData("rsa|pinned", null, 2)]
    [InlineData("rsa|rsa|pinned", null, 3)]
    [InlineData("rsa|rsa|rsa|pinned", "HostKeyChanged", 3)]
    [InlineData("other|other|other", "HostKeyChanged", 3)]
    [InlineData("other|pinned", null, 2)]
    [InlineData("", "Unreachable", 1)]
    [InlineData("rsa||rsa", "Unreachable", 2)]
    public async Task FindKey_PinnedKindMissing_ScansAgainBeforeItSaysChanged(string shown, string? failure, int scans)
    {
        var answers = shown.Split('|');
        var asked = 0;
        var dialer = new SshDialer(_bed.Places, TimeProvider.System, (_, _) =>
        {
            IReadOnlyList<HostKey> keys = answers[asked++] switch { "pinned" => [s_pinned, s_rsa], "rsa" => [s_rsa], "other" => [s_other], _ => [] };
            return Task.FromResult((keys, "nothing came"));
        });

        var (key, loss) = await dialer.FindKeyAsync(new Tunnel { Name = "office", Host = "ssh.example.org", Port = 22, User = "tunnel", Forwards = [], Fingerprint = s_pinned.Fingerprint }, default);

        key.ShouldBe(failure is null ? s_pinned : null);
        (failure is null ? null : loss.Failure.ToString()).ShouldBe(failure);
        asked.ShouldBe(scans);
    }

    private static HostKey Key(string kind, byte content)
    {
        var blob = new byte[4 + kind.Length + 32];
        BinaryPrimitives.WriteInt32BigEndian(blob, kind.Length);
        Encoding.ASCII.GetBytes(kind, blob.AsSpan(4));
        blob.AsSpan(4 + kind.Length).Fill(content);
        return new HostKey(kind, Convert.ToBase64String(blob));
    }
}
