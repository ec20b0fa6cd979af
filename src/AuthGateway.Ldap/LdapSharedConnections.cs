namespace AuthGateway.Ldap;

/// <summary>A few connections bound as the service account; each carries many searches at once.</summary>
internal sealed class LdapSharedConnections(
    Func<CancellationToken, Task<LdapConnection>> connect,
    LdapPoolOptions options,
    TimeProvider time,
    CancellationToken closing) : IAsyncDisposable
{
    private readonly Slot[] _slots = CreateSlots(options.SharedConnections);
    private int _turn;

    /// <param name="search">The question.</param>
    /// <param name="pageSize">Entries of one page; 0 asks for all at once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LdapSearchOutcome> SearchAsync(LdapSearch search, int pageSize, CancellationToken cancellationToken)
    {
        var slot = _slots[(uint)Interlocked.Increment(ref _turn) % (uint)_slots.Length];
        for (var isRetry = false; ; isRetry = true)
        {
            var opening = Enter(slot, out var isKept);
            try
            {
                // One caller who gives up does not take the connection from the others who wait for it.
                var connection = await opening.WaitAsync(cancellationToken);
                return pageSize == 0 ? await connection.SearchAsync(search, cancellationToken) : await connection.SearchPagesAsync(search, pageSize, cancellationToken);
            }
            catch (LdapException e) when (!isRetry && isKept && e is { Failure: LdapFailure.ConnectionLost, AnswerBegan: false })
            {
                // It is dead by now, so the slot opens a new one.
            }
            catch (OperationCanceledException e) when (closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new ObjectDisposedException("the pool was closed meanwhile", e);
            }
            finally
            {
                Leave(slot);
            }
        }
    }

    /// <summary>A connection of the caller's own, bound as the service account: what changes something is never sent twice, so it is not sent on a kept one.</summary>
    public Task<LdapConnection> OpenOwnAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);

    public void CloseIdle()
    {
        foreach (var slot in _slots)
        {
            Task<LdapConnection>? idle = null;
            lock (slot)
            {
                if (slot is { Users: 0, Opening.IsCompleted: true } && time.GetElapsedTime(slot.LastUsed) >= options.IdleTimeout)
                {
                    (idle, slot.Opening) = (slot.Opening, null);
                }
            }

            if (idle is { IsCompletedSuccessfully: true })
            {
                _ = idle.Result.UnbindAsync(CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var slot in _slots)
        {
            Task<LdapConnection>? opening;
            lock (slot)
            {
                opening = slot.Opening;
            }

            if (opening is null)
            {
                continue;
            }

            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (opening.IsCompletedSuccessfully)
            {
                await (await opening).UnbindAsync(CancellationToken.None);
            }
        }
    }

    private static Slot[] CreateSlots(int count)
    {
        var slots = new Slot[count];
        for (var i = 0; i < count; i++)
        {
            slots[i] = new Slot();
        }

        return slots;
    }

    private Task<LdapConnection> Enter(Slot slot, out bool isKept)
    {
        lock (slot)
        {
            // Still opening counts as new: it is not one that may have died while nobody looked.
            var opening = slot.Opening;
            isKept = opening is { IsCompletedSuccessfully: true, Result.IsDead: false };
            if (opening is null || (opening.IsCompleted && !isKept))
            {
                slot.Opening = opening = OpenAsync(closing);
            }

            slot.Users++;
            return opening;
        }
    }

    private void Leave(Slot slot)
    {
        lock (slot)
        {
            slot.Users--;
            slot.LastUsed = time.GetTimestamp();
        }
    }

    private async Task<LdapConnection> OpenAsync(CancellationToken cancellationToken)
    {
        await Task.Yield(); // out of the slot's lock
        var connection = await connect(cancellationToken);
        try
        {
            if (!string.IsNullOrEmpty(options.ServiceDn))
            {
                await BindServiceAsync(connection, options.ServiceDn, cancellationToken);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task BindServiceAsync(LdapConnection connection, string dn, CancellationToken cancellationToken)
    {
        var result = await connection.BindAsync(dn, options.ServicePassword!, cancellationToken);
        if (!result.IsSuccess)
        {
            throw new LdapException(LdapFailure.ServiceBindRefused, $"{dn} may not bind, code {(int)result.Code}: {result.Diagnostic}")
            {
                ResultCode = result.Code,
            };
        }
    }

    private sealed class Slot
    {
        public Task<LdapConnection>? Opening { get; set; }

        public int Users { get; set; }

        public long LastUsed { get; set; }
    }
}
