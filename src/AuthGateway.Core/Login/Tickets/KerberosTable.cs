using System.Collections.Frozen;
using System.Net;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;

namespace AuthGateway.Core.Login.Tickets;

/// <summary>A realm whose users are let in.</summary>
/// <param name="Name">As the KDC writes it.</param>
/// <param name="Backend">The one backend that has its users, or null for the chain.</param>
/// <param name="Domain">Put behind the user's name, or null.</param>
internal sealed record KerberosRealm(string Name, string? Backend, string? Domain);

/// <summary>Which tickets are taken, from where, and the keys that open them: built whole at each reload.</summary>
public sealed class KerberosTable
{
    private const string Key = "AuthGateway:Kerberos";

    private readonly FrozenDictionary<string, KerberosRealm> _realms;
    private readonly NetworkSet _from;

    internal KerberosTable(IEnumerable<KerberosRealm> realms, NetworkSet from, byte[] keys)
    {
        _realms = realms.ToFrozenDictionary(realm => realm.Name, StringComparer.Ordinal);
        _from = from;
        Keys = keys;
    }

    /// <summary>Takes no tickets.</summary>
    public static KerberosTable Off { get; } = new([], NetworkSet.None, []);

    /// <summary>True when tickets are taken from somewhere.</summary>
    public bool IsOn => _realms.Count > 0;

    /// <summary>The merged keytab; empty when off.</summary>
    internal byte[] Keys { get; }

    /// <summary>True where a client is asked for a ticket.</summary>
    public bool Offers(IPAddress address) => IsOn && _from.Contains(address);

    /// <summary>The realm, compared to the letter as Kerberos does; or null.</summary>
    internal KerberosRealm? Find(string realm) => _realms.GetValueOrDefault(realm);

    /// <summary>The files a set of options names, readable or not: a missing one must be watched too.</summary>
    public static IEnumerable<string> FilesOf(KerberosOptions options) => options.Realms.Values.Select(realm => realm.KeytabFile).Where(file => file.Length > 0);

    /// <summary>Reads every keytab and finds every fault.</summary>
    public static KerberosTable Build(KerberosOptions options, IReadOnlyCollection<string> backends, NetworkCatalog networks, FaultList faults)
    {
        if (options.Realms.Count == 0)
        {
            if (options.From.Count > 0)
            {
                faults.Error($"{Key}:Realms", null, "Tickets are asked for from some networks, but no realm is trusted. Name one, or remove From.");
            }

            return Off;
        }

        if (options.From.Count == 0)
        {
            faults.Error($"{Key}:From", null, "No network is named from which tickets are taken. Name those where computers of the domain are.");
        }

        var keys = new List<Keytab.Entry>();
        var realms = new List<KerberosRealm>();
        foreach (var (name, realm) in options.Realms.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var key = $"{Key}:Realms:{name}";
            if (name.Length is 0 or > 255 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            {
                faults.Error(key, name, "Not the name of a realm. Write it as the KDC does, such as \"EXAMPLE.COM\".");
            }

            if (realm.Backend.Length > 0 && !backends.Contains(realm.Backend, StringComparer.OrdinalIgnoreCase))
            {
                faults.Error($"{key}:Backend", realm.Backend, FaultList.Unknown("backend", realm.Backend, backends));
            }

            if (realm.KeytabFile.Length > 0)
            {
                keys.AddRange(ReadKeys(realm.KeytabFile, name, $"{key}:KeytabFile", faults));
            }

            var domain = realm.Name == "{user}@{domain}" ? realm.Domain.Length > 0 ? realm.Domain : name.ToLowerInvariant() : null;
            realms.Add(new KerberosRealm(name, realm.Backend.Length > 0 ? realm.Backend : null, domain));
        }

        if (!options.Realms.Values.Any(realm => realm.KeytabFile.Length > 0))
        {
            faults.Error($"{Key}:Realms", null, "No realm has a KeytabFile, so no ticket could be opened. Name the keytab of HTTP/host.");
        }

        return new KerberosTable(realms, networks.Resolve(options.From, $"{Key}:From", faults), Keytab.Merge(keys));
    }

    private static IEnumerable<Keytab.Entry> ReadKeys(string path, string realm, string key, FaultList faults)
    {
        if (ReadFile(path, key, faults) is not { } file)
        {
            return [];
        }

        if (Keytab.Parse(file, out var problem) is not { } keytab)
        {
            faults.Error(key, path, problem);
            return [];
        }

        var own = keytab.Entries.Where(entry => entry.IsWebService && entry.Realm == realm).ToArray();
        if (own.Length == 0)
        {
            var found = keytab.Entries.Count == 0 ? "it is empty" : $"it has {string.Join(", ", keytab.Entries.Select(entry => entry.ToString()).Distinct(StringComparer.Ordinal).Take(4))}";
            faults.Error(key, path, $"The keytab has no key of HTTP/host@{realm}; {found}. Export the key of the gateway's host name.");
        }
        else if (!own.Any(entry => entry.IsStrong))
        {
            faults.Warn(key, path, "Its keys are RC4 or older, which can be guessed offline. Allow AES for the account (msDS-SupportedEncryptionTypes 24), set its password anew and export again.");
        }

        return own;
    }

    /// <summary>A keytab is as good as a password of every user: whoever reads it can make tickets for this host.</summary>
    private static byte[]? ReadFile(string path, string key, FaultList faults)
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & Others) != 0)
            {
                faults.Error(key, path, $"Others than the owner can read or change the keytab. Run: chmod 600 {path}");
                return null;
            }

            if (stream.Length is 0 or > Keytab.MaxBytes)
            {
                faults.Error(key, path, stream.Length == 0 ? "The keytab is empty." : $"The file is larger than {Keytab.MaxBytes} bytes; name the right one.");
                return null;
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            faults.Error(key, path, $"The keytab cannot be read: {e.Message}");
            return null;
        }
    }
}
