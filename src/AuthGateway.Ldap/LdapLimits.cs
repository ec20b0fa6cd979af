namespace AuthGateway.Ldap;

/// <summary>How long we wait for one server and how much we let it send.</summary>
public sealed record LdapLimits
{
    /// <summary>Time for name lookup, TCP, StartTLS and handshake together. Default 3 s.</summary>
    public TimeSpan ConnectTimeout { get; init => field = Positive(value); } = TimeSpan.FromSeconds(3);

    /// <summary>Time for one bind or search, from the call to its last message. Default 5 s.</summary>
    public TimeSpan OperationTimeout { get; init => field = Positive(value); } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of one message, and of all entries of one search together. Default 16 MiB; more ends the connection (a message) or the search.</summary>
    public int MaxMessageBytes { get; init => field = Positive(value); } = 16 * 1024 * 1024;

    /// <summary>Bytes of one search entry. Default 1 MiB; more fails the search.</summary>
    public int MaxEntryBytes { get; init => field = Positive(value); } = 1024 * 1024;

    private static TimeSpan Positive(TimeSpan value) =>
        value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "must be longer than zero");

    private static int Positive(int value) =>
        value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "must be at least 1");
}
