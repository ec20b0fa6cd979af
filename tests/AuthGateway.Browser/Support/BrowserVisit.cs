using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace AuthGateway.Browser.Support;

/// <summary>A visitor's browser: one page to begin with, and what the browser complained of.</summary>
public sealed class BrowserVisit : IAsyncDisposable
{
    private readonly SourceProxy _road;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentDictionary<string, bool> _documents = new(StringComparer.Ordinal);

    internal BrowserVisit(IBrowserContext context, SourceProxy road, IPage page)
    {
        (Context, _road, Page) = (context, road, page);
        context.Console += (_, message) => Keep(message);
        context.WebError += (_, error) => _complaints.Enqueue(error.Error);
        context.Response += (_, response) =>
        {
            if (response.Request.IsNavigationRequest)
            {
                _documents[response.Url] = true;
            }
        };
    }

    /// <summary>Cookies, permissions and further pages.</summary>
    public IBrowserContext Context { get; }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>
    /// What the browser's console shows as an error: scripts that failed, parts of the page that are missing, and what the page's own
    /// policy forbade. A page that was itself answered with 4xx is no complaint: the test knows what it asked for.
    /// </summary>
    public IReadOnlyList<string> Complaints => [.. _complaints];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Context.CloseAsync();
        await _road.DisposeAsync();
    }

    private void Keep(IConsoleMessage message)
    {
        if (message.Type != "error")
        {
            return;
        }

        // The location is the address, then line and column.
        var refusedPage = message.Text.StartsWith("Failed to load resource: the server responded with a status of", StringComparison.Ordinal)
            && _documents.Keys.Any(url => message.Location.StartsWith(url + ":", StringComparison.Ordinal));
        if (!refusedPage)
        {
            _complaints.Enqueue($"{message.Text} ({message.Location})");
        }
    }
}
