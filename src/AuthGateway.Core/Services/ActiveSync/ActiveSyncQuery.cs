using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AuthGateway.Core.Services.ActiveSync;

/// <summary>How a query was written.</summary>
internal enum ActiveSyncForm
{
    /// <summary>No query: OPTIONS.</summary>
    None = 0,
    Plain = 1,
    Base64 = 2,
}

/// <summary>
/// The query of an ActiveSync request ([MS-ASHTTP] section 2.2.1.1.1), plain or base64, read strictly: every query two upstreams
/// would read differently is refused, so what we judge is what they obey. It is forwarded as it came, never rewritten, since the
/// upstream names the device and its sync state by the form the phone chose.
/// </summary>
internal sealed partial class ActiveSyncQuery
{
    private ActiveSyncQuery()
    {
    }

    public ActiveSyncForm Form { get; private init; }

    /// <summary><see cref="ActiveSyncCommand.None"/> only on OPTIONS.</summary>
    public ActiveSyncCommand Command { get; private set; } = ActiveSyncCommand.None;

    /// <summary>The user named in the query; null when only the credentials name one.</summary>
    public string? User { get; private set; }

    /// <summary>The device id as the phone wrote it, in lower-case hex when it was a raw GUID. Null only on OPTIONS.</summary>
    public string? RawDeviceId { get; private set; }

    /// <summary>The canonical device id: <c>hex:…</c>, the same for both forms of the query.</summary>
    public string? DeviceId { get; private set; }

    public string DeviceType { get; private set; } = "";

    /// <summary>Such as <c>14.1</c>, from a base64 query; a plain one leaves it to the header MS-ASProtocolVersion.</summary>
    public string? ProtocolVersion { get; private set; }

    /// <summary>From a base64 query; a plain one leaves it to the header X-MS-PolicyKey.</summary>
    public uint? PolicyKey { get; private set; }

    public bool SaveInSent { get; private set; }

    public bool AcceptMultiPart { get; private set; }

    public string? CollectionId { get; private set; }

    public string? ItemId { get; private set; }

    /// <param name="rawQuery">The query as sent, with or without its leading <c>?</c>.</param>
    /// <param name="isPost">POST needs command and device; OPTIONS needs neither.</param>
    /// <param name="query">What it says.</param>
    /// <param name="fault">Why it was refused.</param>
    public static bool TryParse(string rawQuery, bool isPost, [NotNullWhen(true)] out ActiveSyncQuery? query, out ActiveSyncFault fault)
    {
        var text = rawQuery.AsSpan();
        if (text.StartsWith('?'))
        {
            text = text[1..];
        }

        if (text.IsEmpty)
        {
            query = isPost ? null : new ActiveSyncQuery { Form = ActiveSyncForm.None };
            fault = isPost ? ActiveSyncFault.Missing : ActiveSyncFault.None;
            return query is not null;
        }

        ActiveSyncQuery parsed;
        if (text.Contains('?'))
        {
            parsed = new ActiveSyncQuery();
            fault = ActiveSyncFault.SecondQuestionMark;
        }
        else if (LooksLikeBase64(text))
        {
            parsed = new ActiveSyncQuery { Form = ActiveSyncForm.Base64 };
            fault = parsed.ReadBase64(text);
        }
        else
        {
            parsed = new ActiveSyncQuery { Form = ActiveSyncForm.Plain };
            fault = parsed.ReadPlain(text, isPost);
        }

        if (fault == ActiveSyncFault.None && isPost)
        {
            fault = parsed.Command == ActiveSyncCommand.None ? ActiveSyncFault.MissingCommand
                : parsed.DeviceId is null ? ActiveSyncFault.MissingDeviceId
                : ActiveSyncFault.None;
        }

        query = fault == ActiveSyncFault.None ? parsed : null;
        return query is not null;
    }

    /// <summary>A plain query has a <c>=</c> before its end, base64 only there.</summary>
    private static bool LooksLikeBase64(ReadOnlySpan<char> text)
    {
        foreach (var c in text.TrimEnd('='))
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/'))
            {
                return false;
            }
        }

        return true;
    }

    private ActiveSyncFault ReadBase64(ReadOnlySpan<char> text)
    {
        // Eight fields of at most 255 bytes, with their tags and lengths, fit easily.
        Span<byte> buffer = stackalloc byte[3072];
        if (text.Length > 4096 || !Convert.TryFromBase64Chars(text, buffer, out var length) || !EndsCanonically(text, buffer[..length]))
        {
            return ActiveSyncFault.BadBase64;
        }

        return ReadFields(buffer[..length]);
    }

    private static bool EndsCanonically(ReadOnlySpan<char> text, ReadOnlySpan<byte> decoded)
    {
        // Spare bits in the last digit would give one query many spellings: encode the last group again.
        var tail = decoded[((decoded.Length - 1) / 3 * 3)..];
        Span<char> again = stackalloc char[4];
        return Convert.TryToBase64Chars(tail, again, out var written) && text[^4..].SequenceEqual(again[..written]);
    }

    private ActiveSyncFault ReadFields(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4)
        {
            return ActiveSyncFault.BadLength;
        }

        ProtocolVersion = bytes[0] switch { 121 => "12.1", 140 => "14.0", 141 => "14.1", 160 => "16.0", 161 => "16.1", _ => null };
        if (ProtocolVersion is null)
        {
            return ActiveSyncFault.UnknownVersion;
        }

        if (!ActiveSyncCommands.TryByCode(bytes[1], out var command))
        {
            return ActiveSyncFault.UnknownCommand;
        }

        Command = command;
        var rest = bytes[4..];
        if (!TryTake(ref rest, out var deviceId) || !TryTake(ref rest, out var policyKey) || !TryTake(ref rest, out var deviceType))
        {
            return ActiveSyncFault.BadLength;
        }

        if (deviceId.IsEmpty)
        {
            return ActiveSyncFault.MissingDeviceId;
        }

        if (!DeviceIdentifier.TryFromBytes(deviceId, out var raw, out var canonical))
        {
            return ActiveSyncFault.BadDeviceId;
        }

        (RawDeviceId, DeviceId) = (raw, canonical);
        if (policyKey.Length is not (0 or 4))
        {
            return ActiveSyncFault.BadLength;
        }

        PolicyKey = policyKey.IsEmpty ? null : BinaryPrimitives.ReadUInt32LittleEndian(policyKey);
        Span<char> type = stackalloc char[deviceType.Length];
        Encoding.Latin1.GetChars(deviceType, type);
        if (!type.IsEmpty && !IsDeviceType(type))
        {
            return ActiveSyncFault.BadDeviceType;
        }

        DeviceType = type.ToString();
        return ReadParameters(rest);
    }

    private ActiveSyncFault ReadParameters(ReadOnlySpan<byte> rest)
    {
        var seen = 0;
        while (!rest.IsEmpty)
        {
            var tag = rest[0];
            rest = rest[1..];
            if (!TryTake(ref rest, out var value))
            {
                return ActiveSyncFault.BadLength;
            }

            if (tag is not (0 or 1 or 3 or 4 or 6 or 7 or 8))
            {
                return ActiveSyncFault.UnknownParameter;
            }

            if ((seen & (1 << tag)) != 0)
            {
                return ActiveSyncFault.Duplicate;
            }

            seen |= 1 << tag;
            switch (tag)
            {
                case 1:
                    CollectionId = Encoding.UTF8.GetString(value);
                    break;
                case 3:
                    ItemId = Encoding.UTF8.GetString(value);
                    break;
                case 7:
                    if (value.Length != 1 || value[0] > 3)
                    {
                        return ActiveSyncFault.BadParameter;
                    }

                    SaveInSent = (value[0] & 1) != 0;
                    AcceptMultiPart = (value[0] & 2) != 0;
                    break;
                case 8:
                    if (!ActiveSyncUser.TryRead(value, out var user))
                    {
                        return ActiveSyncFault.BadUser;
                    }

                    User = user;
                    break;
            }
        }

        return ActiveSyncFault.None;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (rest.IsEmpty || rest[0] > rest.Length - 1)
        {
            return false;
        }

        value = rest.Slice(1, rest[0]);
        rest = rest[(1 + value.Length)..];
        return true;
    }

    private static bool IsDeviceType(ReadOnlySpan<char> type)
    {
        if (type.Length is 0 or > 64)
        {
            return false;
        }

        foreach (var c in type)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
