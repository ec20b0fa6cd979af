using System.Buffers;
using System.Formats.Asn1;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Ldap;

/// <summary>
/// One connection to one directory server (RFC 4511). Searches run side by side on it; a bind needs it alone. The first broken rule, lost
/// byte or silent operation ends it for good (<see cref="IsDead"/>): whoever waits gets an <see cref="LdapException"/> at once.
/// </summary>
public sealed class LdapConnection : IAsyncDisposable
{
    private const int MaxForsaken = 256;

    private readonly Stream _stream;
    private readonly Socket _socket;
    private readonly LdapLimits _limits;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly AsnWriter _writer = new(AsnEncodingRules.BER, 512);
    private readonly Lock _gate = new();
    private readonly Dictionary<int, LdapOperation> _outstanding = [];
    private readonly Queue<int> _forsaken = new();
    private readonly Task _reader;
    private int _lastMessageId = 1; // StartTLS had the first
    private long _lastHeard;
    private int _bindId; // 0: no bind outstanding
    private string? _death;
    private LdapFailure _deathKind;

    private LdapConnection(Stream stream, Socket socket, LdapLimits limits, TimeProvider time)
    {
        _stream = stream;
        _socket = socket;
        _limits = limits;
        _time = time;
        _lastHeard = time.GetTimestamp();
        _reader = Task.Run(ReadAsync);
    }

    /// <summary>True when nothing can be sent any more. A live connection may still find out at the next send.</summary>
    public bool IsDead => Volatile.Read(ref _death) is not null;

    /// <summary>
    /// True when the server has, unasked, closed or said anything on a connection that awaits nothing, also where our reader has not come to it yet. Looks at
    /// the socket and sends nothing.
    /// </summary>
    internal bool WasClosedOrSpokenTo
    {
        get
        {
            try
            {
                return IsDead || _socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Connects, with TLS as the options say. No bind is sent.</summary>
    /// <exception cref="LdapException">No connection: every kind but <see cref="LdapFailure.ServiceBindRefused"/>.</exception>
    /// <exception cref="ArgumentException">The TLS mode contradicts the address.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async Task<LdapConnection> ConnectAsync(
        LdapEndpoint endpoint,
        LdapTlsOptions tls,
        LdapLimits limits,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limits.ConnectTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var (stream, socket) = await LdapTransport.OpenAsync(endpoint, tls, limits, either.Token);
            return new LdapConnection(stream, socket, limits, timeProvider);
        }
        catch (OperationCanceledException e) when (either.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new LdapException(LdapFailure.Timeout, $"no connection to {endpoint} within {limits.ConnectTimeout}", e);
        }
    }

    /// <inheritdoc cref="BindAsync(string, ReadOnlyMemory{byte}, IReadOnlyList{LdapControl}, CancellationToken)"/>
    public async Task<LdapResult> BindAsync(string dn, string password, CancellationToken cancellationToken)
    {
        var bytes = LdapText.Encode(password);
        try
        {
            return await BindAsync(dn, bytes, [], cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Proves a password by a simple bind. A refusal is a result, not an exception.</summary>
    /// <param name="dn">A DN, or what else the server takes (Active Directory: <c>user@realm</c>).</param>
    /// <param name="password">UTF-8; must not be empty, for such a bind succeeds as nobody on many servers (RFC 4513, 5.1.2).</param>
    /// <param name="controls">Controls sent along.</param>
    /// <param name="cancellationToken">Giving up ends the connection: who is bound afterwards would be unknown.</param>
    /// <exception cref="ArgumentException">Name or password is empty. Nothing was sent.</exception>
    /// <exception cref="InvalidOperationException">Another operation is outstanding (RFC 4511, 4.2.1).</exception>
    /// <exception cref="LdapException">No answer.</exception>
    public async Task<LdapResult> BindAsync(
        string dn,
        ReadOnlyMemory<byte> password,
        IReadOnlyList<LdapControl> controls,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(dn);
        if (password.IsEmpty)
        {
            throw new ArgumentException("a bind without password proves nothing", nameof(password));
        }

        return await RunAsync(new LdapBindOperation(dn, password, controls), isBind: true, cancellationToken);
    }

    /// <summary>Searches. Referrals and references are not followed. A search given up is abandoned on the server too.</summary>
    /// <exception cref="InvalidOperationException">A bind is outstanding.</exception>
    /// <exception cref="LdapException">No complete answer.</exception>
    public Task<LdapSearchOutcome> SearchAsync(LdapSearch search, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        return RunAsync(new LdapSearchOperation(search, _limits), isBind: false, cancellationToken);
    }

    /// <summary>Searches page by page (RFC 2696), all on this connection, for a server's cookie holds nowhere else.</summary>
    /// <param name="search">The question; its <see cref="LdapSearch.SizeLimit"/> bounds all pages together.</param>
    /// <param name="pageSize">Entries of one page, at least 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// All entries. When there are more than asked for the result is <see cref="LdapResultCode.SizeLimitExceeded"/>, and so it is when a server that
    /// does not know pages stops at a limit of its own.
    /// </returns>
    /// <exception cref="LdapException">No complete answer.</exception>
    public async Task<LdapSearchOutcome> SearchPagesAsync(LdapSearch search, int pageSize, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        var entries = new List<LdapEntry>();
        var references = 0;
        byte[] cookie = [];
        while (true)
        {
            var page = await SearchAsync(search with { Controls = [.. search.Controls, LdapPagedResults.Request(Math.Min(pageSize, search.SizeLimit), cookie)] }, cancellationToken);
            entries.AddRange(page.Entries);
            references += page.ReferencesIgnored;
            try
            {
                cookie = LdapPagedResults.ReadCookie(page.Result);
            }
            catch (BerException e)
            {
                throw new LdapException(LdapFailure.ProtocolError, $"unreadable control of pages: {e.Message}", e) { AnswerBegan = true };
            }

            // A page without entries that promises more would go on for ever.
            var hasMore = cookie.Length > 0 && page.Result.IsSuccess;
            if (!hasMore || entries.Count >= search.SizeLimit || page.Entries.Count == 0)
            {
                var result = hasMore || entries.Count > search.SizeLimit ? page.Result with { Code = LdapResultCode.SizeLimitExceeded } : page.Result;
                return new LdapSearchOutcome(entries, result, references);
            }
        }
    }

    /// <summary>Changes an entry. A refusal is a result, not an exception.</summary>
    /// <exception cref="InvalidOperationException">A bind is outstanding.</exception>
    /// <exception cref="LdapException">No answer: whether the entry was changed is not known.</exception>
    public Task<LdapResult> ModifyAsync(string dn, IReadOnlyList<LdapChange> changes, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(dn);
        return RunAsync(new LdapModifyOperation(dn, changes, controls), isBind: false, cancellationToken);
    }

    /// <summary>Runs an operation that has only a number. A refusal is a result, not an exception.</summary>
    /// <exception cref="InvalidOperationException">A bind is outstanding.</exception>
    /// <exception cref="LdapException">No answer: whether it was done is not known.</exception>
    public Task<LdapResult> ExtendAsync(string oid, ReadOnlyMemory<byte> value, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(oid);
        return RunAsync(new LdapExtendedOperation(oid, value, controls), isBind: false, cancellationToken);
    }

    /// <summary>Says goodbye and closes. Operations outstanding fail with <see cref="LdapFailure.ConnectionLost"/>.</summary>
    public async Task UnbindAsync(CancellationToken cancellationToken)
    {
        if (!IsDead)
        {
            using var deadline = new CancellationTokenSource(_limits.OperationTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            try
            {
                await SendAsync(static (writer, _) => writer.WriteNull(LdapTag.Application(2, constructed: false)), NextMessageId(), 0, either.Token, deadline.Token);
            }
            catch (Exception e) when (e is LdapException or OperationCanceledException)
            {
                // It was a courtesy.
            }
        }

        await DisposeAsync();
    }

    /// <summary>Closes at once.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill(LdapFailure.ConnectionLost, "closed by us");
        await _reader;
    }

    private async Task<T> RunAsync<T>(LdapOperation<T> operation, bool isBind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var began = _time.GetTimestamp();
        Register(operation, isBind);
        using var deadline = new CancellationTokenSource(_limits.OperationTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await SendAsync(static (writer, o) => WriteOperation(writer, o), operation.MessageId, (LdapOperation)operation, either.Token, deadline.Token);
            return await operation.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException e) when (either.IsCancellationRequested)
        {
            GiveUp(operation, isBind, silent: deadline.IsCancellationRequested && Volatile.Read(ref _lastHeard) < began);
            cancellationToken.ThrowIfCancellationRequested();
            throw new LdapException(LdapFailure.Timeout, $"no complete answer within {_limits.OperationTimeout}", e);
        }
        finally
        {
            Forget(operation.MessageId);
        }
    }

    private static void WriteOperation(AsnWriter writer, LdapOperation operation)
    {
        operation.WriteRequest(writer);
        var controls = operation.Controls;
        if (controls.Count == 0)
        {
            return;
        }

        var tag = LdapTag.Context(0, constructed: true);
        writer.PushSequence(tag);
        for (var i = 0; i < controls.Count; i++)
        {
            writer.PushSequence();
            writer.WriteOctetString(Encoding.ASCII.GetBytes(controls[i].Oid));
            if (controls[i].IsCritical)
            {
                writer.WriteBoolean(true);
            }

            if (controls[i].Value is { } value)
            {
                writer.WriteOctetString(value);
            }

            writer.PopSequence();
        }

        writer.PopSequence(tag);
    }

    private void Register(LdapOperation operation, bool isBind)
    {
        lock (_gate)
        {
            ThrowIfDead();
            if (_bindId != 0 || (isBind && _outstanding.Count > 0))
            {
                throw new InvalidOperationException("a bind needs the connection alone (RFC 4511, 4.2.1)");
            }

            operation.MessageId = NextMessageId();
            _outstanding.Add(operation.MessageId, operation);
            _bindId = isBind ? operation.MessageId : 0;
        }
    }

    private void Forget(int messageId)
    {
        lock (_gate)
        {
            _outstanding.Remove(messageId);
            _bindId = _bindId == messageId ? 0 : _bindId;
        }
    }

    private void GiveUp(LdapOperation operation, bool isBind, bool silent)
    {
        if (isBind)
        {
            // A bind cannot be abandoned (RFC 4511, 4.11), and its late answer would be taken for the next one's.
            Kill(LdapFailure.ConnectionLost, "a bind was given up");
        }
        else if (silent)
        {
            // Not one byte since we asked: half-open, frozen or black-holed. The next caller shall not wait as long.
            Kill(LdapFailure.ConnectionLost, "the server fell silent");
        }
        else
        {
            Forsake(operation.MessageId, byReader: false);
        }
    }

    /// <summary>Remembers that answers to a number may still come (RFC 4511, 4.11), and asks the server to stop.</summary>
    /// <param name="messageId">Of the operation.</param>
    /// <param name="byReader">
    /// A caller's number that is no longer outstanding has been answered in full meanwhile. The reader's has not: there it was only the
    /// caller, woken by the failure, who forgot it before we came here.
    /// </param>
    private void Forsake(int messageId, bool byReader)
    {
        lock (_gate)
        {
            var isUnfinished = _outstanding.Remove(messageId) || (byReader && !_forsaken.Contains(messageId));
            if (!isUnfinished || _death is not null)
            {
                return;
            }

            // Obedient servers never finish an abandoned search, so the oldest numbers are let go.
            if (_forsaken.Count == MaxForsaken)
            {
                _forsaken.Dequeue();
            }

            _forsaken.Enqueue(messageId);
        }

        _ = AbandonAsync(messageId);
    }

    private async Task AbandonAsync(int messageId)
    {
        using var deadline = new CancellationTokenSource(_limits.OperationTimeout, _time);
        try
        {
            await SendAsync(
                static (writer, id) => writer.WriteInteger(id, LdapTag.Application(16, constructed: false)),
                NextMessageId(),
                messageId,
                deadline.Token,
                deadline.Token);
        }
        catch (Exception e) when (e is LdapException or OperationCanceledException)
        {
            // The connection has died meanwhile, which abandons as well.
        }
    }

    private int NextMessageId() => Interlocked.Increment(ref _lastMessageId) & int.MaxValue;

    /// <summary>
    /// The caller may give up while waiting for his turn, but only the deadline breaks off a message begun: half a message ends the
    /// connection, and one impatient caller shall not end it for the others.
    /// </summary>
    private async Task SendAsync<TState>(
        Action<AsnWriter, TState> write,
        int messageId,
        TState state,
        CancellationToken callerToken,
        CancellationToken deadlineToken)
    {
        await _writing.WaitAsync(callerToken);
        byte[]? buffer = null;
        try
        {
            lock (_gate)
            {
                ThrowIfDead();
            }

            _writer.Reset(); // clears what it held: passwords pass here
            _writer.PushSequence();
            _writer.WriteInteger(messageId);
            write(_writer, state);
            _writer.PopSequence();
            buffer = ArrayPool<byte>.Shared.Rent(_writer.GetEncodedLength());
            var length = _writer.Encode(buffer);
            await _stream.WriteAsync(buffer.AsMemory(0, length), deadlineToken);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Kill(LdapFailure.ConnectionLost, "the connection broke while sending", e);
            lock (_gate)
            {
                ThrowIfDead(e);
            }
        }
        catch (OperationCanceledException)
        {
            Kill(LdapFailure.ConnectionLost, "the server stopped reading");
            throw;
        }
        finally
        {
            _writer.Reset();
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            }

            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        using var frames = new LdapFrameReader(_stream, _limits.MaxMessageBytes);
        try
        {
            while (!IsDead)
            {
                var frame = await frames.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                if (frame.IsEmpty)
                {
                    Kill(LdapFailure.ConnectionLost, "the server closed the connection");
                    return;
                }

                Volatile.Write(ref _lastHeard, _time.GetTimestamp());
                Dispatch(frame.Span);
            }
        }
        catch (Exception e) when (e is BerException or DecoderFallbackException)
        {
            Kill(LdapFailure.ProtocolError, e.Message, e);
        }
        catch (Exception e)
        {
            // The outermost edge of the reader: whatever it was, nobody reads this connection any more.
            Kill(LdapFailure.ConnectionLost, "the connection broke", e);
        }
    }

    private void Dispatch(ReadOnlySpan<byte> frame)
    {
        var message = new BerReader(frame).Read(LdapTag.Sequence);
        var messageId = message.ReadInt32(LdapTag.Integer);
        var tag = message.PeekTag();
        var body = message.Read(tag);
        if (messageId == 0)
        {
            Disconnected(tag, body);
            return;
        }

        LdapOperation? operation;
        lock (_gate)
        {
            if (!_outstanding.TryGetValue(messageId, out operation))
            {
                if (_forsaken.Contains(messageId) || _death is not null)
                {
                    return;
                }

                throw new BerException($"an answer to message {messageId}, which nobody awaits");
            }
        }

        if (!operation.Receive(tag, body, LdapDecoder.ReadControls(ref message), frame.Length))
        {
            return;
        }

        if (tag is LdapTag.SearchEntry)
        {
            // Finished before its end: a bound was broken, more may follow.
            Forsake(messageId, byReader: true);
            return;
        }

        Forget(messageId);
    }

    /// <summary>RFC 4511, 4.4.1. No other unsolicited notification is defined, so none is tolerated.</summary>
    private void Disconnected(byte tag, BerReader body)
    {
        if (tag != LdapTag.ExtendedResponse)
        {
            throw new BerException($"unsolicited message 0x{tag:x2}");
        }

        var result = LdapDecoder.ReadResult(ref body, []);
        Kill(LdapFailure.ConnectionLost, $"the server disconnects with code {(int)result.Code}: {result.Diagnostic}", code: result.Code);
    }

    private void Kill(LdapFailure kind, string why, Exception? cause = null, LdapResultCode? code = null)
    {
        LdapOperation[] orphans;
        lock (_gate)
        {
            if (_death is not null)
            {
                return;
            }

            _deathKind = kind;
            Volatile.Write(ref _death, why);
            orphans = [.. _outstanding.Values];
            _outstanding.Clear();
            _forsaken.Clear();
        }

        foreach (var operation in orphans)
        {
            operation.Fail(kind, why, cause, code);
        }

        _stream.Dispose();
    }

    // To one who comes late the cause of death does not matter: nothing of his was sent, or only a part that makes no request.
    private void ThrowIfDead(Exception? cause = null)
    {
        if (_death is not null)
        {
            throw new LdapException(LdapFailure.ConnectionLost, $"the connection has ended ({_deathKind}): {_death}", cause) { NotSent = true };
        }
    }
}
