using System.Globalization;
using AuthGateway.Core.Telemetry;
using AuthGateway.Ldap;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>The servers of one directory in order of preference; the first healthy one is asked.</summary>
internal sealed partial class LdapHostList(string backend, IReadOnlyList<LdapHost> hosts, ILogger logger) : IAsyncDisposable
{
    public IReadOnlyList<LdapHost> Hosts => hosts;

    /// <summary>Searches on the first server that answers.</summary>
    /// <returns>The outcome and who gave it; no outcome, and why, when none did.</returns>
    public async ValueTask<(LdapSearchOutcome? Outcome, LdapHost? Host, string Why)> SearchAsync(LdapSearch search, CancellationToken cancellationToken)
    {
        var why = "";
        foreach (var host in hosts)
        {
            if (!host.TryEnter())
            {
                why = Join(why, host, "resting after failures");
                continue;
            }

            try
            {
                var outcome = await host.Pool.SearchAsync(search, cancellationToken);
                if (!IsOutage(outcome.Result.Code))
                {
                    Answered(host);
                    return (outcome, host, "");
                }

                why = Join(why, host, Failed(host, null, Tell(outcome.Result)));
            }
            catch (LdapException e)
            {
                why = Join(why, host, Failed(host, e.Failure, e.Message));
            }
            catch
            {
                host.ReportNothing();
                throw;
            }
        }

        return (null, null, why);
    }

    /// <summary>
    /// Binds as a user, first on the server that found the user. Another one is tried only when nothing can have been
    /// sent: a password shown to two servers may count twice.
    /// </summary>
    public async ValueTask<(LdapResult? Result, string Why)> BindAsync(LdapHost preferred, string dn, string password, CancellationToken cancellationToken)
    {
        var why = "";
        foreach (var host in hosts.OrderBy(host => !ReferenceEquals(host, preferred)))
        {
            if (!host.TryEnter())
            {
                why = Join(why, host, "resting after failures");
                continue;
            }

            try
            {
                var result = await host.Pool.BindAsync(dn, password, cancellationToken);
                if (!IsOutage(result.Code))
                {
                    Answered(host);
                    return (result, "");
                }

                return (null, Join(why, host, Failed(host, null, Tell(result))));
            }
            catch (LdapException e)
            {
                why = Join(why, host, Failed(host, e.Failure, e.Message));
                if (e.Failure is not (LdapFailure.ConnectFailed or LdapFailure.TlsFailed or LdapFailure.StartTlsRefused))
                {
                    return (null, why);
                }
            }
            catch
            {
                host.ReportNothing();
                throw;
            }
        }

        return (null, why);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    /// <summary>A server that says it cannot answer now is as good as none. Other codes may be about this one question.</summary>
    private static bool IsOutage(LdapResultCode code) => code is LdapResultCode.Busy or LdapResultCode.Unavailable;

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
