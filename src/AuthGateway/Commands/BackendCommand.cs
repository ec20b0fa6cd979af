using System.CommandLine;
using System.Diagnostics;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
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
            foreach (var result in results.Where(result => result.Identity is not null))
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
        var lookup = problem is null && who is not null ? await backend.FindAsync(who, cancellationToken) : null;
        if (lookup is BackendLookup.Found incomplete && backend is IIdentityCompleter completer)
        {
            lookup = await completer.CompleteAsync(incomplete, cancellationToken);
        }

        var took = (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return lookup switch
        {
            BackendLookup.Found { Identity: var user } found => new BackendTest(backend.Name, null, took, user.Login, user.Key, Sorted(user.Groups))
            {
                Name = user.DisplayName,
                Mail = user.Mail,
                Phone = user.Phone,
                State = found.State,
                Roles = Sorted(user.Roles),
                Services = user.UsageContexts is { } contexts ? Sorted(contexts) : null,
            },
            BackendLookup.Unavailable unavailable => new BackendTest(backend.Name, unavailable.Why, took, null, null, []),
            BackendLookup.UnknownUser => new BackendTest(backend.Name, null, took, "unknown here", null, []),
            BackendLookup.Ambiguous => new BackendTest(backend.Name, null, took, "more than one user here", null, []),
            _ => new BackendTest(backend.Name, problem, took, null, null, []),
        };
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.OrdinalIgnoreCase)];

    private static void Tell(Output output, BackendTest result)
    {
        output.Line($"{result.User} of {result.Backend}");
        var facts = new (string Name, string? Value)[]
        {
            ("identity", result.Identity),
            ("state", result.State ?? "nothing against it"),
            ("name", result.Name),
            ("mail", result.Mail),
            ("phone", result.Phone),
            ("roles", result.Roles.Count == 0 ? "none" : string.Join(", ", result.Roles)),
            ("services", result.Services is { } services ? services.Count == 0 ? "none" : string.Join(", ", services) : "not limited by groups"),
        };
        foreach (var (name, value) in facts.Where(fact => fact.Value is not null))
        {
            output.Line($"  {name,-10} {value}");
        }
    }

    private sealed record BackendTest(string Backend, string? Problem, long Milliseconds, string? User, string? Identity, IReadOnlyList<string> Groups)
    {
        public string? Name { get; init; }

        public string? Mail { get; init; }

        public string? Phone { get; init; }

        public string? State { get; init; }

        public IReadOnlyList<string> Roles { get; init; } = [];

        public IReadOnlyList<string>? Services { get; init; }
    }
}
