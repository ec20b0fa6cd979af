using AuthGateway.Core.Backends;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login.AppPasswords;

/// <summary>
/// From Basic credentials with an app password to one user of one backend, before any backend is shown a secret. The password must be this very user's:
/// the name is looked up as for everybody who is let in without his account's password, and what the directory says of the account counts. A right app
/// password at the wrong place is refused and not counted, for it is no guess; a wrong one is.
/// </summary>
public sealed partial class AppPasswordFlow(LiveAppPasswords passwords, LoginFlow login, LockoutGuard guard, TimeProvider time, ILogger<AppPasswordFlow> logger)
{
    /// <summary>
    /// Judges the credentials when they are, or may only be, an app password. Null when they are for <see cref="LoginFlow"/> to judge: the account's own
    /// password, where the policy takes it.
    /// </summary>
    public ValueTask<LoginResult>? TryProve(in AppPasswordRequest request, CancellationToken cancellationToken)
    {
        if (request.Login.Secret.IsEmpty)
        {
            return null; // refused as such, for every name
        }

        var look = passwords.Look(request.Login.Secret);
        var name = TaggedName.Of(request.Login.Name);
        if (look.Live is { } password)
        {
            // What does not depend on the directory decides before it is asked; the answer waits all the same.
            var key = KeyOf(request.Login, name.Name, password.Record.Id);
            return FindFault(request, name, password) is null && login.Resolved.Find(key) is { AppPassword: not null } known && !guard.IsShutOut(request.Login.ClientAddress, request.Login.Lockout)
                ? Use(request, known)
                : ProveAsync(request, name, password, cancellationToken);
        }

        if (look.Ended is { } ended)
        {
            return RefuseEndedAsync(request, name, ended, cancellationToken);
        }

        if (name.Tag is not null)
        {
            return RefuseGuessAsync(request, name, VerdictReason.AppPasswordWrong, $"no app password of the user fits, tag \"{name.Tag}\"", cancellationToken);
        }

        if (!request.TakesAppPassword || request.TakesPassword)
        {
            return null;
        }

        return look.IsShaped
            ? RefuseGuessAsync(request, name, VerdictReason.AppPasswordWrong, "no app password of anybody", cancellationToken)
            : RefuseGuessAsync(request, name, VerdictReason.AppPasswordNeeded, "no app password; no backend was shown it", cancellationToken);
    }

    /// <summary>
    /// Refuses an app password that was typed into a page, right as it may be, before any backend is shown it. Null for every other secret. Not counted:
    /// whoever knows it guesses nothing.
    /// </summary>
    public ValueTask<LoginResult>? TryRefuseOnPage(in LoginRequest request, CancellationToken cancellationToken)
    {
        var look = passwords.Look(request.Secret);
        if (!look.IsKnown || guard.IsShutOut(request.ClientAddress, request.Lockout))
        {
            return null; // whoever is shut out is told so, whatever he types, and no backend is asked
        }

        var tag = look.Live?.Record.Tag ?? look.Ended!.Tag;
        return HoldAsync(Refuse(request, VerdictReason.AppPasswordScope, null, $"app password \"{tag}\" on a page"), request.Options, time.GetTimestamp(), cancellationToken);
    }

    private static ResolvedKey KeyOf(in LoginRequest request, UserName name, string witness) =>
        new(request.Generation, FactorSet.AppPassword, request.Scope, null, name.Folded, witness);

    private ValueTask<LoginResult> Use(in AppPasswordRequest request, LoginResult.Proven proven)
    {
        proven.AppPassword!.Password.Touch(time.GetUtcNow(), request.Login.ClientAddress, request.UserAgent);
        return new(proven);
    }

    /// <summary>Why this app password does not open this place, or null.</summary>
    private Fault? FindFault(in AppPasswordRequest request, in TaggedName name, AppPassword password)
    {
        var record = password.Record;
        if (name.Tag is not null && !string.Equals(name.Tag, record.Tag, StringComparison.Ordinal))
        {
            return new Fault(VerdictReason.AppPasswordWrong, $"{password.Told}, but the name says \"{name.Tag}\"", IsGuess: true);
        }

        if (password.IsExpired(time.GetUtcNow()))
        {
            return new Fault(VerdictReason.AppPasswordEnded, $"{password.Told} expired {record.ExpiresAt:u}");
        }

        if (!request.TakesAppPassword)
        {
            return new Fault(VerdictReason.AppPasswordScope, $"{password.Told}, which the policy does not take");
        }

        if (request.Login.ActsFor is not null)
        {
            // Who acts for another does it by his own password and factors: what a client stores must not open other people's mailboxes.
            return new Fault(VerdictReason.AppPasswordScope, $"{password.Told}, which acts for nobody else");
        }

        if (!password.Opens(request.Class, request.Login.Scope))
        {
            return new Fault(VerdictReason.AppPasswordScope, $"{password.Told} is for {string.Join(", ", record.For)}");
        }

        if (!password.IsGoodFrom(request.Login.ClientAddress, request.Networks))
        {
            return new Fault(VerdictReason.AppPasswordScope, $"{password.Told} is good from {string.Join(", ", record.Networks)} only");
        }

        return record.DeviceId is { } device && !string.Equals(device, request.Login.DeviceId, StringComparison.Ordinal)
            ? new Fault(VerdictReason.AppPasswordScope, $"{password.Told} is good on another device only")
            : null;
    }

    private async ValueTask<LoginResult> ProveAsync(AppPasswordRequest request, TaggedName name, AppPassword password, CancellationToken cancellationToken)
    {
        try
        {
            return await JudgeAsync(request, name, password, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            Log.Unavailable(logger, request.Login.Scope, e.Message);
            return new LoginResult.Unavailable(VerdictReason.StoreUnavailable, e.Message);
        }
    }

    private async ValueTask<LoginResult> JudgeAsync(AppPasswordRequest request, TaggedName name, AppPassword password, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var key = KeyOf(request.Login, name.Name, password.Record.Id);
        if (guard.IsShutOut(request.Login.ClientAddress, request.Login.Lockout))
        {
            return await HoldAsync(Refuse(request.Login, VerdictReason.AddressLocked, null, password.Told), request.Login.Options, begun, cancellationToken);
        }

        var epoch = login.Resolved.Epoch;
        var who = await AskAsync(request.Login, key, name.Name, cancellationToken);
        var fault = FindFault(request, name, password);
        var identity = IdentityOf(who);
        if (identity is not null && !string.Equals(identity.Key, password.Record.IdentityKey, StringComparison.Ordinal))
        {
            return await CountAsync(request.Login, name, identity, VerdictReason.AppPasswordWrong, $"{password.Told} of another user", begun, cancellationToken);
        }

        if (who is Resolution.UnknownUser)
        {
            return await CountAsync(request.Login, name, null, VerdictReason.AppPasswordWrong, $"{password.Told}, and nobody has the name: {who.Told}", begun, cancellationToken);
        }

        if (fault is not null)
        {
            return fault.IsGuess
                ? await CountAsync(request.Login, name, identity, fault.Reason, fault.Detail, begun, cancellationToken)
                : await HoldAsync(Refuse(request.Login, fault.Reason, identity, fault.Detail), request.Login.Options, begun, cancellationToken);
        }

        switch (who)
        {
            case Resolution.Found found:
                // The account's locks keep guesses out, and this is none: who guesses at her password must not stop her phone. Nothing was charged, and no
                // place becomes familiar: a stolen one would bring its thief's network along, and push out the owner's places.
                var proven = new LoginResult.Proven(found.Identity, Attempt.None, FromCache: false, new CredentialSlot())
                {
                    Proves = FactorSet.AppPassword,
                    AppPassword = new AppPasswordProof(password),
                };
                login.Resolved.Add(key, proven with { FromCache = true }, request.Login.Options.CacheLifetime, request.Login.Options.OutageLifetime, epoch);
                Log.Accepted(logger, found.Identity.Login, found.Backend, password.Record.Tag, request.Login.Scope, found.Told);
                return await Use(request, proven);
            case Resolution.AccountState state:
                if (!AccountStates.IsOfTheMoment(state.State))
                {
                    login.Forget(state.Identity.Key);
                }

                return await HoldAsync(Refuse(request.Login, VerdictReason.AccountState, state.Identity, $"{state.State}: {state.Told}"), request.Login.Options, begun, cancellationToken);
            case Resolution.Unavailable unavailable when login.Resolved.FindStale(key) is { AppPassword: not null } stale:
                Log.Unconfirmed(logger, stale.Identity.Login, password.Record.Tag, request.Login.Scope, unavailable.Why);
                return await Use(request, stale);
            case Resolution.Unavailable unavailable:
                Log.Unavailable(logger, request.Login.Scope, unavailable.Why);
                return new LoginResult.Unavailable(VerdictReason.BackendUnavailable, unavailable.Why);
            default:
                throw new InvalidOperationException("The chain gave no answer.");
        }
    }

    private async ValueTask<LoginResult> RefuseEndedAsync(AppPasswordRequest request, TaggedName name, EndedAppPassword ended, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var who = await AskAsync(request.Login, KeyOf(request.Login, name.Name, ""), name.Name, cancellationToken) as Resolution.Found;
        if (who is not null && !string.Equals(who.Identity.Key, ended.IdentityKey, StringComparison.Ordinal))
        {
            return await CountAsync(request.Login, name, who.Identity, VerdictReason.AppPasswordWrong, $"revoked app password \"{ended.Tag}\" of another user", begun, cancellationToken);
        }

        return await HoldAsync(
            Refuse(request.Login, VerdictReason.AppPasswordEnded, who?.Identity, $"app password \"{ended.Tag}\" of {ended.Login} was revoked {ended.EndedAt:u}"),
            request.Login.Options,
            begun,
            cancellationToken);
    }

    private ValueTask<LoginResult> RefuseGuessAsync(AppPasswordRequest request, TaggedName name, VerdictReason reason, string detail, CancellationToken cancellationToken)
    {
        // Whose counter it is: every spelling of the name leads to one. Nobody's while the directory is away, and then the name's own. Nobody is asked for a repeat,
        // and a client that hangs up ends neither the question nor the counting.
        var guess = new Guess(
            async () => IdentityOf(await AskAsync(request.Login, KeyOf(request.Login, name.Name, ""), name.Name, CancellationToken.None)), reason, detail);
        return login.RefuseGuessAsync(request.Login with { Name = name.Name }, guess, time.GetTimestamp(), cancellationToken);
    }

    private static UserIdentity? IdentityOf(Resolution resolution) => resolution switch
    {
        Resolution.Found found => found.Identity,
        Resolution.AccountState state => state.Identity,
        _ => null,
    };

    private ValueTask<LoginResult> CountAsync(
        in LoginRequest request, in TaggedName name, UserIdentity? known, VerdictReason reason, string detail, long begun, CancellationToken cancellationToken) =>
        login.RefuseGuessAsync(request with { Name = name.Name }, new Guess(() => new ValueTask<UserIdentity?>(known), reason, detail), begun, cancellationToken);

    /// <summary>Who a name is; asked of the chain without a secret, and for a guess remembered as long as a proven name.</summary>
    private async ValueTask<Resolution> AskAsync(LoginRequest request, ResolvedKey key, UserName name, CancellationToken cancellationToken)
    {
        var isGuess = key.Witness!.Length == 0;
        if (isGuess && login.Resolved.Find(key) is { } known)
        {
            return new Resolution.Found(known.Identity, known.Identity.Backend, []);
        }

        var epoch = login.Resolved.Epoch;
        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var resolution = await request.Chain.ResolveAsync(name, request.Scope, backend: null, end.Token);
        cancellationToken.ThrowIfCancellationRequested();
        if (isGuess && resolution is Resolution.Found found)
        {
            login.Resolved.Add(key, found.Identity, new CredentialSlot(), request.Options.CacheLifetime, epoch);
        }

        return resolution;
    }

    private LoginResult.Refused Refuse(in LoginRequest request, VerdictReason reason, UserIdentity? known, string detail)
    {
        Log.Refused(logger, known?.Login ?? "(unknown)", request.Scope, reason, detail);
        return new LoginResult.Refused(reason, known, detail);
    }

    /// <summary>Holds a refusal back until the time every failed login takes, so that its time tells nothing about its reason.</summary>
    private ValueTask<LoginResult> HoldAsync(LoginResult.Refused refused, LoginOptions options, long begun, CancellationToken cancellationToken) =>
        FailureFloor.HoldAsync(refused, options, begun, time, cancellationToken);

    private sealed record Fault(VerdictReason Reason, string Detail, bool IsGuess = false);

    private static partial class Log
    {
        [LoggerMessage(EventIds.AppPasswordAccepted, LogLevel.Information, "{User} of {Backend} came with the app password {Tag} for {Scope} ({Trace}).")]
        public static partial void Accepted(ILogger logger, string user, string backend, string tag, string scope, string trace);

        [LoggerMessage(EventIds.AppPasswordRefused, LogLevel.Information, "{User} was refused for {Scope}: {Reason} ({Detail}).")]
        public static partial void Refused(ILogger logger, string user, string scope, VerdictReason reason, string detail);

        [LoggerMessage(EventIds.AppPasswordUnavailable, LogLevel.Warning, "An app password for {Scope} could not be judged: {Why}.")]
        public static partial void Unavailable(ILogger logger, string scope, string why);

        [LoggerMessage(EventIds.AppPasswordUnconfirmed, LogLevel.Information, "{User} is let in by the app password {Tag} for {Scope} although nobody can be asked about the account: {Why}.")]
        public static partial void Unconfirmed(ILogger logger, string user, string tag, string scope, string why);
    }
}
