using System.Text;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Backends.Local;

public sealed class PasswordHasherTests
{
    private readonly PasswordHasher _hasher = new(iterations: 2);

    // The vectors of RFC 6070 with HMAC-SHA-512 in place of SHA-1, as other implementations publish them.
    [Theory]
    [InlineData("password", "salt", 1,
        "867F70CF1ADE02CFF3752599A3A53DC4AF34C7A669815AE5D513554E1C8CF252C02D470A285A0501BAD999BFE943C08F050235D7D68B1DA55E63F73B60A57FCE")]
    [InlineData("password", "salt", 2,
        "E1D9C16AA681708A45F5C7C4E215CEB66E011A2E9F0040713F18AEFDB866D53CF76CAB2868A39B9F7840EDCE4FEF5A82BE67335C77A6068E04112754F27CCF4E")]
    [InlineData("password", "salt", 4096,
        "D197B1B33DB0143E018B12F3D1D1479E6CDEBDCC97C5C0F87F6902E072F457B5143F30602641B3D55CD335988CB36B84376060ECD532E039B742A239434AF2D5")]
    public void Derive_PublishedVectors_Agree(string password, string salt, int iterations, string expected) =>
        Convert.ToHexString(PasswordHasher.Derive(Secret.FromText(password), Encoding.ASCII.GetBytes(salt), iterations, 64)).ShouldBe(expected);

    [Fact]
    public void Hash_SameSecretTwice_DiffersAndVerifies()
    {
        var (one, two) = (_hasher.Hash(Secret.FromText("Pässword")), _hasher.Hash(Secret.FromText("Pässword")));

        one.ShouldStartWith("$pbkdf2-sha512$i=2$");
        string.Equals(one, two, StringComparison.Ordinal).ShouldBeFalse();
        _hasher.Verify(Secret.FromText("Pässword"), one).ShouldBeTrue();
        _hasher.Verify(Secret.FromText("pässword"), one).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("$pbkdf2-sha512$i=2$$")]
    [InlineData("$pbkdf2-sha512$i=2$AAAAAAAAAAAAAAAAAAAAAA==$")]
    [InlineData("$pbkdf2-sha512$i=2$AAAAAAAAAAAAAAAAAAAAAA==$AAAA")]
    [InlineData("$pbkdf2-sha512$i=0$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("$pbkdf2-sha512$i=999999999$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("$pbkdf2-sha512$i=2$!!!$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("$pbkdf2-sha1$i=2$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Verify_NoHashOfOurs_IsNeverRight(string hash)
    {
        _hasher.Verify(Secret.FromText("secret"), hash).ShouldBeFalse();
        _hasher.Verify(Secret.FromText(""), hash).ShouldBeFalse();
        _hasher.NeedsRehash(hash).ShouldBeTrue();
    }

    // Else the sooner answer would tell that the name exists. A right password spends as much on the new hash.
    [Theory]
    [InlineData("{SHA}dtboLnHhqiLik6ampUayFB31RtE=", "secret", 1)]
    [InlineData("$apr1$Qx1.r2Zz$GhYrcngrKAvoi2j2CbBz80", "secret", 1)]
    [InlineData("rl.3StKT.4T8M", "secret", 1)]
    [InlineData("nonsense", "secret", 1)]
    [InlineData("", "secret", 1)]
    [InlineData("{SHA}dtboLnHhqiLik6ampUayFB31RtE=", "kelp orbit lantern", 0)]
    public void Verify_WrongPasswordAtAForeignHash_SpendsWhatAnUnknownNameDoes(string hash, string password, int dummies)
    {
        _hasher.Verify(Secret.FromText(password), hash).ShouldBe(dummies == 0);

        _hasher.Dummies.ShouldBe(dummies);
    }

    [Fact]
    public void NeedsRehash_FewerRounds_IsTrue()
    {
        var hash = _hasher.Hash(Secret.FromText("secret"));

        _hasher.NeedsRehash(hash).ShouldBeFalse();
        new PasswordHasher(iterations: 3).NeedsRehash(hash).ShouldBeTrue();
        PasswordHasher.DefaultIterations.ShouldBeGreaterThanOrEqualTo(210_000);
    }
}
