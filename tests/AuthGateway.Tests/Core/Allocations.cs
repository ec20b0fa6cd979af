namespace AuthGateway.Tests.Core;

/// <summary>Measures what an action allocates on this thread, once it is warm.</summary>
internal static class Allocations
{
    private const int Rounds = 200;

    /// <summary>Bytes per run.</summary>
    public static long Of(Action action)
    {
        for (var i = 0; i < Rounds; i++)
        {
            action();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Rounds; i++)
        {
            action();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
    }
}
