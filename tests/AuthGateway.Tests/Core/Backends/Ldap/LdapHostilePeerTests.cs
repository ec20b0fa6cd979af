using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

/// <summary>A peer that answers in every way but a good one, at each step of a login: the verdict comes in time, lets nobody in, and costs nobody a failure.</summary>
public sealed class LdapHostilePeerTests : LdapBackendTestBase
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5); // the operation timeout of the options

    public static TheoryData<string, DirectoryRequest> Table
    {
        get
        {
            var table = new TheoryData<string, DirectoryRequest>();
            foreach (var how in new[] { "silent", "drip", "half", "half then closed", "closed", "garbage", "wrong message id", "huge claim", "notice", "busy", "trailing end" })
            {
                table.Add(how, DirectoryRequest.Search);
                table.Add(how, DirectoryRequest.Bind);
            }

            table.Add("huge entry", DirectoryRequest.Search);
            table.Add("referral", DirectoryRequest.Search);
            table.Add("not allowed", DirectoryRequest.Search);
            table.Add("referral", DirectoryRequest.Bind);
            table.Add("protocol error", DirectoryRequest.Bind);
            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Login_PeerThatMisbehaves_IsAnOutageInTimeAndCostsNothing(string how, DirectoryRequest at)
    {
        var backend = Build(Options(WithAlice().Address));
        if (at == DirectoryRequest.Bind)
        {
            await Found(backend); // the connection for searches is bound well
        }

        var ledger = new BackendChainTests.Ledger([]);
        Directory.On(at, Of(how));
        var began = Clock.GetTimestamp();
        var requests = Directory.Requests(at);
        var login = new BackendChain([new ChainLink(backend)])
            .VerifyAsync(BackendChainTests.Name("alice"), Secret.FromText(AlicePassword), "mail", ledger, CancellationToken.None).AsTask();
        await Directory.UntilAsync(directory => directory.Requests(at) > requests || login.IsCompleted);
        if (how is "silent" or "half" or "huge claim")
        {
            Clock.Advance(s_patience);
        }

        for (var seconds = 1; how == "drip" && seconds <= s_patience.TotalSeconds; seconds++)
        {
            login.IsCompleted.ShouldBeFalse();
            await Directory.UntilAsync(directory => directory.Dripped >= seconds);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        (await login.WaitAsync(Patience)).ShouldBeOfType<ChainAnswer.Unavailable>();

        Clock.GetElapsedTime(began).ShouldBeLessThanOrEqualTo(s_patience);
        ledger.Counted.ShouldBeEmpty();
        Directory.BindsAs(AliceDn).ShouldBeLessThanOrEqualTo(1, "a password is shown once");

        // Nothing of what was said, or is still being said, is taken for the answer to anybody else.
        Directory.On(at, Mischief.Honest);
        await Directory.DropConnectionsAsync();
        (await Verify(backend, await Found(backend), "wrong")).ShouldBeOfType<BackendAnswer.Rejected>();
        (await Verify(backend, await Found(backend), AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Theory]
    [InlineData(DirectoryRequest.Search)]
    [InlineData(DirectoryRequest.Bind)]
    public async Task Login_PeerThatDrips_IsNotAskedAgainOnThatConnection(DirectoryRequest at)
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        var accepted = Directory.Accepted;
        Directory.Once(at, Of("drip"));
        Task asked = at == DirectoryRequest.Bind ? Verify(backend, alice, AlicePassword) : Find(backend, "alice");
        for (var seconds = 1; seconds <= s_patience.TotalSeconds; seconds++)
        {
            await Directory.UntilAsync(directory => directory.Dripped >= seconds);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await asked;

        // Else whoever comes next would wait as long, behind half an answer.
        await Found(backend);
        Directory.Accepted.ShouldBeGreaterThan(accepted);
    }

    private Mischief Of(string how) => how switch
    {
        "silent" => Mischief.Silence,
        "drip" => Mischief.Drip(Clock, TimeSpan.FromSeconds(1)),
        "half" => Mischief.HalfAnswer,
        "half then closed" => Mischief.HalfAnswerThenClose,
        "closed" => Mischief.Close,
        "garbage" => Mischief.Garbage,
        "wrong message id" => Mischief.WrongMessageId,
        "huge claim" => Mischief.HugeClaim(2_000_000_000),
        "notice" => Mischief.NoticeOfDisconnection,
        "busy" => Mischief.Busy,
        "trailing end" => Mischief.Raw(0x30, 0x00),
        "huge entry" => Mischief.HugeEntry(2_000_000),
        "referral" => Mischief.Referral,
        "not allowed" => Mischief.Answer(50),
        "protocol error" => Mischief.Answer(2),
        _ => throw new ArgumentOutOfRangeException(nameof(how), how, null),
    };
}
