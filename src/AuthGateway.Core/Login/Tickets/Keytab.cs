using System.Buffers.Binary;
using System.Text;

namespace AuthGateway.Core.Login.Tickets;

/// <summary>
/// A keytab of MIT Kerberos, version 0x0502: a list of keys, each with its principal. Read to be checked and merged: the library takes every key of
/// its one file, so only those of <c>HTTP/</c> services in the realm they were configured for may get in.
/// </summary>
internal sealed class Keytab
{
    public const int MaxBytes = 1024 * 1024;
    private const ushort Version = 0x0502;

    private Keytab(IReadOnlyList<Entry> entries) => Entries = entries;

    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>Reads a file; null with the problem in one sentence when any of it is unsound.</summary>
    public static Keytab? Parse(ReadOnlySpan<byte> file, out string problem)
    {
        problem = "";
        if (file.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(file) != Version)
        {
            problem = "The file is not a keytab (version 0x502).";
            return null;
        }

        var entries = new List<Entry>();
        var rest = file[sizeof(ushort)..];
        while (!rest.IsEmpty)
        {
            if (rest.Length < sizeof(int))
            {
                break;
            }

            // A negative length is the hole that a removed key left; zero ends the list.
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[sizeof(int)..];
            if (length == 0)
            {
                break;
            }

            var size = Math.Abs((long)length);
            if (size > rest.Length)
            {
                problem = "The keytab is cut off.";
                return null;
            }

            if (length > 0)
            {
                if (ParseEntry(rest[..length]) is not { } entry)
                {
                    problem = "The keytab holds an entry that cannot be read.";
                    return null;
                }

                entries.Add(entry);
            }

            rest = rest[(int)size..];
        }

        return new Keytab(entries);
    }

    /// <summary>One file with these keys.</summary>
    public static byte[] Merge(IEnumerable<Entry> entries)
    {
        using var merged = new MemoryStream();
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteUInt16BigEndian(number, Version);
        merged.Write(number[..sizeof(ushort)]);
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, entry.Content.Length);
            merged.Write(number);
            merged.Write(entry.Content);
        }

        return merged.ToArray();
    }

    private static Entry? ParseEntry(ReadOnlySpan<byte> content)
    {
        var whole = content.ToArray();
        if (!TryNumber(ref content, out var count) || count is 0 or > 16 || !TryText(ref content, out var realm))
        {
            return null;
        }

        var components = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryText(ref content, out components[i]))
            {
                return null;
            }
        }

        // Name type, time and an eight-bit version of the key, then what the key is for.
        const int Fixed = sizeof(uint) + sizeof(uint) + sizeof(byte);
        if (content.Length < Fixed)
        {
            return null;
        }

        content = content[Fixed..];
        return TryNumber(ref content, out var encryption) && TryNumber(ref content, out var keyLength) && keyLength > 0 && keyLength <= content.Length
            ? new Entry(components, realm, encryption, whole)
            : null;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> content, out ushort number)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(content, out number))
        {
            return false;
        }

        content = content[sizeof(ushort)..];
        return true;
    }

    private static bool TryText(ref ReadOnlySpan<byte> content, out string text)
    {
        text = "";
        if (!TryNumber(ref content, out var length) || length > content.Length)
        {
            return false;
        }

        text = Encoding.UTF8.GetString(content[..length]);
        content = content[length..];
        return true;
    }

    /// <summary>One key.</summary>
    /// <param name="Components">Parts of the principal's name.</param>
    /// <param name="Realm">Its realm.</param>
    /// <param name="Encryption">Number of the encryption type.</param>
    /// <param name="Content">The entry as it stood in the file.</param>
    internal sealed record Entry(IReadOnlyList<string> Components, string Realm, int Encryption, byte[] Content)
    {
        /// <summary>True for the key of a web server.</summary>
        public bool IsWebService => Components is ["HTTP", { Length: > 0 }];

        /// <summary>True for AES: 17 to 20. RC4 and older are broken or nearly.</summary>
        public bool IsStrong => Encryption is >= 17 and <= 20;

        /// <summary>Never the key.</summary>
        public override string ToString() => $"{string.Join('/', Components)}@{Realm}";
    }
}
