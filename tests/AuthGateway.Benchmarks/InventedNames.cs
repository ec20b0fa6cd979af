using System.Diagnostics;
using System.Globalization;
using System.Net;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Benchmarks;

/// <summary>
/// Somebody who makes up names as fast as he can, each from an address of its own: the counters as the gateway keeps them, on a real database, with the worker
/// that keeps them small at its own pace.
/// </summary>
internal static class InventedNames
{
    private const int AtOnce = 32;
    private const int Rounds = 10;

    /// <summary>Prints a line for each tenth: counters, bytes of the database with its log, bytes of this process.</summary>
    public static async Task<int> RunAsync(int names)
    {
        using var bed = new TemporaryDatabase();
        var store = TemporaryDatabase.Counters(bed.Open());
        var guard = new LockoutGuard(store, TimeProvider.System, NullLogger<LockoutGuard>.Instance);
        using var worker = new LockoutWorker(guard, store, TimeProvider.System, NullLogger<LockoutWorker>.Instance);
        await worker.StartAsync(CancellationToken.None);
        var policy = LockoutPolicy.From(new LockoutOptions());
        var watch = Stopwatch.StartNew();
        var (most, largest) = (0, 0L);
        for (var round = 0; round < Rounds; round++)
        {
            var (next, end) = (round * (names / Rounds) - 1, (round + 1) * (names / Rounds));
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
            {
                for (var i = Interlocked.Increment(ref next); i < end; i = Interlocked.Increment(ref next))
                {
                    if (!UserName.TryParse(string.Create(CultureInfo.InvariantCulture, $"invented-{i}"), out var name))
                    {
                        throw new InvalidOperationException("An invented name cannot be read.");
                    }

                    await guard.ChargeAsync(LockoutKey.ForAddress(AddressOf(i)), policy.Address, CancellationToken.None);
                    await guard.ChargeAsync(LockoutKey.ForName(name), policy.Account, CancellationToken.None);
                }
            })));
            var rows = (await store.ListAsync(null, int.MaxValue, CancellationToken.None)).Count;
            var bytes = bed.Directory.EnumerateFiles().Sum(file => file.Length);
            (most, largest) = (Math.Max(most, rows), Math.Max(largest, bytes));
            await WriteAsync($"{end,9} names, {watch.Elapsed.TotalSeconds,6:F0} s: {rows,8} counters, {Megabytes(bytes),6:F1} MB on disk, {Megabytes(Environment.WorkingSet),6:F1} MB of memory");
        }

        await worker.PruneAsync(CancellationToken.None);
        var left = (await store.ListAsync(null, int.MaxValue, CancellationToken.None)).Count;
        await worker.StopAsync(CancellationToken.None);
        await WriteAsync($"names: {names} invented, at most {most} counters and {Megabytes(largest):F1} MB on disk seen, {left} counters left (target <= 200000)");
        return 0;
    }

    private static IPAddress AddressOf(int number) => new([(byte)(11 + (number >> 24)), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    private static double Megabytes(long bytes) => bytes / 1e6;

    private static Task WriteAsync(FormattableString line) => Console.Out.WriteLineAsync(FormattableString.Invariant(line));
}
