using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Sessions.Tokens;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Pipeline;

/// <summary>What a verifier asks.</summary>
/// <param name="User">Whom somebody says to be: login, mail address or another name of his.</param>
/// <param name="Token">What he shows.</param>
/// <param name="Service">The service the token must have been made for, or null.</param>
/// <param name="Client">The address he comes from, as the verifier tells it, or null.</param>
public sealed record TokenQuestion(string User, Identities.Secret Token, string? Service, IPAddress? Client);

/// <summary>What a verifier is told.</summary>
public abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    /// <summary>The token is his.</summary>
    /// <param name="Login">The login name.</param>
    /// <param name="Mail">Mail address, or null.</param>
    /// <param name="Service">The service the token was made for.</param>
    /// <param name="ExpiresAt">When it ends at the latest.</param>
    public sealed record Verified(string Login, string? Mail, string Service, DateTimeOffset ExpiresAt) : TokenAnswer;

    /// <summary>It is not; why is in the audit.</summary>
    public sealed record Refused : TokenAnswer;

    /// <summary>Our side could not judge, or not write it down.</summary>
    public sealed record Unavailable : TokenAnswer;
}

/// <summary>Why a token was refused: words of the audit, of docs/helpdesk.md, and of nobody's answer.</summary>
internal static class TokenReasons
{
    public const string Verified = "token-verified";
    public const string Unknown = "token-unknown";
    public const string OtherService = "token-other-service";
    public const string OtherUser = "token-other-user";
    public const string SessionEnded = "token-session-ended";
    public const string Withdrawn = "token-withdrawn";
    public const string Verifier = "verifier-refused";
}

/// <summary>Says of a token whether it is good now, for this user, service and verifier. Nothing is remembered of an answer: each is judged anew.</summary>
public sealed partial class TokenVerification
{
    private readonly UpstreamTokens _tokens;
    private readonly GatewayState _state;
    private readonly AuditLog _audit;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<TokenVerification> _logger;

    /// <summary>Takes what it asks.</summary>
    public TokenVerification(UpstreamTokens tokens, GatewayState state, AuditLog audit, GatewayMetrics metrics, TimeProvider time, ILogger<TokenVerification> logger)
    {
        _tokens = tokens;
        _state = state;
        _audit = audit;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    /// <summary>True while the configuration in force names somebody who may ask.</summary>
    public bool IsOn => _state.CurrentOrNull?.Tokens.Verifiers.Count > 0;

    /// <summary>Whose key this is; null for everybody who may not ask from there, which is recorded.</summary>
    public ValueTask<Verifier?> AdmitAsync(string? key, IPAddress peer, string requestId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return AdmitAsync(_state.CurrentOrNull?.Tokens.Find(key, peer), key is not null, peer, requestId, cancellationToken);
    }

    /// <summary>Whose key a question was sealed with; null for everybody who may not ask from there, which is recorded.</summary>
    public ValueTask<Verifier?> AdmitAsync(SealedQuestion question, IPAddress peer, string requestId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(peer);
        return AdmitAsync(_state.CurrentOrNull?.Tokens.Find(question, peer), hasKey: true, peer, requestId, cancellationToken);
    }

    private async ValueTask<Verifier?> AdmitAsync(Verifier? found, bool hasKey, IPAddress peer, string requestId, CancellationToken cancellationToken)
    {
        if (found is { } verifier)
        {
            return verifier;
        }

        _metrics.TokenJudged("none", TokenReasons.Verifier);
        Log.VerifierRefused(_logger, requestId, peer);
        await _audit.RecordFoldedAsync(
            new AuditRecord
            {
                At = _time.GetUtcNow(),
                Event = AuditEvents.Refusal,
                Reason = TokenReasons.Verifier,
                Verdict = "deny",
                RequestId = requestId,
                Address = peer.ToString(),
                Detail = !hasKey ? "asked to verify a token without a key" : "asked to verify a token with a key that is nobody's, or from an address that is not its owner's",
            },
            cancellationToken);
        return null;
    }

    /// <summary>Judges.</summary>
    public async ValueTask<TokenAnswer> VerifyAsync(Verifier verifier, IPAddress peer, TokenQuestion question, string requestId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(question);
        var (reason, grant) = await JudgeAsync(verifier, question);
        _metrics.TokenJudged(verifier.Name, reason);
        var client = question.Client is { } address ? $"verifier {verifier.Name}, client {address}" : $"verifier {verifier.Name}";
        if (grant is null || reason != TokenReasons.Verified)
        {
            Log.Refused(_logger, requestId, verifier.Name, peer, reason);
            await _audit.RecordFoldedAsync(
                new AuditRecord
                {
                    At = _time.GetUtcNow(),
                    Event = AuditEvents.Refusal,
                    Reason = reason,
                    Verdict = "deny",
                    RequestId = requestId,
                    TypedName = TypedNames.OfNobody(question.User),
                    Address = peer.ToString(),
                    Service = grant?.Service,
                    Detail = grant is null ? client : $"{client}, token of {grant.CurrentUser.Login}",
                },
                cancellationToken);
            return new TokenAnswer.Refused();
        }

        var user = grant.CurrentUser;
        try
        {
            await _audit.RecordFoldedAsync(
                new AuditRecord
                {
                    At = _time.GetUtcNow(),
                    Event = AuditEvents.Verification,
                    Reason = reason,
                    Verdict = "allow",
                    RequestId = requestId,
                    TypedName = question.User,
                    Identity = user.Key,
                    Contact = AuditContact.Of(user),
                    Address = peer.ToString(),
                    Service = grant.Service,
                    Detail = client,
                },
                cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // What cannot be written down did not happen.
            return new TokenAnswer.Unavailable();
        }

        Log.Verified(_logger, requestId, verifier.Name, user.Login, grant.Service);
        var end = grant.Session is { } session && session.Record.EndsAt < grant.ExpiresAt ? session.Record.EndsAt : grant.ExpiresAt;
        return new TokenAnswer.Verified(user.Login, user.Mail, grant.Service, end);
    }

    private async ValueTask<(string Reason, TokenGrant? Grant)> JudgeAsync(Verifier verifier, TokenQuestion question)
    {
        var table = _state.Current;
        if (!TryReadKey(question.Token, out var key) || _tokens.Find(key) is not { } grant)
        {
            return (TokenReasons.Unknown, null);
        }

        if (!verifier.Takes(grant.Service) || (question.Service is { } asked && !string.Equals(asked, grant.Service, StringComparison.Ordinal)))
        {
            return (TokenReasons.OtherService, grant);
        }

        var user = grant.CurrentUser;
        if (!string.Equals(user.Key, grant.User.Key, StringComparison.Ordinal) || !user.Aliases.Contains(question.User))
        {
            return (TokenReasons.OtherUser, grant);
        }

        if (!_tokens.IsHeld(grant, table.Sessions))
        {
            _tokens.Drop(grant);
            return (TokenReasons.SessionEnded, grant);
        }

        // By the table now in force: a service that is gone or hands out no tokens any more, a closed network, a lost group.
        if (!table.Services.Services.Any(service => service.HandsOutTokens && string.Equals(service.Name, grant.Service, StringComparison.Ordinal))
            || !await grant.Standing(user, grant.CurrentlyProven))
        {
            _tokens.Drop(grant);
            return (TokenReasons.Withdrawn, grant);
        }

        // Taken back while the standing was looked at.
        return _tokens.Find(key) is null || !_tokens.IsHeld(grant, table.Sessions) ? (TokenReasons.SessionEnded, grant) : (TokenReasons.Verified, grant);
    }

    private static bool TryReadKey(Identities.Secret token, out Sessions.SessionKey key)
    {
        key = default;
        if (token.Utf8.Length != UpstreamToken.TextLength)
        {
            return false;
        }

        Span<char> text = stackalloc char[UpstreamToken.TextLength];
        var isAscii = System.Text.Ascii.ToUtf16(token.Utf8, text, out _) == System.Buffers.OperationStatus.Done;
        var isToken = isAscii && UpstreamToken.TryReadKey(text, out key);
        text.Clear();
        return isToken;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TokenVerified, LogLevel.Debug, "{RequestId}: {Verifier} was told that a token of {Login} for {Service} is good.")]
        public static partial void Verified(ILogger logger, string requestId, string verifier, string login, string service);

        [LoggerMessage(EventIds.TokenRefused, LogLevel.Information, "{RequestId}: {Verifier} at {Peer} was told that a token is not good ({Reason}).")]
        public static partial void Refused(ILogger logger, string requestId, string verifier, IPAddress peer, string reason);

        [LoggerMessage(EventIds.VerifierRefused, LogLevel.Warning, "{RequestId}: {Peer} may not have tokens verified: no verifier has its key, or none of that address.")]
        public static partial void VerifierRefused(ILogger logger, string requestId, IPAddress peer);
    }
}
