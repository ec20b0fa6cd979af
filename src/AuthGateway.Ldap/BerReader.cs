namespace AuthGateway.Ldap;

/// <summary>What arrived is not the BER of RFC 4511, 5.1. Never leaves the library; the connection dies of it.</summary>
internal sealed class BerException(string message) : Exception(message);

/// <summary>
/// Walks over BER without allocating. Only what LDAP allows: one-byte tags, definite lengths, primitive strings. Long-form lengths
/// longer than needed are accepted, Active Directory sends them.
/// </summary>
internal ref struct BerReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool HasData => !_rest.IsEmpty;

    /// <summary>The next tag, or 0 at the end.</summary>
    public readonly byte PeekTag() => _rest.IsEmpty ? (byte)0 : _rest[0];

    public BerReader Read(byte tag) => new(ReadContent(tag));

    public ReadOnlySpan<byte> ReadOctetString() => ReadContent(LdapTag.OctetString);

    public bool ReadBoolean() => ReadContent(LdapTag.Boolean) is [var value] ? value != 0 : throw new BerException("boolean of a wrong length");

    public int ReadInt32(byte tag)
    {
        var content = ReadContent(tag);
        if (content.Length is 0 or > 4)
        {
            throw new BerException("integer of a wrong length");
        }

        var value = (int)(sbyte)content[0];
        foreach (var b in content[1..])
        {
            value = value << 8 | b;
        }

        return value;
    }

    public ReadOnlySpan<byte> ReadContent(byte tag)
    {
        if (_rest.IsEmpty || _rest[0] != tag)
        {
            throw new BerException($"expected tag 0x{tag:x2}, found {(_rest.IsEmpty ? "the end" : $"0x{_rest[0]:x2}")}");
        }

        if ((tag & 0x1f) == 0x1f || !TryReadLength(_rest[1..], out var length, out var lengthBytes))
        {
            throw new BerException("unreadable tag or length");
        }

        var start = 1 + lengthBytes;
        if (length > _rest.Length - start)
        {
            throw new BerException("length beyond the enclosing value");
        }

        var content = _rest.Slice(start, length);
        _rest = _rest[(start + length)..];
        return content;
    }

    /// <summary>Reads a definite length. False when it is indefinite, longer than four bytes, over 2 GiB, or not all here yet.</summary>
    public static bool TryReadLength(ReadOnlySpan<byte> data, out int length, out int lengthBytes)
    {
        length = 0;
        lengthBytes = 1;
        if (data.IsEmpty)
        {
            return false;
        }

        if (data[0] < 0x80)
        {
            length = data[0];
            return true;
        }

        var count = data[0] & 0x7f;
        if (count is 0 or > 4 || data.Length <= count)
        {
            return false;
        }

        var value = 0L;
        for (var i = 1; i <= count; i++)
        {
            value = value << 8 | data[i];
        }

        lengthBytes = 1 + count;
        length = (int)Math.Min(value, int.MaxValue);
        return value <= int.MaxValue;
    }
}
