using System.Diagnostics;
using System.Globalization;

namespace AuthGateway.Benchmarks;

/// <summary>One step and what it is held to.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Run">Does it once; true when it did what it was meant to, for a benchmark of a refusal measures nothing.</param>
/// <param name="MustNotAllocate">True where the target is no garbage at all.</param>
internal sealed record Step(string Name, Func<bool> Run, bool MustNotAllocate = false)
{
    /// <summary>Nanoseconds it may take; null where nobody promised any.</summary>
    public double? Most { get; init; }

    /// <summary>The step of the same run it is set against, or null: a busy machine slows both.</summary>
    public string? Baseline { get; init; }
}

/// <summary>Nanoseconds and bytes per step, fast enough to be part of every run of tests/bench.sh.</summary>
internal static class QuickRun
{
    private const int Rounds = 12;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(350);
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(25);

    public static int Run(TextWriter output)
    {
        using var path = new WarmPath();
        path.Prepare();
        var failed = 0;
        var measured = new Dictionary<string, double>(StringComparer.Ordinal);
        output.WriteLine($"{"warm path, one thread",-44} {"ns/op",9} {"bytes/op",9}");
        foreach (var step in path.Steps)
        {
            var (nanoseconds, bytes) = Measure(step);
            measured[step.Name] = nanoseconds;
            var note = !step.MustNotAllocate ? "" : bytes < 0.01 ? "target 0: met" : "target 0: MISSED";
            if (step.Most is { } most)
            {
                note += string.Create(CultureInfo.InvariantCulture, $"{(note.Length > 0 ? ", " : "")}target {most / 1000:F0} us: {(nanoseconds <= most ? "met" : "MISSED")}");
            }

            if (step.Baseline is { } baseline)
            {
                note += string.Create(CultureInfo.InvariantCulture, $", {nanoseconds / measured[baseline]:F2} x \"{baseline}\"");
            }

            failed += step.MustNotAllocate && bytes >= 0.01 ? 1 : 0;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Name,-44} {nanoseconds,9:F1} {bytes,9:F0} {note}").TrimEnd());
        }

        output.WriteLine(failed == 0 ? "steps that must not allocate: all met" : $"steps that must not allocate: {failed} MISSED");
        return 0;
    }

    private static (double Nanoseconds, double Bytes) Measure(Step step)
    {
        // The compiler replaces hot code in the background: let it see the step often enough, and for long enough.
        var count = 0L;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp; count++)
        {
            if (!step.Run())
            {
                throw new InvalidOperationException($"\"{step.Name}\" did not do what it is meant to measure.");
            }
        }

        var iterations = (int)Math.Max(64, count * (Round / WarmUp));
        var nanoseconds = double.MaxValue;
        var bytes = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            var right = true;
            for (var i = 0; i < iterations; i++)
            {
                right &= step.Run();
            }

            nanoseconds = Math.Min(nanoseconds, Stopwatch.GetElapsedTime(start).TotalNanoseconds / iterations);
            bytes = Math.Min(bytes, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)iterations);
            if (!right)
            {
                throw new InvalidOperationException($"\"{step.Name}\" did not do what it is meant to measure.");
            }
        }

        // The least disturbed round: what other programs do only ever adds.
        return (nanoseconds, bytes);
    }
}
