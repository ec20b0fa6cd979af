using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace AuthGateway.Core.Tunnels;

/// <summary>Where one end of a forward is: an address or host with its port, or a unix socket.</summary>
/// <param name="Host">Host name or address, without brackets; empty for a socket.</param>
/// <param name="Port">Port; 0 for a socket.</param>
/// <param name="Socket">Path of the socket, or null.</param>
internal readonly record struct TunnelEnd(string Host, int Port, string? Socket)
{
    /// <summary>As ssh and people write it.</summary>
    public override string ToString() => Socket ?? string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}

/// <summary>One forward.</summary>
/// <param name="IsRemote">True when the far side listens.</param>
/// <param name="Listen">Where it listens.</param>
/// <param name="Target">Where it leads.</param>
internal sealed record TunnelForward(bool IsRemote, TunnelEnd Listen, TunnelEnd Target)
{
    /// <summary>For people.</summary>
    public override string ToString() => $"{(IsRemote ? "remote" : "local")} {Listen} -> {Target}";
}

/// <summary>What may stand in a forward. Everything here ends in an argument of ssh, which knows more forms than we want.</summary>
internal static class TunnelText
{
    /// <summary>Longest path of a unix socket (<c>sun_path</c> holds 108 bytes; ssh appends nothing).</summary>
    public const int LongestSocket = 100;

    private const string HostCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    private const string PathCharacters = HostCharacters + "/";
    private const string UserCharacters = HostCharacters + @"@\";

    /// <summary>A host name of letters, digits, dots, hyphens and underscores that begins with a letter or digit; or an address without scope.</summary>
    public static bool IsHost(string text) =>
        (IPAddress.TryParse(text, out var address) && !text.Contains('%', StringComparison.Ordinal) && !text.StartsWith('[') && IsWrittenOut(text, address))
        || (text.Length is > 0 and <= 253 && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(HostCharacters) && text.AsSpan().ContainsAnyInRange('A', 'z'));

    /// <summary>A user's name that ssh cannot take for anything else.</summary>
    public static bool IsUser(string text) => text.Length is > 0 and <= 64 && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '_') && !text.AsSpan().ContainsAnyExcept(UserCharacters);

    /// <summary>An absolute path without characters that ssh expands or splits at.</summary>
    public static bool IsSocketPath(string text) =>
        text.Length is > 1 and <= LongestSocket && text[0] == '/' && !text.EndsWith('/') && !text.AsSpan().ContainsAnyExcept(PathCharacters)
        && !text.Split('/').Contains("..", StringComparer.Ordinal);

    /// <summary>Reads <c>host:port</c> or <c>[address]:port</c>.</summary>
    public static bool TryParseEnd(string text, [NotNullWhen(true)] out TunnelEnd? end)
    {
        end = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return false;
        }

        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']') && host.Contains(':', StringComparison.Ordinal))
        {
            host = host[1..^1];
        }
        else if (host.Contains(':', StringComparison.Ordinal))
        {
            return false; // an address without brackets: where it ends nobody knows
        }

        if (!IsHost(host))
        {
            return false;
        }

        end = new TunnelEnd(host, port, null);
        return true;
    }

    // "1" and "0x7f.1" are addresses to the parser; people mean something else.
    private static bool IsWrittenOut(string text, IPAddress address) => text.Contains(':', StringComparison.Ordinal) || string.Equals(address.ToString(), text, StringComparison.Ordinal);
}
