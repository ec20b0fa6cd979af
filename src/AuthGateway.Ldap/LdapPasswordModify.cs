using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthGateway.Ldap;

/// <summary>The request of the password modify operation (RFC 3062).</summary>
public static class LdapPasswordModify
{
    /// <summary>The operation's number.</summary>
    public const string Oid = "1.3.6.1.4.1.4203.1.11.1";

    /// <summary>Writes the request's value. It holds secrets: clear it after use (<see cref="CryptographicOperations.ZeroMemory"/>).</summary>
    /// <param name="userDn">Whose password, or null for that of whoever is bound.</param>
    /// <param name="oldPassword">UTF-8.</param>
    /// <param name="newPassword">UTF-8; must not be empty, for then the server would make one up.</param>
    public static byte[] Encode(string? userDn, ReadOnlySpan<byte> oldPassword, ReadOnlySpan<byte> newPassword)
    {
        if (newPassword.IsEmpty)
        {
            throw new ArgumentException("a password must be given", nameof(newPassword));
        }

        var writer = new AsnWriter(AsnEncodingRules.BER);
        writer.PushSequence();
        if (userDn is not null)
        {
            writer.WriteOctetString(LdapText.Encode(userDn), LdapTag.Context(0));
        }

        writer.WriteOctetString(oldPassword, LdapTag.Context(1));
        writer.WriteOctetString(newPassword, LdapTag.Context(2));
        writer.PopSequence();
        var encoded = writer.Encode();
        writer.Reset(); // clears what it held
        return encoded;
    }
}
