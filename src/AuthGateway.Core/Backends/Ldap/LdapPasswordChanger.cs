using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Identities;
using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// Replaces a password by proving the old one: in Active Directory by changing <c>unicodePwd</c> as the search user, elsewhere by the password modify
/// operation (RFC 3062) as the user. Each change has a connection of its own and is sent once.
/// </summary>
internal sealed class LdapPasswordChanger(LdapBackendOptions options, LdapHostList hosts)
{
    private const string UnicodePassword = "unicodePwd";
    private const int MaxText = 300;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Changes the password of an entry.</summary>
    public async ValueTask<PasswordChange> ChangeAsync(string dn, LdapHost? host, Secret oldPassword, Secret newPassword, CancellationToken cancellationToken)
    {
        // An empty one would bind as nobody, and as a new one make the server invent one (RFC 3062).
        if (oldPassword.IsEmpty || !TryRead(oldPassword, out var before))
        {
            return new PasswordChange.WrongPassword();
        }

        if (newPassword.IsEmpty || !TryRead(newPassword, out var after))
        {
            return new PasswordChange.Refused("policy", null);
        }

        try
        {
            return LdapDialect.IsActiveDirectory(options)
                ? await ReplaceAsync(dn, host, before, after, cancellationToken)
                : await ModifyAsync(dn, host, oldPassword, newPassword, cancellationToken);
        }
        catch (LdapException e)
        {
            return new PasswordChange.Unavailable(LdapHostList.Explain(e));
        }
        catch (ObjectDisposedException)
        {
            return new PasswordChange.Unavailable("closed by a reload");
        }
    }

    /// <summary>
    /// The user cannot bind while he must change, so the search user sends it; old and new together are a change, which any account may ask for, and not
    /// a reset.
    /// </summary>
    private async ValueTask<PasswordChange> ReplaceAsync(string dn, LdapHost? host, string before, string after, CancellationToken cancellationToken)
    {
        if (!hosts.IsSecure || options.SearchUser.Length == 0)
        {
            return new PasswordChange.Refused("not-allowed", null); // Active Directory takes it under TLS only
        }

        var (connection, why) = await hosts.OpenAsync(host, asService: true, cancellationToken);
        if (connection is null)
        {
            return new PasswordChange.Unavailable(why);
        }

        await using (connection)
        {
            var (oldValue, newValue) = (Quoted(before), Quoted(after));
            try
            {
                LdapChange[] changes = [new(LdapChangeKind.Delete, UnicodePassword, oldValue), new(LdapChangeKind.Add, UnicodePassword, newValue)];
                return JudgeReplaced(await connection.ModifyAsync(dn, changes, [], cancellationToken));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(oldValue);
                CryptographicOperations.ZeroMemory(newValue);
            }
        }
    }

    private async ValueTask<PasswordChange> ModifyAsync(string dn, LdapHost? host, Secret oldPassword, Secret newPassword, CancellationToken cancellationToken)
    {
        var (connection, why) = await hosts.OpenAsync(host, asService: false, cancellationToken);
        if (connection is null)
        {
            return new PasswordChange.Unavailable(why);
        }

        await using (connection)
        {
            var bind = await connection.BindAsync(dn, oldPassword.Memory, [LdapPasswordPolicy.Request], cancellationToken);
            if (!LdapPasswordPolicy.TryRead(bind, out var policy))
            {
                return new PasswordChange.Unavailable("the directory's password policy cannot be read");
            }

            if (bind.IsSuccess)
            {
                return await ExtendAsync(connection, dn, oldPassword, newPassword, cancellationToken);
            }

            if (bind.Code != LdapResultCode.InvalidCredentials)
            {
                return bind.Code is LdapResultCode.Busy or LdapResultCode.Unavailable ? new PasswordChange.Unavailable(Tell(bind)) : Refused("not-allowed", bind);
            }

            switch (policy?.Error)
            {
                case LdapPasswordPolicyError.AccountLocked:
                    return Refused("locked", bind);
                case LdapPasswordPolicyError.PasswordExpired when options.SearchUser.Length > 0:
                    break;
                case LdapPasswordPolicyError.PasswordExpired:
                    return Refused("not-allowed", bind);
                default:
                    return new PasswordChange.WrongPassword();
            }
        }

        // Expired: right, but it does not bind any more. The search user sends it, if the directory lets him; the old one goes along to be checked again.
        var (service, whyNot) = await hosts.OpenAsync(host, asService: true, cancellationToken);
        if (service is null)
        {
            return new PasswordChange.Unavailable(whyNot);
        }

        await using (service)
        {
            return await ExtendAsync(service, dn, oldPassword, newPassword, cancellationToken);
        }
    }

    private static async ValueTask<PasswordChange> ExtendAsync(LdapConnection connection, string dn, Secret oldPassword, Secret newPassword, CancellationToken cancellationToken)
    {
        var value = LdapPasswordModify.Encode(dn, oldPassword.Utf8, newPassword.Utf8);
        try
        {
            var result = await connection.ExtendAsync(LdapPasswordModify.Oid, value, [LdapPasswordPolicy.Request], cancellationToken);
            return LdapPasswordPolicy.TryRead(result, out var policy) ? JudgeModified(result, policy) : JudgeModified(result, null);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(value);
        }
    }

    /// <summary>Active Directory writes a Windows code in front of its text; Samba words behind it, Windows its own line numbers.</summary>
    private static PasswordChange JudgeReplaced(LdapResult result)
    {
        if (result.IsSuccess)
        {
            return new PasswordChange.Changed();
        }

        return WindowsCode(result.Diagnostic) switch
        {
            0x56 => new PasswordChange.WrongPassword(),
            0x775 => Refused("locked", result),
            0x52d => Refused(result.Diagnostic.Contains("too young", StringComparison.OrdinalIgnoreCase) ? "too-young" : "policy", result),
            _ => JudgeCode(result),
        };
    }

    private static PasswordChange JudgeModified(LdapResult result, LdapPasswordPolicy? policy)
    {
        if (result.IsSuccess)
        {
            return new PasswordChange.Changed();
        }

        return policy?.Error switch
        {
            LdapPasswordPolicyError.AccountLocked => Refused("locked", result),
            LdapPasswordPolicyError.PasswordTooYoung => Refused("too-young", result),
            LdapPasswordPolicyError.PasswordModNotAllowed or LdapPasswordPolicyError.MustSupplyOldPassword => Refused("not-allowed", result),
            LdapPasswordPolicyError.InsufficientPasswordQuality or LdapPasswordPolicyError.PasswordTooShort or LdapPasswordPolicyError.PasswordInHistory
                or LdapPasswordPolicyError.PasswordTooLong => Refused("policy", result),
            _ => JudgeCode(result),
        };
    }

    private static PasswordChange JudgeCode(LdapResult result) => result.Code switch
    {
        LdapResultCode.InvalidCredentials => new PasswordChange.WrongPassword(),
        LdapResultCode.ConstraintViolation => Refused("policy", result),
        LdapResultCode.Busy or LdapResultCode.Unavailable or LdapResultCode.Other or LdapResultCode.OperationsError => new PasswordChange.Unavailable(Tell(result)),
        _ => Refused("not-allowed", result),
    };

    private static PasswordChange.Refused Refused(string rule, LdapResult result) => new(rule, Clean(result.Diagnostic));

    /// <summary>
    /// The directory's words for people: one line, no code in front, no control characters. Windows tells only where in its source the refusal stands, which
    /// is nothing to show.
    /// </summary>
    internal static string? Clean(string diagnostic)
    {
        var text = new StringBuilder(diagnostic.Length);
        foreach (var rune in diagnostic.EnumerateRunes())
        {
            // Format characters too: they could turn the line round.
            var isInvisible = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
            text.Append(isInvisible ? " " : rune.ToString());
        }

        var line = text.ToString().Trim();
        if (line.Contains("DSID-", StringComparison.Ordinal))
        {
            return null;
        }

        if (WindowsCode(line) is not null)
        {
            line = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }

        const string Samba = "check_password_restrictions:";
        var at = line.IndexOf(Samba, StringComparison.Ordinal);
        line = at < 0 ? line : line[(at + Samba.Length)..].Trim();
        if (line.Length > MaxText)
        {
            line = line[..(char.IsHighSurrogate(line[MaxText - 1]) ? MaxText - 1 : MaxText)];
        }

        return line.Length == 0 ? null : line;
    }

    private static int? WindowsCode(string diagnostic)
    {
        var colon = diagnostic.IndexOf(':', StringComparison.Ordinal);
        return colon == 8 && int.TryParse(diagnostic.AsSpan(0, colon), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? code : null;
    }

    private static string Tell(LdapResult result) => string.Create(CultureInfo.InvariantCulture, $"the change ended with code {(int)result.Code}: {result.Diagnostic}");

    private static byte[] Quoted(string password) => Encoding.Unicode.GetBytes($"\"{password}\"");

    private static bool TryRead(Secret secret, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(secret.Utf8);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false; // no directory keeps a password that is not text
        }
    }
}
