using System.Text;
using AuthGateway.Rendering;

namespace AuthGateway.Commands.Importing;

/// <summary>Reads the file of an import: bounded, and UTF-8 or nothing, for a name read wrong is another name.</summary>
internal static class ImportText
{
    /// <summary>Largest file.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Longest line, in bytes.</summary>
    public const int MaxLineBytes = 64 * 1024;

    /// <summary>Most entries.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>The whole file as text, without the byte order mark.</summary>
    /// <exception cref="CommandFailedException">It is not there or cannot be read.</exception>
    /// <exception cref="ImportRefusedException">It is no text we take.</exception>
    public static string Read(string path)
    {
        byte[] bytes;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.CanSeek && file.Length > MaxBytes)
            {
                throw new ImportRefusedException($"{path} is {file.Length >> 20} MiB; an import takes at most {MaxBytes >> 20} MiB.", "Split it.");
            }

            // A pipe has no length; one byte more than is allowed tells that there is more.
            bytes = new byte[file.CanSeek ? file.Length : MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            bytes = bytes[..length];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CommandFailedException(ExitCodes.Unavailable, $"{path} cannot be read: {e.Message}", "Name a file you may read.");
        }

        if (bytes.Length > MaxBytes)
        {
            throw new ImportRefusedException($"{path} is longer than {MaxBytes >> 20} MiB.", "Split it.");
        }

        return Decode(bytes, path);
    }

    internal static string Decode(byte[] bytes, string path)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            throw new ImportRefusedException($"{path} is UTF-16.", "Convert it: iconv -f UTF-16 -t UTF-8");
        }

        var text = bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsSpan(3) : bytes;
        var (line, start) = (1, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == 0)
            {
                throw new ImportRefusedException($"{path} has a NUL character in line {line}.", "Give a text file.");
            }

            if (i < text.Length && text[i] != (byte)'\n')
            {
                continue;
            }

            if (i - start > MaxLineBytes)
            {
                throw new ImportRefusedException($"Line {line} of {path} is longer than {MaxLineBytes >> 10} KiB.", "Fold or remove it.");
            }

            if (!System.Text.Unicode.Utf8.IsValid(text[start..i]))
            {
                throw new ImportRefusedException($"Line {line} of {path} is not UTF-8.", "Convert the file, e.g.: iconv -f ISO-8859-1 -t UTF-8");
            }

            (line, start) = (line + 1, i + 1);
        }

        return Encoding.UTF8.GetString(text);
    }

    /// <summary>Stops a reader that found too much.</summary>
    public static void Bound(int entries)
    {
        if (entries > MaxEntries)
        {
            throw new ImportRefusedException($"The file has more than {MaxEntries} entries.", "Split it.");
        }
    }
}
