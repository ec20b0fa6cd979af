using AuthGateway.Core.Factors.Totp;
using AuthGateway.Storage;
using AuthGateway.Storage.Factors;
using AuthGateway.Storage.Protection;
using AuthGateway.TestKit.Stores;

namespace AuthGateway.Tests.Storage.Protection;

public sealed class ProtectionTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly ProtectedField Seed = new("totp_credential", "seed");

    private readonly TemporaryDatabase _file = new();
    private readonly Database _database;

    public ProtectionTests() => _database = _file.Open();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Open_FirstStart_MakesAKeyForItsOwnerOnly()
    {
        _file.OpenKey(_database);

        var key = new FileInfo(_file.KeyPath);
        (key.Length, key.UnixFileMode).ShouldBe((32, OwnerOnly));
        _file.Directory.GetFiles().ShouldNotContain(file => file.Name.EndsWith(".new", StringComparison.Ordinal));
    }

    [Fact]
    public void Open_LeftoverOfACrash_MakesAWholeKey()
    {
        File.WriteAllBytes(_file.KeyPath + ".new", [1, 2, 3]);

        _file.OpenKey(_database);

        File.ReadAllBytes(_file.KeyPath).Length.ShouldBe(32);
    }

    [Fact]
    public async Task Open_ManyAtOnce_AgreeOnOneKey()
    {
        var protectors = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _file.OpenKey(_database))));

        var box = protectors[0].Protect(Seed, "1", "text"u8);
        protectors.ShouldAllBe(protector => protector.Unprotect(Seed, "1", box) != null);
    }

    [Fact]
    public async Task Open_Again_ReadsWhatWasProtected()
    {
        await ProtectAsync();

        var again = _file.OpenKey(_database);

        (await new SqliteTotpStore(_database, () => again).ListAsync("ad:1", default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Open_KeyMissingAndNeeded_RefusesAndMakesNone()
    {
        await ProtectAsync();
        File.Delete(_file.KeyPath);

        Refusal().ShouldContain($"The key file {_file.KeyPath} is missing");
        File.Exists(_file.KeyPath).ShouldBeFalse();
    }

    [Fact]
    public async Task Open_AnotherKeyThanNeeded_Refuses()
    {
        await ProtectAsync();
        Write(new byte[32]);

        Refusal().ShouldContain("is not the one the second factors");
    }

    [Fact]
    public async Task Open_AnotherKeyAndNothingProtected_TakesIt()
    {
        await ProtectAsync();
        await new SqliteTotpStore(_database, () => throw new InvalidOperationException()).RemoveAllAsync("ad:1", default);
        Write(new byte[32]);

        _file.OpenKey(_database);
        File.Delete(_file.KeyPath);
        _file.OpenKey(_database);
        await ProtectAsync();
        _file.OpenKey(_database);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void Open_KeyOpenToOthers_RefusesWithRemedy(UnixFileMode open)
    {
        Write(new byte[32], OwnerOnly | open);

        Refusal().ShouldContain($"chmod 600 {_file.KeyPath}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Open_KeyOfAnotherLength_Refuses(int length)
    {
        Write(new byte[length]);

        Refusal().ShouldContain($"has {length} bytes; a key has 32");
    }

    [Fact]
    public void Open_LinkOrDirectory_Refuses()
    {
        var elsewhere = Path.Combine(_file.Directory.FullName, "elsewhere");
        File.WriteAllBytes(elsewhere, new byte[32]);
        File.SetUnixFileMode(elsewhere, OwnerOnly);
        File.CreateSymbolicLink(_file.KeyPath, elsewhere);
        Refusal().ShouldContain("symbolic link");

        File.Delete(_file.KeyPath);
        File.CreateSymbolicLink(_file.KeyPath, elsewhere + ".gone");
        Refusal().ShouldContain("symbolic link");

        File.Delete(_file.KeyPath);
        Directory.CreateDirectory(_file.KeyPath);
        Refusal().ShouldContain("is a directory");
    }

    [Fact]
    public void Open_PlaceThatCannotBeWritten_Refuses() => Should.Throw<MasterKeyRefusedException>(() => ProtectionOpening.Open(
        _database, "/proc/authgateway.key", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance)).Message.ShouldContain("cannot be made");

    [Fact]
    public void Unprotect_AnotherPlaceOrKeyOrByte_IsNull()
    {
        var protector = new FieldProtector(new MasterKey(new byte[32]));
        var box = protector.Protect(Seed, "1", "text"u8);

        protector.Unprotect(Seed, "1", box).ShouldBe("text"u8.ToArray());
        protector.Unprotect(Seed, "2", box).ShouldBeNull();
        protector.Unprotect(new ProtectedField("totp_credential", "label"), "1", box).ShouldBeNull();
        protector.Unprotect(new ProtectedField("other", "seed"), "1", box).ShouldBeNull();
        new FieldProtector(new MasterKey(Enumerable.Repeat((byte)7, 32).ToArray())).Unprotect(Seed, "1", box).ShouldBeNull();
        for (var i = 0; i < box.Length; i++)
        {
            var changed = box.ToArray();
            changed[i] ^= 1;
            protector.Unprotect(Seed, "1", changed).ShouldBeNull();
            protector.Unprotect(Seed, "1", box.AsSpan(0, i)).ShouldBeNull();
        }
    }

    [Fact]
    public void Protect_Twice_NeverGivesTheSame()
    {
        var protector = new FieldProtector(new MasterKey(new byte[32]));

        protector.Protect(Seed, "1", "text"u8).ShouldNotBe(protector.Protect(Seed, "1", "text"u8));
    }

    private string Refusal() => Should.Throw<MasterKeyRefusedException>(() => _file.OpenKey(_database)).Message;

    private void Write(byte[] key, UnixFileMode mode = OwnerOnly)
    {
        File.Delete(_file.KeyPath);
        File.WriteAllBytes(_file.KeyPath, key);
        File.SetUnixFileMode(_file.KeyPath, mode);
    }

    private async Task ProtectAsync()
    {
        var protector = _file.OpenKey(_database);
        var added = await new SqliteTotpStore(_database, () => protector).AddAsync(
            new TotpCredential
            {
                Id = Guid.NewGuid().ToString("N"),
                IdentityKey = "ad:1",
                Login = "anna",
                Label = "",
                Seed = TotpSeed.New(),
                Algorithm = TotpAlgorithm.Sha1,
                Digits = 6,
                CreatedAt = default,
                LastStep = 0,
            },
            5,
            default);
        added.ShouldBeTrue();
    }
}
