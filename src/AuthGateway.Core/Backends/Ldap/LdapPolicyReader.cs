using System.Globalization;
using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Reads from one entry when the directory locks: a domain's own, a fine-grained policy's (MS-ADTS 3.1.1.5.1.3), or a password policy's of OpenLDAP.</summary>
internal sealed class LdapPolicyReader(LdapHostList hosts, bool isActiveDirectory, TimeSpan unknownWindow)
{
    /// <summary>Stands for the domain's own entry, whose name the server tells.</summary>
    public const string OfTheDomain = "";

    private const string DefaultNamingContext = "defaultNamingContext";
    private const string DomainThreshold = "lockoutThreshold";
    private const string DomainWindow = "lockOutObservationWindow";
    private const string OwnThreshold = "msDS-LockoutThreshold";
    private const string OwnWindow = "msDS-LockoutObservationWindow";
    private const string PolicyAttribute = "pwdAttribute";
    private const string PolicyLocks = "pwdLockout";
    private const string PolicyFailures = "pwdMaxFailure";
    private const string PolicyInterval = "pwdFailureCountInterval";
    private const string PolicyDuration = "pwdLockoutDuration";
    private const string SupportedControl = "supportedControl";
    private const string PasswordPolicyControl = "1.3.6.1.4.1.42.2.27.8.5.1";

    /// <summary>Reads an entry. An outage is told in the reading.</summary>
    public async Task<LdapPolicyReading> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (name.Length == 0)
        {
            var (root, unread) = await ReadEntryAsync("", [DefaultNamingContext], cancellationToken);
            if (root?.GetString(DefaultNamingContext) is not { Length: > 0 } domain)
            {
                return unread ?? new LdapPolicyReading(null, "the server's own entry", $"the server tells no {DefaultNamingContext}");
            }

            name = domain;
        }

        var (entry, fault) = await ReadEntryAsync(
            name,
            isActiveDirectory ? [DomainThreshold, DomainWindow, OwnThreshold, OwnWindow] : [PolicyAttribute, PolicyLocks, PolicyFailures, PolicyInterval, PolicyDuration],
            cancellationToken);
        return fault ?? (isActiveDirectory ? ReadDomain(entry!, name) : ReadPolicy(entry!, name));
    }

    /// <summary>True when the server has password policies at all; null when it does not say.</summary>
    public async ValueTask<bool?> HasPoliciesAsync(CancellationToken cancellationToken)
    {
        var (root, _) = await ReadEntryAsync("", [SupportedControl], cancellationToken);
        return root?.GetStrings(SupportedControl) is { Count: > 0 } controls ? controls.Contains(PasswordPolicyControl, StringComparer.Ordinal) : null;
    }

    private LdapPolicyReading ReadDomain(LdapEntry entry, string name)
    {
        if ((Number(entry, OwnThreshold) ?? Number(entry, DomainThreshold)) is not { } threshold)
        {
            return Unreadable(name);
        }

        return threshold <= 0
            ? new LdapPolicyReading(null, name, null)
            : new LdapPolicyReading(new DirectoryLockout((int)Math.Min(threshold, int.MaxValue), Window(Number(entry, OwnWindow) ?? Number(entry, DomainWindow))), name, null);
    }

    /// <summary>In numbers of 100 ns below zero; the least of all means for ever.</summary>
    private TimeSpan Window(long? ticks) => ticks switch
    {
        long.MinValue => TimeSpan.MaxValue,
        < 0 => TimeSpan.FromTicks(-ticks.Value),
        _ => unknownWindow,
    };

    private static LdapPolicyReading ReadPolicy(LdapEntry entry, string name)
    {
        // Every policy has it: without it the others were hidden, not left out.
        if (entry.GetBytes(PolicyAttribute) is null)
        {
            return Unreadable(name);
        }

        if (!string.Equals(entry.GetString(PolicyLocks), "true", StringComparison.OrdinalIgnoreCase) || Number(entry, PolicyFailures) is not (> 0 and var failures))
        {
            return new LdapPolicyReading(null, name, null);
        }

        // No duration may mean for ever, or that it is hidden. Taken for ever it would keep the owner out when the lock is long over, for only her own bind ends what the entry shows.
        var lockout = new DirectoryLockout((int)Math.Min(failures, int.MaxValue), Seconds(entry, PolicyInterval))
        {
            Duration = Number(entry, PolicyDuration) is null ? null : Seconds(entry, PolicyDuration),
        };
        return new LdapPolicyReading(lockout, name, null);
    }

    /// <summary>0, or nothing, is for ever: until a success, or until somebody unlocks.</summary>
    private static TimeSpan Seconds(LdapEntry entry, string attribute) =>
        Number(entry, attribute) is > 0 and var seconds && seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;

    private async ValueTask<(LdapEntry? Entry, LdapPolicyReading? Fault)> ReadEntryAsync(string dn, IReadOnlyList<string> attributes, CancellationToken cancellationToken)
    {
        var search = new LdapSearch(dn, LdapScope.Base, LdapFilter.Present("objectClass")) { Attributes = attributes, SizeLimit = 1 };
        var (outcome, host, why) = await hosts.SearchAsync(search, pageSize: 0, cancellationToken);
        if (outcome is null)
        {
            return (null, new LdapPolicyReading(null, dn, why) { IsOutage = true });
        }

        return outcome.Result.IsSuccess && outcome.Entries.Count == 1
            ? (outcome.Entries[0], null)
            : (null, new LdapPolicyReading(null, dn, $"{host!.Name}: {outcome.Result.Code} {outcome.Result.Diagnostic}".TrimEnd()));
    }

    private static LdapPolicyReading Unreadable(string name) => new(null, name, "the search user may not read it");

    private static long? Number(LdapEntry entry, string attribute) =>
        long.TryParse(entry.GetString(attribute), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
