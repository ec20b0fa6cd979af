using System.Globalization;
using AuthGateway.Core.Telemetry;
using AuthGateway.Ldap;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>The servers of one directory; the first healthy one in order of preference is asked, or each in its turn.</summary>
internal sealed partial class LdapHostList(string backend, IReadOnlyList<LdapHost> hosts, bool isRoundRobin, ILogger logger) : IAsyncDisposable
{
    private int _turn = -1;

    public IReadOnlyList<LdapHost> Hosts => hosts;

    /// <summary>True when every server is spoken to under TLS.</summary>
    public bool IsSecure { get; } = hosts.All(host => host.Pool.IsSecure);

    /// <summary>Searches on the first server that answers.</summary>
    /// <param name="search">The question.</param>
    /// <param name="pageSize">Entries of one page; 0 asks for all at once.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <returns>The outcome and who gave it; no outcome, and why, when none did.</returns>
    public async ValueTask<(LdapSearchOutcome? Outcome, LdapHost? Host, string Why)> SearchAsync(LdapSearch search, int pageSize, CancellationToken cancellationToken)
    {
        var (outcome, host, why) = await AskAsync(
            null,
            once: null,
            host => pageSize == 0 ? host.Pool.SearchAsync(search, cancellationToken) : host.Pool.SearchPagesAsync(search, pageSize, cancellationToken),
            outcome => outcome.Result);
        return (outcome, host, why);
    }

    /// <summary>
    /// Binds as a user, first on the server that found the user. Another one is tried only when nothing can have been
    /// sent: a password shown to two servers may count twice.
    /// </summary>
    /// <param name="preferred">Who is asked first; null for the usual order.</param>
    /// <param name="dn">As whom.</param>
    /// <param name="password">With which password.</param>
    /// <param name="controls">Controls of the bind.</param>
    /// <param name="search">What to ask as the user when the password is right; null asks nothing.</param>
    /// <param name="progress">A new one; told how far the bind came, whatever becomes of it.</param>
    /// <param name="cancellationToken">The deadline.</param>
    public async ValueTask<(LdapResult? Result, LdapSearchOutcome? Search, LdapHost? Host, string Why)> BindAsync(
        LdapHost? preferred, string dn, string password, IReadOnlyList<LdapControl> controls, LdapSearch? search, LdapBindProgress progress, CancellationToken cancellationToken)
    {
        var (answer, host, why) = await AskAsync(
            preferred, progress, host => host.Pool.BindAndSearchAsync(dn, password, controls, search, progress, cancellationToken), answer => answer.Bind);
        return host is null ? (null, null, null, why) : (answer.Bind, answer.Search, host, why);
    }

    /// <summary>Opens a connection for a change, on the server that found the user or, when that cannot be reached, on another. The caller closes it.</summary>
    /// <returns>The connection; null, and why, when there is none.</returns>
    public async ValueTask<(LdapConnection? Connection, string Why)> OpenAsync(LdapHost? preferred, bool asService, CancellationToken cancellationToken)
    {
        var (connection, _, why) = await AskAsync(preferred, once: null, host => host.Pool.OpenAsync(asService, cancellationToken), _ => null);
        return (connection, why);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    /// <summary>Asks one server after the other, until one answers.</summary>
    /// <param name="preferred">Who is asked first; null for the usual order.</param>
    /// <param name="once">Of what must not be sent to another once it was sent; null for what may.</param>
    /// <param name="ask">Asks one.</param>
    /// <param name="result">How it ended by the server's own word, or null when that says nothing of the server.</param>
    /// <returns>The answer and who gave it; nobody, and why, when none did.</returns>
    private async ValueTask<(T? Answer, LdapHost? Host, string Why)> AskAsync<T>(LdapHost? preferred, LdapBindProgress? once, Func<LdapHost, Task<T>> ask, Func<T, LdapResult?> result)
    {
        var why = "";
        var first = preferred is null ? First() : IndexOf(preferred);
        for (var i = 0; i < hosts.Count; i++)
        {
            var host = hosts[(first + i) % hosts.Count];
            if (!host.TryEnter())
            {
                why = Join(why, host, "resting after failures");
                continue;
            }

            try
            {
                var answer = await ask(host);
                if (result(answer) is not { } ended || !IsOutage(ended.Code))
                {
                    Answered(host);
                    return (answer, host, "");
                }

                why = Join(why, host, Failed(host, null, Tell(ended)));
            }
            catch (LdapException e)
            {
                why = Join(why, host, Failed(host, e.Failure, Explain(e)));
            }
            catch
            {
                host.ReportNothing();
                throw;
            }

            if (once is { IsSent: true })
            {
                break;
            }
        }

        return (default, null, why);
    }

    /// <summary>True when logins go to several servers in turn.</summary>
    public bool TakesTurns => isRoundRobin && hosts.Count > 1;

    private int First() => isRoundRobin ? (int)((uint)Interlocked.Increment(ref _turn) % (uint)hosts.Count) : 0;

    private int IndexOf(LdapHost wanted)
    {
        for (var i = 0; i < hosts.Count; i++)
        {
            if (ReferenceEquals(hosts[i], wanted))
            {
                return i;
            }
        }

        return 0;
    }

    /// <summary>A server that says it cannot answer now is as good as none. Other codes may be about this one question.</summary>
    private static bool IsOutage(LdapResultCode code) => code is LdapResultCode.Busy or LdapResultCode.Unavailable;

    /// <summary>What a failure says, with the remedy where the code alone tells few people anything.</summary>
    public static string Explain(LdapException e) =>
        e.ResultCode is LdapResultCode.StrongerAuthRequired or LdapResultCode.ConfidentialityRequired ? $"{e.Message}; {LdapBindJudge.NeedsTls}" : e.Message;

    private static string Tell(LdapResult result) =>
        string.Create(CultureInfo.InvariantCulture, $"code {(int)result.Code} ({result.Code}) {result.Diagnostic}").TrimEnd();

    private static string Join(string why, LdapHost host, string what) => why.Length == 0 ? $"{host.Name}: {what}" : $"{why}; {host.Name}: {what}";

    private void Answered(LdapHost host)
    {
        if (host.ReportAnswer() == LdapHost.Change.Recovered)
        {
            Log.Recovered(logger, backend, host.Name);
        }
    }

    private string Failed(LdapHost host, LdapFailure? failure, string what)
    {
        if (failure == LdapFailure.ProtocolError)
        {
            // One oversized entry must not let whoever types its name put the server to rest for everybody.
            host.ReportNothing();
            Log.Broken(logger, backend, host.Name, what);
            return what;
        }

        var change = host.ReportFailure();
        if (failure is LdapFailure.TlsFailed or LdapFailure.StartTlsRefused or LdapFailure.ServiceBindRefused)
        {
            // Not an outage that passes: somebody's certificate, password, or somebody in between.
            if (change != LdapHost.Change.None)
            {
                Log.Distrusted(logger, backend, host.Name, what);
            }
        }
        else if (change != LdapHost.Change.None)
        {
            Log.Unavailable(logger, backend, host.Name, change, what);
        }

        return what;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DirectoryUnavailable, LogLevel.Warning, "{Backend}: {Host} gave no answer ({Change}): {What}")]
        public static partial void Unavailable(ILogger logger, string backend, string host, LdapHost.Change change, string what);

        [LoggerMessage(EventIds.DirectoryDistrusted, LogLevel.Error, "{Backend}: {Host} was not given any password: {What}")]
        public static partial void Distrusted(ILogger logger, string backend, string host, string what);

        [LoggerMessage(EventIds.DirectoryBroken, LogLevel.Warning, "{Backend}: what {Host} said cannot be used: {What}")]
        public static partial void Broken(ILogger logger, string backend, string host, string what);

        [LoggerMessage(EventIds.DirectoryRecovered, LogLevel.Information, "{Backend}: {Host} answers again.")]
        public static partial void Recovered(ILogger logger, string backend, string host);
    }
}
