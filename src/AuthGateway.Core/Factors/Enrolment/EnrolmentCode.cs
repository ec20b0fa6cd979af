using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Factors.Enrolment;

/// <summary>
/// What the helpdesk hands to a person who may enrol a first factor from anywhere: 100 random bits in groups of five, good once
/// and for a while. The gateway keeps the hash.
/// </summary>
public static class EnrolmentCode
{
    /// <summary>How long a code is good when nobody says otherwise.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(30);

    private const int Length = 20;

    /// <summary>A new code: what to show and what to keep.</summary>
    public static (string Shown, byte[] Hash) New()
    {
        var code = TypedCode.New(Length);
        return (TypedCode.Show(code), HashOf(code));
    }

    /// <summary>The hash of a typed code; blanks, hyphens and case do not matter. False when it cannot be a code.</summary>
    public static bool TryHash(string? typed, [NotNullWhen(true)] out byte[]? hash)
    {
        hash = TypedCode.TryRead(typed, Length, out var code) ? HashOf(code) : null;
        return hash is not null;
    }

    // 100 random bits need no slow hash.
    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.ASCII.GetBytes(code));
}
