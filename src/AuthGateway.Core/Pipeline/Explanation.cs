using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Pipeline;

/// <summary>A made-up request to be judged.</summary>
/// <param name="Url">The address asked for, <c>https://host[:port]/path?query</c>.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Address">Client address.</param>
/// <param name="User">Login of the user, or null for nobody.</param>
/// <param name="Groups">Groups the user is told to be in.</param>
/// <param name="Aliases">Further names of the user, such as the mail address.</param>
/// <param name="Certificate">Client certificate, or null.</param>
/// <param name="Destination">Destination header of COPY and MOVE, or null.</param>
public sealed record ExplainQuestion(
    string Url, string Method, string Address, string? User, IReadOnlyList<string> Groups, IReadOnlyList<string> Aliases, X509Certificate2? Certificate, string? Destination)
{
    /// <summary>Factors told. Without one that says who somebody is, the password is taken as told too.</summary>
    public FactorSet Factors { get; init; }

    /// <summary>Roles the user is told to hold.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Counters the user's name is known to be judged by: the user told of has none of his own.</summary>
    public IReadOnlyList<LockoutKey> Counters { get; init; } = [];

    /// <summary>Login or mail address of whom the user acts for, or null.</summary>
    public string? ActFor { get; init; }

    /// <summary>Groups this one is told to be in.</summary>
    public IReadOnlyList<string> ActForGroups { get; init; } = [];

    /// <summary>Roles this one is told to hold.</summary>
    public IReadOnlyList<string> ActForRoles { get; init; } = [];
}

/// <summary>What one stage said.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Found">What it found, in words.</param>
/// <param name="Verdict">continue, allow, challenge, deny, unavailable, redirect.</param>
/// <param name="Reason">The reason word, when the stage ended the judging.</param>
public sealed record ExplainStep(string Stage, string Found, string Verdict, string? Reason);

/// <summary>The whole story of a made-up request.</summary>
/// <param name="Steps">Stages in order, up to the one that ended the judging.</param>
/// <param name="Allowed">True when the request would be forwarded.</param>
/// <param name="Reason">The final reason.</param>
/// <param name="Service">The service, when one was found.</param>
/// <param name="Upstream">The upstream it would be forwarded to.</param>
/// <param name="Identity">How the upstream would learn who it is.</param>
public sealed record ExplainAnswer(IReadOnlyList<ExplainStep> Steps, bool Allowed, VerdictReason Reason, string? Service, string? Upstream, string? Identity);

/// <summary>
/// Judges a made-up request with the very objects that judge real ones: what is explained is what is enforced. Nothing is
/// charged, nothing is recorded and no directory is asked.
/// </summary>
public sealed class Explanation
{
    /// <summary>Stands for the backend of a user a question merely tells of.</summary>
    internal const string ToldBackend = "told";

    private readonly AccessJudge _judge;
    private readonly TimeProvider _time;

    internal Explanation(AccessJudge judge, TimeProvider time)
    {
        _judge = judge;
        _time = time;
    }

    /// <summary>Explains. Throws <see cref="FormatException"/> with a remedy when the question itself cannot be read.</summary>
    public async ValueTask<ExplainAnswer> ExplainAsync(GatewayTable table, ExplainQuestion question, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(question.Url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
        {
            throw new FormatException($"\"{question.Url}\" is not an https address. Write it as https://host/path.");
        }

        if (!AddressText.TryParse(question.Address, out var address))
        {
            throw new FormatException($"\"{question.Address}\" is not an IP address.");
        }

        var steps = new List<ExplainStep>();
        var end = question.Url.AsSpan("https://".Length).IndexOfAny('/', '?') is var found and >= 0 ? found + "https://".Length : question.Url.Length;
        var raw = question.Url[end..] is ['/', ..] path ? path : "/" + question.Url[end..];
        var (fault, target) = CanonicalTarget.Parse(raw, question.Method);
        if (!HostName.TryCanonicalize(uri.Host, uri.Port, out var host))
        {
            return Edge(steps, VerdictReason.NoService, $"\"{uri.Host}\" is not a host name");
        }

        if (MethodRules.IsNeverAllowed(question.Method))
        {
            return Edge(steps, VerdictReason.MethodNotAllowed, $"{question.Method} is never taken");
        }

        if (target is null)
        {
            return Edge(steps, VerdictReason.BadRequest, $"the target is refused: {fault}");
        }

        var request = new AccessRequest
        {
            RequestId = "explain",
            Table = table,
            ReceivedAt = _time.GetUtcNow(),
            Listener = table.Services.FindHost(host)?.Listeners is [var listener, ..] ? listener : "",
            Host = host,
            Authority = uri.IsDefaultPort ? host : $"{host}:{uri.Port}",
            Port = uri.Port,
            Method = question.Method,
            Target = target,
            Peer = address,
            Destination = question.Destination,
            Depth = question.Method is "PROPFIND" ? "1" : default,
            Certificate = question.Certificate,
            IsRehearsal = true,
            RehearsedFactors = (question.Factors & FactorKinds.Identifying) == 0 ? question.Factors | FactorSet.Password : question.Factors,
            RehearsedUser = question.User is { } user ? Told(user, question.Groups, question.Aliases, question.Roles) : null,
            RehearsedCounters = question.Counters,
            RehearsedTarget = question.ActFor is { } acted ? Told(acted, question.ActForGroups, [], question.ActForRoles) : null,
        };
        for (var i = 0; i < _judge.Stages.Count; i++)
        {
            var stage = _judge.Stages[i];
            var verdict = await stage.JudgeAsync(request, cancellationToken);
            steps.Add(new ExplainStep(stage.Name, stage.Describe(request), verdict.Kind.ToString().ToLowerInvariant(), verdict.Reason?.Code));
            if (verdict.Kind != VerdictKind.Continue)
            {
                return new ExplainAnswer(
                    steps,
                    verdict.Kind == VerdictKind.Allow,
                    verdict.Reason ?? VerdictReason.Unjudged,
                    request.Service?.Name,
                    request.Service?.Upstream,
                    request.Service is { } service ? ServiceTableBuilder.Word(service.Identity) : null);
            }
        }

        return new ExplainAnswer(steps, Allowed: false, VerdictReason.Unjudged, request.Service?.Name, null, null);
    }

    private static UserIdentity Told(string login, IReadOnlyList<string> groups, IReadOnlyList<string> aliases, IReadOnlyList<string> roles) =>
        new(ToldBackend, login, login, null, null, groups, aliases) { Roles = roles.ToFrozenSet(StringComparer.OrdinalIgnoreCase) };

    private static ExplainAnswer Edge(List<ExplainStep> steps, VerdictReason reason, string found)
    {
        steps.Add(new ExplainStep("edge", found, "deny", reason.Code));
        return new ExplainAnswer(steps, Allowed: false, reason, null, null, null);
    }
}
