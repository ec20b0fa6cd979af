namespace AuthGateway.Ldap;

/// <summary>Connections for binds only: whoever has one has it alone (RFC 4511, 4.2.1). The last one used is used next, so the others grow idle.</summary>
internal sealed class LdapExclusiveConnections(
    Func<CancellationToken, Task<LdapConnection>> connect,
    LdapPoolOptions options,
    TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _places = new(options.ExclusiveConnections);
    private readonly List<Kept> _kept = new(options.ExclusiveConnections);
    private bool _disposed;

    public async Task<(LdapResult Bind, LdapSearchOutcome? Search)> BindAsync(
        string dn,
        ReadOnlyMemory<byte> password,
        IReadOnlyList<LdapControl> controls,
        LdapSearch? search,
        LdapBindProgress progress,
        CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            var connection = Take();
            if (connection is not null)
            {
                try
                {
                    return await BindAsync(connection, dn, password, controls, search, progress, cancellationToken);
                }
                catch (LdapException) when (!progress.IsSent)
                {
                    // It had died while it was kept: below, on a new one. Once sent, a lost answer may have been a no, and another bind would be another failure.
                }
                catch (LdapException e) when (e.Failure is LdapFailure.Timeout or LdapFailure.ConnectionLost)
                {
                    // Those kept along with it are as old, and as likely half-open.
                    DropAll();
                    throw;
                }
            }

            connection = await connect(cancellationToken);
            return await BindAsync(connection, dn, password, controls, search, progress, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    public void CloseIdle()
    {
        var now = time.GetTimestamp();
        var idle = new List<Kept>();
        lock (_kept)
        {
            for (var i = _kept.Count - 1; i >= 0; i--)
            {
                if (_kept[i].Connection.IsDead || time.GetElapsedTime(_kept[i].Since, now) >= options.IdleTimeout)
                {
                    idle.Add(_kept[i]);
                    _kept.RemoveAt(i);
                }
            }
        }

        foreach (var kept in idle)
        {
            _ = kept.Connection.UnbindAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kept[] kept;
        lock (_kept)
        {
            _disposed = true;
            kept = [.. _kept];
            _kept.Clear();
        }

        foreach (var one in kept)
        {
            await one.Connection.UnbindAsync(CancellationToken.None);
        }
    }

    /// <summary>Binds, then keeps the connection if it still can be used, else closes it.</summary>
    private async Task<(LdapResult Bind, LdapSearchOutcome? Search)> BindAsync(
        LdapConnection connection,
        string dn,
        ReadOnlyMemory<byte> password,
        IReadOnlyList<LdapControl> controls,
        LdapSearch? search,
        LdapBindProgress progress,
        CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress.IsSent = true;
            var bind = await connection.BindAsync(dn, password, controls, cancellationToken);
            progress.HasSucceeded = bind.IsSuccess;
            return (bind, bind.IsSuccess && search is not null ? await connection.SearchAsync(search, cancellationToken) : null);
        }
        catch (LdapException e) when (e.NotSent && !progress.HasSucceeded)
        {
            progress.IsSent = false;
            throw;
        }
        finally
        {
            if (!Keep(connection))
            {
                await connection.DisposeAsync();
            }
        }
    }

    private bool Keep(LdapConnection connection)
    {
        lock (_kept)
        {
            if (_disposed || connection.IsDead)
            {
                return false;
            }

            _kept.Add(new Kept(connection, time.GetTimestamp()));
            return true;
        }
    }

    private LdapConnection? Take()
    {
        lock (_kept)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            while (_kept.Count > 0)
            {
                var connection = _kept[^1].Connection;
                _kept.RemoveAt(_kept.Count - 1);
                if (!connection.WasClosedOrSpokenTo)
                {
                    return connection;
                }

                _ = connection.DisposeAsync().AsTask();
            }

            return null;
        }
    }

    private void DropAll()
    {
        Kept[] kept;
        lock (_kept)
        {
            kept = [.. _kept];
            _kept.Clear();
        }

        foreach (var one in kept)
        {
            _ = one.Connection.DisposeAsync().AsTask();
        }
    }

    private readonly record struct Kept(LdapConnection Connection, long Since);
}
