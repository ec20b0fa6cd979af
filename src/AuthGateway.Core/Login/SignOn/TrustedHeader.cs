using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Unicode;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Networks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Login.SignOn;

/// <summary>What a trusted forwarder said about the user of a request.</summary>
/// <param name="Name">The name; null when what was said is no name.</param>
/// <param name="Fault">What is wrong with it; null with a name.</param>
public sealed record ForwardedName(UserName? Name, string? Fault);

/// <summary>The header of a trusted forwarder: taken off every request, believed from one place.</summary>
internal sealed class TrustedHeader(string name, NetworkSet from)
{
    private const string Key = "AuthGateway:TrustedHeader";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads the options; null when the header is off or after an error.</summary>
    public static TrustedHeader? Build(TrustedHeaderOptions options, NetworkCatalog networks, FaultList faults)
    {
        if (options.Name.Length == 0)
        {
            if (options.From.Count > 0)
            {
                faults.Error($"{Key}:Name", null, "There are forwarders whose word is believed, but no header to read it in. Set Name, or remove From.");
            }

            return null;
        }

        // What means something else already cannot also mean the user; a name of our own choosing begins like one.
        var isOwnWord = options.Name.StartsWith("X-", StringComparison.OrdinalIgnoreCase) || ProtectedHeaders.Classify(options.Name) == HeaderStanding.Protected;
        if (options.Name.AsSpan().ContainsAnyExcept(NameCharacters) || !isOwnWord || GatewayHeaders.IsTaken(options.Name)
            || options.Name.StartsWith("Proxy", StringComparison.OrdinalIgnoreCase) || options.Name.StartsWith("X-Http-Method", StringComparison.OrdinalIgnoreCase))
        {
            faults.Error($"{Key}:Name", options.Name, "Not a header that could carry a user's name. Take one of its own, such as \"X-KIX-User\" or \"X-Remote-User\".");
            return null;
        }

        if (options.From.Count == 0)
        {
            faults.Error($"{Key}:From", null, "Nobody is named whose word is believed. Name the forwarder's address, or remove TrustedHeader.");
            return null;
        }

        var from = networks.Resolve(options.From, $"{Key}:From", faults);
        if (from.HoldsStrangers)
        {
            faults.Error($"{Key}:From", string.Join(", ", options.From), "This believes everybody who connects. Name the forwarder's address alone.");
        }

        return new TrustedHeader(options.Name, from);
    }

    /// <summary>
    /// Takes the header off the request. False when another name imitates it (<c>X_KIX_User</c>), which an upstream might take for it: the request is refused.
    /// </summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="peer">The other end of the connection.</param>
    /// <param name="said">What is to be believed; null when nothing was said, or by somebody else.</param>
    public bool TryTake(IHeaderDictionary headers, IPAddress peer, out ForwardedName? said)
    {
        said = null;
        foreach (var header in headers)
        {
            if (Imitates(header.Key))
            {
                return false;
            }
        }

        if (headers.Remove(name, out var values) && from.Contains(AddressText.Fold(peer)))
        {
            said = Read(values);
        }

        return true;
    }

    private static ForwardedName? Read(StringValues values)
    {
        // A proxy that knows nobody sends the header empty.
        if (values.Count == 0 || (values.Count == 1 && string.IsNullOrEmpty(values[0])))
        {
            return null;
        }

        if (values.Count > 1)
        {
            return new ForwardedName(null, "the header came twice");
        }

        return UserName.TryParse(Decode(values[0]!), out var name) ? new ForwardedName(name, null) : new ForwardedName(null, "what the header says is no login name");
    }

    /// <summary>Bytes beyond ASCII arrive as one character each; they are UTF-8, or no name.</summary>
    private static string Decode(string value)
    {
        if (Ascii.IsValid(value) || value.AsSpan().ContainsAnyExceptInRange('\0', '\xFF'))
        {
            return value;
        }

        var bytes = Encoding.Latin1.GetBytes(value);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : "";
    }

    private bool Imitates(string other)
    {
        if (other.Length != name.Length || !other.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            return false;
        }

        for (var i = 0; i < other.Length; i++)
        {
            var read = char.IsAsciiLetterOrDigit(other[i]) ? char.ToLowerInvariant(other[i]) : '-';
            if (read != char.ToLowerInvariant(name[i]))
            {
                return false;
            }
        }

        return true;
    }
}
