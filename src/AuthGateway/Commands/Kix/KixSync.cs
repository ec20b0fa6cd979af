using System.Text.Json.Nodes;

namespace AuthGateway.Commands.Kix;

/// <summary>The part <c>Sync</c> of a directory: contact data, roles, usage contexts.</summary>
internal sealed class KixSync(IReadOnlyList<string> agents, IReadOnlyList<string> customers, KixNotes notes)
{
    private readonly JsonObject _groups = [];
    private readonly JsonObject _attributes = [];
    private readonly JsonObject _contexts = [];

    public void Take(KixNode sync, JsonObject backend)
    {
        var module = sync.Text("Module");
        if (!sync.Says("Enabled"))
        {
            notes.LeftOut(sync.Path, "It is switched off there (Enabled is not 1).", "Set Enabled to 1 and convert again if it is wanted.");
            return;
        }

        if (module.Length > 0 && !module.EndsWith("::LDAP", StringComparison.Ordinal))
        {
            notes.LeftOut(sync.Path, $"The module \"{module}\" has no counterpart.", "Look whether it is still needed.");
            return;
        }

        var config = sync.Node("Config");
        TakeContact(config.Node("ContactUserSync"), backend);
        TakeGroups(config.Node("GroupDNBasedRoleSync"));
        TakeAttributes(config.Node("AttributeBasedRoleSync"));
        TakeContexts(config.Node("GroupDNBasedUsageContextSync"));
        config.NoteRest("Look whether it is still needed.");
        sync.NoteRest("Look whether it is still needed.");
    }

    /// <summary>Writes what was collected.</summary>
    public void Finish(JsonObject backend)
    {
        var sync = new JsonObject();
        foreach (var (name, part) in (ReadOnlySpan<(string, JsonObject)>)[("Groups", _groups), ("Attributes", _attributes), ("UsageContext", _contexts)])
        {
            if (part.Count > 0)
            {
                sync[name] = part;
            }
        }

        if (sync.Count > 0)
        {
            backend["RoleSync"] = sync;
        }

        WidenGroupBase(backend);
    }

    private void TakeContact(KixNode contact, JsonObject backend)
    {
        var phone = contact.Text("Phone").Length > 0 ? "Phone" : "Mobile";
        foreach (var (key, path, value) in contact.Entries)
        {
            var attribute = KixNode.TextOf(value);
            var ours = key == phone ? "PhoneAttribute" : key switch
            {
                "Email" => "MailAttribute",
                "UserLogin" => "UserNameAttribute",
                _ => null,
            };
            if (key is "Firstname" or "Lastname")
            {
                if (key == "Lastname")
                {
                    backend["DisplayNameAttribute"] = "displayName";
                    notes.Look(path, "A name for people is one attribute here: displayName, else cn.", "Set DisplayNameAttribute if it is another.");
                }
            }
            else if (ours is null)
            {
                notes.LeftOut(path, "Pages, mails and audit need name, mail and telephone only; contacts are not kept here.", "KIX may go on reading it from the directory.");
            }
            else if (attribute is null || attribute.Length == 0 || attribute.Contains(':', StringComparison.Ordinal))
            {
                notes.LeftOut(path, "Only the name of an attribute can be taken; fixed and composed texts cannot.", $"Set {ours} to an attribute.");
            }
            else
            {
                backend[ours] = attribute;
            }
        }
    }

    private void TakeGroups(KixNode groups)
    {
        foreach (var (group, path, value) in groups.Entries)
        {
            AddSaid(_groups, group, new KixNode(value, path, notes));
        }
    }

    private void TakeAttributes(KixNode attributes)
    {
        foreach (var (attribute, path, value) in attributes.Entries)
        {
            foreach (var (pattern, at, roles) in new KixNode(value, path, notes).Entries)
            {
                AddPattern(attribute, pattern, new KixNode(roles, at, notes));
            }
        }
    }

    private void AddPattern(string attribute, string pattern, KixNode roles)
    {
        if (KixPattern.Translate(pattern) is not { } translated)
        {
            notes.LeftOut(roles.Path, $"The pattern \"{pattern}\" is a regular expression that * cannot say.", "Write it anew under RoleSync:Attributes, with * for any characters.");

            // A withdrawal that is lost would leave open what it closed.
            foreach (var (role, at, _) in roles.Entries.Where(entry => !KixNode.IsYes(entry.Value)))
            {
                ChildOf(ChildOf(_attributes, attribute), "*")[role] = false;
                notes.Look(at, $"{role} is withdrawn from everybody who has {attribute}, until that pattern is written anew.", "Put the values it is meant for in the place of *.");
            }

            return;
        }

        foreach (var (role, _, value) in roles.Entries)
        {
            // KIX looks for the pattern anywhere in the value. A grant is taken narrowly, a withdrawal widely: neither may open more than it did.
            var isGrant = KixNode.IsYes(value);
            var at = isGrant ? translated.Narrow : translated.Wide;
            var said = ChildOf(ChildOf(_attributes, attribute), at);

            // Two patterns of theirs may be one of ours: a withdrawal of either beats the grant of the other.
            said[role] = isGrant && said[role]?.GetValue<bool>() is not false;
            if (translated.Narrow != translated.Wide)
            {
                notes.Look(roles.Path, $"Patterns here mean the whole value; this one is \"{at}\".", "Add * where more may stand.");
            }
        }
    }

    private void TakeContexts(KixNode groups)
    {
        foreach (var (group, path, value) in groups.Entries)
        {
            var says = new KixNode(value, path, notes);
            var services = ChildOf(_contexts, group);
            foreach (var (key, at, flag) in says.Entries)
            {
                if (key is not ("IsAgent" or "IsCustomer"))
                {
                    notes.LeftOut(at, "There are two usage contexts: IsAgent and IsCustomer.", "Look what was meant.");
                    continue;
                }

                foreach (var service in key == "IsAgent" ? agents : customers)
                {
                    // A service that is both portals: a withdrawal of either beats the grant of the other.
                    services[service] = KixNode.IsYes(flag) && services[service]?.GetValue<bool>() is not false;
                }
            }

            if (services.Count == 0)
            {
                _contexts.Remove(group);
            }
        }

        if (_contexts.Count == 0)
        {
            return;
        }

        if (agents is [KixConverter.UnknownAgents] || customers is [KixConverter.UnknownCustomers])
        {
            notes.Look(groups.Path, "Which services are the agents' and the customers' is not known, so names stand there that check refuses.", "Convert again with --agent-service NAME and --customer-service NAME.");
        }

        notes.Look(groups.Path, "A user of none of these groups gets no service here; KIX keeps what its own database says.", "Add a group everybody is in, or give such users a group.");
    }

    private void AddSaid(JsonObject groups, string group, KixNode roles)
    {
        foreach (var (role, path, value) in roles.Entries)
        {
            if (KixNode.TextOf(value) is null)
            {
                notes.LeftOut(path, "This is neither 1 nor 0.", "Write true or false under RoleSync:Groups.");
                continue;
            }

            var said = ChildOf(groups, group);
            said[role] = KixNode.IsYes(value) && said[role]?.GetValue<bool>() is not false;
        }
    }

    private static JsonObject ChildOf(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }

        return child;
    }

    /// <summary>Groups are searched below <c>BaseDn</c>, unless one that is named lies elsewhere: then below what all have in common.</summary>
    private void WidenGroupBase(JsonObject backend)
    {
        if (backend["GroupMembership"]?.GetValue<string>() is "memberof" || backend["BaseDn"]?.GetValue<string>() is not { } baseDn)
        {
            return;
        }

        var named = _groups.Select(pair => pair.Key).Concat(_contexts.Select(pair => pair.Key)).Append(backend["GroupDn"]?.GetValue<string>() ?? "").Where(dn => dn.Contains('=', StringComparison.Ordinal));
        var common = Parts(baseDn);
        foreach (var dn in named)
        {
            var parts = Parts(dn);
            var same = 0;
            while (same < Math.Min(common.Length, parts.Length) && common[^(same + 1)].Equals(parts[^(same + 1)], StringComparison.OrdinalIgnoreCase))
            {
                same++;
            }

            common = common[^same..];
        }

        if (common.Length == 0)
        {
            notes.Look("", "Groups that are named have no folder in common with BaseDN, so not all are found.", "Set GroupBaseDn.");
        }
        else if (common.Length < Parts(baseDn).Length)
        {
            backend["GroupBaseDn"] = string.Join(',', common);
        }
    }

    private static string[] Parts(string dn) => dn.Split(',', StringSplitOptions.TrimEntries);
}
