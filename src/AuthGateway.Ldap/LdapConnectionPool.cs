using System.Security.Cryptography;

namespace AuthGateway.Ldap;

/// <summary>
/// Kept connections to one directory server. Searches share a few, bound once as the service account; binds of users have others for
/// themselves, bound again and again, which saves a handshake per login.
/// </summary>
/// <remarks>
/// A kept connection may have died unseen. Only then, and only before any part of an answer came, a search is tried once more on a new
/// connection; a user's bind only when it was not sent at all, for a wrong password sent twice counts twice.
/// </remarks>
public sealed class LdapConnectionPool : IAsyncDisposable
{
    private readonly LdapSharedConnections _shared;
    private readonly LdapExclusiveConnections _exclusive;
    private readonly Func<CancellationToken, Task<LdapConnection>> _connect;
    private readonly CancellationTokenSource _closing = new();
    private readonly ITimer _sweeper;
    private bool _disposed;

    /// <summary>Makes a pool; nothing is connected before it is needed.</summary>
    /// <exception cref="ArgumentException">Options out of bounds, or a TLS mode that contradicts the address.</exception>
    public LdapConnectionPool(LdapEndpoint endpoint, LdapTlsOptions tls, LdapLimits limits, LdapPoolOptions options, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        tls.ModeFor(endpoint);
        Endpoint = endpoint;
        Task<LdapConnection> Connect(CancellationToken cancellationToken) =>
            LdapConnection.ConnectAsync(endpoint, tls, limits, timeProvider, cancellationToken);

        _connect = Connect;
        IsSecure = tls.ModeFor(endpoint) != LdapTlsMode.None;
        _shared = new LdapSharedConnections(Connect, options, timeProvider, _closing.Token);
        _exclusive = new LdapExclusiveConnections(Connect, options, timeProvider);
        var period = options.IdleTimeout / 2;
        _sweeper = timeProvider.CreateTimer(static pool => ((LdapConnectionPool)pool!).Sweep(), this, period, period);
    }

    /// <summary>True when everything said to the server crosses the wire under TLS.</summary>
    public bool IsSecure { get; }

    /// <summary>The server.</summary>
    public LdapEndpoint Endpoint { get; }

    /// <summary>Searches as the service account.</summary>
    /// <exception cref="LdapException">No answer, or <see cref="LdapFailure.ServiceBindRefused"/>.</exception>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public Task<LdapSearchOutcome> SearchAsync(LdapSearch search, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(search);
        return _shared.SearchAsync(search, pageSize: 0, cancellationToken);
    }

    /// <summary>Searches as the service account, page by page: see <see cref="LdapConnection.SearchPagesAsync"/>.</summary>
    /// <exception cref="LdapException">No answer, or <see cref="LdapFailure.ServiceBindRefused"/>.</exception>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public Task<LdapSearchOutcome> SearchPagesAsync(LdapSearch search, int pageSize, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(search);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        return _shared.SearchAsync(search, pageSize, cancellationToken);
    }

    /// <summary>
    /// Opens a connection of the caller's own, which he closes: for what changes something, so that a lost answer is never taken for a reason to send it
    /// once more.
    /// </summary>
    /// <param name="asService">True binds as the service account.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LdapException">No connection.</exception>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public Task<LdapConnection> OpenAsync(bool asService, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return asService ? _shared.OpenOwnAsync(cancellationToken) : _connect(cancellationToken);
    }

    /// <summary>Proves a user's password. Waits for a free connection as long as the token allows.</summary>
    /// <exception cref="ArgumentException">Name or password is empty; nothing was sent.</exception>
    /// <exception cref="LdapException">No answer.</exception>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public async Task<LdapResult> BindAsync(string dn, string password, CancellationToken cancellationToken) =>
        (await BindAndSearchAsync(dn, password, [], search: null, new LdapBindProgress(), cancellationToken)).Bind;

    /// <summary>Proves a user's password and, when it was right, searches as that user before anyone else gets the connection.</summary>
    /// <param name="dn">A DN, or what else the server takes.</param>
    /// <param name="password">Must not be empty.</param>
    /// <param name="controls">Controls of the bind.</param>
    /// <param name="search">What to ask as the user; null asks nothing.</param>
    /// <param name="progress">Told how far the bind came, also when this ends in an exception. Not one that was sent before.</param>
    /// <param name="cancellationToken">Bounds the wait for a connection as well.</param>
    /// <returns>The bind's result, and the search's outcome unless the bind was refused or nothing was asked.</returns>
    /// <exception cref="ArgumentException">Name or password is empty; nothing was sent.</exception>
    /// <exception cref="LdapException">No answer to one of the two.</exception>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public async Task<(LdapResult Bind, LdapSearchOutcome? Search)> BindAndSearchAsync(
        string dn,
        string password,
        IReadOnlyList<LdapControl> controls,
        LdapSearch? search,
        LdapBindProgress progress,
        CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentException.ThrowIfNullOrEmpty(dn);
        ArgumentException.ThrowIfNullOrEmpty(password);
        var secret = LdapText.Encode(password);
        try
        {
            return await _exclusive.BindAsync(dn, secret, controls, search, progress, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Closes every connection. Searches outstanding fail with <see cref="LdapFailure.ConnectionLost"/>; binds outstanding finish first.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _sweeper.DisposeAsync();
        await _closing.CancelAsync();
        await _shared.DisposeAsync();
        await _exclusive.DisposeAsync();
        _closing.Dispose();
    }

    private void Sweep()
    {
        _shared.CloseIdle();
        _exclusive.CloseIdle();
    }
}
