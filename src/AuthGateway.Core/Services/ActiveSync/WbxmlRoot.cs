namespace AuthGateway.Core.Services.ActiveSync;

/// <summary>
/// Reads from the first bytes of a WBXML body which command it is, so that a Cmd in the query that names another one can be
/// refused where policy depends on it ([MS-ASWBXML] section 2.1.2). Ping and Sync may have no body at all; SendMail and its
/// like were <c>message/rfc822</c> up to 12.1: the caller asks only about WBXML bodies.
/// </summary>
internal static class WbxmlRoot
{
    private const byte SwitchPage = 0x00;
    private const byte HasContent = 0x40;
    private const byte HasAttributes = 0x80;

    /// <summary>Enough bytes to decide.</summary>
    public const int Length = 7;

    public static bool TryReadCommand(ReadOnlySpan<byte> body, out ActiveSyncCommand command)
    {
        command = ActiveSyncCommand.None;

        // WBXML 1.3, public id unknown, UTF-8, no string table: the one preamble ActiveSync allows.
        if (body.Length < 5 || !body.StartsWith((ReadOnlySpan<byte>)[0x03, 0x01, 0x6A, 0x00]))
        {
            return false;
        }

        var rest = body[4..];
        var page = (byte)0;
        if (rest[0] == SwitchPage)
        {
            if (rest.Length < 3)
            {
                return false;
            }

            page = rest[1];
            rest = rest[2..];
        }

        if ((rest[0] & HasAttributes) != 0)
        {
            return false;
        }

        command = (page, rest[0] & ~HasContent) switch
        {
            (0x00, 0x05) => ActiveSyncCommand.Sync,
            (0x05, 0x05) => ActiveSyncCommand.MoveItems,
            (0x06, 0x05) => ActiveSyncCommand.GetItemEstimate,
            (0x07, 0x13) => ActiveSyncCommand.FolderCreate,
            (0x07, 0x14) => ActiveSyncCommand.FolderDelete,
            (0x07, 0x15) => ActiveSyncCommand.FolderUpdate,
            (0x07, 0x16) => ActiveSyncCommand.FolderSync,
            (0x08, 0x07) => ActiveSyncCommand.MeetingResponse,
            (0x0A, 0x05) => ActiveSyncCommand.ResolveRecipients,
            (0x0B, 0x05) => ActiveSyncCommand.ValidateCert,
            (0x0D, 0x05) => ActiveSyncCommand.Ping,
            (0x0E, 0x05) => ActiveSyncCommand.Provision,
            (0x0F, 0x05) => ActiveSyncCommand.Search,
            (0x12, 0x05) => ActiveSyncCommand.Settings,
            (0x14, 0x05) => ActiveSyncCommand.ItemOperations,
            (0x15, 0x05) => ActiveSyncCommand.SendMail,
            (0x15, 0x06) => ActiveSyncCommand.SmartForward,
            (0x15, 0x07) => ActiveSyncCommand.SmartReply,
            (0x19, 0x05) => ActiveSyncCommand.Find,
            _ => ActiveSyncCommand.None,
        };
        return command != ActiveSyncCommand.None;
    }
}
