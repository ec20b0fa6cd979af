using System.Collections.Frozen;
using System.Net;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Login.ActFor;

/// <summary>Who may act for whom: validated, immutable, asked anew for every request. Knows no names but those of roles, groups, domains and services.</summary>
public sealed class ActForTable
{
    private readonly ActForGrant[] _grants;
    private readonly FrozenDictionary<string, int> _ranks;

    internal ActForTable(IEnumerable<ActForGrant> grants, IReadOnlyList<string> ranks, TimeSpan lifetime)
    {
        _grants = [.. grants];
        _ranks = ranks.Select((role, i) => KeyValuePair.Create(role, i + 1)).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Lifetime = lifetime;
    }

    /// <summary>Nobody acts for anybody.</summary>
    public static ActForTable Off { get; } = new([], [], TimeSpan.Zero);

    /// <summary>False where nobody acts for anybody.</summary>
    public bool IsOn => _grants.Length > 0;

    /// <summary>How long somebody acts by page.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>Builds the table; with errors in <paramref name="faults"/> the result must not be used.</summary>
    public static ActForTable Build(ActForOptions options, ServiceTable services, NetworkCatalog networks, FaultList faults) => new ActForRules(services, networks, faults).Build(options);

    /// <summary>True for a holder of the right, wherever it holds: nobody acts for him.</summary>
    public bool IsHolder(UserIdentity user)
    {
        foreach (var grant in _grants)
        {
            if (grant.IsHeldBy(user))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the user may act for somebody on the service from the address. Asked before anybody looks for the target.</summary>
    public bool MayAct(UserIdentity actor, string service, IPAddress address)
    {
        foreach (var grant in _grants)
        {
            if (grant.IsOpen(service, address) && grant.IsHeldBy(actor))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Judges one user acting for another on a service, from an address.</summary>
    public ActForAnswer Judge(UserIdentity actor, UserIdentity target, string service, IPAddress address) =>
        Judge(actor, target, MayAct(actor, service, address), grant => grant.IsOpen(service, address));

    /// <summary>The same whatever service and address: false ends what is open.</summary>
    public bool Stands(UserIdentity actor, UserIdentity target) => Judge(actor, target, IsHolder(actor), static _ => true) == ActForAnswer.Allowed;

    private ActForAnswer Judge(UserIdentity actor, UserIdentity target, bool hasRight, Func<ActForGrant, bool> isOpen) =>
        !hasRight ? ActForAnswer.NoRight
        : string.Equals(actor.Key, target.Key, StringComparison.Ordinal) ? ActForAnswer.Himself
        : !Array.Exists(_grants, grant => isOpen(grant) && grant.IsHeldBy(actor) && grant.Covers(target)) ? ActForAnswer.OtherDomain
        : IsHolder(target) ? ActForAnswer.Holder
        : RankOf(target) is var rank && rank > 0 && rank >= RankOf(actor) ? ActForAnswer.Rank
        : ActForAnswer.Allowed;

    /// <summary>The place of the highest role, from 1; 0 for a user without rank.</summary>
    private int RankOf(UserIdentity user)
    {
        var highest = 0;
        foreach (var role in user.Roles.Items)
        {
            highest = Math.Max(highest, _ranks.GetValueOrDefault(role));
        }

        return highest;
    }
}

/// <summary>One right.</summary>
/// <param name="Roles">Roles that give it.</param>
/// <param name="Groups">Groups that give it.</param>
/// <param name="Domains">Domains of the users acted for.</param>
/// <param name="IsForAll">True for every user.</param>
/// <param name="Services">Services it holds for.</param>
/// <param name="Networks">From where.</param>
internal sealed record ActForGrant(
    FrozenSet<string> Roles, FrozenSet<string> Groups, FrozenSet<string> Domains, bool IsForAll, FrozenSet<string> Services, NetworkSet Networks)
{
    public bool IsHeldBy(UserIdentity user) => user.Roles.Overlaps(Roles) || user.Groups.Overlaps(Groups);

    public bool IsOpen(string service, IPAddress address) => Services.Contains(service) && Networks.Contains(address);

    public bool Covers(UserIdentity target) => IsForAll || (DomainOf(target) is { } domain && Domains.Contains(domain));

    /// <summary>The mail address decides where there is one: a login name may be of a directory's own making.</summary>
    private static string? DomainOf(UserIdentity user)
    {
        var name = string.IsNullOrEmpty(user.Mail) ? user.Login : user.Mail;
        var at = name.LastIndexOf('@');
        return at > 0 && at < name.Length - 1 ? name[(at + 1)..] : null;
    }
}
