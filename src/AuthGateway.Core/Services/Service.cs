using System.Collections.Frozen;
using System.Net;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Services;

/// <summary>One published application: validated, immutable, looked up per request.</summary>
public sealed class Service
{
    /// <summary>The service's name.</summary>
    public required string Name { get; init; }

    /// <summary>The preset it was built from.</summary>
    public required string Preset { get; init; }

    /// <summary>What kind of clients it has.</summary>
    public required ServiceKind Kind { get; init; }

    /// <summary>Canonical host names.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Path prefixes it answers.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Path prefixes refused to everybody; compared without case.</summary>
    public required IReadOnlyList<string> ClosedPaths { get; init; }

    /// <summary>Methods taken.</summary>
    public required FrozenSet<string> Methods { get; init; }

    /// <summary>Rules in order.</summary>
    public required IReadOnlyList<Rule> Rules { get; init; }

    /// <summary>Name of the upstream.</summary>
    public required string Upstream { get; init; }

    /// <summary>How the upstream learns who the user is.</summary>
    public required IdentityForwarding Identity { get; init; }

    /// <summary>True where the upstream gets a token in place of a password.</summary>
    public bool HandsOutTokens => Identity is IdentityForwarding.Token or IdentityForwarding.HeaderAndToken;

    /// <summary>True where the upstream is told the login in a header.</summary>
    public bool TellsByHeader => Identity is IdentityForwarding.Header or IdentityForwarding.HeaderAndBasic or IdentityForwarding.HeaderAndToken;

    /// <summary>Header with the login name, when told by header.</summary>
    public required string IdentityHeader { get; init; }

    /// <summary>True when the upstream believes the identity header: a request without a login must never reach it.</summary>
    public bool IsTrustedByUpstream { get; init; }

    /// <summary>Secret sent along, or null.</summary>
    public string? SharedSecret { get; init; }

    /// <summary>Path prefix of clients and what it becomes at the upstream; null forwards the path as it is.</summary>
    public (string From, string To)? Rewrite { get; init; }

    /// <summary>True when the upstream cannot read a body without Content-Length (SOGo): such bodies are collected first.</summary>
    public required bool NeedsContentLength { get; init; }

    /// <summary>Longest silence of the upstream.</summary>
    public required TimeSpan ActivityTimeout { get; init; }

    /// <summary>Largest request body in bytes.</summary>
    public required long MaxBodyBytes { get; init; }

    /// <summary>True when connections to the upstream may serve another request.</summary>
    public required bool ReuseConnections { get; init; }

    /// <summary>True for SOGo: the <c>x-webobjects-*</c> family tells it where it stands.</summary>
    public required bool IsSogo { get; init; }

    /// <summary>True where paths may carry an encoded slash, a second encoding or a segment ending in a dot (DAV resource names).</summary>
    public required bool AllowsUnusualPaths { get; init; }

    /// <summary>Exact paths the gateway answers itself with a redirect, before any login: (from, to).</summary>
    public IReadOnlyList<(string From, string To)> Redirects { get; init; } = [];

    /// <summary>Names taken without a password.</summary>
    internal IReadOnlyList<NamesWithoutPassword> ValidUsers { get; init; } = [];

    /// <summary>True where somebody may come in by a name alone.</summary>
    public bool TakesNamesFrom(IPAddress address) => ValidUsers.Any(names => names.IsOpenTo(address));

    /// <summary>True when this login name needs no password from this address.</summary>
    public bool TakesName(string login, IPAddress address) => ValidUsers.Any(names => names.Takes(login, address));

    /// <summary>How people may sign in.</summary>
    public LoginWays Logins { get; init; } = LoginWays.Basic;

    /// <summary>The first rule that matches, or null: refused. Allocates nothing.</summary>
    public Rule? FindRule(IPAddress address, string path, string method)
    {
        for (var i = 0; i < Rules.Count; i++)
        {
            if (Rules[i].Matches(address, path, method))
            {
                return Rules[i];
            }
        }

        return null;
    }
}
