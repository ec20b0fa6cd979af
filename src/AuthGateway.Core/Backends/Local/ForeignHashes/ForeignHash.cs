using System.Diagnostics.CodeAnalysis;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Local.ForeignHashes;

/// <summary>
/// A password hash another system made. It serves until the next right password, which replaces it by one of our own. Building one is the only way such
/// a text comes to be looked at, and what would occupy a core for long is refused here, at the import and at every login alike.
/// </summary>
public abstract class ForeignHash
{
    /// <summary>Longest text of a hash.</summary>
    public const int MaxLength = 512;

    private protected ForeignHash(string kind, string stored, string? weakness) => (Kind, Stored, Weakness) = (kind, stored, weakness);

    /// <summary>Stable word for reports: <c>bcrypt</c>, <c>ssha</c>, <c>sha512-crypt</c>, ….</summary>
    public string Kind { get; }

    /// <summary>The one spelling it is kept in.</summary>
    public string Stored { get; }

    /// <summary>Why whoever finds the hash soon has the password; null for hashes that are slow to guess.</summary>
    public string? Weakness { get; }

    /// <summary>So many bytes of a password count; further ones are not looked at. Mostly no limit.</summary>
    public virtual int LongestSecret => int.MaxValue;

    /// <summary>Reads a hash in any spelling we know; otherwise says in one sentence, without the hash, what is wrong.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ForeignHash? hash, [NotNullWhen(false)] out string? fault)
    {
        hash = null;
        fault = null;
        if (text.Length == 0)
        {
            fault = "The hash is empty: an account anybody could enter.";
        }
        else if (text[0] is '!' or '*')
        {
            fault = "The hash begins with \"!\" or \"*\": the account was locked there.";
        }
        else if (text.Length > MaxLength || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            fault = $"The hash has blanks, characters other than ASCII, or is longer than {MaxLength} characters.";
        }
        else if (text.StartsWith("{CRYPT}", StringComparison.OrdinalIgnoreCase))
        {
            return TryParse(text["{CRYPT}".Length..], out hash, out fault);
        }
        else if (text[0] == '{')
        {
            hash = text.StartsWith("{PBKDF2", StringComparison.OrdinalIgnoreCase) ? Pbkdf2Hash.Parse(text, out fault) : DigestHash.Parse(text, out fault);
        }
        else if (text.StartsWith(Apr1Hash.Magic, StringComparison.Ordinal))
        {
            hash = Apr1Hash.Parse(text, out fault);
        }
        else if (text.Length is 40 or 64 && !text.AsSpan().ContainsAnyExcept("0123456789abcdefABCDEF"))
        {
            hash = DigestHash.FromHex(text);
        }
        else
        {
            hash = CryptHash.Parse(text, out fault);
        }

        return hash is not null;
    }

    /// <summary>Whether the secret is the one that was hashed. Takes up to a second or two of a core, so call it through <see cref="HashLanes"/> only.</summary>
    /// <exception cref="HashUnusableException">This machine cannot compute it: nothing is known about the secret.</exception>
    public abstract bool Verify(Secret secret);
}

/// <summary>A hash could not be computed here; says nothing about the secret.</summary>
public sealed class HashUnusableException(string message) : Exception(message);
