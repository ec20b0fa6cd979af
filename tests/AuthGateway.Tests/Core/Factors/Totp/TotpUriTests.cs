using System.Text;
using AuthGateway.Core.Factors.Totp;

namespace AuthGateway.Tests.Core.Factors.Totp;

public sealed class TotpUriTests
{
    /// <summary>RFC 4648, 10, behind fifteen zero bytes, which are 24 whole characters; a seed is never that short.</summary>
    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_VectorsOfRfc4648_Agree(string text, string encoded) =>
        TotpUri.Base32(TotpSeed.FromBytes([.. new byte[15], .. Encoding.ASCII.GetBytes(text)])).ShouldBe(new string('A', 24) + encoded);

    [Fact]
    public void Base32_EveryBitSet_StaysInTheAlphabet() =>
        TotpUri.Base32(TotpSeed.FromBytes(Enumerable.Repeat((byte)0xFF, 20).ToArray())).ShouldBe(new string('7', 32));

    [Theory]
    [InlineData("Example Mail", "anna@example.org", "Example%20Mail:anna%40example.org", "Example%20Mail")]
    [InlineData("A:B & C", "x:y", "AB%20%26%20C:x%3Ay", "AB%20%26%20C")]
    [InlineData("Ä?#", "ü/é", "%C3%84%3F%23:%C3%BC%2F%C3%A9", "%C3%84%3F%23")]
    public void Of_Names_AreEscapedAlikeInLabelAndIssuer(string issuer, string login, string label, string parameter) =>
        TotpUri.Of(TotpSeed.FromBytes("12345678901234567890"u8), issuer, login, TotpAlgorithm.Sha1, 6).ShouldBe(
            $"otpauth://totp/{label}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer={parameter}&algorithm=SHA1&digits=6&period=30");

    [Theory]
    [InlineData(TotpAlgorithm.Sha1, 6, "&algorithm=SHA1&digits=6&")]
    [InlineData(TotpAlgorithm.Sha256, 8, "&algorithm=SHA256&digits=8&")]
    [InlineData(TotpAlgorithm.Sha512, 6, "&algorithm=SHA512&digits=6&")]
    public void Of_Numbers_AreTold(TotpAlgorithm algorithm, int digits, string part) => TotpUri.Of(TotpSeed.New(), "x", "y", algorithm, digits).ShouldContain(part);
}
