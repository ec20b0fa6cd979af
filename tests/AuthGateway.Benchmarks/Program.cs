using AuthGateway.Benchmarks;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

switch (args.FirstOrDefault())
{
    case "bare":
        return await BareProxy.RunAsync(BareProxyOptions.Read(args.AsSpan(1)));
    case "pairs":
        return await DirectoryPairs.RunAsync(args[1..]);
    case "silent":
        return await SilentDirectory.RunAsync(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
    case "names":
        return await InventedNames.RunAsync(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
    case "replay":
        return await StaleReplay.RunAsync(args[1..]);
    case "quick":
        return QuickRun.Run(Console.Out);
    case "micro":
        // In this process: a benchmark's own build would look for packages in other versions than the solution's.
        var config = DefaultConfig.Instance
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumn(StatisticColumn.Median);
        var names = args.Length > 1 ? args[1..] : ["--filter", "*"];
        BenchmarkSwitcher.FromAssembly(typeof(WarmPath).Assembly).Run(names, config);
        return 0;
    default:
        await Console.Error.WriteLineAsync(
            """
            usage: AuthGateway.Benchmarks VERB

              quick                      nanoseconds and bytes of every step of the warm path, in about ten seconds
              micro [--filter PATTERN]   the same by BenchmarkDotNet, in some minutes
              bare --port N --cert FILE --key FILE --upstream URL
                                         YARP without any check, for tests/bench.sh to compare with
              pairs --url LDAPS --ca FILE --base DN --user DN --password TEXT --users N --at-once N --seconds S
                                         search and bind per second by the gateway's LDAP client alone
              silent PORT                a directory that accepts and never answers
              names [N]                  charges N invented names, each from an address of its own (1,000,000), and prints how large the tables become
              replay --port N --host NAME --path PATH --user NAME --password TEXT --rate N --seconds S
                                         sends one password so many times a second, and prints how it was answered
            """);
        return 2;
}
