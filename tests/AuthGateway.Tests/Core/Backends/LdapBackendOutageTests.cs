using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends;

public sealed class LdapBackendOutageTests : LdapBackendTestBase
{
    [Fact] // LD-03
    public async Task Find_CertificateOfAnotherName_SendsNothing()
    {
        using var file = new PemFile(Certificate);
        await using var directory = new HostileDirectory(Certificate, isLdaps: true) { Entries = { Alice() } };
        var options = Options(directory.Address);
        options.CaFile = file.Path;
        options.TlsName = "other.bed.test";

        (await Find(Build(options), "alice")).ShouldBeOfType<BackendLookup.Unavailable>();

        (directory.Binds + directory.Searches).ShouldBe(0);
    }

    [Fact] // LD-03
    public async Task Find_CertificateOfAnUnknownAuthority_SendsNothing()
    {
        using var other = CreateCertificate(TlsName);
        using var file = new PemFile(other);
        await using var directory = new HostileDirectory(Certificate, isLdaps: true) { Entries = { Alice() } };
        var options = Options(directory.Address);
        options.CaFile = file.Path;
        options.TlsName = TlsName;

        (await Find(Build(options), "alice")).ShouldBeOfType<BackendLookup.Unavailable>();

        (directory.Binds + directory.Searches).ShouldBe(0);
    }

    [Fact] // LD-03
    public async Task Find_StartTlsRefused_SendsNoBind()
    {
        await using var directory = new HostileDirectory { Entries = { Alice() } };
        var options = Options(directory.Address);
        options.StartTls = true;

        (await Find(Build(options), "alice")).ShouldBeOfType<BackendLookup.Unavailable>();

        directory.Requests(DirectoryRequest.StartTls).ShouldBe(1);
        (directory.Binds + directory.Searches).ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Verify_OverTlsOfAPrivateAuthority_Works(bool isLdaps)
    {
        using var file = new PemFile(Certificate);
        WithAlice();
        await using var directory = new HostileDirectory(Certificate, isLdaps);
        directory.Entries.AddRange(Directory.Entries);
        var options = Options(directory.Address);
        options.StartTls = true;
        options.CaFile = file.Path;
        options.TlsName = TlsName;
        var backend = Build(options);

        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task Find_SilentServer_AsksTheNextOneAfterItsTime()
    {
        await using var silent = new HostileDirectory { Entries = { new FakeEntry(ServiceDn, ServicePassword) } };
        silent.On(DirectoryRequest.Search, Mischief.Silence);
        var find = Find(Build(Options(silent.Address, WithAlice().Address)), "alice");
        await silent.UntilAsync(directory => directory.Searches == 1);

        Clock.Advance(TimeSpan.FromSeconds(5));

        (await find).ShouldBeOfType<BackendLookup.Found>();
    }

    [Fact]
    public async Task Find_OnlyServerAcceptsAndIsSilent_IsAnOutageInTime()
    {
        await using var frozen = new HostileDirectory { IsFrozen = true };
        var find = Find(Build(Options(frozen.Address)), "alice");

        while (!find.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1)); // whichever deadline is armed by now
            await Task.Yield();
        }

        (await find).ShouldBeOfType<BackendLookup.Unavailable>();
    }

    [Fact]
    public async Task Verify_SilentServer_IsAnOutageAndTheSecretGoesToNoOther()
    {
        var first = WithAlice();
        await using var second = new HostileDirectory();
        second.Entries.AddRange(first.Entries);
        var backend = Build(Options(first.Address, second.Address));
        var alice = await Found(backend);
        first.On(DirectoryRequest.Bind, Mischief.Silence);
        var verify = Verify(backend, alice, AlicePassword);
        await first.UntilAsync(directory => directory.BindsAs(AliceDn) == 1);

        Clock.Advance(TimeSpan.FromSeconds(5));

        (await verify).ShouldBeOfType<BackendAnswer.Unavailable>().NothingCounted.ShouldBeFalse("the answer on its way may be a no");
        second.BindsAs(AliceDn).ShouldBe(0);
    }

    [Fact]
    public async Task Find_ServerGone_AsksTheNextOne()
    {
        var gone = new HostileDirectory();
        await gone.DisposeAsync();

        (await Find(Build(Options(gone.Address, WithAlice().Address)), "alice")).ShouldBeOfType<BackendLookup.Found>();
        (await Find(Build(Options(gone.Address)), "alice")).ShouldBeOfType<BackendLookup.Unavailable>();
    }

    [Fact]
    public async Task Find_ServerFailsAndComesBack_RestsIsTriedAndPreferredAgain()
    {
        var second = WithAlice();
        await using var first = new HostileDirectory();
        first.Entries.AddRange(second.Entries);
        first.On(DirectoryRequest.Search, Mischief.Busy);
        var backend = Build(Options(first.Address, second.Address));

        await Times(3);
        first.Searches.ShouldBe(3, "closed: asked every time");
        await Times(4);
        first.Searches.ShouldBe(3, "open: left alone");

        Clock.Advance(TimeSpan.FromSeconds(10));
        await Times(4);
        first.Searches.ShouldBe(4, "half-open: one trial, which failed");

        first.On(DirectoryRequest.Search, Mischief.Honest);
        Clock.Advance(TimeSpan.FromSeconds(9));
        await Times(1);
        first.Searches.ShouldBe(4, "open again for its full time");
        Clock.Advance(TimeSpan.FromSeconds(1));
        var asked = second.Searches;
        await Times(3);
        first.Searches.ShouldBe(7, "closed: preferred again");
        second.Searches.ShouldBe(asked);

        async Task Times(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await Found(backend);
            }
        }
    }

    [Fact]
    public async Task Find_EveryServerRests_IsAnOutageAtOnce()
    {
        var directory = WithAlice();
        directory.On(DirectoryRequest.Search, Mischief.Busy);
        var backend = Build(Options(directory.Address));
        for (var i = 0; i < 3; i++)
        {
            await Find(backend, "alice");
        }

        (await Find(backend, "alice")).ShouldBeOfType<BackendLookup.Unavailable>().Why.ShouldContain("resting");
        directory.Searches.ShouldBe(3);
    }

    [Fact]
    public async Task Find_UnusableAnswers_DoNotPutTheServerToRest()
    {
        var directory = WithAlice();
        var backend = Build(Options(directory.Address));
        for (var i = 0; i < 5; i++)
        {
            directory.Once(DirectoryRequest.Search, Mischief.HugeEntry(2_000_000));
            (await Find(backend, "alice")).ShouldBeOfType<BackendLookup.Unavailable>();
        }

        await Found(backend);
    }

    [Fact]
    public async Task Find_AfterARestartOfTheServer_Works()
    {
        var backend = Build(Options(WithAlice().Address));
        await Found(backend);

        await Directory.DropConnectionsAsync();

        await Found(backend);
    }

    [Fact]
    public async Task Disposed_Backend_IsAnOutage()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        await ((IAsyncDisposable)backend).DisposeAsync();

        (await Find(backend, "alice")).ShouldBeOfType<BackendLookup.Unavailable>();
        (await Verify(backend, alice, AlicePassword)).ShouldBe(new BackendAnswer.Unavailable("closed by a reload") { NothingCounted = true });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Verify_NobodyListensAnyMore_CannotHaveBeenCounted(bool isTemplate)
    {
        var backend = Build(isTemplate ? Template() : Options(WithAlice().Address));
        var alice = await Found(backend);
        await Directory.DisposeAsync();
        for (var i = 0; i < 4; i++) // at last it rests after failures
        {
            (await Verify(backend, alice, "wrong")).ShouldBeOfType<BackendAnswer.Unavailable>().NothingCounted.ShouldBeTrue();
        }
    }

    public static TheoryData<string, Mischief> Lost => new()
    {
        { "closes", Mischief.Close },
        { "garbage", Mischief.Garbage },
        { "notice", Mischief.NoticeOfDisconnection },
        { "busy", Mischief.Busy },
        { "unavailable", Mischief.Answer(52) }, // a proxy says so of a server behind it that may have counted
        { "policy", Mischief.AnswerWithControl(49, "1.3.6.1.4.1.42.2.27.8.5.1", [4]) },
    };

    [Theory]
    [MemberData(nameof(Lost))]
    public async Task Verify_AnswerToTheBindLost_MayHaveBeenCounted(string how, Mischief mischief)
    {
        foreach (var isTemplate in (bool[])[false, true])
        {
            Directory.Entries.RemoveAll(entry => entry.Dn == AliceDn);
            var backend = Build(isTemplate ? Template() : Options(WithAlice().Address));
            var alice = await Found(backend);
            Directory.Once(DirectoryRequest.Bind, Mischief.Honest);
            await Verify(backend, alice, AlicePassword); // its connection is kept
            var binds = Directory.BindsAs(AliceDn);
            Directory.Once(DirectoryRequest.Bind, mischief);

            (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>(how).NothingCounted.ShouldBeFalse(how);

            Directory.BindsAs(AliceDn).ShouldBe(binds + 1, how);
        }
    }

    [Fact]
    public async Task Verify_GroupsUnreadableBehindTheRightPassword_CannotHaveBeenCounted()
    {
        var options = Options(WithAlice().Address);
        options.GroupMembership = "member";
        var backend = Build(options);
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Search, Mischief.Close);

        (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Unavailable>().NothingCounted.ShouldBeTrue();
        (await Verify(backend, alice, "wrong")).ShouldBe(new BackendAnswer.Rejected());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Verify_TimeOverBeforeTheBind_CannotHaveBeenCounted(bool isTemplate)
    {
        var backend = Build(isTemplate ? Template() : Options(WithAlice().Address));
        var alice = await Found(backend);

        var answer = await backend.VerifyAsync(alice, Secret.FromText("wrong"), new CancellationToken(canceled: true));

        answer.ShouldBeOfType<BackendAnswer.Unavailable>().NothingCounted.ShouldBeTrue();
        Directory.BindsAs(AliceDn).ShouldBe(0);
    }

    [Fact]
    public async Task Verify_TimeOverDuringTheBind_MayHaveBeenCounted()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Bind, Mischief.Silence);
        using var deadline = new CancellationTokenSource();
        var verify = backend.VerifyAsync(alice, Secret.FromText("wrong"), deadline.Token).AsTask();
        await Directory.UntilAsync(directory => directory.BindsAs(AliceDn) == 1);

        await deadline.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(verify.WaitAsync(Patience));
    }

    private LdapBackendOptions Template()
    {
        WithAlice(Alice().With("objectClass", "person"));
        var options = Options(Directory.Address);
        options.SearchUser = options.SearchPassword = "";
        options.UserDnTemplate = "uid={0},ou=people,dc=bed,dc=test";
        return options;
    }

    private sealed class PemFile : IDisposable
    {
        public PemFile(X509Certificate2 certificate) => File.WriteAllText(Path, certificate.ExportCertificatePem());

        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"ca-{Guid.NewGuid():N}.pem");

        public void Dispose() => File.Delete(Path);
    }
}
