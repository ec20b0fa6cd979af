using Microsoft.AspNetCore.Http;

namespace AuthGateway.Core.Forwarding;

/// <summary>
/// Watches a request while it is being forwarded: a session or an app password that ends cuts it at once, and a WebSocket is judged again every half minute, so
/// that it is closed within a minute of whatever ends its permission.
/// </summary>
internal sealed class OpenRequest : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly HttpContext _context;
    private readonly IAdmittedRequest _admitted;
    private readonly ITimer _timer;
    private int _judging;

    private OpenRequest(HttpContext context, IAdmittedRequest admitted, TimeProvider time)
    {
        _context = context;
        _admitted = admitted;
        _timer = time.CreateTimer(static state => _ = ((OpenRequest)state!).JudgeAsync(), this, Interval, Interval);
    }

    /// <summary>Cuts the request when its session or its app password ends. Costs nothing for a request with neither.</summary>
    public static CancellationTokenRegistration CutWithSession(HttpContext context, IAdmittedRequest admitted) =>
        admitted.Ended is { CanBeCanceled: true } ended ? ended.UnsafeRegister(static state => ((HttpContext)state!).Abort(), context) : default;

    /// <summary>Judges a WebSocket again and again; null for every other request.</summary>
    public static OpenRequest? Watch(HttpContext context, IAdmittedRequest admitted, TimeProvider time) =>
        admitted.IsWebSocket ? new OpenRequest(context, admitted, time) : null;

    public void Dispose() => _timer.Dispose();

    private async Task JudgeAsync()
    {
        // A backend may take longer to answer than the interval; one question at a time is enough.
        if (Interlocked.Exchange(ref _judging, 1) == 1)
        {
            return;
        }

        try
        {
            if (!await _admitted.StillStandsAsync())
            {
                _context.Abort();
            }
        }
        catch (Exception)
        {
            // Whatever went wrong: what cannot be judged is not kept open.
            _context.Abort();
        }
        finally
        {
            Volatile.Write(ref _judging, 0);
        }
    }
}
