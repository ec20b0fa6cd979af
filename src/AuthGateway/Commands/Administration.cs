using AuthGateway.Core.Audit;
using AuthGateway.Core.Signals;

namespace AuthGateway.Commands;

/// <summary>
/// The one way a verb changes something. The record is written first: a change nobody recorded cannot happen, and a
/// change that then fails leaves a second record saying so.
/// </summary>
internal sealed class Administration(Stores stores, CommandContext context)
{
    /// <summary>Records, changes, and tells a running gateway; false when the change did not happen.</summary>
    /// <param name="reason">Stable word, e.g. <c>user-added</c>.</param>
    /// <param name="signal">One of <see cref="SignalNames"/>; null when no running gateway need hear of it.</param>
    /// <param name="identity">Key of the identity concerned, or null.</param>
    /// <param name="name">Login or counter concerned.</param>
    /// <param name="change">The change; false when it found nothing to change.</param>
    /// <param name="detail">What more there is to say, or null.</param>
    public async Task<bool> ChangeAsync(
        string reason, string? signal, string? identity, string name, Func<CancellationToken, ValueTask<bool>> change, string? detail = null)
    {
        await RecordAsync(reason, "done", identity, name, detail);
        var changed = false;
        try
        {
            changed = await change(context.Cancellation);
        }
        finally
        {
            if (!changed)
            {
                await RecordAsync(reason, "failed", identity, name, detail);
            }
        }

        if (changed && signal is not null)
        {
            // Not cancelled: the change stands, so the gateway must hear of it.
            await stores.Signals.RaiseAsync(signal, CancellationToken.None);
        }

        return changed;
    }

    private ValueTask RecordAsync(string reason, string verdict, string? identity, string name, string? detail) => stores.Audit.AppendAsync(
        [
            new AuditRecord
            {
                At = context.Time.GetUtcNow(),
                Event = AuditEvents.Administration,
                Reason = reason,
                Verdict = verdict,
                TypedName = name.Length <= 256 ? name : name[..256],
                Identity = identity,
                Detail = $"{(detail is null ? "" : $"{detail}, ")}by {context.Actor} on the command line",
            },
        ],
        CancellationToken.None);
}
