using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Devices;

/// <summary>Reads who a certificate belongs to, and says whether that is the person who logs in.</summary>
public static class DeviceOwner
{
    private const string UserPrincipalName = "1.3.6.1.4.1.311.20.2.3";
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string CommonName = "2.5.4.3";
    private const int MaxLength = 256;

    /// <summary>
    /// True when the owner a certificate names is this user: the whole string equals the login or an alias, without case. Parts
    /// are never compared, so <c>alice@other.example</c> is not <c>alice</c>.
    /// </summary>
    public static bool Matches(UserIdentity identity, string owner)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return !string.IsNullOrEmpty(owner)
            && (string.Equals(identity.Login, owner, StringComparison.OrdinalIgnoreCase) || identity.Aliases.Contains(owner));
    }

    /// <summary>The one owner in the configured field, or null when there is none, more than one, or one that is not plain text.</summary>
    internal static string? Read(X509Certificate2 certificate, string field)
    {
        List<string> names = [];
        try
        {
            if (string.Equals(field, "cn", StringComparison.Ordinal))
            {
                ReadCommonNames(certificate, names);
            }
            else
            {
                foreach (var extension in certificate.Extensions.Where(extension => extension.Oid?.Value == SubjectAlternativeName))
                {
                    ReadAlternativeNames(extension.RawData, field, names);
                }
            }
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException or InvalidOperationException)
        {
            return null;
        }

        return names is [var only] && IsPlain(only) ? only : null;
    }

    private static void ReadCommonNames(X509Certificate2 certificate, List<string> names)
    {
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            // A part with several attributes throws here: which of them is the name would be anybody's guess.
            if (part.GetSingleElementType().Value == CommonName)
            {
                names.Add(part.GetSingleElementValue() ?? "");
            }
        }
    }

    private static void ReadAlternativeNames(byte[] extension, string field, List<string> names)
    {
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        var general = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (general.HasData)
        {
            var tag = general.PeekTag();
            switch (tag.TagClass == TagClass.ContextSpecific ? tag.TagValue : -1, field)
            {
                case (0, "san-upn"):
                    var other = general.ReadSequence(tag);
                    if (other.ReadObjectIdentifier() == UserPrincipalName)
                    {
                        names.Add(other.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)).ReadCharacterString(UniversalTagNumber.UTF8String));
                    }

                    break;
                case (1, "san-email"):
                case (6, "san-uri"):
                    names.Add(general.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                default:
                    general.ReadEncodedValue();
                    break;
            }
        }
    }

    /// <summary>Text without control, format or unassigned characters: what the audit shows is then what was compared.</summary>
    private static bool IsPlain(string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.OtherNotAssigned or System.Globalization.UnicodeCategory.PrivateUse || rune == Rune.ReplacementChar)
            {
                return false;
            }
        }

        return true;
    }
}
