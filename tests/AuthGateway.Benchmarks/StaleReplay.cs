using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace AuthGateway.Benchmarks;

/// <summary>Clients that do not know that their password was changed: the same one again and again, at a steady pace whatever is answered.</summary>
internal static class StaleReplay
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(2);

    /// <summary>Sends, waits for what is still under way, and prints one line: sent, the pace kept, answers by status, and the p95 of an answer.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            values[args[i]] = args[i + 1];
        }

        var (host, port) = (values["--host"], int.Parse(values["--port"], CultureInfo.InvariantCulture));
        var (rate, seconds) = (int.Parse(values["--rate"], CultureInfo.InvariantCulture), double.Parse(values["--seconds"], CultureInfo.InvariantCulture));
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = true,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true }, // of the bed; nothing secret is sent
        };
        using var http = new HttpMessageInvoker(handler);
        var target = new Uri($"https://{host}:{port}{values["--path"]}");
        var login = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{values["--user"]}:{values["--password"]}")));
        var answers = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var times = new ConcurrentBag<double>();
        var running = new List<Task>();
        using var timer = new PeriodicTimer(s_tick);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < seconds && await timer.WaitForNextTickAsync())
        {
            while (running.Count < watch.Elapsed.TotalSeconds * rate)
            {
                running.Add(SendAsync());
            }
        }

        var pace = running.Count / watch.Elapsed.TotalSeconds;
        await Task.WhenAll(running);
        var told = string.Join(' ', answers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value}x{pair.Key}"));
        var p95 = times.Order().ElementAt(times.Count * 95 / 100);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{running.Count} sent, {pace:F0} a second, answers {told}, p95 {p95:F0} ms"));
        return 0;

        async Task SendAsync()
        {
            var begun = Stopwatch.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Get, target) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Authorization = login;
            string answer;
            try
            {
                using var response = await http.SendAsync(request, CancellationToken.None);
                answer = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            }
            catch (HttpRequestException e)
            {
                answer = e.HttpRequestError.ToString();
            }

            answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
    }
}
