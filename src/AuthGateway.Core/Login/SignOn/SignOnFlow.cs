using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login.SignOn;

/// <summary>
/// From a name that a ticket, a certificate, a network or a forwarder vouches for to one user of one backend. No secret is looked at, so nothing is
/// charged and the counters of guesses do not matter; what the directory says of the account does.
/// </summary>
public sealed partial class SignOnFlow(LoginFlow login, TimeProvider time, ILogger<SignOnFlow> logger)
{
    /// <summary>Looks the name up, or says why nobody is let in under it. Kept for as long as a verified password would be.</summary>
    public ValueTask<LoginResult> ResolveAsync(SignOnRequest request, CancellationToken cancellationToken)
    {
        var key = new ResolvedKey(request.Generation, request.Way, request.Scope, request.Backend, request.Name.Folded, request.Witness);
        return !request.IsFresh && login.Resolved.Find(key) is { } known ? new(known) : AskAsync(request, key, cancellationToken);
    }

    private async ValueTask<LoginResult> AskAsync(SignOnRequest request, ResolvedKey key, CancellationToken cancellationToken)
    {
        var epoch = login.Resolved.Epoch;
        var word = FactorWords.Of(request.Way);
        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var resolution = await request.Chain.ResolveAsync(request.Name, request.Scope, request.Backend, end.Token);
        cancellationToken.ThrowIfCancellationRequested();
        switch (resolution)
        {
            // A certificate names its owner in words that may be free to anybody in the directory: the user found must be known by all of them.
            case Resolution.Found found when request.Way == FactorSet.Device && !DeviceOwner.Matches(found.Identity, request.Name.Text):
                return Refuse(request, word, VerdictReason.IdentityMismatch, found.Identity, $"certificate of {request.Name.Text}, found {found.Identity}");
            case Resolution.Found found when request.Way == FactorSet.Kerberos && !TicketOwner.Matches(found.Identity, request.Name):
                return Refuse(request, word, VerdictReason.IdentityMismatch, found.Identity, $"ticket of {request.Name.Text}, found {found.Identity}");
            case Resolution.Found found:
                var slot = new CredentialSlot();
                if (!request.IsFresh)
                {
                    login.Resolved.Add(key, found.Identity, slot, request.Options.CacheLifetime, epoch);
                }

                Log.Resolved(logger, found.Identity.Login, found.Backend, word, request.Scope, found.Told);
                return new LoginResult.Proven(found.Identity, Attempt.None, FromCache: false, slot);
            case Resolution.AccountState state:
                if (!AccountStates.IsOfTheMoment(state.State))
                {
                    login.Forget(state.Identity.Key);
                }

                return Refuse(request, word, VerdictReason.AccountState, state.Identity, $"{state.State}: {state.Told}");
            case Resolution.UnknownUser:
                return Refuse(request, word, VerdictReason.UnknownUser, null, resolution.Told);
            case Resolution.Unavailable unavailable:
                Log.Unavailable(logger, word, request.Scope, unavailable.Why);
                return new LoginResult.Unavailable(VerdictReason.BackendUnavailable, unavailable.Why);
            default:
                throw new InvalidOperationException("The chain gave no answer.");
        }
    }

    private LoginResult.Refused Refuse(SignOnRequest request, string word, VerdictReason reason, UserIdentity? known, string detail)
    {
        Log.Refused(logger, request.Name.Text, word, request.Scope, reason, detail);
        return new LoginResult.Refused(reason, known, detail);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SignOnResolved, LogLevel.Information, "{User} of {Backend} is let in by {Factor} for {Scope} ({Trace}).")]
        public static partial void Resolved(ILogger logger, string user, string backend, string factor, string scope, string trace);

        [LoggerMessage(EventIds.SignOnRefused, LogLevel.Information, "{Name}, told by {Factor}, was refused for {Scope}: {Reason} ({Detail}).")]
        public static partial void Refused(ILogger logger, string name, string factor, string scope, VerdictReason reason, string detail);

        [LoggerMessage(EventIds.SignOnUnavailable, LogLevel.Warning, "A sign-on by {Factor} for {Scope} could not be judged: {Why}.")]
        public static partial void Unavailable(ILogger logger, string factor, string scope, string why);
    }
}
