using AuthGateway.Core.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class ConfigurationWatcherTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private readonly List<string> _told = [];
    private readonly List<string> _others = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Look_NothingChanged_TellsNothing()
    {
        var watcher = Watcher();
        var known = FileSnapshot.Take(watcher.Watched());

        await watcher.LookAsync(known, CancellationToken.None);

        _told.ShouldBeEmpty();
    }

    [Fact]
    public async Task Look_FilesWrittenAddedAndRemoved_TellsTheirNamesOnce()
    {
        var removed = _folder.Write("appsettings.d/old.json", "{}");
        var watcher = Watcher();
        var known = FileSnapshot.Take(watcher.Watched());
        _folder.Write("appsettings.json", "{ }");
        var added = _folder.Write("appsettings.d/new.json", "{}");
        File.Delete(removed);

        known = await watcher.LookAsync(known, CancellationToken.None);
        await watcher.LookAsync(known, CancellationToken.None);

        _told.ShouldBe([$"changed: {added}, {removed}, {_folder.ConfigFile}"]);
    }

    [Fact]
    public async Task Look_CertificateBehindALinkIsRenewed_TellsTheLink()
    {
        var first = _folder.Write("archive/mail1.pem", "one");
        var second = _folder.Write("archive/mail2.pem", "two");
        var link = Path.Combine(_folder.Root, "mail.pem");
        File.CreateSymbolicLink(link, first);
        _others.Add(link);
        var watcher = Watcher();
        var known = FileSnapshot.Take(watcher.Watched());
        File.Delete(link);
        File.CreateSymbolicLink(link, second);

        await watcher.LookAsync(known, CancellationToken.None);

        _told.ShouldBe([$"changed: {link}"]);
    }

    [Fact]
    public async Task Look_AnotherConfigurationNamesOtherFiles_ThatAloneIsNoChange()
    {
        var watcher = Watcher();
        var known = FileSnapshot.Take(watcher.Watched());
        var certificate = _folder.Write("mail.pem", "one");
        _others.Add(certificate);

        known = await watcher.LookAsync(known, CancellationToken.None);
        _told.ShouldBeEmpty();

        _folder.Write("mail.pem", "renewed");
        await watcher.LookAsync(known, CancellationToken.None);
        _told.ShouldBe([$"changed: {certificate}"]);
    }

    [Fact]
    public async Task Run_FileChanges_TellsAndGoesOnAfterAFailedReload()
    {
        var told = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var watcher = new ConfigurationWatcher(
            _folder.ConfigFile,
            () => _others,
            _ =>
            {
                told.Release();
                throw new InvalidOperationException("a bug in the reload");
            },
            TimeProvider.System,
            NullLogger<ConfigurationWatcher>.Instance);
        var running = watcher.RunAsync(stop.Token);

        _folder.Write("appsettings.json", "{ }");
        (await told.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        _folder.Write("appsettings.json", "{  }");
        (await told.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();

        await stop.CancelAsync();
        await running;
    }

    private ConfigurationWatcher Watcher() => new(
        _folder.ConfigFile,
        () => _others,
        reason =>
        {
            _told.Add(reason);
            return Task.CompletedTask;
        },
        TimeProvider.System,
        NullLogger<ConfigurationWatcher>.Instance);
}
