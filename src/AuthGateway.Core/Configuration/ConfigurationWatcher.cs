using AuthGateway.Core.Faults;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Configuration;

/// <summary>
/// Tells when the configuration, or another file it names, has changed. It looks every two seconds, because containers and network mounts
/// send no notices; a notice of the file system only makes it look at once. What it saw last decides, so a notice without a change is nothing.
/// </summary>
/// <param name="configFile">Path of <c>appsettings.json</c>; the folder <c>appsettings.d</c> is watched too.</param>
/// <param name="otherFiles">Certificates, authorities, revocation lists and secrets of the running configuration; asked each time.</param>
/// <param name="onChange">Told which files changed. The next change is not looked for before it is done.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class ConfigurationWatcher(
    string configFile, Func<IReadOnlyList<string>> otherFiles, Func<string, Task> onChange, TimeProvider time, ILogger<ConfigurationWatcher> logger)
{
    /// <summary>How often it looks without a notice.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How long files must stay the same before a change is told: an editor or an unpacked archive writes several times.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(300);

    private readonly string _configFile = Path.GetFullPath(configFile);

    /// <summary>Watches until cancelled; for a <c>BackgroundService</c> to await.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        using var notice = new SemaphoreSlim(0, 1);
        using var files = Listen(Path.GetDirectoryName(_configFile)!, notice);
        var known = FileSnapshot.Take(Watched());
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        var noticed = notice.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                if (await Task.WhenAny(tick, noticed) == tick)
                {
                    await tick;
                    tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
                }
                else
                {
                    await noticed;
                    noticed = notice.WaitAsync(cancellationToken);
                }

                try
                {
                    known = await LookAsync(known, cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    Log.LookFailed(logger, exception);          // a watcher that ends would leave a renewed certificate unseen
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping is how watching ends.
        }
    }

    /// <summary>Looks once, waits until nothing moves any more, tells. Returns what it saw.</summary>
    internal async Task<FileSnapshot> LookAsync(FileSnapshot known, CancellationToken cancellationToken)
    {
        var seen = FileSnapshot.Take(Watched());
        if (known.Changes(seen, IsConfiguration).Count == 0)
        {
            return seen;            // it may look at other files than before
        }

        while (true)
        {
            await Task.Delay(Settling, time, cancellationToken);
            var again = FileSnapshot.Take(Watched());
            if (seen.Changes(again, IsConfiguration).Count == 0)
            {
                break;
            }

            seen = again;
        }

        var changes = known.Changes(seen, IsConfiguration);
        if (changes.Count == 0)
        {
            return seen;            // written and put back
        }

        try
        {
            await onChange($"changed: {string.Join(", ", changes)}");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ReloadFailed(logger, exception);
        }

        return seen;
    }

    internal IReadOnlyList<string> Watched() => [.. ConfigurationSources.Files(_configFile, new FaultList()), .. otherFiles()];

    private bool IsConfiguration(string path) =>
        path == _configFile || Path.GetDirectoryName(path) == Path.Combine(Path.GetDirectoryName(_configFile)!, ConfigurationSources.Folder);

    private FileSystemWatcher? Listen(string directory, SemaphoreSlim notice)
    {
        try
        {
            // The database usually lies beside: its writes, many a second, must not be told. A file written in place is seen at the next look.
            var watcher = new FileSystemWatcher(directory, Path.GetFileName(_configFile)) { IncludeSubdirectories = false, NotifyFilter = NotifyFilters.FileName };
            watcher.Created += (_, _) => Wake(notice);
            watcher.Deleted += (_, _) => Wake(notice);
            watcher.Renamed += (_, _) => Wake(notice);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            Log.NoNotices(logger, exception, directory, Interval.TotalSeconds);
            return null;
        }
    }

    private static void Wake(SemaphoreSlim notice)
    {
        try
        {
            notice.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake, or gone.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ConfigurationWatchFailed, LogLevel.Warning, "The file system sends no notices for {Directory}; changes are looked for every {Seconds} s.")]
        public static partial void NoNotices(ILogger logger, Exception exception, string directory, double seconds);

        [LoggerMessage(EventIds.ConfigurationLookFailed, LogLevel.Warning, "Looking for changed files failed; it is tried again.")]
        public static partial void LookFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.ConfigurationReloadFailed, LogLevel.Error, "A reload after a change failed; the running configuration stays.")]
        public static partial void ReloadFailed(ILogger logger, Exception exception);
    }
}
