using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Signals;
using AuthGateway.Core.Telemetry;
using AuthGateway.Core.Tunnels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Hosting;

/// <summary>Notices what the command line changed in the store: accounts, lockouts, sessions, app passwords and trusted keys, within two seconds.</summary>
internal sealed partial class SignalWorker(
    ISignalStore signals,
    LoginFlow login,
    LockoutGuard guard,
    LiveSessions sessions,
    LiveAppPasswords appPasswords,
    TunnelSupervisor tunnels,
    TimeProvider time,
    ILogger<SignalWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        long? accounts = null;
        long? lockouts = null;
        long? ended = null;
        long? passwords = null;
        long? learned = null;
        do
        {
            try
            {
                var (newAccounts, newLockouts) = (await signals.ReadAsync(SignalNames.AccountsChanged, stoppingToken), await signals.ReadAsync(SignalNames.LockoutsChanged, stoppingToken));
                var newEnded = await signals.ReadAsync(SignalNames.SessionsChanged, stoppingToken);
                var newPasswords = await signals.ReadAsync(SignalNames.AppPasswordsChanged, stoppingToken);
                if (accounts is not null && newAccounts != accounts)
                {
                    login.ForgetAll();
                }

                if (lockouts is not null && newLockouts != lockouts)
                {
                    await guard.RefreshAsync(stoppingToken);
                    login.ForgetRefusals();
                }

                if (newEnded != ended)
                {
                    await sessions.RefreshAsync(stoppingToken);
                }

                if (newPasswords != passwords)
                {
                    await appPasswords.RefreshAsync(stoppingToken);
                }

                var newLearned = await signals.ReadAsync(SignalNames.TunnelsChanged, stoppingToken);
                if (learned is not null && newLearned != learned)
                {
                    tunnels.RetryNow();
                }

                (accounts, lockouts, ended, passwords, learned) = (newAccounts, newLockouts, newEnded, newPasswords, newLearned);
            }
            catch (StoreUnavailableException e)
            {
                Log.StoreFailed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SignalsFailed, LogLevel.Warning, "Changes made by the command line cannot be read from the store.")]
        public static partial void StoreFailed(ILogger logger, Exception exception);
    }
}
