using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>
/// The account backends in the order they are asked. <em>Unknown user</em> and <em>unavailable</em> ask the next one,
/// <em>rejected</em>, <em>account state</em> and <em>ambiguous</em> stop, so a typo is one failure and a definite no is never overruled by
/// a namesake. When nobody accepts and somebody could not be asked, nobody knows: that is an outage, not a refusal.
/// </summary>
public sealed class BackendChain
{
    private readonly ChainLink[] _links;

    /// <summary>Takes the links in order.</summary>
    public BackendChain(IEnumerable<ChainLink> links)
        : this([.. links], new Dictionary<IBackend, string>())
    {
    }

    internal BackendChain(ChainLink[] links, IReadOnlyDictionary<IBackend, string> fingerprints)
    {
        _links = links;
        Fingerprints = fingerprints;
    }

    /// <summary>The links in order.</summary>
    public IReadOnlyList<ChainLink> Links => _links;

    /// <summary>What each backend was built from, so that a reload keeps those whose options did not change.</summary>
    internal IReadOnlyDictionary<IBackend, string> Fingerprints { get; }

    /// <summary>Asks the backends about a name and a secret.</summary>
    /// <param name="name">The typed name.</param>
    /// <param name="secret">Must not be empty: a bind without password succeeds as nobody (RFC 4513, 5.1.2).</param>
    /// <param name="service">What the login is for: backends that are not asked for it are passed over.</param>
    /// <param name="ledger">Where attempts are charged.</param>
    /// <param name="cancellationToken">The deadline of the whole chain. When it passes the answer is <see cref="ChainAnswer.Unavailable"/>.</param>
    public async ValueTask<ChainAnswer> VerifyAsync(UserName name, Secret secret, string service, IAttemptLedger ledger, CancellationToken cancellationToken)
    {
        if (secret.IsEmpty)
        {
            throw new ArgumentException("An empty secret is refused before the chain.", nameof(secret));
        }

        var walk = new Walk(name, secret, ledger);
        foreach (var link in _links)
        {
            if (!link.Serves(service))
            {
                continue;
            }

            bool goOn;
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                goOn = await walk.AskAsync(link, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                walk.NoteOutage(link, "no answer in time");
                goOn = false;
            }

            if (!goOn)
            {
                break;
            }
        }

        return walk.Conclude();
    }

    /// <summary>
    /// Asks who a name is, without a secret. The first backend that knows it decides. An outage ends the asking whatever the link says: the backend that
    /// is away may be the one whose user was proven, and a namesake of a later one is somebody else.
    /// </summary>
    /// <param name="name">The name something else has proven.</param>
    /// <param name="service">What it is for: backends that are not asked for it are passed over.</param>
    /// <param name="backend">The one backend to ask, or null for the chain in order.</param>
    /// <param name="cancellationToken">The deadline.</param>
    public async ValueTask<Resolution> ResolveAsync(UserName name, string service, string? backend, CancellationToken cancellationToken)
    {
        var trace = new List<ChainStep>();
        foreach (var link in _links)
        {
            if (!link.Serves(service) || (backend is not null && !string.Equals(link.Backend.Name, backend, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            BackendLookup lookup;
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                lookup = link.Backend is ISecretOnly ? new BackendLookup.UnknownUser() : await link.Backend.FindAsync(name, cancellationToken);
                if (lookup is BackendLookup.Found { State: null } whole && link.Backend is IIdentityCompleter completer)
                {
                    lookup = await completer.CompleteAsync(whole, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                lookup = new BackendLookup.Unavailable("no answer in time");
            }

            switch (lookup)
            {
                case BackendLookup.Found { State: { } state } found:
                    trace.Add(new ChainStep(link.Backend.Name, ChainWords.AccountState));
                    return new Resolution.AccountState(found.Identity, state, trace);
                case BackendLookup.Found found:
                    trace.Add(new ChainStep(link.Backend.Name, ChainWords.Found));
                    return new Resolution.Found(found.Identity, link.Backend.Name, trace);
                case BackendLookup.UnknownUser:
                    trace.Add(new ChainStep(link.Backend.Name, ChainWords.UnknownUser));
                    break;
                case BackendLookup.Ambiguous:
                    trace.Add(new ChainStep(link.Backend.Name, ChainWords.Ambiguous));
                    return new Resolution.UnknownUser(trace);
                case BackendLookup.Unavailable unavailable:
                    trace.Add(new ChainStep(link.Backend.Name, ChainWords.Unavailable));
                    return new Resolution.Unavailable($"{link.Backend.Name}: {unavailable.Why}", trace);
                default:
                    throw new InvalidOperationException($"Backend {link.Backend.Name} gave no answer to a lookup.");
            }
        }

        return new Resolution.UnknownUser(trace);
    }

    /// <summary>The link of a backend by the name identities carry, or null when the chain has it no longer.</summary>
    public ChainLink? Find(string backend) => Array.Find(_links, link => string.Equals(link.Backend.Name, backend, StringComparison.Ordinal));

    /// <summary>
    /// False when the user's backend is gone or not asked for the service, or his groups do not open it: then a session is worth nothing there. An
    /// identity that does not say what it opens is from before the backend had such rules.
    /// </summary>
    public bool Serves(UserIdentity user, string service) =>
        Find(user.Backend) is { } link && link.Serves(service) && (user.UsageContexts?.Contains(service) ?? !link.LimitsServices);

    /// <summary>Spends on an unknown name what the chain's backends would spend on a known one; false when they are too busy even for that.</summary>
    public async ValueTask<bool> VerifyDummyAsync(Secret secret, CancellationToken cancellationToken)
    {
        foreach (var link in _links)
        {
            if (link.Backend is IDummyVerifier dummy && await dummy.VerifyDummyAsync(secret, cancellationToken) is BackendAnswer.Busy)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Closes the backends a successor does not use, once requests that still hold this chain had their time.
    /// </summary>
    /// <param name="successor">The chain in force; null when the process ends.</param>
    /// <param name="grace">How long running logins may take; a login caught by the end is answered as an outage.</param>
    /// <param name="timeProvider">The clock of the grace.</param>
    /// <param name="cancellationToken">Ends the grace early.</param>
    public async Task RetireAsync(BackendChain? successor, TimeSpan grace, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var kept = successor is null ? [] : successor._links.Select(link => link.Backend).ToHashSet(ReferenceEqualityComparer.Instance);
        var retired = _links.Select(link => link.Backend).Where(backend => !kept.Contains(backend)).ToArray();
        if (retired.Length == 0)
        {
            return;
        }

        await Task.Delay(grace, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var backend in retired)
        {
            switch (backend)
            {
                case IAsyncDisposable asynchronous:
                    await asynchronous.DisposeAsync();
                    break;
                case IDisposable synchronous:
                    synchronous.Dispose();
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>One walk down the chain: what was said so far, and what it comes to.</summary>
    private sealed class Walk(UserName name, Secret secret, IAttemptLedger ledger)
    {
        private readonly List<ChainStep> _trace = [];
        private List<UserIdentity>? _rejected;
        private List<UserIdentity>? _shown;
        private ChainAnswer? _last;
        private string? _outage;

        /// <summary>Asks one backend; true when the next one is to be asked.</summary>
        public async ValueTask<bool> AskAsync(ChainLink link, CancellationToken cancellationToken)
        {
            switch (await link.Backend.FindAsync(name, cancellationToken))
            {
                case BackendLookup.Found found:
                    return await JudgeAsync(link, found, cancellationToken);
                case BackendLookup.UnknownUser:
                    Note(link, ChainWords.UnknownUser);
                    return true;
                case BackendLookup.Ambiguous:
                    Note(link, ChainWords.Ambiguous);
                    return false;
                case BackendLookup.Unavailable unavailable:
                    NoteOutage(link, unavailable.Why);
                    return link.NextWhenUnavailable;
                default:
                    throw new InvalidOperationException($"Backend {link.Backend.Name} gave no answer to a lookup.");
            }
        }

        public void NoteOutage(ChainLink link, string why)
        {
            Note(link, ChainWords.Unavailable);
            _outage = _outage is null ? $"{link.Backend.Name}: {why}" : $"{_outage}; {link.Backend.Name}: {why}";
        }

        public ChainAnswer Conclude() => _last switch
        {
            ChainAnswer.Accepted or ChainAnswer.Busy => _last,
            // Somebody who was not asked might have accepted.
            _ when _outage is not null => new ChainAnswer.Unavailable(_outage, _trace),
            not null => _last,
            null when _rejected is not null => new ChainAnswer.Rejected(_rejected[0], _trace),
            null => new ChainAnswer.UnknownUser(_trace),
        };

        private async ValueTask<bool> JudgeAsync(ChainLink link, BackendLookup.Found found, CancellationToken cancellationToken)
        {
            switch (await ledger.ChargeAsync(found, cancellationToken))
            {
                case ChargeOutcome.Charged:
                    break;
                case ChargeOutcome.KnownWrong:
                    Note(link, ChainWords.KnownWrong);
                    (_rejected ??= []).Add(found.Identity);
                    return link.NextWhenRejected;
                case ChargeOutcome.BudgetSpent:
                    Note(link, ChainWords.BudgetSpent);
                    _last = new ChainAnswer.Locked(found.Identity, _trace) { OfDirectory = true };
                    return false;
                default:
                    Note(link, ChainWords.Locked);
                    _last = new ChainAnswer.Locked(found.Identity, _trace);
                    return false;
            }

            BackendAnswer answer;
            try
            {
                answer = await link.Backend.VerifyAsync(found, secret, cancellationToken);
            }
            catch
            {
                await WithdrawAsync(found.Identity, Withdrawal.Charge);
                throw;
            }

            switch (answer)
            {
                case BackendAnswer.Accepted accepted:
                    Note(link, ChainWords.Accepted);
                    _last = new ChainAnswer.Accepted(accepted.Identity, link.Backend.Name, _trace) { Notice = accepted.Notice };
                    // With "any password that fits" a password of this backend is no guess at the ones before it, nor at those that gave no answer.
                    foreach (var identity in (_rejected ?? []).Concat(_shown ?? []))
                    {
                        await WithdrawAsync(identity, Withdrawal.Charge);
                    }

                    return false;
                case BackendAnswer.Rejected rejected:
                    _trace.Add(new ChainStep(link.Backend.Name, ChainWords.Rejected) { IsUncertain = !rejected.IsCertain });
                    (_rejected ??= []).Add(found.Identity);
                    return link.NextWhenRejected;
                case BackendAnswer.UnknownUser:
                    Note(link, ChainWords.UnknownUser);
                    await WithdrawAsync(found.Identity, Withdrawal.WithBudget);
                    return true;
                case BackendAnswer.AccountState state:
                    Note(link, ChainWords.AccountState);
                    _last = new ChainAnswer.AccountState(found.Identity, state.State, state.SecretProven, _trace) { CanChangePassword = state is { SecretProven: true, CanChangePassword: true } };
                    if (state.SecretProven || state.NothingShown)
                    {
                        await WithdrawAsync(found.Identity, state.SecretProven ? Withdrawal.WithBudget : Withdrawal.NothingShown);
                    }

                    return false;
                case BackendAnswer.Unavailable unavailable:
                    NoteOutage(link, unavailable.Why);
                    if (unavailable.SecretShown)
                    {
                        (_shown ??= []).Add(found.Identity);
                    }
                    else
                    {
                        await WithdrawAsync(found.Identity, unavailable.NothingCounted ? Withdrawal.WithBudget : Withdrawal.Charge);
                    }

                    return link.NextWhenUnavailable;
                case BackendAnswer.Busy:
                    Note(link, ChainWords.Busy);
                    _last = new ChainAnswer.Busy(_trace);
                    await WithdrawAsync(found.Identity, Withdrawal.WithBudget);
                    return false;
                default:
                    await WithdrawAsync(found.Identity, Withdrawal.Charge);
                    throw new InvalidOperationException($"Backend {link.Backend.Name} gave no answer to a secret.");
            }
        }

        /// <summary>Not under the chain's deadline: it may be the very reason why a charge is taken back.</summary>
        private ValueTask WithdrawAsync(UserIdentity identity, Withdrawal what) => ledger.WithdrawAsync(identity, what, CancellationToken.None);

        private void Note(ChainLink link, string answer) => _trace.Add(new ChainStep(link.Backend.Name, answer));
    }
}
