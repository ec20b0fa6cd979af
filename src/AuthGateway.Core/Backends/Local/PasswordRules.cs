using System.Collections.Frozen;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Local;

/// <summary>A fault of a new password.</summary>
/// <param name="Rule">Stable word: <c>too-short</c>, <c>too-long</c>, <c>characters</c>, <c>too-common</c>, <c>login-name</c>, <c>repeated</c>, <c>unchecked</c>.</param>
/// <param name="Text">A sentence for administrators, which never contains the password.</param>
public sealed record PasswordFault(string Rule, string Text);

/// <summary>What a new password must be: long, and not one that everybody tries. No rules of composition (NIST SP 800-63B).</summary>
public static class PasswordRules
{
    /// <summary>Least characters when the password is the only factor.</summary>
    public const int MinLength = 15;

    /// <summary>Least characters when a second factor is asked for everywhere.</summary>
    public const int MinLengthWithSecondFactor = 8;

    /// <summary>Most that may be asked for as the least.</summary>
    public const int LargestMinLength = 64;

    /// <summary>Most characters.</summary>
    public const int MaxLength = 256;

    // Shorter ones are refused by their length already.
    private static readonly FrozenSet<string> Common =
        """
        password password1 password12 password123 password1234 password12345 password123456 passw0rd p@ssw0rd p@ssword pa$$word
        passwort passwort1 passwort123 kennwort kennwort123 motdepasse motdepasse123 contrasena
        12345678 123456789 1234567890 12345678910 123456789012345 1234567890123456 0123456789 0987654321 9876543210 87654321 987654321
        11111111 1111111111 111111111111111 00000000 0000000000 000000000000000 88888888 12341234 12121212 11223344 1122334455 123123123 123321123 147258369 789456123
        qwertyui qwertyuiop qwertyuiopasdfgh qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u8i
        1qaz2wsx 1qaz2wsx3edc 1qaz2wsx3edc4rfv qazwsxedc qazwsxedcrfv zaq12wsx q1w2e3r4 q1w2e3r4t5 asdfghjk asdfghjkl asdf1234 zxcvbnm1 qwertzui qwertzuiop qwertz123
        abcd1234 abcdefgh abcdefghijklmnop abc12345 abc123456 a1234567 a12345678 a123456789 aaaaaaaa aaaaaaaaaaaaaaa
        iloveyou iloveyou1 iloveyou2 iloveyouiloveyou sunshine sunshine1 princess princess1 football football1 baseball basketball superman batman123
        starwars trustno1 whatever computer internet michelle jennifer corvette mercedes maverick elephant chocolate liverpool
        welcome1 welcome12 welcome123 welcome1234 willkommen willkommen1 changeme changeme1 changeme123 changemechangeme letmein1 letmein123 letmeinletmein
        administrator administrator1 admin123 admin1234 admin12345 adminadmin rootroot root1234 master123 secret123 test1234 testtest testtesttesttest
        summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 sommer2025 sommer2026 default1 guest123 google123 monkey123 dragon123
        correcthorsebatterystaple passwordpassword password123password
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Every fault of a new password; empty when it will do.</summary>
    /// <param name="password">The password.</param>
    /// <param name="login">The login it is for.</param>
    /// <param name="minLength">Least characters, <see cref="MinLengthWithSecondFactor"/> to <see cref="LargestMinLength"/>.</param>
    public static IReadOnlyList<PasswordFault> FindFaults(string password, string login, int minLength = MinLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minLength, MinLengthWithSecondFactor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minLength, LargestMinLength);
        var faults = new List<PasswordFault>();
        var length = password.EnumerateRunes().Count();
        if (length < minLength)
        {
            faults.Add(new("too-short", $"The password must have at least {minLength} characters."));
        }

        if (length > MaxLength || Encoding.UTF8.GetByteCount(password) > Secret.MaxBytes)
        {
            faults.Add(new("too-long", $"The password must have at most {MaxLength} characters."));
        }

        if (password.EnumerateRunes().Any(Rune.IsControl))
        {
            faults.Add(new("characters", "The password must not contain control characters; no login could send them."));
        }

        if (Common.Contains(password) || Common.Contains(password.Replace(" ", "", StringComparison.Ordinal)))
        {
            faults.Add(new("too-common", "The password is one of those everybody tries first."));
        }

        if (string.Equals(password, login, StringComparison.OrdinalIgnoreCase) || (login.Length > 0 && IsRepeated(password, login)))
        {
            faults.Add(new("login-name", "The password must not be the login name."));
        }

        if (password.Length > 0 && password.Distinct().Count() == 1)
        {
            faults.Add(new("repeated", "The password must not be one character repeated."));
        }

        return faults;
    }

    private static bool IsRepeated(string password, string login) =>
        password.Length > login.Length && password.Replace(login, "", StringComparison.OrdinalIgnoreCase).Length == 0;
}
