using System.Text;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Backends.Local.ForeignHashes;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Backends.Local.ForeignHashes;

public sealed class ForeignHashTests
{
    private const string Password = "kelp orbit lantern";

    // Each made by another program than ours: openssl passwd -apr1, slappasswd (with pw-sha2), sha256sum, crypt(3); or published with its scheme.
    public static TheoryData<string, string, string> Vectors { get; } = new()
    {
        { "apr1", "$apr1$Qx1.r2Zz$GhYrcngrKAvoi2j2CbBz80", Password },
        { "apr1", "$apr1$aB$leex3l0jFXQvYCNMmkIkJ0", "Pässword with a length beyond sixteen bytes" },
        { "apr1", "$apr1$zzzzzzzz$2aE49d2bGyZ39jo3PVNEK0", "x" },
        { "ssha", "{SSHA}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz", Password },
        { "ssha", "{ssha}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz", Password },
        { "sha", "{SHA}dtboLnHhqiLik6ampUayFB31RtE=", Password },
        { "smd5", "{SMD5}Mb6A7uIZxwNzZfUIVsIaP0c0QE4=", Password },
        { "md5", "{MD5}E+b+tQp+ouY5aN4JBXEZZQ==", Password },
        { "ssha256", "{SSHA256}KkYx1dRxhlgJRNMgkZiI4w5/0tUJa4i+/L7umsd/LmwDQQFirn4/DA==", Password },
        { "ssha512", "{SSHA512}OVzx24hcuHW7T6Rbi4Exp/s3iO4SgJKOAlkDAxgEGQhv6b5dG5RaB806962RvqYH4P/dzpUJWOds0KnpuVvkpFCtkE83DJIP", Password },
        { "sha256", "a46f1fb7c6de38f80ce8924538bf85f4a09184d92578bb3ccc88cb13fddc819e", Password },
        { "sha", "76d6e82e71e1aa22e293a6a6a546b2141df546d1", Password },
        { "pbkdf2-sha1", "{PBKDF2-SHA1}2000$MDEyMzQ1Njc4OWFiY2RlZg$3v4ZaOhXcehh6BTZ/XAWgNnob0M", Password },
        { "pbkdf2-sha256", "{PBKDF2-SHA256}2000$MDEyMzQ1Njc4OWFiY2RlZg$CTXnjxjyWY5xOza4XCN.ykTjo1aO7S8lOPRKhoX5Rr8", Password },
        { "pbkdf2-sha512", "{PBKDF2-SHA512}2000$MDEyMzQ1Njc4OWFiY2RlZg$Tvt9m6mhu3SDnldlhFjq2yVQJg0Jnh8iEBqin/afIkXIfHklj/lfgrhXx1wxmhifYudWwuUbbw82X9Dwgs.SfQ", Password },
        { "des-crypt", "rl.3StKT.4T8M", "rasmuslerdorf" },
        { "des-crypt", "{CRYPT}abzFvPaxtZZmE", Password },
        { "md5-crypt", "$1$rasmusle$rISCgZzpwk3UhDidwXvin0", "rasmuslerdorf" },
        { "sha256-crypt", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!" },
        { "sha512-crypt", "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.", "Hello world!" },
        { "sha512-crypt", "{crypt}$6$rounds=20000$saltsalt$Zeb0hsvYBikBSFyqWWSpQkjC15MOLJ6Ig4Snj.NqqQce8Bf3r3kRFCpACKbvgfNIm8AJw6TH.O/Ee4w0oFa4Y.", Password },
        { "bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U" },
        { "bcrypt", "$2b$05$abcdefghijklmnopqrstuuKRq9dv2xCVjDMxL7KJk.d.zRm6kTE4G", Password },
        { "bcrypt", "$2y$05$abcdefghijklmnopqrstuuKRq9dv2xCVjDMxL7KJk.d.zRm6kTE4G", Password },
        { "yescrypt", "$y$j9T$abcdefghijklmnopqrstu.$bal.lnD2PaCxZBHWtTfFWB46Wa.5mfWaS/W.Oqkpjq3", Password },
        { "yescrypt", "$y$j75$abcdefghijklmnopqrstu.$rqAqGBs47mAfZxu1lGXuSd9QJ0YdWegMaF.pBT0rSI1", Password },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Verify_HashOfAnotherProgram_KnowsItsPasswordOnly(string kind, string text, string password)
    {
        var hash = Parse(text);

        hash.Kind.ShouldBe(kind);
        hash.Verify(Secret.FromText(password)).ShouldBeTrue();
        hash.Verify(Secret.FromText("X" + password)).ShouldBeFalse();
        hash.Verify(Secret.FromText(password.AsSpan(0, password.Length - 1))).ShouldBe(kind == "des-crypt" && password.Length > 9);
        hash.Verify(Secret.FromText(password.ToUpperInvariant() + "!")).ShouldBeFalse();

        // What is stored is read as the same hash again, and is no hash of ours.
        Parse(hash.Stored).Stored.ShouldBe(hash.Stored);
        Parse(hash.Stored).Verify(Secret.FromText(password)).ShouldBeTrue();
        PasswordHasher.IsOwn(hash.Stored).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Verify_PasswordWithNulOrOverlong_IsNeverRight(string kind, string text, string password)
    {
        var hash = Parse(text);

        // A C string would end at the NUL and be the right password.
        hash.Verify(Secret.FromUtf8([.. Encoding.UTF8.GetBytes(password), 0, (byte)'x'])).ShouldBeFalse(kind);
        hash.Verify(Secret.FromText(new string('a', Secret.MaxBytes))).ShouldBeFalse();
        hash.Verify(Secret.FromText("")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{CRYPT}", "empty")]
    [InlineData("!", "locked")]
    [InlineData("*", "locked")]
    [InlineData("*0", "locked")]
    [InlineData("!$6$saltsalt$HdyswKnTHLXKzojpSbP6bmenJQtT0MBEOloct6icPDlRcD2PCSEBuatIXi41WlXSS6V6Pq7I7HHVWzOQr1dfB.", "locked")]
    [InlineData("{CRYPT}!$6$saltsalt$", "locked")]
    [InlineData("{CRYPT}*", "locked")]
    [InlineData("{CRYPT}{CRYPT}x", "no hash of a kind")]
    [InlineData("plain text", "blanks")]
    [InlineData("plaintext", "no hash of a kind")]
    [InlineData("kennwört", "ASCII")]
    [InlineData("a\nb", "blanks")]
    [InlineData("{NONE}abc", "not known")]
    [InlineData("{SSHA", "not known")]
    [InlineData("{SSHA}", "base64")]
    [InlineData("{SSHA}!!!!", "base64")]
    [InlineData("{SSHA}dtboLnHhqiLik6ampUayFB31RtE=", "1 to 64 bytes of salt")]
    [InlineData("{SHA}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz", "20 bytes")]
    [InlineData("{SHA}", "20 bytes")]
    [InlineData("{PBKDF2-SHA512}1$$", "must be")]
    [InlineData("{PBKDF2-SHA512}0$MDEyMzQ1$MDEyMzQ1Njc4OWFiY2RlZg", "rounds")]
    [InlineData("{PBKDF2-SHA512}1000001$MDEyMzQ1$MDEyMzQ1Njc4OWFiY2RlZg", "rounds")]
    [InlineData("{PBKDF2-MD5}1000$MDEyMzQ1$MDEyMzQ1Njc4OWFiY2RlZg", "must be")]
    [InlineData("$apr1$$", "22 characters")]
    [InlineData("$apr1$123456789$GhYrcngrKAvoi2j2CbBz80", "at most 8")]
    [InlineData("$1$saltsalt$short", "cut off")]
    [InlineData("$5$rounds=999$saltsalt$lQDt9LSi1Yz6Jqx8PvAt80.90..Z0el4rAYrblG21KB", "rounds")]
    [InlineData("$6$rounds=1000001$saltsalt$HdyswKnTHLXKzojpSbP6bmenJQtT0MBEOloct6icPDlRcD2PCSEBuatIXi41WlXSS6V6Pq7I7HHVWzOQr1dfB.", "rounds")]
    [InlineData("$6$rounds=999999999999999999999$s$HdyswKnTHLXKzojpSbP6bmenJQtT0MBEOloct6icPDlRcD2PCSEBuatIXi41WlXSS6V6Pq7I7HHVWzOQr1dfB.", "rounds")]
    [InlineData("$6$rounds=-5000$s$HdyswKnTHLXKzojpSbP6bmenJQtT0MBEOloct6icPDlRcD2PCSEBuatIXi41WlXSS6V6Pq7I7HHVWzOQr1dfB.", "rounds")]
    [InlineData("$6$saltsalt$", "cut off")]
    [InlineData("$6$saltsaltsaltsalts$HdyswKnTHLXKzojpSbP6bmenJQtT0MBEOloct6icPDlRcD2PCSEBuatIXi41WlXSS6V6Pq7I7HHVWzOQr1dfB.", "cut off")]
    [InlineData("$2a$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "cost")]
    [InlineData("$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "cost")]
    [InlineData("$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "cost")]
    [InlineData("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "not known")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe", "cut off")]
    [InlineData("$y$jFT$abcdefghijklmnopqrstu.$bal.lnD2PaCxZBHWtTfFWB46Wa.5mfWaS/W.Oqkpjq3", "memory")]
    [InlineData("$y$jzz$abcdefghijklmnopqrstu.$bal.lnD2PaCxZBHWtTfFWB46Wa.5mfWaS/W.Oqkpjq3", "parameters")]
    [InlineData("$y$j9T/$abcdefghijklmnopqrstu.$bal.lnD2PaCxZBHWtTfFWB46Wa.5mfWaS/W.Oqkpjq3", "parameters")]
    [InlineData("$y$.9T$abcdefghijklmnopqrstu.$bal.lnD2PaCxZBHWtTfFWB46Wa.5mfWaS/W.Oqkpjq3", "parameters")]
    [InlineData("$7$CU..../....lkjsdflkj$abc", "not known")]
    [InlineData("_J9..rasmBYk8r9AiWNc", "no hash of a kind")]
    [InlineData("0123456789abcdef0123456789abcdef", "no hash of a kind")]
    [InlineData("$", "not known")]
    [InlineData("$$$$", "not known")]
    public void TryParse_WhatNobodyMayLogInWith_SaysWhy(string text, string part)
    {
        ForeignHash.TryParse(text, out var hash, out var fault).ShouldBeFalse();
        hash.ShouldBeNull();
        fault.ShouldNotBeNull().ShouldContain(part);

        // Kept in a row all the same, it lets nobody in.
        var hasher = new PasswordHasher(iterations: 2);
        hasher.Verify(Secret.FromText(text.Length == 0 ? "x" : text), text).ShouldBeFalse();
        hasher.KindOf(text).ShouldBe("unusable");
    }

    [Fact]
    public void TryParse_OverlongText_IsRefusedWithoutShowingIt()
    {
        ForeignHash.TryParse("$6$" + new string('a', ForeignHash.MaxLength), out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeNull().ShouldNotContain("aaaa");
    }

    [Theory]
    [InlineData("{SHA}dtboLnHhqiLik6ampUayFB31RtE=", true)]
    [InlineData("{SSHA}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz", true)]
    [InlineData("a46f1fb7c6de38f80ce8924538bf85f4a09184d92578bb3ccc88cb13fddc819e", true)]
    [InlineData("rl.3StKT.4T8M", true)]
    [InlineData("$apr1$Qx1.r2Zz$GhYrcngrKAvoi2j2CbBz80", true)]
    [InlineData("$2b$05$abcdefghijklmnopqrstuuKRq9dv2xCVjDMxL7KJk.d.zRm6kTE4G", false)]
    [InlineData("$y$j9T$abcdefghijklmnopqrstu.$bal.lnD2PaCxZBHWtTfFWB46Wa.5mfWaS/W.Oqkpjq3", false)]
    public void Weakness_FastHashes_IsSaid(string text, bool isWeak) => (Parse(text).Weakness is not null).ShouldBe(isWeak);

    // crypt() itself answers from one buffer for all threads.
    [Fact]
    public async Task Verify_EightThreads_NoneIsAnsweredForAnother()
    {
        (string Hash, string Password)[] pairs =
        [
            ("rl.3StKT.4T8M", "rasmuslerdorf"), ("abzFvPaxtZZmE", Password), ("$1$rasmusle$rISCgZzpwk3UhDidwXvin0", "rasmuslerdorf"),
            ("$5$saltsalt$lQDt9LSi1Yz6Jqx8PvAt80.90..Z0el4rAYrblG21KB", Password), ("$1$saltsalt$/uyG/eJArA45mOCYWFh410", Password),
        ];
        var wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 40; i++)
                {
                    var (text, password) = pairs[(i + thread) % pairs.Length];
                    var hash = Parse(text);
                    if (!hash.Verify(Secret.FromText(password)) || hash.Verify(Secret.FromText("Z" + password)))
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        wrong.ShouldBe(0);
    }

    private static ForeignHash Parse(string text) => ForeignHash.TryParse(text, out var hash, out var fault) ? hash : throw new ArgumentException(fault, nameof(text));
}
