using System.Collections.Frozen;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>Allowed here: groups, roles, and the user an ActiveSync query names. The only stage that says Allow.</summary>
internal sealed class AuthorizationStage : IAccessStage
{
    public string Name => "authorization";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken) => new(Judge(request));

    public string Describe(AccessRequest request)
    {
        if (request.Policy.Anonymous)
        {
            return "open to everybody";
        }

        if (request.Policy.Roles.Count == 0)
        {
            return request.Policy.Groups.Count == 0 ? "no group asked for" : TellGroup(request);
        }

        return request.Policy.Groups.Count == 0 ? TellRole(request) : $"{TellGroup(request)}, {TellRole(request)}";
    }

    private static Verdict Judge(AccessRequest request)
    {
        // A request without a rule has the policy that denies; that the service stage said so already is not relied upon.
        if (request.Policy.Denies)
        {
            return Verdict.Deny(VerdictReason.DeniedByRule);
        }

        if (request.Policy.Anonymous)
        {
            return Verdict.Allow;
        }

        if (request.Identity is not { } identity)
        {
            return Verdict.Deny(VerdictReason.FactorsMissing);
        }

        if (JudgeUser(request, identity) is { } refusal)
        {
            return refusal;
        }

        // Upstreams take the user from the query, from the header or from Basic, each as it likes: all must mean one person.
        if (request.ActiveSync?.User is { } named && !Means(named, identity))
        {
            request.Detail = $"query names {named}";
            return Verdict.Deny(VerdictReason.ActiveSyncUser);
        }

        return Verdict.Allow;
    }

    /// <summary>Why the policy and the backend do not open the service to a user; null when they do. Of two, each is asked about: who acts, and for whom.</summary>
    internal static Verdict? JudgeUser(AccessRequest request, UserIdentity user)
    {
        // Also for whoever came with a session: it was opened for another service, or before the last reload.
        if (!(request.IsRehearsal && user.Backend == Explanation.ToldBackend) && !request.Table.Chain.Serves(user, request.Service!.Name))
        {
            request.Detail = $"{request.Service.Name} is not open to {user.Login} of {user.Backend}";
            return Verdict.Deny(VerdictReason.UsageContext);
        }

        if (request.Policy.Groups.Count > 0 && Find(request.Policy.Groups, user.Groups) is null)
        {
            return Verdict.Deny(VerdictReason.NotInGroup);
        }

        return request.Policy.Roles.Count > 0 && Find(request.Policy.Roles, user.Roles) is null ? Verdict.Deny(VerdictReason.NotInRole) : null;
    }

    private static string TellGroup(AccessRequest request) =>
        FindGroup(request) is { } group ? $"member of {group}" : $"member of none of {string.Join(", ", request.Policy.Groups.Order(StringComparer.OrdinalIgnoreCase))}";

    private static string TellRole(AccessRequest request) =>
        FindRole(request) is { } role ? $"holds the role {role}" : $"holds none of the roles {string.Join(", ", request.Policy.Roles.Order(StringComparer.OrdinalIgnoreCase))}";

    private static string? FindRole(AccessRequest request) => request.Identity is { } identity ? Find(request.Policy.Roles, identity.Roles) : null;

    private static string? FindGroup(AccessRequest request) => request.Identity is { } identity ? Find(request.Policy.Groups, identity.Groups) : null;

    private static string? Find(FrozenSet<string> asked, FrozenSet<string> held)
    {
        foreach (var name in asked.Items)
        {
            if (held.Contains(name))
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>Phones send <c>alice</c>, <c>alice@domain</c> or <c>DOMAIN\alice</c>; the part behind the last backslash is the name.</summary>
    private static bool Means(string named, UserIdentity identity)
    {
        if (identity.Aliases.Contains(named))
        {
            return true;
        }

        var backslash = named.LastIndexOf('\\');
        return backslash >= 0 && identity.Aliases.Contains(named[(backslash + 1)..]);
    }
}
