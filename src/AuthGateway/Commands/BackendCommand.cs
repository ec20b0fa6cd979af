using System.CommandLine;
using System.Diagnostics;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Tunnels;
using AuthGateway.Hosting;
using AuthGateway.Rendering;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Commands;

/// <summary><c>backend</c>.</summary>
internal static class BackendCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var name = new Argument<string?>("NAME") { Description = "The backend; without it every one is tried.", Arity = ArgumentArity.ZeroOrOne };
        var user = new Option<string?>("--user") { Description = "Also look this user up, without checking a password.", HelpName = "LOGIN" };
        var test = new Verb(
            "test",
            "Asks account backends whether they answer, and what they know of a user. No password is sent but the search user's own.",
            "authgateway backend test",
            "authgateway backend test directory --user alice")
        {
            name, user,
        };
        host.Handle(test, (context, parsed) => TestAsync(context, parsed.GetValue(name), parsed.GetValue(user)));
        return new Verb("backend", "Account backends.", "authgateway backend test", "authgateway backend test directory --user alice") { test };
    }

    private static async Task<int> TestAsync(CommandContext context, string? name, string? user)
    {
        var (sources, options) = StoreOpening.LoadOptions(context);
        await using var services = StoreOpening.Look(context, sources, options);
        var faults = new FaultList();
        var places = services.GetRequiredService<TunnelPlaces>();
        var chain = BackendFactory.Build(options.Backends, faults, services.GetRequiredService<BackendDependencies>() with { TunnelSocket = places.Socket }, previous: null);
        if (chain is null)
        {
            context.Output.Faults(faults.All);
            return ExitCodes.ConfigurationFaults;
        }

        UserName? who = null;
        if (user is not null && !UserName.TryParse(user, out who))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"\"{user}\" has characters no login name has.");
        }

        var links = chain.Links.Where(link => name is null || string.Equals(link.Backend.Name, name, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (links.Length == 0)
        {
            throw new CommandFailedException(ExitCodes.RefusedOrNotFound, FaultList.Unknown("backend", name!, chain.Links.Select(link => link.Backend.Name)));
        }

        var results = new List<BackendTest>();
        foreach (var link in links)
        {
            context.Output.Progress($"Asking {link.Backend.Name} …");
            results.Add(await AskAsync(link.Backend, who, context.Cancellation));
        }

        await chain.RetireAsync(successor: null, TimeSpan.Zero, context.Time, CancellationToken.None);

        if (context.Output.IsJson)
        {
            context.Output.Json(results);
        }
        else
        {
            context.Output.Table(
                ["BACKEND", "ANSWERS", "TOOK", "USER", "GROUPS"],
                results.Select(result => new[] { result.Backend, result.Problem ?? "yes", $"{result.Milliseconds} ms", result.User ?? "", string.Join(", ", result.Groups) }));
            foreach (var result in results.Where(result => result.Identity is not null || result.Lockout is not null))
            {
                Tell(context.Output, result);
            }
        }

        return results.Exists(result => result.Problem is not null) ? ExitCodes.Unavailable
            : who is not null && results.TrueForAll(result => result.Identity is null) ? ExitCodes.RefusedOrNotFound : ExitCodes.Done;
    }

    private static async Task<BackendTest> AskAsync(IBackend backend, UserName? who, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var problem = await backend.ProbeAsync(cancellationToken);
        string? unjudged = null;
        var lookup = problem is null && who is not null ? await backend.FindAsync(who, cancellationToken) : null;
        if (lookup is BackendLookup.Found incomplete && backend is IIdentityCompleter completer)
        {
            // Who is there and cannot be judged without a password is shown as far as he is known.
            lookup = await completer.CompleteAsync(incomplete, cancellationToken);
            if (lookup is BackendLookup.Unavailable unavailable)
            {
                (lookup, unjudged) = (incomplete, unavailable.Why);
            }
        }

        var lockout = problem is null && backend is IDirectoryLockoutTeller teller
            ? Lockout(await teller.TellLockoutAsync(lookup as BackendLookup.Found, cancellationToken))
            : null;
        var took = (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        var test = lookup switch
        {
            BackendLookup.Found { Identity: var user } found => new BackendTest(backend.Name, unjudged, took, user.Login, user.Key, Sorted(user.Groups))
            {
                Name = user.DisplayName,
                Mail = user.Mail,
                Phone = user.Phone,
                State = found.State,
                Roles = Sorted(user.Roles),
                Services = user.UsageContexts is { } contexts ? Sorted(contexts) : null,
            },
            BackendLookup.Unavailable away => new BackendTest(backend.Name, away.Why, took, null, null, []),
            BackendLookup.UnknownUser => new BackendTest(backend.Name, null, took, "unknown here", null, []),
            BackendLookup.Ambiguous => new BackendTest(backend.Name, null, took, "more than one user here", null, []),
            _ => new BackendTest(backend.Name, problem, took, null, null, []),
        };
        return test with { Lockout = lockout };
    }

    private static LockoutTest Lockout(DirectoryLockoutReport report) => new(
        report.Lockout?.Threshold,
        report.Lockout is null || report.Lockout.ObservationWindow == TimeSpan.MaxValue ? null : (long)report.Lockout.ObservationWindow.TotalSeconds,
        report.Lockout is { } lockout ? DirectoryBudget.Of(lockout.Threshold, lockout.ObservationWindow).Everybody.Limit : null,
        report.Source,
        report.Warning);

    private static IReadOnlyList<string> Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.OrdinalIgnoreCase)];

    private static void Tell(Output output, BackendTest result)
    {
        output.Line(result.Identity is null ? result.Backend : $"{result.User} of {result.Backend}");
        (string Name, string? Value)[] facts = result.Identity is null ? [] :
        [
            ("identity", result.Identity),
            ("state", result.State ?? (result.Problem is null ? "nothing against it" : "not known")),
            ("name", result.Name),
            ("mail", result.Mail),
            ("phone", result.Phone),
            ("roles", result.Roles.Count == 0 ? "none" : string.Join(", ", result.Roles)),
            ("services", result.Services is { } services ? services.Count == 0 ? "none" : string.Join(", ", services) : "not limited by groups"),
        ];
        foreach (var (name, value) in facts.Concat(Facts(result.Lockout)).Where(fact => fact.Value is not null))
        {
            output.Line($"  {name,-10} {value}");
        }
    }

    /// <summary>When the directory locks by itself, and what the gateway therefore lets through.</summary>
    private static IEnumerable<(string Name, string? Value)> Facts(LockoutTest? lockout)
    {
        if (lockout is null)
        {
            yield break;
        }

        yield return ("lockout", lockout switch
        {
            { Threshold: { } threshold } => $"after {threshold} wrong passwords{(lockout.WindowSeconds is { } seconds ? $" within {TimeSpan.FromSeconds(seconds)}" : ", until a right one")}, says {lockout.Source}; at most {lockout.Budget} of them pass the gateway",
            { Warning: null } => $"never, says {lockout.Source}",
            _ => "not known",
        });
        yield return ("warning", lockout.Warning);
    }

    /// <param name="Threshold">Wrong passwords after which the directory locks; null when it never does, or nobody knows.</param>
    /// <param name="WindowSeconds">How long it remembers one; null: until a right one.</param>
    /// <param name="Budget">How many of them the gateway forwards at most.</param>
    /// <param name="Source">Where that stands.</param>
    /// <param name="Warning">What could not be read, and the key to set.</param>
    private sealed record LockoutTest(int? Threshold, long? WindowSeconds, int? Budget, string Source, string? Warning);

    private sealed record BackendTest(string Backend, string? Problem, long Milliseconds, string? User, string? Identity, IReadOnlyList<string> Groups)
    {
        public string? Name { get; init; }

        public string? Mail { get; init; }

        public string? Phone { get; init; }

        public string? State { get; init; }

        public IReadOnlyList<string> Roles { get; init; } = [];

        public IReadOnlyList<string>? Services { get; init; }

        public LockoutTest? Lockout { get; init; }
    }
}
