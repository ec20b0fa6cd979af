using System.Globalization;
using System.Text.Json.Nodes;

namespace AuthGateway.Commands.Kix;

/// <summary>The part <c>Config</c> of a directory.</summary>
internal static class KixLdap
{
    private const string Secure = "ldaps://";
    private const string Plain = "ldap://";
    private const string SecurePort = "636";
    private const double LongestWait = 30;

    public static void Convert(KixNode config, JsonObject backend, KixNotes notes)
    {
        AddHosts(config, backend, notes);
        Copy(config, "BaseDN", backend, "BaseDn");
        Copy(config, "SearchUserDN", backend, "SearchUser");
        if (config.Text("AlwaysFilter") is { Length: > 0 } filter)
        {
            backend["AlwaysFilter"] = filter.StartsWith('(') ? filter : $"({filter})";
        }

        AddLogin(config, backend, notes);
        AddGroup(config, backend);
        if (config.Says("Die"))
        {
            notes.Look(config.At("Die"), "KIX's manual asks the next backend on any error, so this one is passed over when it is away.", "Set OnUnavailable to refuse if an outage shall end the login (503).");
        }

        if (config.Text("Charset") is { Length: > 0 } charset && !charset.Replace("-", "", StringComparison.Ordinal).Equals("utf8", StringComparison.OrdinalIgnoreCase))
        {
            notes.LeftOut(config.At("Charset"), "LDAP version 3 is UTF-8 (RFC 4511).", "Nothing, if the server keeps to it.");
        }
    }

    public static bool IsActiveDirectory(string uid) =>
        uid.Equals("sAMAccountName", StringComparison.OrdinalIgnoreCase) || uid.Equals("userPrincipalName", StringComparison.OrdinalIgnoreCase);

    private static void AddHosts(KixNode config, JsonObject backend, KixNotes notes)
    {
        var parameters = config.Node("Params");
        var port = parameters.Text("port");
        var scheme = parameters.Text("scheme");
        var hosts = new List<string>();
        foreach (var host in config.Texts("Host"))
        {
            if (HostOf(host.Trim(), port, scheme) is { } url)
            {
                hosts.Add(url);
            }
            else
            {
                notes.LeftOut(config.At("Host"), $"\"{host}\" is neither a host name nor an address ldap:// or ldaps://.", "Write it as ldaps://name.");
            }
        }

        backend["Hosts"] = KixConverter.List(hosts.Distinct(StringComparer.OrdinalIgnoreCase));
        if (hosts.Exists(host => host.StartsWith(Plain, StringComparison.Ordinal)))
        {
            notes.Look(config.At("Host"), "KIX sends passwords in the clear to ldap://; here the connection is upgraded by StartTLS first.", "If the server has no StartTLS, give it a certificate and write ldaps://.");
        }

        AddTimeout(parameters, backend, notes);
        if (parameters.Text("version") is { Length: > 0 } version && version != "3")
        {
            notes.LeftOut(parameters.At("version"), "Only version 3 of the protocol is spoken here.", "Nothing, if the server speaks it too, as all do.");
        }

        if (parameters.Says("async"))
        {
            notes.LeftOut(parameters.At("async"), "Requests never wait for one another here.", "Nothing.");
        }

        parameters.NoteRest("TLS is set by StartTls, CaFile and TlsName here.");
    }

    private static string? HostOf(string host, string port, string scheme)
    {
        if (host.Contains("://", StringComparison.Ordinal))
        {
            if (!host.StartsWith(Secure, StringComparison.OrdinalIgnoreCase) && !host.StartsWith(Plain, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
        }
        else
        {
            var secure = scheme.Equals("ldaps", StringComparison.OrdinalIgnoreCase) || (scheme.Length == 0 && port == SecurePort);
            host = (secure ? Secure : Plain) + host;
        }

        if (!Uri.TryCreate(host, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            return null;
        }

        // Uri knows 389 as LDAP's own port and no port of ldaps, so what is written is looked at.
        var authority = host[(host.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/');
        var hasPort = authority.LastIndexOf(':') > authority.LastIndexOf(']');
        return $"{uri.Scheme}://{authority}{(hasPort || port.Length == 0 ? "" : $":{port}")}";
    }

    private static void AddTimeout(KixNode parameters, JsonObject backend, KixNotes notes)
    {
        if (parameters.Text("timeout") is not { Length: > 0 } text)
        {
            return;
        }

        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds <= 0)
        {
            notes.LeftOut(parameters.At("timeout"), $"\"{text}\" is no number of seconds.", "Set ConnectTimeout and OperationTimeout, such as \"5s\".");
            return;
        }

        var wait = Math.Clamp(seconds, 0.1, LongestWait);
        if (wait != seconds)
        {
            notes.Look(parameters.At("timeout"), $"A directory is waited for 0.1 to {LongestWait} seconds here.", "Nothing: nobody waits longer for a login.");
        }

        backend["ConnectTimeout"] = $"{(long)(wait * 1000)}ms";
        backend["OperationTimeout"] = $"{(long)(wait * 1000)}ms";
    }

    private static void AddLogin(KixNode config, JsonObject backend, KixNotes notes)
    {
        var uid = config.Text("UID");
        if (uid.Length == 0)
        {
            uid = "uid";
            notes.Look(config.At("UID"), "No login attribute is given; uid is taken.", "Set LoginAttributes and UserNameAttribute if it is another.");
        }

        backend["LoginAttributes"] = KixConverter.List([uid]);
        backend["UserNameAttribute"] = uid;
        Copy(config, "AuthAttr", backend, "AlternativeLoginAttribute");
        if (backend["AlternativeLoginAttribute"] is not null)
        {
            notes.Look(
                config.At("AuthAttr"),
                "KIX tries UID also where the password does not fit whom AuthAttr finds; here UID is tried where AuthAttr finds nobody, or one guess would be two failures in the directory.",
                "Nothing, unless a name is one user's AuthAttr and another one's UID: the latter can no longer use it.");
        }

        Copy(config, "UserSuffix", backend, "UserSuffix");
        var isActiveDirectory = IsActiveDirectory(uid);
        backend["IdAttribute"] = isActiveDirectory ? "objectGUID" : "entryUUID";
        notes.Look(
            config.At("UID"),
            $"KIX has no attribute that identifies a user for ever; {(isActiveDirectory ? "objectGUID, for this looks like an Active Directory" : "entryUUID")} is taken.",
            "Set IdAttribute if the directory has another (nsUniqueId, ipaUniqueID, GUID).");
    }

    private static void AddGroup(KixNode config, JsonObject backend)
    {
        Copy(config, "GroupDN", backend, "GroupDn");
        var attribute = config.Text("AccessAttr");
        var byName = config.Text("UserAttr").Equals("UID", StringComparison.OrdinalIgnoreCase)
            || (config.Text("UserAttr").Length == 0 && !attribute.Equals("member", StringComparison.OrdinalIgnoreCase) && attribute.Length > 0);
        if (!byName && (attribute.Length == 0 || attribute.Equals("member", StringComparison.OrdinalIgnoreCase)) && IsActiveDirectory(config.Text("UID")))
        {
            // The directory keeps the same fact in the user's own entry, where it costs no second search.
            backend["GroupMembership"] = "memberof";
            return;
        }

        backend["GroupMembership"] = byName ? "memberuid" : "member";
        if (attribute.Length > 0 && !attribute.Equals(byName ? "memberUid" : "member", StringComparison.OrdinalIgnoreCase))
        {
            backend["GroupAttribute"] = attribute;
        }
    }

    private static void Copy(KixNode config, string theirs, JsonObject backend, string ours)
    {
        if (config.Text(theirs) is { Length: > 0 } value)
        {
            backend[ours] = value;
        }
    }
}
