using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Backends.Local;

/// <summary>
/// An administrator's list of common or breached passwords: a sorted file of any size, searched where it lies. Either plain words, one a line in the order
/// of their bytes (<c>LC_ALL=C sort -u</c>), or SHA-1 hashes as the public lists have them: forty hexadecimal digits, perhaps a colon and a count, by hash.
/// The file is opened for each search, so that it can be replaced by renaming.
/// </summary>
internal sealed class CommonPasswordsFile(string path)
{
    /// <summary>Longest line, without its end.</summary>
    private const int MaxLine = 1024;

    private const int HashDigits = 40;

    // A list of words is looked at whole; of one with hundreds of millions of hashes, places are.
    private const long WholeCheckBytes = 64L * 1024 * 1024;
    private const int Samples = 256;

    /// <summary>Says in one sentence what is wrong with the file, or null. Run at load, never for a request.</summary>
    public string? FindFault()
    {
        try
        {
            using var file = Open();
            if (file.Length == 0)
            {
                return "The file is empty. Name a list of passwords, or remove the option.";
            }

            var isHashes = IsHashes(file);
            return file.Length <= WholeCheckBytes ? FindDisorder(file, isHashes) : FindDisorderInSamples(file, isHashes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The file cannot be read: {e.Message}";
        }
    }

    /// <summary>Whether the list has the password: as typed, in lower case, or without its blanks.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Contains(string password)
    {
        using var file = Open();
        var isHashes = IsHashes(file);
        foreach (var spelling in new[] { password, password.ToLowerInvariant(), password.ToLowerInvariant().Replace(" ", "", StringComparison.Ordinal) }.Distinct(StringComparer.Ordinal))
        {
            var bytes = Encoding.UTF8.GetBytes(spelling);

            // SHA-1 is what the public lists are made of; nothing is kept under it.
            if (Search(file, isHashes ? Encoding.ASCII.GetBytes(Convert.ToHexString(SHA1.HashData(bytes))) : bytes, isHashes))
            {
                return true;
            }
        }

        return false;
    }

    private FileStream Open() => new(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 4096, Options = FileOptions.RandomAccess });

    private static bool IsHashes(FileStream file)
    {
        file.Position = 0;
        return ReadLine(file) is { } first && Key(first, isHashes: true) is not null;
    }

    /// <summary>Halves the file between two byte positions that are starts of lines, or lie behind the last.</summary>
    private static bool Search(FileStream file, byte[] wanted, bool isHashes)
    {
        var (low, high) = (0L, file.Length);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var start = StartOfLine(file, middle, low);
            file.Position = start;
            if (ReadLine(file) is not { } line)
            {
                return false;
            }

            var order = Key(line, isHashes) is { } key ? key.AsSpan().SequenceCompareTo(wanted) : -1;
            if (order == 0)
            {
                return true;
            }

            if (order < 0)
            {
                low = file.Position;
            }
            else
            {
                high = start;
            }
        }

        return false;
    }

    /// <summary>Where the line around a position begins, not before <paramref name="least"/>, which begins one.</summary>
    private static long StartOfLine(FileStream file, long position, long least)
    {
        Span<byte> buffer = stackalloc byte[256];
        while (position > least)
        {
            var from = Math.Max(least, position - buffer.Length);
            var part = buffer[..(int)(position - from)];
            file.Position = from;
            file.ReadExactly(part);
            var end = part.LastIndexOf((byte)'\n');
            if (end >= 0)
            {
                return from + end + 1;
            }

            position = from;
        }

        return least;
    }

    private static string? FindDisorder(FileStream file, bool isHashes)
    {
        file.Position = 0;
        byte[]? before = null;
        for (var number = 1L; ReadLine(file) is { } line; number++)
        {
            if (FindFault(line, before, isHashes, out var key) is { } fault)
            {
                return $"Line {number} {fault}";
            }

            before = key;
        }

        return null;
    }

    private static string? FindDisorderInSamples(FileStream file, bool isHashes)
    {
        byte[]? before = null;
        var last = -1L;
        for (var i = 0; i < Samples; i++)
        {
            var start = StartOfLine(file, file.Length / Samples * i, 0);
            if (start == last)
            {
                continue;
            }

            last = file.Position = start;
            if (ReadLine(file) is not { } line)
            {
                return null;
            }

            if (FindFault(line, before, isHashes, out var key) is { } fault)
            {
                return $"The line at byte {start} {fault}";
            }

            before = key;
        }

        return null;
    }

    private static string? FindFault(byte[] line, byte[]? before, bool isHashes, out byte[]? key)
    {
        key = Key(line, isHashes);
        if (line.Length > MaxLine)
        {
            return $"is longer than {MaxLine} bytes. Remove it.";
        }

        if (key is null)
        {
            return "is no SHA-1 hash, as the first line is. Remove it.";
        }

        return before is not null && before.AsSpan().SequenceCompareTo(key) > 0
            ? isHashes ? "is out of order. Use the list that is ordered by hash." : "is out of order, so nothing would be found. Run: LC_ALL=C sort -u"
            : null;
    }

    /// <summary>What a line is compared by, or null when it is not of the file's kind.</summary>
    private static byte[]? Key(byte[] line, bool isHashes)
    {
        if (!isHashes)
        {
            return line;
        }

        if (line.Length < HashDigits || (line.Length > HashDigits && line[HashDigits] != (byte)':'))
        {
            return null;
        }

        var digits = line[..HashDigits];
        for (var i = 0; i < digits.Length; i++)
        {
            if (!char.IsAsciiHexDigit((char)digits[i]))
            {
                return null;
            }

            digits[i] = (byte)char.ToUpperInvariant((char)digits[i]);
        }

        return digits;
    }

    /// <summary>The next line without its end, cut behind <see cref="MaxLine"/>; null at the end of the file.</summary>
    private static byte[]? ReadLine(FileStream file)
    {
        Span<byte> line = stackalloc byte[MaxLine + 1];
        var length = 0;
        int next;
        var any = false;
        while ((next = file.ReadByte()) >= 0)
        {
            any = true;
            if (next == '\n')
            {
                break;
            }

            if (length < line.Length)
            {
                line[length++] = (byte)next;
            }
        }

        if (length > 0 && line[length - 1] == '\r')
        {
            length--;
        }

        return any ? line[..length].ToArray() : null;
    }
}
