using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;

namespace AuthGateway.Tests.Core.Login;

public sealed class LoginPlaceTests
{
    private readonly LoginBed _bed = new();

    [Fact]
    public async Task Prove_StrangersLockTheAccount_TheOwnerGetsInWhereSheIsKnown()
    {
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
        await _bed.GuessAsync(5, LoginBed.Away);

        (await _bed.TryAsync(LoginBed.Right, "203.0.113.9")).ShouldBe("account-locked");
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed", "from the cache");
        _bed.Clock.Advance(TimeSpan.FromMinutes(3));
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed", "by the directory");
        (await _bed.FailuresAsync("user:")).ShouldBe(5, "her success does not forgive strangers");
    }

    [Fact]
    public async Task Prove_ThousandGuessesFromFiftyAddresses_ThePhoneGoesOn()
    {
        (await _bed.TryAsync(_bed.Request(LoginBed.Right, device: "PHONE1"))).ShouldBe("allowed");
        for (var i = 0; i < 1000; i++)
        {
            await _bed.TryAsync($"guess {i}", $"198.51.100.{i % 50}");
            if (i % 100 == 0)
            {
                _bed.Clock.Advance(TimeSpan.FromMinutes(2));
                (await _bed.TryAsync(_bed.Request(LoginBed.Right, device: "PHONE1"))).ShouldBe("allowed");
            }
        }
    }

    [Fact]
    public async Task Prove_WrongFromAFamiliarPlace_CountsThereAloneAndLocksItAtItsOwnLimit()
    {
        await _bed.TryAsync(LoginBed.Right);
        await _bed.GuessAsync(10, LoginBed.Home);

        (await _bed.FailuresAsync("user:")).ShouldBe(0);
        (await _bed.FailuresAsync("place:ad:1:")).ShouldBe(10);
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("account-locked", "the cached login is judged by its place too");
        (await _bed.TryAsync(LoginBed.Right, LoginBed.Away)).ShouldBe("allowed");
    }

    /// <summary>An invented device id, or a copied one elsewhere, is worth nothing; a certificate is a place wherever it is.</summary>
    [Theory]
    [InlineData("192.0.2.200", null, null, true)]
    [InlineData("192.0.2.200", "OTHER", null, true)]
    [InlineData("192.0.3.1", null, null, false)]
    [InlineData("192.0.3.1", "PHONE1", null, false)]
    [InlineData("192.0.3.1", null, "AA", false)]
    public async Task Prove_Network_IsFamiliarWithWhateverDeviceButNotElsewhere(string from, string? device, string? certificate, bool familiar)
    {
        await _bed.TryAsync(LoginBed.Right);
        await _bed.TryAsync(_bed.Request("wrong", from, device: device, certificate: certificate));

        (await _bed.FailuresAsync("place:")).ShouldBe(familiar ? 1 : 0);
        (await _bed.FailuresAsync("user:")).ShouldBe(familiar ? 0 : 1);
    }

    [Theory]
    [InlineData("192.0.2.9", "PHONE1", null, true)]
    [InlineData("192.0.2.9", "PHONE2", null, false)]
    [InlineData("192.0.2.9", null, null, false)]
    [InlineData("203.0.113.5", "PHONE1", null, false)]
    [InlineData("203.0.113.5", null, "CERT", true)]
    [InlineData("203.0.113.5", null, "CERT2", false)]
    public async Task Prove_DeviceOrCertificate_IsFamiliarByItself(string from, string? device, string? certificate, bool familiar)
    {
        await _bed.TryAsync(_bed.Request(LoginBed.Right, device: "PHONE1"));
        await _bed.TryAsync(_bed.Request(LoginBed.Right, "198.51.100.1", certificate: "CERT"));
        await _bed.TryAsync(_bed.Request("wrong", from, device: device, certificate: certificate));

        (await _bed.FailuresAsync("place:")).ShouldBe(familiar ? 1 : 0);
    }

    /// <summary>As a <c>UserDnTemplate</c> backend: it counts by the name typed, and knows the entry only after the password.</summary>
    [Fact]
    public async Task Prove_CountedUnderAnotherIdentity_HasFamiliarPlacesAllTheSame()
    {
        var entry = CountByDn();
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
        await _bed.GuessAsync(5, LoginBed.Away);

        (await _bed.TryAsync(LoginBed.Right, "203.0.113.9")).ShouldBe("account-locked");
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed", "from the cache");
        _bed.Clock.Advance(TimeSpan.FromMinutes(3));
        (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed", "by the directory");
        _bed.Guard.IsShutOut(entry, _bed.Request("x", LoginBed.Away).Place, _bed.Lockout).ShouldBeTrue();
        _bed.Guard.IsShutOut(entry, _bed.Request("x").Place, _bed.Lockout).ShouldBeFalse();
        (await _bed.Guard.CounterOfAsync(entry, _bed.Request("x", LoginBed.Away).Place, _bed.Lockout, default)).ShouldBe(LockoutKey.ForUser(_bed.Directory.Identity));
    }

    [Fact]
    public async Task Forget_CountedUnderAnotherIdentity_ForgetsRefusalsAndOldProofs()
    {
        var entry = CountByDn();
        await _bed.TryAsync(LoginBed.Right);
        await _bed.TryAsync("new");
        _bed.Password = "new";
        _bed.Flow.Forget(entry.Key);
        (await _bed.TryAsync("new")).ShouldBe("allowed");
        _bed.Password = "newer";
        (await _bed.TryAsync("newer", LoginBed.Away)).ShouldBe("allowed");

        (await _bed.TryAsync("new")).ShouldBe("wrong-password", "the newer one has ended it");
    }

    private UserIdentity CountByDn()
    {
        var entry = new UserIdentity("ad", "entry", "alice", null, null, [], []);
        _bed.Directory.Check = (secret, _) => Task.FromResult<BackendAnswer?>(
            secret.FixedTimeEquals(Secret.FromText(_bed.Password)) ? new BackendAnswer.Accepted(entry) : null);
        return entry;
    }

    [Fact]
    public async Task Prove_RightButNotComplete_MakesNoPlaceFamiliar()
    {
        var proven = (await _bed.SendAsync(_bed.Request(LoginBed.Right))).ShouldBeOfType<LoginResult.Proven>();
        await proven.Attempt.ReleaseAsync(default);
        await _bed.TryAsync("wrong");

        (await _bed.FailuresAsync("user:")).ShouldBe(1);
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(31, false)]
    public async Task Prove_PlaceNotSeenForLong_IsStrangeAgain(int days, bool familiar)
    {
        await _bed.TryAsync(LoginBed.Right);
        _bed.Clock.Advance(TimeSpan.FromDays(days));
        await _bed.TryAsync("wrong");

        (await _bed.FailuresAsync("place:")).ShouldBe(familiar ? 1 : 0);
    }

    [Fact]
    public async Task Prove_FamiliarPlace_IsWrittenDownOnceADay()
    {
        await _bed.TryAsync(LoginBed.Right);
        for (var i = 0; i < 5; i++)
        {
            _bed.Clock.Advance(TimeSpan.FromMinutes(3));
            var before = _bed.Store.Writes;
            (await _bed.TryAsync(LoginBed.Right)).ShouldBe("allowed");
            (_bed.Store.Writes - before).ShouldBe(2, "charged once and taken back once");
        }
    }

    [Fact]
    public async Task Prove_AnotherProcessKnowsThePlace_SoDoesThisOneSoon()
    {
        await _bed.TryAsync("wrong");
        var other = new FamiliarPlaces(_bed.Store, _bed.Clock);
        await other.RememberAsync(_bed.Directory.Identity, _bed.Request("x").Place, _bed.Lockout, default);
        _bed.Clock.Advance(TimeSpan.FromMinutes(1));
        await _bed.TryAsync("wrong too");

        (await _bed.FailuresAsync("place:")).ShouldBe(1);
    }

    [Fact]
    public async Task Prove_ManySlash64OfOneSlash48_AreShutOutTogether()
    {
        for (var i = 0; i < 100; i++)
        {
            await _bed.TryAsync(_bed.Request("spray", $"2001:db8:1:{i:x}::1", $"user{i}"));
        }

        (await _bed.TryAsync(LoginBed.Right, "2001:db8:1:ffff::1")).ShouldBe("address-locked");
        (await _bed.TryAsync(LoginBed.Right, "2001:db8:2::1")).ShouldBe("allowed");
        _bed.Audit.Records.Single(record => record.Reason == "address-locked").Event.ShouldBe("spray");
    }

    /// <summary>LO-04: who looks for anybody with a certain password is called so; one user's phones and an office's slips are not.</summary>
    [Theory]
    [InlineData(1, "lockout")]
    [InlineData(4, "lockout")]
    [InlineData(20, "spray")]
    public async Task Prove_AddressReachesItsLimit_TheRecordSaysOverHowManyNames(int names, string expected)
    {
        for (var i = 0; i < 20; i++)
        {
            await _bed.TryAsync(_bed.Request($"guess {i}", LoginBed.Away, $"user{i % names}"));
        }

        // An account that is locked before has its own record.
        var record = _bed.Audit.Records.Single(record => record.Reason == "address-locked");
        record.Event.ShouldBe(expected);
        record.Detail.ShouldNotBeNull().ShouldStartWith(names == 1 ? "20 failures; locked until" : $"20 failures of {names} names; locked until");
    }

    [Fact]
    public async Task Prove_LogOnly_WritesLocksDownAndStopsNobody()
    {
        var bed = new LoginBed(new LockoutOptions { Mode = "log-only" });
        await bed.GuessAsync(30, LoginBed.Away);

        (await bed.TryAsync(LoginBed.Right, LoginBed.Away)).ShouldBe("allowed");
        bed.Directory.Verifies.ShouldBe(31);
        bed.Audit.Records.Where(record => record.Event == "lockout").Select(record => (record.Reason, record.Verdict)).ShouldBe(
            [("account-locked", "allow"), ("address-locked", "allow")]);
    }

    [Fact]
    public async Task Prove_WrongPassword_IsOneTransaction()
    {
        await _bed.TryAsync("wrong");
        _bed.Store.Writes.ShouldBe(1);
    }
}
