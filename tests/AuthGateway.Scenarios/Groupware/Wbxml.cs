using System.Text;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>The few WBXML documents a phone sends, and a reader for the answers.</summary>
internal static class Wbxml
{
    public const string ContentType = "application/vnd.ms-sync.wbxml";

    private const byte SwitchPage = 0x00;
    private const byte End = 0x01;
    private const byte InlineString = 0x03;
    private const byte HasContent = 0x40;
    private const byte TagBits = 0x3F;
    private const int HeaderLength = 4;

    /// <summary>FolderSync with a key; "0" asks for the whole hierarchy.</summary>
    public static byte[] FolderSync(string key = "0") => Document($"00 07 56 52 {Text(key)} 01 01");

    /// <summary>Provision: asks for the policy.</summary>
    public static byte[] Provision() => Document($"00 0E 45 46 47 48 {Text("MS-EAS-Provisioning-WBXML")} 01 01 01 01");

    /// <summary>Settings: asks who one is.</summary>
    public static byte[] Settings() => Document("00 12 45 5D 07 01 01");

    /// <summary>Sync of one collection.</summary>
    public static byte[] Sync(string key, string collection) => Document($"45 5C 4F 4B {Text(key)} 01 52 {Text(collection)} 01 01 01 01");

    /// <summary>Ping on the address book, which no other test changes.</summary>
    public static byte[] Ping(int seconds) =>
        Document($"00 0D 45 48 {Text(seconds.ToString(System.Globalization.CultureInfo.InvariantCulture))} 01 49 4A 4B {Text("vcard/personal")} 01 4C {Text("Contacts")} 01 01 01 01");

    /// <summary>The text of the first element with this tag.</summary>
    public static string? Find(byte[] document, WbxmlTag tag) => All(document, tag).FirstOrDefault();

    /// <summary>The texts of all elements with this tag.</summary>
    public static IEnumerable<string> All(byte[] document, WbxmlTag tag)
    {
        var page = 0;
        for (var at = HeaderLength; at < document.Length; at++)
        {
            switch (document[at])
            {
                case SwitchPage:
                    page = document[++at];
                    break;
                case End:
                    break;
                case InlineString:
                    at = EndOfString(document, at);
                    break;
                case var token:
                    if (page == tag.Page && (token & TagBits) == tag.Token && (token & HasContent) != 0 && at + 1 < document.Length && document[at + 1] == InlineString)
                    {
                        yield return Encoding.UTF8.GetString(document, at + 2, EndOfString(document, at + 1) - at - 2);
                    }

                    break;
            }
        }
    }

    /// <summary>The document with the text of these elements taken out: what stays must be equal, byte by byte.</summary>
    public static byte[] Without(byte[] document, WbxmlTag tag)
    {
        var text = Find(document, tag) ?? throw new InvalidOperationException("The document has no such element.");
        var hex = Convert.ToHexString(document);
        var at = hex.IndexOf(Text(text).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        return Convert.FromHexString(hex.Remove(at + 2, text.Length * 2));
    }

    private static int EndOfString(byte[] document, int at) => Array.IndexOf(document, (byte)0, at + 1);

    private static byte[] Document(string hex) => Convert.FromHexString("03016A00" + hex.Replace(" ", "", StringComparison.Ordinal));

    private static string Text(string text) => $"03{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}00";
}

/// <summary>A tag: its code page and its token.</summary>
internal readonly record struct WbxmlTag(int Page, int Token)
{
    public static WbxmlTag SyncKey { get; } = new(0x00, 0x0B);

    public static WbxmlTag SyncStatus { get; } = new(0x00, 0x0E);

    public static WbxmlTag FolderId { get; } = new(0x07, 0x08);

    public static WbxmlTag FolderStatus { get; } = new(0x07, 0x0C);

    public static WbxmlTag FolderSyncKey { get; } = new(0x07, 0x12);

    public static WbxmlTag PingStatus { get; } = new(0x0D, 0x07);

    public static WbxmlTag ProvisionStatus { get; } = new(0x0E, 0x0B);

    public static WbxmlTag SmtpAddress { get; } = new(0x12, 0x23);
}
