using AuthGateway.Ldap;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Ldap;

public sealed class LdapConnectionPoolTests : LdapTestBase, IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly LdapPoolOptions AsService = new() { ServiceDn = ServiceDn, ServicePassword = ServicePassword, SharedConnections = 1 };
    private LdapConnectionPool? _pool;

    public Task InitializeAsync() => Task.CompletedTask;

    async Task IAsyncLifetime.DisposeAsync()
    {
        if (_pool is not null)
        {
            await _pool.DisposeAsync();
        }

        await DisposeAsync();
    }

    private LdapConnectionPool Pool(LdapPoolOptions? options = null, LdapLimits? limits = null, TimeProvider? time = null) =>
        _pool = new LdapConnectionPool(Endpoint, Plain, limits ?? Patient, options ?? AsService, time ?? TimeProvider.System);

    [Fact]
    public async Task Search_ManyAtOnce_BindsTheServiceOncePerConnection()
    {
        Directory.RequiresBind = true;
        var pool = Pool(AsService with { SharedConnections = 2 });
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => pool.SearchAsync(AnnaSearch, Ct)));
        outcomes.ShouldAllBe(outcome => outcome.Entries.Count == 1);
        (Directory.Accepted, Directory.BindsAs(ServiceDn)).ShouldBe((2, 2));
    }

    [Fact]
    public async Task Search_Anonymous_SendsNoBind()
    {
        var pool = Pool(new LdapPoolOptions());
        (await pool.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
        Directory.Binds.ShouldBe(0);
    }

    [Fact]
    public async Task Search_ServiceRefused_SaysSoAndIsNotRepeated()
    {
        var pool = Pool(AsService with { ServicePassword = "old" });
        var failure = await FailsAsync(LdapFailure.ServiceBindRefused, pool.SearchAsync(AnnaSearch, Ct));
        failure.ResultCode.ShouldBe(LdapResultCode.InvalidCredentials);
        (Directory.Binds, Directory.Searches).ShouldBe((1, 0));
    }

    [Fact]
    public async Task Search_KeptConnectionDies_IsTriedOnceOnANewOne()
    {
        var pool = Pool();
        await pool.SearchAsync(AnnaSearch, Ct);
        Directory.Once(DirectoryRequest.Search, Mischief.Close);
        (await pool.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
        (Directory.Accepted, Directory.Searches).ShouldBe((2, 3));

        Directory.On(DirectoryRequest.Search, Mischief.Close);
        await FailsAsync(LdapFailure.ConnectionLost, pool.SearchAsync(AnnaSearch, Ct));
        (Directory.Accepted, Directory.Searches).ShouldBe((3, 5));
    }

    [Fact]
    public async Task Search_NewConnectionDies_IsNotRepeated()
    {
        Directory.On(DirectoryRequest.Search, Mischief.Close);
        await FailsAsync(LdapFailure.ConnectionLost, Pool().SearchAsync(AnnaSearch, Ct));
        Directory.Searches.ShouldBe(1);
    }

    [Fact]
    public async Task Search_DiesInsideTheAnswer_IsNotRepeated()
    {
        var pool = Pool();
        await pool.SearchAsync(AnnaSearch, Ct);
        Directory.Once(DirectoryRequest.Search, Mischief.HalfAnswerThenClose);
        await FailsAsync(LdapFailure.ConnectionLost, pool.SearchAsync(AnnaSearch, Ct));
        Directory.Searches.ShouldBe(2);
    }

    [Fact]
    public async Task Search_ServerRestarted_GoesOn()
    {
        var pool = Pool();
        await pool.SearchAsync(AnnaSearch, Ct);
        await Directory.DropConnectionsAsync();
        (await pool.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Search_FirstCallerGivesUpWhileConnecting_OthersAreServed()
    {
        var gate = new TaskCompletionSource();
        Directory.Once(DirectoryRequest.Bind, Mischief.After(gate.Task));
        var pool = Pool();
        using var giveUp = new CancellationTokenSource();
        var first = pool.SearchAsync(AnnaSearch, giveUp.Token);
        var second = pool.SearchAsync(AnnaSearch, Ct);
        await Directory.UntilAsync(d => d.Binds == 1);
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        gate.SetResult();
        (await second).Entries.Count.ShouldBe(1);
        Directory.Accepted.ShouldBe(1);
    }

    [Fact]
    public async Task Bind_OneAfterAnother_UseOneConnection()
    {
        var pool = Pool();
        (await pool.BindAsync(AnnaDn, "guess", Ct)).Code.ShouldBe(LdapResultCode.InvalidCredentials);
        (await pool.BindAsync(AnnaDn, AnnaPassword, Ct)).IsSuccess.ShouldBeTrue();
        (Directory.Accepted, Directory.BindsAs(AnnaDn), Directory.BindsAs(ServiceDn)).ShouldBe((1, 2, 0));
    }

    [Fact]
    public async Task Bind_EmptyPassword_LeavesNothing()
    {
        await Should.ThrowAsync<ArgumentException>(Pool().BindAsync(AnnaDn, "", Ct));
        Directory.Accepted.ShouldBe(0);
    }

    [Fact]
    public async Task Bind_WrongPasswordOnAKeptConnection_IsSentOnce()
    {
        var pool = Pool();
        await pool.BindAsync(AnnaDn, AnnaPassword, Ct);
        Directory.On(DirectoryRequest.Bind, Mischief.Answer(49, "data 775"));
        (await pool.BindAsync(AnnaDn, AnnaPassword, Ct)).Code.ShouldBe(LdapResultCode.InvalidCredentials);
        Directory.BindsAs(AnnaDn).ShouldBe(2);
    }

    [Fact]
    public async Task Bind_KeptConnectionClosedMeanwhile_IsSentOnceOnANewOne()
    {
        var pool = Pool();
        for (var restarts = 1; restarts <= 20; restarts++)
        {
            await pool.BindAsync(AnnaDn, AnnaPassword, Ct);
            await Directory.DropConnectionsAsync();
            var progress = new LdapBindProgress();
            (await pool.BindAndSearchAsync(AnnaDn, AnnaPassword, [], null, progress, Ct)).Bind.IsSuccess.ShouldBeTrue();
            progress.NothingCounted.ShouldBeTrue();
            Directory.BindsAs(AnnaDn).ShouldBe(2 * restarts);
        }
    }

    [Fact]
    public async Task Bind_KeptConnectionDiesBehindTheRequest_IsNotSentAgain()
    {
        var pool = Pool();
        await pool.BindAsync(AnnaDn, AnnaPassword, Ct);
        Directory.Once(DirectoryRequest.Bind, Mischief.Close);
        var progress = new LdapBindProgress();

        await FailsAsync(LdapFailure.ConnectionLost, pool.BindAndSearchAsync(AnnaDn, "guess", [], null, progress, Ct));

        Directory.BindsAs(AnnaDn).ShouldBe(2, "the answer lost may have been a no, and a second bind a second failure");
        progress.NothingCounted.ShouldBeFalse();
        (await pool.BindAsync(AnnaDn, AnnaPassword, Ct)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Bind_NobodyListens_WasNotSent()
    {
        var pool = Pool();
        await Directory.DisposeAsync();
        var progress = new LdapBindProgress();

        await FailsAsync(LdapFailure.ConnectFailed, pool.BindAndSearchAsync(AnnaDn, AnnaPassword, [], null, progress, Ct));

        progress.NothingCounted.ShouldBeTrue();
    }

    [Fact]
    public async Task Bind_Garbage_IsNotRepeated()
    {
        var pool = Pool();
        await pool.BindAsync(AnnaDn, AnnaPassword, Ct);
        Directory.Once(DirectoryRequest.Bind, Mischief.Garbage);
        await FailsAsync(LdapFailure.ProtocolError, pool.BindAsync(AnnaDn, AnnaPassword, Ct));
        Directory.BindsAs(AnnaDn).ShouldBe(2);
        (await pool.BindAsync(AnnaDn, AnnaPassword, Ct)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Bind_Silence_TimesOutOnceAndDropsTheOldConnections()
    {
        var gate = new TaskCompletionSource();
        var pool = Pool(limits: Hasty with { OperationTimeout = TimeSpan.FromSeconds(1) });
        Directory.Once(DirectoryRequest.Bind, Mischief.After(gate.Task));
        var first = pool.BindAsync(AnnaDn, AnnaPassword, Ct);
        await Directory.UntilAsync(d => d.Binds == 1);
        await pool.BindAsync(AnnaDn, AnnaPassword, Ct);
        gate.SetResult();
        await first;
        Directory.Accepted.ShouldBe(2);

        Directory.Once(DirectoryRequest.Bind, Mischief.Silence);
        await FailsAsync(LdapFailure.Timeout, pool.BindAsync(AnnaDn, AnnaPassword, Ct));
        Directory.Binds.ShouldBe(3);
        await Directory.UntilAsync(d => d.Open == 0);
        (await pool.BindAsync(AnnaDn, AnnaPassword, Ct)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Bind_MoreThanThereIsRoomFor_WaitAndNeverExceedTheBound()
    {
        var gate = new TaskCompletionSource();
        Directory.On(DirectoryRequest.Bind, Mischief.After(gate.Task));
        var pool = Pool(AsService with { ExclusiveConnections = 3 });
        var binds = Enumerable.Range(0, 12).Select(_ => pool.BindAsync(AnnaDn, AnnaPassword, Ct)).ToList();
        await Directory.UntilAsync(d => d.Binds == 3);
        using var giveUp = new CancellationTokenSource();
        var impatient = pool.BindAsync(AnnaDn, AnnaPassword, giveUp.Token);
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient);
        Directory.Binds.ShouldBe(3);
        gate.SetResult();
        (await Task.WhenAll(binds)).ShouldAllBe(result => result.IsSuccess);
        (Directory.Accepted, Directory.Binds).ShouldBe((3, 12));
    }

    [Fact]
    public async Task BindAndSearch_RightPassword_SearchesAsTheUser()
    {
        Directory.RequiresBind = true;
        var pool = Pool();
        var own = new LdapSearch(AnnaDn, LdapScope.Base, LdapFilter.Present("uid"));
        var (bind, search) = await pool.BindAndSearchAsync(AnnaDn, AnnaPassword, [], own, new LdapBindProgress(), Ct);
        bind.IsSuccess.ShouldBeTrue();
        search!.Entries.ShouldHaveSingleItem().Dn.ShouldBe(AnnaDn);
        (bind, search) = await pool.BindAndSearchAsync(AnnaDn, "guess", [], own, new LdapBindProgress(), Ct);
        (bind.Code, search).ShouldBe((LdapResultCode.InvalidCredentials, null));
        Directory.Searches.ShouldBe(1);
    }

    [Fact]
    public async Task BindAndSearch_DiesBehindTheBind_IsNotBoundAgain()
    {
        var pool = Pool();
        await pool.BindAsync(AnnaDn, AnnaPassword, Ct);
        Directory.On(DirectoryRequest.Search, Mischief.Close);
        await FailsAsync(LdapFailure.ConnectionLost, pool.BindAndSearchAsync(AnnaDn, AnnaPassword, [], AnnaSearch, new LdapBindProgress(), Ct));
        Directory.BindsAs(AnnaDn).ShouldBe(2);
    }

    [Fact]
    public async Task Idle_ForLongEnough_IsClosed()
    {
        var clock = new HandClock();
        var pool = Pool(AsService with { IdleTimeout = TimeSpan.FromMinutes(1) }, time: clock);
        await pool.SearchAsync(AnnaSearch, Ct);
        await pool.BindAsync(AnnaDn, AnnaPassword, Ct);
        clock.Advance(TimeSpan.FromSeconds(59));
        Directory.Open.ShouldBe(2);
        clock.Advance(TimeSpan.FromSeconds(2));
        await Directory.UntilAsync(d => d.Open == 0 && d.Requests(DirectoryRequest.Unbind) == 2);
        (await pool.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
        Directory.BindsAs(ServiceDn).ShouldBe(2);
    }

    [Fact]
    public async Task Dispose_WithKeptConnections_ClosesThemAndRefusesMore()
    {
        var pool = Pool();
        await pool.SearchAsync(AnnaSearch, Ct);
        await pool.BindAsync(AnnaDn, AnnaPassword, Ct);
        await pool.DisposeAsync();
        await Directory.UntilAsync(d => d.Open == 0);
        await Should.ThrowAsync<ObjectDisposedException>(() => pool.SearchAsync(AnnaSearch, Ct));
        await Should.ThrowAsync<ObjectDisposedException>(() => pool.BindAsync(AnnaDn, AnnaPassword, Ct));
    }

    [Fact]
    public void Options_OutOfBounds_Throw()
    {
        Should.Throw<ArgumentException>(() => Pool(AsService with { SharedConnections = 0 }));
        Should.Throw<ArgumentException>(() => Pool(AsService with { ExclusiveConnections = 0 }));
        Should.Throw<ArgumentException>(() => Pool(AsService with { SharedConnections = 9, ExclusiveConnections = 8 }));
        Should.Throw<ArgumentException>(() => Pool(AsService with { ServicePassword = "" }));
        AsService.ToString().ShouldNotContain(ServicePassword);
    }

    /// <summary>Time by hand for the sweeper and for idle ages; deadlines of operations never come due.</summary>
    private sealed class HandClock : TimeProvider
    {
        private readonly List<(TimerCallback Callback, object? State, TimeSpan Period)> _timers = [];
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _ticks);

        public void Advance(TimeSpan by)
        {
            Interlocked.Add(ref _ticks, by.Ticks);
            (TimerCallback, object?, TimeSpan)[] timers;
            lock (_timers)
            {
                timers = [.. _timers];
            }

            foreach (var (callback, state, period) in timers)
            {
                if (period != Timeout.InfiniteTimeSpan)
                {
                    callback(state);
                }
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_timers)
            {
                _timers.Add((callback, state, period));
            }

            return new HandTimer();
        }

        private sealed class HandTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;

            public void Dispose()
            {
            }
        }
    }
}
