using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AuthGateway.Core.Devices;

/// <summary>
/// A certificate revocation list (RFC 5280 section 5) read from a file. The platform's chain builder can only fetch lists over
/// HTTP in the middle of a handshake, which would put somebody else's server in front of every login; so we read our own.
/// </summary>
internal sealed class RevocationList
{
    /// <summary>Largest file read.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;

    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 0, isConstructed: true);

    private readonly HashSet<string> _serials;

    private RevocationList(X509Certificate2 issuer, DateTimeOffset thisUpdate, DateTimeOffset nextUpdate, HashSet<string> serials)
    {
        Issuer = issuer;
        ThisUpdate = thisUpdate;
        NextUpdate = nextUpdate;
        _serials = serials;
    }

    /// <summary>The authority certificate whose key signed the list.</summary>
    public X509Certificate2 Issuer { get; }

    /// <summary>When the list was made.</summary>
    public DateTimeOffset ThisUpdate { get; }

    /// <summary>When its successor was due.</summary>
    public DateTimeOffset NextUpdate { get; }

    /// <summary>How many certificates are on it.</summary>
    public int Count => _serials.Count;

    /// <summary>True when a certificate of this issuer with this serial number has been revoked.</summary>
    public bool Contains(X509Certificate2 certificate) => _serials.Contains(SerialKey(certificate.SerialNumberBytes.Span));

    /// <summary>True when the list speaks for certificates issued by <paramref name="issuer"/>: same name and same key, for a name can be borrowed.</summary>
    public bool SpeaksFor(X509Certificate2 issuer) =>
        issuer.SubjectName.RawData.AsSpan().SequenceEqual(Issuer.SubjectName.RawData)
        && issuer.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(Issuer.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Reads every list of a file: DER, or PEM with one block for each issuer. Null, with the problem in one sentence, unless all of it is sound.</summary>
    public static IReadOnlyList<RevocationList>? Parse(byte[] file, IReadOnlyCollection<X509Certificate2> issuers, out string problem)
    {
        if (file.Length > MaxBytes)
        {
            problem = $"The revocation list is larger than {MaxBytes} bytes.";
            return null;
        }

        try
        {
            var lists = new List<RevocationList>();
            foreach (var der in Blocks(file))
            {
                var list = ParseOne(der, issuers, out problem);
                if (list is null)
                {
                    return null;
                }

                lists.Add(list);
            }

            problem = lists.Count == 0 ? "The file holds no revocation list (neither DER nor a PEM block \"X509 CRL\")." : "";
            return lists.Count == 0 ? null : lists;
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException or ArgumentException)
        {
            problem = $"The file is not a readable revocation list: {exception.Message}";
            return null;
        }
    }

    private static IEnumerable<byte[]> Blocks(byte[] file)
    {
        if (file.Length > 0 && file[0] == 0x30)
        {
            yield return file;
            yield break;
        }

        var text = Encoding.Latin1.GetString(file);
        for (var from = 0; PemEncoding.TryFind(text.AsSpan(from), out var fields);)
        {
            if (text.AsSpan(from)[fields.Label] is "X509 CRL")
            {
                yield return Convert.FromBase64String(text[from..][fields.Base64Data]);
            }

            from += fields.Location.End.Value;
        }
    }

    private static RevocationList? ParseOne(byte[] der, IReadOnlyCollection<X509Certificate2> issuers, out string problem)
    {
        var file = new AsnReader(der, AsnEncodingRules.DER);
        var outer = file.ReadSequence();
        file.ThrowIfNotEmpty();
        var signed = outer.PeekEncodedValue();                       // exactly the bytes the signature covers
        var tbs = outer.ReadSequence();
        var algorithm = outer.ReadSequence().ReadObjectIdentifier();
        var signature = outer.ReadBitString(out _);
        outer.ThrowIfNotEmpty();

        if (tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            tbs.ReadInteger();                                       // version; absent in v1
        }

        // RFC 5280 section 5.1.1.2: the algorithm outside the signature must be the one inside
        if (tbs.ReadSequence().ReadObjectIdentifier() != algorithm)
        {
            problem = "The revocation list names two different signature algorithms.";
            return null;
        }

        var issuerName = tbs.PeekEncodedValue();
        tbs.ReadSequence();
        var thisUpdate = ReadTime(tbs);
        if (!tbs.HasData || !IsTime(tbs.PeekTag()))
        {
            problem = "The revocation list does not say when its successor is due (nextUpdate), so its age cannot be judged.";
            return null;
        }

        var nextUpdate = ReadTime(tbs);
        var serials = new HashSet<string>(StringComparer.Ordinal);
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            var entries = tbs.ReadSequence();
            while (entries.HasData)
            {
                var entry = entries.ReadSequence();
                serials.Add(SerialKey(entry.ReadIntegerBytes().Span));
                ReadTime(entry);
                if (entry.HasData && HasCritical(entry.ReadSequence()))
                {
                    problem = "An entry of the revocation list carries a critical extension (an indirect list); such lists are not supported.";
                    return null;
                }
            }
        }

        // A delta list or one limited to a distribution point says so critically. Taken for a full list it would hide revocations.
        if (tbs.HasData && HasCritical(tbs.ReadSequence(ExtensionsTag).ReadSequence()))
        {
            problem = "The revocation list carries a critical extension (a delta or partial list); publish a full list.";
            return null;
        }

        tbs.ThrowIfNotEmpty();
        var named = issuers.Where(issuer => issuer.SubjectName.RawData.AsSpan().SequenceEqual(issuerName.Span)).ToArray();
        if (named.Length == 0)
        {
            problem = "The revocation list names an issuer that is not in the authority's file.";
            return null;
        }

        var signer = Array.Find(named, issuer => Verifies(issuer, algorithm, signed.Span, signature));
        problem = signer is null ? "The revocation list is not signed by the authority, or with an algorithm that is not accepted (SHA-256 or better with RSA or ECDSA)." : "";
        return signer is null ? null : new RevocationList(signer, thisUpdate, nextUpdate, serials);
    }

    private static bool Verifies(X509Certificate2 issuer, string algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (SignatureAlgorithms.HashOf(algorithm) is not { } hash)
        {
            return false;
        }

        if (SignatureAlgorithms.IsEcdsa(algorithm))
        {
            using var ecdsa = issuer.GetECDsaPublicKey();
            return ecdsa is not null && ecdsa.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }

        using var rsa = issuer.GetRSAPublicKey();
        return rsa is not null && rsa.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1);
    }

    private static bool HasCritical(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean())
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTime(Asn1Tag tag) => tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static string SerialKey(ReadOnlySpan<byte> serial) => Convert.ToHexString(serial.TrimStart((byte)0));
}
