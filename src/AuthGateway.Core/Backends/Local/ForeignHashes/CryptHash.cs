using System.Globalization;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Local.ForeignHashes;

/// <summary>
/// What <c>crypt(3)</c> makes: DES, MD5 (<c>$1$</c>), SHA-2 (<c>$5$</c>, <c>$6$</c>), bcrypt (<c>$2a$</c>, <c>$2b$</c>, <c>$2y$</c>) and yescrypt (<c>$y$</c>),
/// with bounds on the work and the memory each may ask for. libcrypt computes it.
/// </summary>
internal sealed class CryptHash : ForeignHash
{
    /// <summary>About 1.5 s of a core; <c>htpasswd</c> makes 5, most programs 10 to 12.</summary>
    private const int MaxBcryptCost = 14;

    /// <summary>About 0.5 s; the usual is 5,000, passlib's is 656,000.</summary>
    private const int MaxShaRounds = 1_000_000;
    private const int MinShaRounds = 1000;

    /// <summary>Debian's and Fedora's default takes 16 MiB. As many checks run at once as there are cores.</summary>
    private const long MaxYescryptBytes = 128L * 1024 * 1024;

    private const string Des = "des-crypt";
    private const string Bcrypt = "bcrypt";
    private const string Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private CryptHash(string kind, string stored, string? weakness)
        : base(kind, stored, weakness)
    {
    }

    public static CryptHash? Parse(string text, out string? fault)
    {
        fault = null;
        if (text[0] != '$')
        {
            if (text.Length == 13 && IsEncoded(text))
            {
                return new CryptHash(Des, text, "only the first eight characters of the password count");
            }

            fault = "This is no hash of a kind we know: no {SCHEME}, no $id$, and not the 13 characters of DES crypt.";
            return null;
        }

        var parts = text.Split('$');
        switch (parts)
        {
            case ["", "1", { Length: <= 8 } salt, { Length: 22 } hash] when IsSalt(salt) && IsEncoded(hash):
                return new CryptHash("md5-crypt", text, "a thousand rounds of MD5");
            case ["", "5", .. var rest] when IsSha2(rest, 43, ref fault):
                return new CryptHash("sha256-crypt", text, weakness: null);
            case ["", "6", .. var rest] when IsSha2(rest, 86, ref fault):
                return new CryptHash("sha512-crypt", text, weakness: null);
            case ["", "2a" or "2b" or "2y", { Length: 2 } cost, { Length: 53 } hash] when IsEncoded(hash) && IsBcryptCost(cost, ref fault):
                return new CryptHash(Bcrypt, text, weakness: null);
            case ["", "y", var parameters, { Length: <= 86 } salt, { Length: 43 } hash] when IsEncoded(salt) && IsEncoded(hash) && IsYescrypt(parameters, ref fault):
                return new CryptHash("yescrypt", text, weakness: null);
            default:
                // The id only: what follows is nobody's business.
                var id = parts.Length > 2 && parts[1].Length is > 0 and <= 16 ? $"${parts[1]}$" : "this";
                fault ??= $"A hash that begins with {id} is not known, or it is cut off. Known: $1$, $5$, $6$, $2a$, $2b$, $2y$, $y$, $apr1$.";
                return null;
        }
    }

    public override int LongestSecret => Kind switch
    {
        Des => 8,
        Bcrypt => 72,
        _ => base.LongestSecret,
    };

    public override bool Verify(Secret secret) => NativeCrypt.Matches(secret, Stored);

    private static bool IsSha2(string[] rest, int length, ref string? fault)
    {
        if (rest is [var first, .. var behind] && first.StartsWith("rounds=", StringComparison.Ordinal))
        {
            if (!long.TryParse(first["rounds=".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) || rounds is < MinShaRounds or > MaxShaRounds)
            {
                fault = $"The hash asks for \"{(first.Length <= 30 ? first : first[..30])}\"; {MinShaRounds} to {MaxShaRounds} rounds are computed at a login.";
                return false;
            }

            rest = behind;
        }

        return rest is [{ Length: <= 16 } salt, var hash] && hash.Length == length && IsSalt(salt) && IsEncoded(hash);
    }

    private static bool IsBcryptCost(string cost, ref string? fault)
    {
        if (!int.TryParse(cost, NumberStyles.None, CultureInfo.InvariantCulture, out var exponent) || exponent is < 4 or > MaxBcryptCost)
        {
            fault = $"The hash asks for bcrypt's cost \"{cost}\"; 04 to {MaxBcryptCost} are computed at a login.";
            return false;
        }

        return true;
    }

    // j: the flavour every login program writes. Then N, which is a power of two, and r, each one character; longer forms carry parameters nobody uses.
    private static bool IsYescrypt(string parameters, ref string? fault)
    {
        if (parameters is not ['j', var n, var r] || Small(n) is not { } exponent || Small(r) is not { } blocks || exponent > 30)
        {
            fault = "The hash has yescrypt parameters other than the usual ones ($y$j9T$ and its neighbours).";
            return false;
        }

        if ((128L * blocks) << exponent is > MaxYescryptBytes)
        {
            fault = $"The hash asks for more than {MaxYescryptBytes >> 20} MiB of memory at each login.";
            return false;
        }

        return true;
    }

    private static int? Small(char encoded) => Alphabet.IndexOf(encoded, StringComparison.Ordinal) is >= 0 and < 48 and var value ? value + 1 : null;

    private static bool IsEncoded(string text) => !text.AsSpan().ContainsAnyExcept(Alphabet);

    private static bool IsSalt(string text) => !text.AsSpan().ContainsAny(":*!\\");
}
