using System.Globalization;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Factors;

/// <summary>Our codes against those of a program we did not write (OATH Toolkit), over hashes, digits, seeds and times.</summary>
public sealed class OathtoolTests
{
    private static readonly long[] Times = [0, 29, 30, 59, 1_111_111_109, 1_234_567_890, 1_795_305_600, 2_000_000_000, 4_294_967_295, 4_294_967_296, 20_000_000_000];

    [Theory]
    [InlineData(TotpAlgorithm.Sha1, "SHA1", 6)]
    [InlineData(TotpAlgorithm.Sha1, "SHA1", 8)]
    [InlineData(TotpAlgorithm.Sha256, "SHA256", 6)]
    [InlineData(TotpAlgorithm.Sha256, "SHA256", 8)]
    [InlineData(TotpAlgorithm.Sha512, "SHA512", 6)]
    [InlineData(TotpAlgorithm.Sha512, "SHA512", 8)]
    public async Task Codes_ManyTimes_AreTheSame(TotpAlgorithm algorithm, string name, int digits)
    {
        foreach (var seconds in Times)
        {
            var seed = TotpSeed.New();
            var at = DateTimeOffset.FromUnixTimeSeconds(seconds);

            var run = await ProgramRun.ExecuteAsync(
                "oathtool",
                [
                    $"--totp={name}", $"--digits={digits}", "--base32", "-N", string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"),
                    TotpUri.Base32(seed),
                ]);

            run.ExitCode.ShouldBe(0, run.Error);
            TotpCode.Of(seed, algorithm, digits, TotpCode.StepOf(at)).ShouldBe(run.Output.Trim(), $"{name}, {digits} digits, {seconds} s");
        }
    }
}
