using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Sessions.Tokens;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Pipeline;

/// <summary>
/// Makes tokens for the upstreams of admitted requests, and sees to it that those of logins without a session do not outlive what is forgotten of the login.
/// </summary>
internal sealed partial class TokenIssuer : IForgetLogins
{
    private readonly UpstreamTokens _tokens;
    private readonly StandingJudge _standing;
    private readonly ILogger<TokenIssuer> _logger;

    public TokenIssuer(UpstreamTokens tokens, StandingJudge standing, LoginFlow login, ILogger<TokenIssuer> logger)
    {
        _tokens = tokens;
        _standing = standing;
        _logger = logger;
        login.Resolved.Follower = this;
    }

    /// <summary>The token for a request with an Allow.</summary>
    public UpstreamToken Take(AccessRequest request)
    {
        var user = request.Identity ?? throw new InvalidOperationException("A token is asked for nobody.");
        var claim = new TokenClaim(user, request.Session, request.Session is null ? request.Device?.Thumbprint : null, request.Proven, request.Service!.Name, request.ReceivedAt);
        if (request.Session is null && request.Proof?.AppPassword?.Password is { } appPassword)
        {
            claim = claim with { Secret = appPassword, SecretEnded = appPassword.Ended, SecretEndsAt = appPassword.Record.ExpiresAt };
        }

        return _tokens.Take(claim, request.Table.Tokens, (this, request), static state => state.Item1.Make(state.request));
    }

    void IForgetLogins.Forget(string identityKey) => _tokens.ForgetLoginsOf(identityKey);

    void IForgetLogins.ForgetOthersOf(UserIdentity identity) => _tokens.ForgetOtherLoginsOf(identity);

    void IForgetLogins.ForgetAll() => _tokens.ForgetAllLogins();

    private TokenStanding Make(AccessRequest request)
    {
        Log.Issued(_logger, request.RequestId, request.Service!.Name, request.Identity!.Login, _tokens.Count + 1);
        return _standing.StandingOf(request);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TokenIssued, LogLevel.Debug, "{RequestId}: the upstream of {Service} gets a new token for {Login} ({Count} are known).")]
        public static partial void Issued(ILogger logger, string requestId, string service, string login, int count);
    }
}
