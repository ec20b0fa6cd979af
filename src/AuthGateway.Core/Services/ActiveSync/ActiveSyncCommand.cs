using System.Collections.Frozen;

namespace AuthGateway.Core.Services.ActiveSync;

/// <summary>
/// The commands of Exchange ActiveSync ([MS-ASHTTP] section 2.2.1.1.1.2) by their code in the base64 query. Only these exist
/// for us: Z-Push answers to <c>WebserviceDevice</c> and its like on the same URL, which wipe devices.
/// </summary>
internal enum ActiveSyncCommand
{
    /// <summary>An OPTIONS request, which needs no command.</summary>
    None = -1,
    Sync = 0,
    SendMail = 1,
    SmartForward = 2,
    SmartReply = 3,
    GetAttachment = 4,
    FolderSync = 9,
    FolderCreate = 10,
    FolderDelete = 11,
    FolderUpdate = 12,
    MoveItems = 13,
    GetItemEstimate = 14,
    MeetingResponse = 15,
    Search = 16,
    Settings = 17,
    Ping = 18,
    ItemOperations = 19,
    Provision = 20,
    ResolveRecipients = 21,
    ValidateCert = 22,
    Find = 23,
}

/// <summary>Names and codes of the commands.</summary>
internal static class ActiveSyncCommands
{
    private static readonly FrozenDictionary<string, ActiveSyncCommand>.AlternateLookup<ReadOnlySpan<char>> ByName = Names();

    /// <summary>By its exact name; upstreams differ over letter case.</summary>
    public static bool TryByName(ReadOnlySpan<char> name, out ActiveSyncCommand command) => ByName.TryGetValue(name, out command);

    public static bool TryByCode(byte code, out ActiveSyncCommand command)
    {
        command = (ActiveSyncCommand)code;
        return code is <= 4 or (>= 9 and <= 23);
    }

    private static FrozenDictionary<string, ActiveSyncCommand>.AlternateLookup<ReadOnlySpan<char>> Names()
    {
        var names = new Dictionary<string, ActiveSyncCommand>(StringComparer.Ordinal);
        foreach (var command in Enum.GetValues<ActiveSyncCommand>())
        {
            if (command != ActiveSyncCommand.None)
            {
                names.Add(command.ToString(), command);
            }
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
