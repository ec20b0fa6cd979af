using System.Buffers;

namespace AuthGateway.Core.Services.ActiveSync;

/// <content>The plain form: <c>Cmd=Sync&amp;User=alice&amp;DeviceId=ABC&amp;DeviceType=iPhone</c>, in any order.</content>
internal sealed partial class ActiveSyncQuery
{
    private static readonly string[] Keys =
    [
        "Cmd", "User", "DeviceId", "DeviceType", "AttachmentName", "CollectionId", "ItemId", "LongId", "Occurrence", "SaveInSent",
    ];

    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("!$%&'()*+,-./:=@\\_~[]{}|0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private ActiveSyncFault ReadPlain(ReadOnlySpan<char> text, bool isPost)
    {
        if (text.ContainsAnyExcept(PlainCharacters))
        {
            return ActiveSyncFault.ForbiddenCharacter;
        }

        var seen = 0;
        while (true)
        {
            var ampersand = text.IndexOf('&');
            var pair = ampersand < 0 ? text : text[..ampersand];
            var equals = pair.IndexOf('=');
            if (equals <= 0)
            {
                return ActiveSyncFault.MalformedPair;
            }

            var key = FindKey(pair[..equals], out var exact);
            if (key < 0)
            {
                return ActiveSyncFault.UnknownKey;
            }

            if ((seen & (1 << key)) != 0)
            {
                return ActiveSyncFault.Duplicate;
            }

            // SOGo reads "deviceid=", Z-Push does not: a key in another case is one device to us and another to them.
            if (!exact)
            {
                return ActiveSyncFault.UnknownKey;
            }

            seen |= 1 << key;
            if (ReadValue(Keys[key], pair[(equals + 1)..], isPost) is var fault and not ActiveSyncFault.None)
            {
                return fault;
            }

            if (ampersand < 0)
            {
                return ActiveSyncFault.None;
            }

            text = text[(ampersand + 1)..];
        }
    }

    private static int FindKey(ReadOnlySpan<char> name, out bool exact)
    {
        exact = false;
        for (var key = 0; key < Keys.Length; key++)
        {
            if (name.Equals(Keys[key], StringComparison.OrdinalIgnoreCase))
            {
                exact = name.SequenceEqual(Keys[key]);
                return key;
            }
        }

        return -1;
    }

    private ActiveSyncFault ReadValue(string key, ReadOnlySpan<char> value, bool isPost)
    {
        switch (key)
        {
            case "Cmd" or "DeviceId" or "DeviceType" when value.ContainsAny('%', '+'):
                return ActiveSyncFault.EscapedValue;
            case "Cmd":
                // Some clients name the method in OPTIONS requests.
                if (!isPost && value is "OPTIONS")
                {
                    return ActiveSyncFault.None;
                }

                if (!ActiveSyncCommands.TryByName(value, out var command))
                {
                    return value.IsEmpty ? ActiveSyncFault.MissingCommand : ActiveSyncFault.UnknownCommand;
                }

                Command = command;
                return ActiveSyncFault.None;
            case "DeviceId":
                if (!DeviceIdentifier.IsText(value))
                {
                    return value.IsEmpty ? ActiveSyncFault.MissingDeviceId : ActiveSyncFault.BadDeviceId;
                }

                RawDeviceId = value.ToString();
                DeviceId = DeviceIdentifier.FromText(value);
                return ActiveSyncFault.None;
            case "DeviceType":
                DeviceType = value.ToString();
                return IsDeviceType(value) ? ActiveSyncFault.None : ActiveSyncFault.BadDeviceType;
            case "User":
                var fault = ActiveSyncUser.TryDecode(value, out var user);
                User = user;
                return fault;
            case "SaveInSent":
                SaveInSent = value is "T";
                return value is "T" or "F" ? ActiveSyncFault.None : ActiveSyncFault.BadParameter;
            default:
                if (!EscapesAreWhole(value))
                {
                    return ActiveSyncFault.MalformedEscape;
                }

                Keep(key, value);
                return ActiveSyncFault.None;
        }
    }

    private void Keep(string key, ReadOnlySpan<char> value)
    {
        switch (key)
        {
            case "CollectionId":
                CollectionId = Uri.UnescapeDataString(value);
                break;
            case "ItemId":
                ItemId = Uri.UnescapeDataString(value);
                break;
        }
    }

    private static bool EscapesAreWhole(ReadOnlySpan<char> value)
    {
        while (value.IndexOf('%') is var percent and >= 0)
        {
            if (percent + 2 >= value.Length || !char.IsAsciiHexDigit(value[percent + 1]) || !char.IsAsciiHexDigit(value[percent + 2]))
            {
                return false;
            }

            value = value[(percent + 3)..];
        }

        return true;
    }
}
