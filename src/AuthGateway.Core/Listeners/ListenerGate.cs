using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Core.Listeners;

/// <summary>
/// Holds the peer against the listener's list again for each request: a connection may be older than the list, and a reload that shuts
/// somebody out must reach him without waiting for him to go.
/// </summary>
public static class ListenerGate
{
    /// <summary>Comes first of all middleware.</summary>
    public static IApplicationBuilder UseListenerGate(this IApplicationBuilder app, ListenerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return app.Use(next => context =>
        {
            if (context.Features.Get<IListenerFeature>() is { } listener && state.Current.AllowFrom(listener.Name).Contains(listener.Peer))
            {
                return next(context);
            }

            context.Abort();
            return Task.CompletedTask;
        });
    }
}
