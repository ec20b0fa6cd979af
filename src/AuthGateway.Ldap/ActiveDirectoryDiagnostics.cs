using System.Globalization;

namespace AuthGateway.Ldap;

/// <summary>
/// Reads the reason Active Directory hides in the text of a refused bind:
/// <c>80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1</c>.
/// </summary>
public static class ActiveDirectoryDiagnostics
{
    /// <summary>No such user (Windows; Samba answers <see cref="BadPassword"/>).</summary>
    public const int NoSuchUser = 0x525;

    /// <summary>Wrong password.</summary>
    public const int BadPassword = 0x52e;

    /// <summary>Outside the allowed hours.</summary>
    public const int LogonHours = 0x530;

    /// <summary>Not from this workstation.</summary>
    public const int Workstation = 0x531;

    /// <summary>The password was right and has expired.</summary>
    public const int PasswordExpired = 0x532;

    /// <summary>The password was right; the account is disabled.</summary>
    public const int AccountDisabled = 0x533;

    /// <summary>The password was right; the account has expired.</summary>
    public const int AccountExpired = 0x701;

    /// <summary>The password was right and must be changed first.</summary>
    public const int MustChangePassword = 0x773;

    /// <summary>Locked out. Says nothing about the password.</summary>
    public const int AccountLocked = 0x775;

    /// <summary>Finds the hexadecimal number behind the word <c>data</c>.</summary>
    /// <param name="diagnostic">The text of the result.</param>
    /// <param name="subCode">The number; 0 when false is returned.</param>
    public static bool TryReadSubCode(string? diagnostic, out int subCode)
    {
        const string Marker = "data ";
        subCode = 0;
        var text = diagnostic.AsSpan();
        for (var at = text.IndexOf(Marker, StringComparison.Ordinal); at >= 0;)
        {
            var startsWord = at == 0 || text[at - 1] is ' ' or ',';
            text = text[(at + Marker.Length)..];
            var length = text.IndexOfAnyExcept(HexDigits);
            var digits = length < 0 ? text : text[..length];
            if (startsWord && digits.Length is > 0 and < 8 && (length < 0 || text[length] is ',' or ' ' or '\0'))
            {
                return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out subCode);
            }

            at = text.IndexOf(Marker, StringComparison.Ordinal);
        }

        return false;
    }

    private const string HexDigits = "0123456789abcdefABCDEF";
}
