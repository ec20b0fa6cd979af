using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline;

/// <summary>One judging step. It judges and never writes to the response.</summary>
internal interface IAccessStage
{
    /// <summary>Stable name, shown by <c>explain</c>.</summary>
    string Name { get; }

    /// <summary>Judges; completes synchronously unless a backend must be asked.</summary>
    ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken);

    /// <summary>What the stage found, in words, after it has judged: the line <c>explain</c> prints.</summary>
    string Describe(AccessRequest request);
}
