using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Configuration;

/// <summary>Reads one JSON file into nodes that know their line. Comments and trailing commas are allowed, a key given twice is a fault.</summary>
internal static class ConfigurationFile
{
    public const int MaxBytes = 1024 * 1024;
    public const int MaxDepth = 16;

    /// <summary>The file's top-level object, or null after a fault.</summary>
    /// <param name="path">The file to read.</param>
    /// <param name="name">How faults call it.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static ConfigurationObject? Read(string path, string name, FaultList faults)
    {
        byte[] bytes;
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists)
            {
                Refuse(name, "The file does not exist. Create it, or name another one with --config.");
                return null;
            }

            if (info.LinkTarget is not null)
            {
                Refuse(name, "The file is a symbolic link. Put the file itself here, so that nobody who owns the target can change the configuration.");
                return null;
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            {
                Refuse(name, $"Others than the owner can change the file. Run: chmod go-w {path}");
                return null;
            }

            if (stream.Length > MaxBytes)
            {
                Refuse(name, $"The file is {stream.Length} bytes long; at most {MaxBytes} are read. Split it into appsettings.d/*.json.");
                return null;
            }

            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Refuse(name, $"The file cannot be read: {exception.Message}");
            return null;
        }

        return Parse(bytes, name, faults);

        void Refuse(string source, string message) => faults.Add(new Fault(FaultSeverity.Error, ConfigurationTree.RootKey, null, message, source));
    }

    /// <summary>The top-level object of JSON text, or null after a fault.</summary>
    public static ConfigurationObject? Parse(ReadOnlySpan<byte> utf8, string name, FaultList faults)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        if (!Utf8.IsValid(utf8))
        {
            faults.Add(new Fault(FaultSeverity.Error, ConfigurationTree.RootKey, null, "The file is not UTF-8. Save it as UTF-8.", name));
            return null;
        }

        var parser = new Parser(utf8, name, faults);
        try
        {
            return parser.ParseFile();
        }
        catch (JsonException exception)
        {
            faults.Add(new Fault(
                FaultSeverity.Error,
                ConfigurationTree.RootKey,
                null,
                $"This is not valid JSON (column {(exception.BytePositionInLine ?? 0) + 1}): {Describe(exception)}",
                $"{name}:{(exception.LineNumber ?? 0) + 1}"));
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: valid JSON, but no text.
            faults.Add(new Fault(FaultSeverity.Error, ConfigurationTree.RootKey, null, "A \\u escape here is half a character. Write the character itself.", parser.Source));
            return null;
        }
    }

    private static string Describe(JsonException exception)
    {
        // The reader quotes a misspelt literal in full, and that may be a password somebody forgot to put in quotes.
        var message = exception.Message;
        if (message.Contains("literal", StringComparison.Ordinal))
        {
            return "a value is text in double quotes, a number, true, false, null, a list or an object.";
        }

        var tail = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return tail < 0 ? message : message[..tail];
    }

    private ref struct Parser(ReadOnlySpan<byte> utf8, string name, FaultList faults)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;

        private Utf8JsonReader _reader = new(utf8, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = MaxDepth,
        });

        public readonly string Source => $"{name}:{Line}";

        private readonly int Line => _utf8[..(int)_reader.TokenStartIndex].Count((byte)'\n') + 1;

        public ConfigurationObject? ParseFile()
        {
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                faults.Add(new Fault(FaultSeverity.Error, ConfigurationTree.RootKey, null, "The file must hold one object: { \"AuthGateway\": { … } }.", Source));
                return null;
            }

            var root = ReadObject("");
            _reader.Read();         // anything behind the closing brace is a JsonException
            return root;
        }

        private ConfigurationNode ReadValue(string key) => _reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(key),
            JsonTokenType.StartArray => ReadArray(key),
            JsonTokenType.String => new ConfigurationScalar(JsonTokenType.String, _reader.GetString()!, Source),
            _ => new ConfigurationScalar(_reader.TokenType, Encoding.UTF8.GetString(_reader.ValueSpan), Source),
        };

        private ConfigurationObject ReadObject(string key)
        {
            var node = new ConfigurationObject(Source);
            var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var child = _reader.GetString()!;
                var childKey = ConfigurationTree.Join(key, child);
                if (!lines.TryAdd(child, Line))
                {
                    faults.Add(new Fault(
                        FaultSeverity.Error, childKey, null, $"This key stands twice in the file, first in line {lines[child]}. Remove one of the two.", Source));
                }

                _reader.Read();
                node.Set(child, ReadValue(childKey));
            }

            return node;
        }

        private ConfigurationArray ReadArray(string key)
        {
            var node = new ConfigurationArray(Source);
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                node.Items.Add(ReadValue(ConfigurationTree.Item(key, node.Items.Count)));
            }

            return node;
        }
    }
}
