using AuthGateway.Core.Faults;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Signals;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Hosting;

/// <summary>Whether the gateway can do its work: it has started, and its store takes a line and gives it back.</summary>
internal sealed class HealthProbe(ISignalStore store, GatewayState state, IHostApplicationLifetime lifetime, TimeProvider time) : IDisposable
{
    /// <summary>How long an answer is kept: whoever asks in a loop must not make the disk busy.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _one = new(1);
    private string? _problem;
    private long? _askedAt;

    /// <summary>What is wrong in one sentence, or null.</summary>
    public async ValueTask<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return "The gateway is stopping.";
        }

        if (!lifetime.ApplicationStarted.IsCancellationRequested || state.CurrentOrNull is null)
        {
            return "The gateway has not started yet.";
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_askedAt is not { } at || time.GetElapsedTime(at) >= Kept)
            {
                _problem = await AskStoreAsync();
                _askedAt = time.GetTimestamp();
            }

            return _problem;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<string?> AskStoreAsync()
    {
        try
        {
            // Not cancelled with whoever asks: the answer is for all.
            await store.RaiseAsync(SignalNames.HealthProbed, CancellationToken.None);
            _ = await store.ReadAsync(SignalNames.HealthProbed, CancellationToken.None);
            return null;
        }
        catch (StoreUnavailableException e)
        {
            return $"The store does not work, so nobody new can sign in. {e.Message}";
        }
    }
}
