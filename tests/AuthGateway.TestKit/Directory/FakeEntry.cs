using System.Text;

namespace AuthGateway.TestKit.Directory;

/// <summary>An entry of a <see cref="HostileDirectory"/>. Without a password nobody can bind as it.</summary>
public sealed class FakeEntry(string dn, string? password = null)
{
    private readonly Dictionary<string, List<byte[]>> _attributes = new(StringComparer.OrdinalIgnoreCase);

    public string Dn => dn;

    /// <summary>May be changed while the directory runs.</summary>
    public string? Password { get; set; } = password;

    /// <summary>Other names to bind with, as Active Directory has them: <c>anna@example.org</c>.</summary>
    public List<string> LoginNames { get; } = [];

    /// <summary>What a bind with the right password is answered instead of success, say 49 and <c>data 533</c>.</summary>
    public (int Code, string Diagnostic)? Refusal { get; set; }

    /// <summary>A control of the answer to a bind with the right password, say of a password policy.</summary>
    public (string Oid, byte[] Value)? Control { get; set; }

    public IReadOnlyDictionary<string, List<byte[]>> Attributes => _attributes;

    /// <summary>What the entry's own user sees instead, once bound: by attribute, null for nothing.</summary>
    public Dictionary<string, string?> Own { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What somebody sees of it.</summary>
    /// <param name="isOwner">True for the entry's own user.</param>
    public IEnumerable<KeyValuePair<string, List<byte[]>>> SeenBy(bool isOwner) => isOwner && Own.Count > 0
        ? _attributes.Where(attribute => !Own.ContainsKey(attribute.Key))
            .Concat(Own.Where(attribute => attribute.Value is not null).Select(attribute => KeyValuePair.Create(attribute.Key, new List<byte[]> { Encoding.UTF8.GetBytes(attribute.Value!) })))
        : _attributes;

    /// <summary>Adds values to an attribute.</summary>
    public FakeEntry With(string attribute, params string[] values)
    {
        foreach (var value in values)
        {
            With(attribute, Encoding.UTF8.GetBytes(value));
        }

        return this;
    }

    /// <summary>Adds a binary value.</summary>
    public FakeEntry With(string attribute, byte[] value)
    {
        if (!_attributes.TryGetValue(attribute, out var list))
        {
            _attributes[attribute] = list = [];
        }

        list.Add(value);
        return this;
    }

    /// <summary>Puts values in the place of an attribute's; none removes it. Between requests only.</summary>
    public FakeEntry Replace(string attribute, params string[] values)
    {
        _attributes.Remove(attribute);
        return With(attribute, values);
    }

    /// <summary>Adds a login name.</summary>
    public FakeEntry KnownAs(string loginName)
    {
        LoginNames.Add(loginName);
        return this;
    }
}
