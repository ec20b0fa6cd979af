using System.Net;
using System.Net.Sockets;
using AuthGateway.Ldap;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Ldap;

public sealed class LdapConnectionTests : LdapTestBase, IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    public Task InitializeAsync() => Task.CompletedTask;

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    [Fact]
    public async Task Bind_RightAndWrongPassword_AreResults()
    {
        await using var connection = await ConnectAsync();
        var wrong = await connection.BindAsync(AnnaDn, "guess", Ct);
        wrong.Code.ShouldBe(LdapResultCode.InvalidCredentials);
        wrong.Diagnostic.ShouldContain("52e");
        (await connection.BindAsync(AnnaDn, AnnaPassword, Ct)).IsSuccess.ShouldBeTrue();
        Directory.BindsAs(AnnaDn).ShouldBe(2);
    }

    [Fact]
    public async Task Bind_EmptyPassword_IsNeverSent()
    {
        await using var connection = await ConnectAsync();
        await Should.ThrowAsync<ArgumentException>(connection.BindAsync(AnnaDn, "", Ct));
        await Should.ThrowAsync<ArgumentException>(connection.BindAsync("", "x", Ct));
        (await connection.BindAsync(AnnaDn, AnnaPassword, Ct)).IsSuccess.ShouldBeTrue();
        Directory.Binds.ShouldBe(1);
    }

    [Fact]
    public async Task Bind_AnswerWithControl_SurfacesIt()
    {
        Directory.Once(DirectoryRequest.Bind, Mischief.AnswerWithControl(49, "1.3.6.1.4.1.42.2.27.8.5.1", [0x30, 0x00]));
        await using var connection = await ConnectAsync();
        var controls = new[] { new LdapControl("1.3.6.1.4.1.42.2.27.8.5.1"), new LdapControl("1.2.3", IsCritical: true, [1, 2]) };
        var result = await connection.BindAsync(AnnaDn, "pw"u8.ToArray(), controls, Ct);
        var control = result.Controls.ShouldHaveSingleItem();
        control.Oid.ShouldBe("1.3.6.1.4.1.42.2.27.8.5.1");
        control.Value.ShouldBe([0x30, 0x00]);
    }

    [Fact]
    public async Task Bind_WhileASearchIsOutstanding_IsRefusedHere()
    {
        var gate = new TaskCompletionSource();
        Directory.Once(DirectoryRequest.Search, Mischief.After(gate.Task));
        await using var connection = await ConnectAsync();
        var search = connection.SearchAsync(AnnaSearch, Ct);
        await Should.ThrowAsync<InvalidOperationException>(connection.BindAsync(AnnaDn, AnnaPassword, Ct));
        gate.SetResult();
        (await search).Entries.Count.ShouldBe(1);
        Directory.Binds.ShouldBe(0);
    }

    [Fact]
    public async Task Search_OneMatch_BringsItsWantedAttributes()
    {
        await using var connection = await ConnectAsync();
        var outcome = await connection.SearchAsync(AnnaSearch, Ct);
        outcome.Result.Code.ShouldBe(LdapResultCode.Success);
        var entry = outcome.Entries.ShouldHaveSingleItem();
        entry.Dn.ShouldBe(AnnaDn);
        entry.GetString("UID").ShouldBe("anna");
        entry.GetStrings("mail").ShouldBe(["anna@bed.test", "a@bed.test"]);
        entry.GetBytes("uid").ShouldBe("anna"u8.ToArray());
        entry.GetString("secret").ShouldBeNull();
        entry.GetStrings("secret").ShouldBeEmpty();
    }

    [Fact]
    public async Task Search_ValueThatIsNoText_IsBytesOnly()
    {
        Directory.Entries[1].With("objectGUID", [0xff, 0x00, 0xfe]);
        await using var connection = await ConnectAsync();
        var outcome = await connection.SearchAsync(
            new LdapSearch("", LdapScope.Subtree, LdapFilter.Equal("objectGUID", [0xff, 0x00, 0xfe])), Ct);
        outcome.Entries[0].GetString("objectGUID").ShouldBeNull();
        outcome.Entries[0].GetBytes("objectGUID").ShouldBe([0xff, 0x00, 0xfe]);
    }

    [Fact]
    public async Task Search_MoreThanTheSizeLimit_BringsThoseAllowedAndCode4()
    {
        await using var connection = await ConnectAsync();
        var all = new LdapSearch("ou=people,dc=bed,dc=test", LdapScope.OneLevel, LdapFilter.Present("uid"));
        (await connection.SearchAsync(all, Ct)).Entries.Count.ShouldBe(2);
        var one = await connection.SearchAsync(all with { SizeLimit = 1, TimeLimit = TimeSpan.FromMilliseconds(1500) }, Ct);
        one.Result.Code.ShouldBe(LdapResultCode.SizeLimitExceeded);
        one.Entries.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Search_TwoEntriesWhereOneIs_BringsBothForTheCallerToRefuse()
    {
        Directory.On(DirectoryRequest.Search, Mischief.TwoEntries);
        await using var connection = await ConnectAsync();
        (await connection.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(2);
        await FailsAsync(LdapFailure.ProtocolError, connection.SearchAsync(AnnaSearch with { SizeLimit = 1 }, Ct));
        connection.IsDead.ShouldBeFalse();
    }

    [Fact]
    public async Task Search_Referral_IsCountedNotFollowed()
    {
        Directory.Once(DirectoryRequest.Search, Mischief.Referral);
        await using var connection = await ConnectAsync();
        var outcome = await connection.SearchAsync(AnnaSearch, Ct);
        outcome.Result.Code.ShouldBe(LdapResultCode.Referral);
        outcome.ReferencesIgnored.ShouldBe(1);
        Directory.Accepted.ShouldBe(1);
    }

    [Fact]
    public async Task Search_LongFormLengths_AreRead()
    {
        Directory.On(DirectoryRequest.Search, Mischief.LongFormLengths);
        await using var connection = await ConnectAsync();
        (await connection.SearchAsync(AnnaSearch, Ct)).Entries[0].GetString("mail").ShouldBe("anna@bed.test");
    }

    [Fact]
    public async Task Search_BusyServer_IsAResult()
    {
        Directory.On(DirectoryRequest.Search, Mischief.Busy);
        await using var connection = await ConnectAsync();
        (await connection.SearchAsync(AnnaSearch, Ct)).Result.Code.ShouldBe(LdapResultCode.Busy);
    }

    [Fact]
    public async Task Search_ManyAtOnce_EachGetsItsOwnAnswer()
    {
        await using var connection = await ConnectAsync();
        var bert = AnnaSearch with { Filter = LdapFilter.Equal("uid", "bert") };
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => connection.SearchAsync(i % 2 == 0 ? AnnaSearch : bert, Ct)));
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i].Entries.ShouldHaveSingleItem().GetString("uid").ShouldBe(i % 2 == 0 ? "anna" : "bert");
        }
    }

    [Fact]
    public async Task Search_EntryOverTheLimit_FailsAloneAndIsAbandoned()
    {
        Directory.Once(DirectoryRequest.Search, Mischief.HugeEntry(1024 * 1024));
        await using var connection = await ConnectAsync();
        await FailsAsync(LdapFailure.ProtocolError, connection.SearchAsync(AnnaSearch, Ct));
        (await connection.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
        await Directory.UntilAsync(d => d.Requests(DirectoryRequest.Abandon) == 1);
    }

    [Fact]
    public async Task Search_EntriesOverTheLimitAgainAndAgain_LateAnswersEndNothing()
    {
        await using var connection = await ConnectAsync();
        for (var i = 0; i < 50; i++)
        {
            Directory.Once(DirectoryRequest.Search, Mischief.HugeEntry(1024 * 1024));
            await FailsAsync(LdapFailure.ProtocolError, connection.SearchAsync(AnnaSearch, Ct));
            (await connection.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
        }

        await Directory.UntilAsync(d => d.Requests(DirectoryRequest.Abandon) == 50);
    }

    [Fact]
    public async Task Search_LargeEntryWithinTheLimit_IsRead()
    {
        Directory.Once(DirectoryRequest.Search, Mischief.HugeEntry(1000 * 1000));
        await using var connection = await ConnectAsync();
        (await connection.SearchAsync(AnnaSearch, Ct)).Entries[0].GetBytes("jpegPhoto")!.Length.ShouldBe(1000 * 1000);
        (await connection.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Search_Silence_TimesOutAndEndsTheConnection()
    {
        Directory.On(DirectoryRequest.Search, Mischief.Silence);
        await using var connection = await ConnectAsync(Hasty);
        await FailsAsync(LdapFailure.Timeout, connection.SearchAsync(AnnaSearch, Ct));
        connection.IsDead.ShouldBeTrue();
    }

    [Fact]
    public async Task Search_StuckHalfway_TimesOutAndIsAbandoned()
    {
        Directory.Once(DirectoryRequest.Search, Mischief.HalfAnswer);
        await using var connection = await ConnectAsync(Hasty);
        await FailsAsync(LdapFailure.Timeout, connection.SearchAsync(AnnaSearch, Ct));
        connection.IsDead.ShouldBeFalse();
        await Directory.UntilAsync(d => d.Requests(DirectoryRequest.Abandon) == 1);
    }

    [Fact]
    public async Task Search_Cancelled_IsAbandonedAndItsLateAnswerIgnored()
    {
        var gate = new TaskCompletionSource();
        Directory.Once(DirectoryRequest.Search, Mischief.After(gate.Task));
        await using var connection = await ConnectAsync();
        using var giveUp = new CancellationTokenSource();
        var search = connection.SearchAsync(AnnaSearch, giveUp.Token);
        await Directory.UntilAsync(d => d.Searches == 1);
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(search);
        await Directory.UntilAsync(d => d.Requests(DirectoryRequest.Abandon) == 1);
        gate.SetResult();
        (await connection.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
        connection.IsDead.ShouldBeFalse();
    }

    [Fact]
    public async Task Bind_Silence_TimesOutAndEndsTheConnection()
    {
        Directory.On(DirectoryRequest.Bind, Mischief.Silence);
        await using var connection = await ConnectAsync(Hasty);
        await FailsAsync(LdapFailure.Timeout, connection.BindAsync(AnnaDn, AnnaPassword, Ct));
        connection.IsDead.ShouldBeTrue();
        await FailsAsync(LdapFailure.ConnectionLost, connection.BindAsync(AnnaDn, AnnaPassword, Ct));
        Directory.Binds.ShouldBe(1);
    }

    public static TheoryData<string, Mischief> Nonsense => new()
    {
        { "garbage", Mischief.Garbage },
        { "wrong message number", Mischief.WrongMessageId },
        { "claim of 2 GiB", Mischief.HugeClaim(0x7fff_ffff) },
        { "claim of 4 GiB", Mischief.HugeClaim(0xffff_ffff) },
        { "claim beyond 16 MiB", Mischief.HugeClaim(17 * 1024 * 1024) },
        { "indefinite length", Mischief.Raw(0x30, 0x80, 0x02, 0x01, 0x02) },
        { "empty message", Mischief.Raw(0x30, 0x00) },
        { "length beyond the message", Mischief.Raw(0x30, 0x05, 0x02, 0x01, 0x02, 0x61, 0x7f) },
        { "bind answer to a search and the other way round", Mischief.Raw(0x30, 0x05, 0x02, 0x01, 0x02, 0x6f, 0x00) },
        { "truncated result", Mischief.Raw(0x30, 0x08, 0x02, 0x01, 0x02, 0x61, 0x03, 0x0a, 0x01, 0x00) },
        { "unsolicited message", Mischief.Raw(0x30, 0x05, 0x02, 0x01, 0x00, 0x64, 0x00) },
    };

    [Theory]
    [MemberData(nameof(Nonsense), DisableDiscoveryEnumeration = true)]
    public async Task Any_Nonsense_FailsEveryoneAndEndsTheConnection(string what, Mischief mischief)
    {
        what.ShouldNotBeEmpty();
        Directory.Once(DirectoryRequest.Search, Mischief.Silence);
        Directory.Once(DirectoryRequest.Search, mischief);
        await using var connection = await ConnectAsync();
        var bystander = connection.SearchAsync(AnnaSearch, Ct);
        await Directory.UntilAsync(d => d.Searches == 1);
        await FailsAsync(LdapFailure.ProtocolError, connection.SearchAsync(AnnaSearch, Ct));
        await FailsAsync(LdapFailure.ProtocolError, bystander);
        connection.IsDead.ShouldBeTrue();
        await FailsAsync(LdapFailure.ConnectionLost, connection.SearchAsync(AnnaSearch, Ct));
    }

    [Fact]
    public async Task Bind_AnsweredAsASearch_IsNoSuccess()
    {
        Directory.On(DirectoryRequest.Bind, Mischief.Raw(0x30, 0x0c, 0x02, 0x01, 0x02, 0x65, 0x07, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00));
        await using var connection = await ConnectAsync();
        await FailsAsync(LdapFailure.ProtocolError, connection.BindAsync(AnnaDn, "guess", Ct));
    }

    [Fact]
    public async Task Any_NoticeOfDisconnection_TellsItsCode()
    {
        Directory.On(DirectoryRequest.Search, Mischief.NoticeOfDisconnection);
        await using var connection = await ConnectAsync();
        var failure = await FailsAsync(LdapFailure.ConnectionLost, connection.SearchAsync(AnnaSearch, Ct));
        failure.ResultCode.ShouldBe(LdapResultCode.Unavailable);
        connection.IsDead.ShouldBeTrue();
    }

    [Fact]
    public async Task Any_ServerCloses_FailsAllOutstandingAtOnce()
    {
        Directory.On(DirectoryRequest.Search, Mischief.Silence);
        await using var connection = await ConnectAsync();
        var searches = Enumerable.Range(0, 20).Select(_ => connection.SearchAsync(AnnaSearch, Ct)).ToList();
        await Directory.UntilAsync(d => d.Searches == 20);
        await Directory.DropConnectionsAsync();
        foreach (var search in searches)
        {
            (await FailsAsync(LdapFailure.ConnectionLost, search)).AnswerBegan.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Search_ClosedHalfway_SaysThatTheAnswerHadBegun()
    {
        Directory.On(DirectoryRequest.Search, Mischief.HalfAnswerThenClose);
        await using var connection = await ConnectAsync();
        (await FailsAsync(LdapFailure.ConnectionLost, connection.SearchAsync(AnnaSearch, Ct))).AnswerBegan.ShouldBeTrue();
    }

    [Fact]
    public async Task Any_CloseAfterSomeMessages_IsNoticed()
    {
        Directory.CloseAfter = 2;
        await using var connection = await ConnectAsync();
        await connection.SearchAsync(AnnaSearch, Ct);
        await connection.SearchAsync(AnnaSearch, Ct);
        await FailsAsync(LdapFailure.ConnectionLost, connection.SearchAsync(AnnaSearch, Ct));
    }

    [Fact]
    public async Task Unbind_Open_TellsTheServer()
    {
        var connection = await ConnectAsync();
        await connection.UnbindAsync(Ct);
        connection.IsDead.ShouldBeTrue();
        await Directory.UntilAsync(d => d is { Open: 0 } && d.Requests(DirectoryRequest.Unbind) == 1);
        await FailsAsync(LdapFailure.ConnectionLost, connection.SearchAsync(AnnaSearch, Ct));
    }

    [Fact]
    public async Task Connect_NobodyListens_IsConnectFailed()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        LdapEndpoint.TryParse($"ldap://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}", out var nobody, out _).ShouldBeTrue();
        await FailsAsync(LdapFailure.ConnectFailed, LdapConnection.ConnectAsync(nobody!, Plain, Patient, TimeProvider.System, Ct));
    }

    [Fact]
    public async Task Connect_Cancelled_IsACancellation()
    {
        Start(Certificate).IsFrozen = true;
        using var giveUp = new CancellationTokenSource();
        var connecting = LdapConnection.ConnectAsync(Endpoint, Trusting, Patient, TimeProvider.System, giveUp.Token);
        await Directory.UntilAsync(d => d.Accepted == 1);
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(connecting);
    }
}
