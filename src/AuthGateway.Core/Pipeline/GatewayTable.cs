using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Sessions.Tokens;

namespace AuthGateway.Core.Pipeline;

/// <summary>Everything a request is judged by: built whole at each reload, swapped once, never changed.</summary>
public sealed class GatewayTable
{
    /// <summary>Counts reloads, from 1.</summary>
    public required long Generation { get; init; }

    /// <summary>When it was built.</summary>
    public required DateTimeOffset BuiltAt { get; init; }

    /// <summary>Published services.</summary>
    public required ServiceTable Services { get; init; }

    /// <summary>Networks by name: app passwords name them when they are used.</summary>
    public NetworkCatalog Networks { get; init; } = NetworkCatalog.Empty;

    /// <summary>Whose forwarded addresses are believed.</summary>
    internal ForwarderTrust Forwarders { get; init; } = new(NetworkSet.None);

    /// <summary>Who may issue device certificates.</summary>
    public required DeviceTrust Devices { get; init; }

    /// <summary>Who is asked about passwords.</summary>
    public required BackendChain Chain { get; init; }

    /// <summary>Counters' numbers.</summary>
    public required LockoutPolicy Lockout { get; init; }

    /// <summary>From credentials to identity.</summary>
    public required LoginOptions Login { get; init; }

    /// <summary>Which Kerberos tickets are taken.</summary>
    public KerberosTable Tickets { get; init; } = KerberosTable.Off;

    /// <summary>The header in which a forwarder names the user, or null.</summary>
    internal TrustedHeader? TrustedHeader { get; init; }

    /// <summary>Who may act for whom.</summary>
    public ActForTable ActFor { get; init; } = ActForTable.Off;

    /// <summary>From where a password that must be changed may be changed before signing in.</summary>
    public NetworkSet PasswordChangeFrom { get; init; } = NetworkSet.Any;

    /// <summary>Lifetimes of sessions.</summary>
    public SessionOptions Sessions { get; init; } = new();

    /// <summary>Tokens for upstreams, and who may have them verified.</summary>
    public TokenTable Tokens { get; init; } = TokenTable.Off;

    /// <summary>Second factors.</summary>
    public FactorPolicy Factors { get; init; } = new() { Issuer = "AuthGateway" };

    /// <summary>Product name on pages.</summary>
    public string Product { get; init; } = "AuthGateway";

    /// <summary>How people reach the helpdesk, or empty.</summary>
    public string HelpdeskContact { get; init; } = "";

    /// <summary>Colour of buttons and links, <c>#rrggbb</c>, or empty.</summary>
    public string BrandColor { get; init; } = "";

    /// <summary>Address of help for signing in, or empty.</summary>
    public string HelpUrl { get; init; } = "";

    /// <summary>Logo for pages, or null.</summary>
    public PageLogo? Logo { get; init; }
}

/// <summary>A logo, read at reload.</summary>
/// <param name="ContentType"><c>image/svg+xml</c> or <c>image/png</c>.</param>
/// <param name="Content">The file.</param>
public sealed record PageLogo(string ContentType, ReadOnlyMemory<byte> Content);

/// <summary>Holds the table in force.</summary>
public sealed class GatewayState
{
    private GatewayTable? _current;

    /// <summary>The table in force. Reading before the first load is a bug.</summary>
    public GatewayTable Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("No configuration has been loaded.");

    /// <summary>The table in force, or null before the first load.</summary>
    public GatewayTable? CurrentOrNull => Volatile.Read(ref _current);

    /// <summary>Puts a new table in force for requests that come after.</summary>
    public void Swap(GatewayTable table) => Volatile.Write(ref _current, table);
}
