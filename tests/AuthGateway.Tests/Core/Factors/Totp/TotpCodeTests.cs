using System.Text;
using AuthGateway.Core.Factors.Totp;

namespace AuthGateway.Tests.Core.Factors.Totp;

public sealed class TotpCodeTests
{
    private const string Digits = "1234567890123456789012345678901234567890123456789012345678901234";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_111_111_109);

    /// <summary>RFC 6238, appendix B.</summary>
    [Theory]
    [InlineData(59, "94287082", "46119246", "90693936")]
    [InlineData(1_111_111_109, "07081804", "68084774", "25091201")]
    [InlineData(1_111_111_111, "14050471", "67062674", "99943326")]
    [InlineData(1_234_567_890, "89005924", "91819424", "93441116")]
    [InlineData(2_000_000_000, "69279037", "90698825", "38618901")]
    [InlineData(20_000_000_000, "65353130", "77737706", "47863826")]
    public void Of_VectorsOfRfc6238_Agree(long seconds, string sha1, string sha256, string sha512)
    {
        var step = TotpCode.StepOf(DateTimeOffset.FromUnixTimeSeconds(seconds));

        TotpCode.Of(Seed(20), TotpAlgorithm.Sha1, 8, step).ShouldBe(sha1);
        TotpCode.Of(Seed(32), TotpAlgorithm.Sha256, 8, step).ShouldBe(sha256);
        TotpCode.Of(Seed(64), TotpAlgorithm.Sha512, 8, step).ShouldBe(sha512);
        TotpCode.Of(Seed(20), TotpAlgorithm.Sha1, 6, step).ShouldBe(sha1[2..]);
    }

    /// <summary>RFC 4226, appendix D.</summary>
    [Fact]
    public void Of_VectorsOfRfc4226_Agree() =>
        Enumerable.Range(0, 10).Select(step => TotpCode.Of(Seed(20), TotpAlgorithm.Sha1, 6, step))
            .ShouldBe(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]);

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void FindStep_DriftOfOne_TakesTheNeighboursOnly(int away, bool taken)
    {
        var step = TotpCode.StepOf(Now) + away;
        var code = TotpCode.Of(Seed(20), TotpAlgorithm.Sha1, 6, step);

        TotpCode.FindStep(App(), code, Now, drift: 1).ShouldBe(taken ? step : null);
        TotpCode.FindStep(App(), code, Now, drift: 0).ShouldBe(away == 0 ? step : null);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(29, 0)]
    [InlineData(30, 1)]
    [InlineData(59, 1)]
    public void StepOf_ThirtySeconds_AreOneStep(long seconds, long step) => TotpCode.StepOf(DateTimeOffset.FromUnixTimeSeconds(seconds)).ShouldBe(step);

    [Theory]
    [InlineData("")]
    [InlineData("08180")]
    [InlineData("0081804")]
    [InlineData("07081804")]
    [InlineData("08180x")]
    [InlineData("-81804")]
    [InlineData("+81804")]
    [InlineData(" 81804")]
    [InlineData("081804\n")]
    [InlineData("٠٨١٨٠٤")]
    [InlineData("０８１８０４")]
    [InlineData("०८१८०४")]
    public void FindStep_AnotherSpelling_IsNoCode(string typed) => TotpCode.FindStep(App(), typed, Now, drift: 1).ShouldBeNull();

    [Fact]
    public void FindStep_TheSameInAscii_IsTheCode() => TotpCode.FindStep(App(), "081804", Now, drift: 0).ShouldBe(TotpCode.StepOf(Now));

    [Fact]
    public void Seed_NewAndPrinted_Is160BitsAndSaysNothing()
    {
        var seed = TotpSeed.New();

        seed.Bytes.Length.ShouldBe(20);
        seed.Bytes.SequenceEqual(TotpSeed.New().Bytes).ShouldBeFalse();
        $"{seed}".ShouldBe("(seed)");
        Should.Throw<ArgumentException>(() => TotpSeed.FromBytes(new byte[15]));
        Should.Throw<ArgumentException>(() => TotpSeed.FromBytes(new byte[65]));
    }

    private static TotpSeed Seed(int length) => TotpSeed.FromBytes(Encoding.ASCII.GetBytes(Digits[..length]));

    private static TotpCredential App() => new()
    {
        Id = "1",
        IdentityKey = "ad:1",
        Login = "alice",
        Label = "",
        Seed = Seed(20),
        Algorithm = TotpAlgorithm.Sha1,
        Digits = 6,
        CreatedAt = Now,
        LastStep = 0,
    };
}
