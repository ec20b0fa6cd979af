using System.Diagnostics;
using System.Globalization;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Support;

/// <summary>The bed's slow upstream (<c>tests/bed/hold.py</c>) on ports of the test's own, so that its count is the test's own too.</summary>
internal sealed class HoldUpstream : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private readonly int[] _ports;

    private HoldUpstream(Process process, int[] ports) => (_process, _ports) = (process, ports);

    /// <summary>Starts it on so many ports.</summary>
    public static async Task<HoldUpstream> StartAsync(int ports = 1)
    {
        var taken = Enumerable.Range(0, ports).Select(_ => FreePorts.Take()).ToArray();
        var script = Path.Combine(Repository.Root, "tests", "bed", "hold.py");
        var process = Process.Start(new ProcessStartInfo("python3", [script, .. taken.Select(port => port.ToString(CultureInfo.InvariantCulture))]))!;
        var upstream = new HoldUpstream(process, taken);
        if (!await Deadline.PollAsync(TimeSpan.FromSeconds(15), async () => await upstream.IsUpAsync()))
        {
            await upstream.DisposeAsync();
            throw new InvalidOperationException("The slow upstream did not start.");
        }

        return upstream;
    }

    /// <summary>Address of one of its ports.</summary>
    public string Url(int number = 0) => $"http://127.0.0.1:{_ports[number]}";

    /// <summary>How many requests it holds.</summary>
    public async Task<int> CountAsync(int number = 0) =>
        int.Parse(await _http.GetStringAsync(new Uri(Url(number) + "/count")), CultureInfo.InvariantCulture);

    /// <summary>Waits until it holds so many requests.</summary>
    public async Task WaitForCountAsync(int count, TimeSpan within) =>
        (await Deadline.PollAsync(within, async () => await CountAsync() == count)).ShouldBeTrue($"The upstream should hold {count} requests.");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<bool> IsUpAsync()
    {
        try
        {
            await CountAsync(_ports.Length - 1);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
