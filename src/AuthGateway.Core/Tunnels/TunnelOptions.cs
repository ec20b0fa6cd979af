using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Tunnels;

/// <summary>
/// An SSH connection the gateway keeps open, to reach servers of another network or to be reached from there. OpenSSH does the work
/// (package <c>openssh-client</c>); nothing is read from <c>~/.ssh</c> or <c>/etc/ssh</c>.
/// </summary>
public sealed class TunnelOptions
{
    /// <summary>The SSH server: a host name or an IP address.</summary>
    [Required]
    [StringLength(253)]
    public string Host { get; set; } = "";

    /// <summary>Its port. 1 to 65535, default 22.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 22;

    /// <summary>Who to be there. Letters, digits and <c>. _ - @ \</c>; at most 64 characters.</summary>
    [Required]
    [RegularExpression(@"[A-Za-z0-9_][A-Za-z0-9._@\\-]{0,63}")]
    public string User { get; set; } = "";

    /// <summary>
    /// File with the private key; relative to the state directory. Mode 0600, of the gateway's user, no symbolic link. Empty: the user has a
    /// <see cref="Password"/>.
    /// </summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Passphrase of <see cref="KeyFile"/>; better given as <c>KeyPassphraseFile</c>. Empty: the key has none.</summary>
    [DataType(DataType.Password)]
    [MaxLength(1024)]
    public string KeyPassphrase { get; set; } = "";

    /// <summary>Password of <see cref="User"/>; better given as <c>PasswordFile</c>. Empty: <see cref="KeyFile"/> is shown instead.</summary>
    [DataType(DataType.Password)]
    [MaxLength(1024)]
    public string Password { get; set; } = "";

    /// <summary>
    /// Fingerprint of the server's key, <c>SHA256:</c> and 43 characters, as <c>authgateway tunnel trust NAME</c> shows it. A server with another key is
    /// refused and not asked again until somebody acts. Empty: the one that <c>tunnel trust NAME --accept</c> learned; without either the tunnel stays closed.
    /// </summary>
    [RegularExpression("|SHA256:[A-Za-z0-9+/]{43}")]
    public string Fingerprint { get; set; } = "";

    /// <summary>Ports and sockets led through the tunnel, besides those of the backend or upstream that names it.</summary>
    [MaxLength(64)]
    public List<TunnelForwardOptions> Forwards { get; set; } = [];

    /// <summary>
    /// Usual forwards by name, each with its target: <c>"ldaps": "dc1.corp.example.org"</c>. Known: <c>ldap</c>, <c>ldaps</c>, <c>ad</c>, <c>smtp</c>, <c>postgres</c>
    /// (from the gateway's loopback, usual port + 10000) and <c>prometheus</c> (<c>host:port</c> on the gateway's side, offered on the far loopback, port 19090).
    /// </summary>
    [MaxLength(6)]
    public Dictionary<string, string> Templates { get; set; } = [];

    /// <summary>First wait before a lost tunnel is opened again; each further one is twice as long. 1s to 30s, default 1s. All waits vary by a quarter.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")]
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before a lost tunnel is opened again. 1s to 30s, default 8s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")]
    public TimeSpan ReconnectDelayMax { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>After this silence the server is asked whether it is there; whole seconds. 1s to 60s, default 15s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Intervals of silence after which the tunnel counts as lost. 2 to 10, default 3: with 15s a black hole is noticed within 45 s.</summary>
    [Range(2, 10)]
    public int KeepAliveCount { get; set; } = 3;

    /// <summary>Longest time from the first packet to open forwards; whole seconds. 1s to 60s, default 10s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>One port or socket led through a tunnel.</summary>
public sealed class TunnelForwardOptions
{
    /// <summary>Who listens: <c>local</c> (default) the gateway's side, <c>remote</c> the far side.</summary>
    [AllowedValues("local", "remote")]
    public string Direction { get; set; } = "local";

    /// <summary>
    /// Where it listens: <c>127.0.0.1:port</c>, <c>[::1]:port</c> or the absolute path of a unix socket (made with mode 0600). The gateway's side listens on
    /// loopback only; the far side too, unless <see cref="Public"/>.
    /// </summary>
    [Required]
    public string Listen { get; set; } = "";

    /// <summary>Where it leads, <c>host:port</c>, as the other side sees it.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>True lets the far side listen on other addresses than loopback, where <see cref="Direction"/> is <c>remote</c>. Its server must allow it (<c>GatewayPorts clientspecified</c>).</summary>
    public bool Public { get; set; }
}
