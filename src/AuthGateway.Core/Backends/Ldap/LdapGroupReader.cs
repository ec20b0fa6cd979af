using System.Buffers.Binary;
using System.Globalization;
using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// Finds the groups of a user: those his entry names, and those that must be searched. What cannot be read in full is an outage, never a shorter list: a
/// group may take a right away.
/// </summary>
internal sealed class LdapGroupReader
{
    private const string InChain = "1.2.840.113556.1.4.1941";
    private const string ObjectSid = "objectSid";
    private const string PrimaryGroupId = "primaryGroupID";
    private const string MemberOf = "memberOf";

    private readonly LdapBackendOptions _options;
    private readonly LdapHostList _hosts;
    private readonly bool _inChain;
    private readonly LdapFilter[] _filters;
    private readonly string _base;
    private readonly bool _decidesByGroup;

    public LdapGroupReader(LdapBackendOptions options, LdapHostList hosts)
    {
        _options = options;
        _hosts = hosts;
        _base = LdapDialect.GroupBase(options);
        _decidesByGroup = DecidesByGroup(options);
        Attribute = AttributeOf(options);
        _inChain = options.NestedGroups && LdapDialect.IsActiveDirectory(options);
        _filters = options.GroupFilter.Length > 0 && LdapFilter.TryParse(options.GroupFilter, out var filter, out _) ? [filter] : [];
        NeedsSearch = NeedsSearchOf(options);
        Condition = ConditionOf(options);
        IsCondition = options.GroupDn.Length > 0 && Condition is null;
    }

    /// <summary>Attribute with the membership; empty when groups are not read.</summary>
    public string Attribute { get; }

    /// <summary>True when <see cref="ReadAsync"/> asks the directory.</summary>
    public bool NeedsSearch { get; }

    /// <summary>The group everybody must be in as part of the search for the user; null where a filter cannot say it.</summary>
    public LdapFilter? Condition { get; }

    /// <summary>True when the group everybody must be in shows only once all groups are read.</summary>
    public bool IsCondition { get; }

    /// <summary>What the search for the user must ask for.</summary>
    public IEnumerable<string> Attributes => _options.PrimaryGroup ? [.. UserAttribute, ObjectSid, PrimaryGroupId] : UserAttribute;

    private string[] UserAttribute => _options.GroupMembership == "memberof" ? [Attribute] : [];

    /// <summary>True when groups beyond those of the user's own entry are to be found.</summary>
    public static bool NeedsSearchOf(LdapBackendOptions options) =>
        options.PrimaryGroup || options.GroupMembership is "member" or "memberuid" || (options.GroupMembership != "none" && options.NestedGroups);

    /// <summary>True when roles or services hang on groups, so that one left out may leave a right that another takes away.</summary>
    public static bool DecidesByGroup(LdapBackendOptions options) => options.RoleSync.Groups.Count > 0 || options.RoleSync.UsageContext.Count > 0;

    /// <summary>The attribute as said, or the usual one.</summary>
    public static string AttributeOf(LdapBackendOptions options) => options.GroupAttribute.Length > 0 && options.GroupMembership != "none"
        ? options.GroupAttribute
        : options.GroupMembership switch { "memberof" => MemberOf, "member" => "member", "memberuid" => "memberUid", _ => "" };

    /// <summary>The groups the entry names itself; null, and why, when they are more than may be.</summary>
    public (IReadOnlyList<GroupNode>? Groups, string Why) Direct(LdapEntry entry)
    {
        IReadOnlyList<string> named = _options.GroupMembership == "memberof" ? entry.GetStrings(Attribute) : [];
        return named.Count > _options.MaxGroups ? (null, $"groups of {entry.Dn}: {TooMany}") : ([.. named.Select(dn => Node(dn, []))], "");
    }

    /// <summary>True when the group everybody must be in is among these.</summary>
    public bool Holds(IReadOnlyList<GroupNode> groups) => groups.Any(group => group.Dn is { } dn && LdapDn.AreEqual(dn, _options.GroupDn));

    /// <summary>Reads every group of a user.</summary>
    /// <param name="entry">The user's entry.</param>
    /// <param name="login">His login name, for groups that list those.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <returns>The groups; null, and why, when they could not be read in full.</returns>
    public async ValueTask<(IReadOnlyList<GroupNode>? Groups, string Why)> ReadAsync(LdapEntry entry, string login, CancellationToken cancellationToken)
    {
        var (direct, tooMany) = Direct(entry);
        if (direct is null)
        {
            return (null, tooMany);
        }

        var found = new Found(_options.MaxGroups);
        try
        {
            found.AddAll(direct);
            if (_options.GroupMembership == "memberuid")
            {
                found.AddAll(await SearchAsync(LdapFilter.Equal(Attribute, login), cancellationToken));
            }
            else if (_options.GroupMembership == "member" && !_inChain)
            {
                found.AddAll(await SearchAsync(LdapFilter.Equal(Attribute, entry.Dn), cancellationToken));
            }

            if (_options.PrimaryGroup)
            {
                await AddPrimaryAsync(entry, found, cancellationToken);
            }

            if (_inChain)
            {
                found.AddAll(await SearchAsync(LdapFilter.Matches("member", InChain, entry.Dn), cancellationToken));
            }
            else if (_options.NestedGroups)
            {
                await ClimbAsync(found, cancellationToken);
            }

            return (found.Groups, "");
        }
        catch (UnreadableException e)
        {
            return (null, $"groups of {entry.Dn}: {e.Message}");
        }
    }

    private static LdapFilter? ConditionOf(LdapBackendOptions options)
    {
        if (options.GroupDn.Length == 0 || options.GroupMembership != "memberof" || options.PrimaryGroup)
        {
            return null;
        }

        if (!options.NestedGroups)
        {
            return LdapFilter.Equal(AttributeOf(options), options.GroupDn);
        }

        return LdapDialect.IsActiveDirectory(options) ? LdapFilter.Matches(AttributeOf(options), InChain, options.GroupDn) : null;
    }

    private static GroupNode Node(string dn, IReadOnlyList<string> parents) => new(LdapUserReader.FirstRdnValue(dn) ?? dn, dn, parents);

    private string TooMany => $"more than MaxGroups ({_options.MaxGroups})";

    /// <summary>
    /// From each group to those it is in, level by level. A ring ends where it began, for each group is asked once. The last level is asked too: whether
    /// it was the last shows only then.
    /// </summary>
    private async ValueTask ClimbAsync(Found found, CancellationToken cancellationToken)
    {
        var level = found.Groups.Select(group => group.Dn!).ToList();
        for (var depth = 0; level.Count > 0; depth++)
        {
            var next = new List<string>();
            foreach (var dn in level)
            {
                var parents = await ParentsAsync(dn, cancellationToken);
                found.SetParents(dn, parents);
                next.AddRange(parents.Where(parent => found.Add(Node(parent, []))));
            }

            if (next.Count > 0 && depth == _options.NestedGroupDepth)
            {
                throw new UnreadableException($"{next[0]} is more than NestedGroupDepth ({_options.NestedGroupDepth}) levels up");
            }

            level = next;
        }
    }

    private async ValueTask<IReadOnlyList<string>> ParentsAsync(string dn, CancellationToken cancellationToken)
    {
        if (_options.GroupMembership == "member")
        {
            return [.. (await SearchAsync(LdapFilter.Equal(Attribute, dn), cancellationToken)).Select(group => group.Dn!)];
        }

        var search = new LdapSearch(dn, LdapScope.Base, LdapFilter.Present("objectClass")) { Attributes = [Attribute], SizeLimit = 1 };
        var (outcome, host, why) = await _hosts.SearchAsync(search, 0, cancellationToken);
        return outcome switch
        {
            null => throw new UnreadableException(why),
            { Result.IsSuccess: true, Entries: [var group] } => group.GetStrings(Attribute),
            // A name that leads nowhere, or a group that is hidden from the search user: directories answer both alike.
            { Result: { IsSuccess: true } or { Code: LdapResultCode.NoSuchObject } } when !_decidesByGroup => [],
            _ => throw new UnreadableException($"{host!.Name}: {dn} cannot be read, {outcome.Result.Code} {outcome.Result.Diagnostic}".TrimEnd()),
        };
    }

    /// <summary>memberOf leaves the primary group out: it is a number, which the domain's own number in front makes a whole one.</summary>
    private async ValueTask AddPrimaryAsync(LdapEntry entry, Found found, CancellationToken cancellationToken)
    {
        if (entry.GetBytes(ObjectSid) is not { Length: >= 12 } sid
            || !uint.TryParse(entry.GetString(PrimaryGroupId), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new UnreadableException($"{ObjectSid} or {PrimaryGroupId} is missing, or the search user may not read it");
        }

        var groupSid = sid.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(groupSid.AsSpan(groupSid.Length - sizeof(uint)), number);
        var primary = await SearchAsync(LdapFilter.Equal(ObjectSid, groupSid), cancellationToken, isFiltered: false);
        if (primary.Count != 1)
        {
            throw new UnreadableException($"the primary group {number} is not below {_base}; set GroupBaseDn");
        }

        found.Add(primary[0]);
        if (_inChain)
        {
            found.AddAll(await SearchAsync(LdapFilter.Matches("member", InChain, primary[0].Dn!), cancellationToken));
        }
    }

    private async ValueTask<IReadOnlyList<GroupNode>> SearchAsync(LdapFilter filter, CancellationToken cancellationToken, bool isFiltered = true)
    {
        var search = new LdapSearch(_base, LdapScope.Subtree, isFiltered ? LdapFilter.And([filter, .. _filters]) : filter)
        {
            // Who stands above comes for nothing where the directory writes it.
            Attributes = [MemberOf],
            SizeLimit = _options.MaxGroups,
        };
        var (outcome, host, why) = await _hosts.SearchAsync(search, _options.PageSize, cancellationToken);
        if (outcome is null)
        {
            throw new UnreadableException(why);
        }

        if (outcome.Result.Code == LdapResultCode.SizeLimitExceeded)
        {
            throw new UnreadableException($"{TooMany}, or than {host!.Name} gives away");
        }

        if (!outcome.Result.IsSuccess)
        {
            throw new UnreadableException($"{host!.Name}: search in {_base} ended with {outcome.Result.Code} {outcome.Result.Diagnostic}".TrimEnd());
        }

        return [.. outcome.Entries.Where(group => group.Dn.Length > 0).Select(group => Node(group.Dn, group.GetStrings(MemberOf)))];
    }

    /// <summary>Groups found so far, each once however it is spelled.</summary>
    private sealed class Found(int limit)
    {
        private readonly Dictionary<string, int> _at = new(StringComparer.Ordinal);
        private readonly List<GroupNode> _groups = [];

        public IReadOnlyList<GroupNode> Groups => _groups;

        /// <summary>True when it was not there before.</summary>
        public bool Add(GroupNode group)
        {
            if (!_at.TryAdd(Key(group.Dn!), _groups.Count))
            {
                if (group.ParentDns.Count > 0)
                {
                    SetParents(group.Dn!, group.ParentDns);
                }

                return false;
            }

            if (_groups.Count == limit)
            {
                throw new UnreadableException($"more than MaxGroups ({limit})");
            }

            _groups.Add(group);
            return true;
        }

        public void AddAll(IReadOnlyList<GroupNode> groups)
        {
            foreach (var group in groups)
            {
                Add(group);
            }
        }

        public void SetParents(string dn, IReadOnlyList<string> parents)
        {
            var at = _at[Key(dn)];
            _groups[at] = _groups[at] with { ParentDns = parents };
        }

        private static string Key(string dn) => LdapDn.TryNormalize(dn, out var normalized) ? normalized : dn;
    }

    private sealed class UnreadableException(string message) : Exception(message);
}
