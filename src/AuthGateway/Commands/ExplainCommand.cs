using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Hosting;
using AuthGateway.Rendering;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Commands;

/// <summary><c>explain</c>.</summary>
internal static class ExplainCommand
{
    private static readonly Dictionary<string, FactorSet> Factors = new(StringComparer.Ordinal)
    {
        ["totp"] = FactorSet.Totp, ["kerberos"] = FactorSet.Kerberos, ["header"] = FactorSet.Header, ["network"] = FactorSet.Network, ["device"] = FactorSet.Device, ["password"] = FactorSet.Password,
        ["app-password"] = FactorSet.AppPassword,
    };

    public static Verb Create(CommandLineHost host)
    {
        var url = new Argument<string>("URL") { Description = "What is asked for, such as https://mail.example.com/SOGo/." };
        var method = new Option<string>("--method") { Description = "HTTP method.", DefaultValueFactory = _ => "GET" };
        var from = new Option<string>("--from") { Description = "Client address.", DefaultValueFactory = _ => "203.0.113.7", HelpName = "ADDRESS" };
        var user = new Option<string?>("--user") { Description = "Who is signed in; without it nobody is.", HelpName = "LOGIN" };
        var group = new Option<string[]>("--group") { Description = "A group the user is in; may be given several times.", DefaultValueFactory = _ => [] };
        var role = new Option<string[]>("--role") { Description = "A role the user holds; may be given several times.", DefaultValueFactory = _ => [] };
        var alias = new Option<string[]>("--alias") { Description = "Another name of the user, such as the mail address; may be given several times.", DefaultValueFactory = _ => [] };
        var factor = new Option<string[]>("--factor") { Description = "What the user has proven: totp besides the password; kerberos, header, network, device or app-password in its place. May be given several times.", DefaultValueFactory = _ => [], HelpName = "FACTOR" };
        factor.AcceptOnlyFromAmong([.. Factors.Keys]);
        var actFor = new Option<string?>("--act-for") { Description = "Whom the user acts for: login or mail address.", HelpName = "LOGIN" };
        var actForGroup = new Option<string[]>("--act-for-group") { Description = "A group that one is in; may be given several times.", DefaultValueFactory = _ => [], HelpName = "GROUP" };
        var actForRole = new Option<string[]>("--act-for-role") { Description = "A role that one holds; may be given several times.", DefaultValueFactory = _ => [], HelpName = "ROLE" };
        var certificate = new Option<string?>("--certificate") { Description = "PEM file with the client certificate.", HelpName = "FILE" };
        var destination = new Option<string?>("--destination") { Description = "Destination header of COPY and MOVE.", HelpName = "URL" };
        var verb = new Verb(
            "explain",
            "Judges a made-up request with the objects that judge real ones and tells what every stage says. Nothing is charged and no directory is asked.",
            "authgateway explain https://mail.example.com/SOGo/ --from 10.0.0.5 --user alice --group mailusers",
            "authgateway explain 'https://eas.example.com/Microsoft-Server-ActiveSync?Cmd=Ping&User=alice&DeviceId=D1&DeviceType=iPhone' --method POST --certificate alice.pem")
        {
            url, method, from, user, group, role, alias, factor, actFor, actForGroup, actForRole, certificate, destination,
        };
        host.Handle(verb, async (context, parsed) =>
        {
            X509Certificate2? shown = null;
            if (parsed.GetValue(certificate) is { } file)
            {
                try
                {
                    shown = X509CertificateLoader.LoadCertificateFromFile(file);
                }
                catch (Exception e) when (e is CryptographicException or IOException)
                {
                    throw new CommandFailedException(ExitCodes.Usage, $"{file} cannot be read as a certificate: {e.Message}", "Give a PEM or DER file.");
                }
            }

            var question = new ExplainQuestion(
                parsed.GetValue(url)!, parsed.GetValue(method)!, parsed.GetValue(from)!, parsed.GetValue(user), parsed.GetValue(group)!, parsed.GetValue(alias)!, shown, parsed.GetValue(destination))
            {
                Factors = parsed.GetValue(factor)!.Aggregate(FactorSet.None, (all, word) => all | Factors[word]),
                Roles = parsed.GetValue(role)!,
                ActFor = parsed.GetValue(actFor),
                ActForGroups = parsed.GetValue(actForGroup)!,
                ActForRoles = parsed.GetValue(actForRole)!,
            };
            return await ExplainAsync(context, question);
        });
        return verb;
    }

    private static async Task<int> ExplainAsync(CommandContext context, ExplainQuestion question)
    {
        var (sources, options) = StoreOpening.LoadOptions(context);
        await using var services = StoreOpening.Look(context, sources, options);
        var faults = new FaultList();
        var build = services.GetRequiredService<GatewayTableBuilder>().Build(options, demo: true, faults, previous: null);
        if (build is null)
        {
            context.Output.Faults(faults.All);
            return ExitCodes.ConfigurationFaults;
        }

        await services.GetRequiredService<LockoutGuard>().RefreshAsync(context.Cancellation);
        question = question with { Counters = await CountersAsync(services, options, question.User, context.Cancellation) };
        ExplainAnswer answer;
        try
        {
            answer = await services.GetRequiredService<Explanation>().ExplainAsync(build.Table, question, context.Cancellation);
        }
        catch (FormatException e)
        {
            throw new CommandFailedException(ExitCodes.Usage, e.Message);
        }

        if (context.Output.IsJson)
        {
            context.Output.Json(new { answer.Allowed, Reason = answer.Reason.Code, answer.Reason.Meaning, answer.Service, answer.Upstream, answer.Identity, answer.Steps });
        }
        else
        {
            Tell(context.Output, question, answer);
        }

        return answer.Allowed ? ExitCodes.Done : ExitCodes.RefusedOrNotFound;
    }

    /// <summary>What the logins of a name are counted under, whoever of the backends it leads to.</summary>
    private static async Task<IReadOnlyList<LockoutKey>> CountersAsync(IServiceProvider services, GatewayOptions options, string? user, CancellationToken cancellationToken)
    {
        if (!UserName.TryParse(user, out var name))
        {
            return [];
        }

        var identities = await KnownNames.FindAsync(
            name,
            services.GetRequiredService<ILocalAccountStore>(),
            options.Backends.OfType<LocalBackendOptions>().FirstOrDefault()?.Name ?? "local",
            services.GetRequiredService<ITotpStore>(),
            services.GetRequiredService<IAuditStore>(),
            cancellationToken);
        string[] kinds = ["user:", "budget:", "budget-strangers:"];
        return [LockoutKey.ForName(name), .. identities.SelectMany(identity => kinds.Select(kind => LockoutKey.FromText(kind + identity)))];
    }

    private static void Tell(Output output, ExplainQuestion question, ExplainAnswer answer)
    {
        var who = question.User is { } user ? $"  as {user}" : "";
        var forWhom = question.ActFor is { } target ? $" for {target}" : "";
        var with = question.Certificate is { } certificate ? $"  with certificate {certificate.GetCertHashString(HashAlgorithmName.SHA256)[..8]}…" : "";
        output.Line($"{question.Method} {question.Url}  from {question.Address}{who}{forWhom}{with}");
        foreach (var step in answer.Steps)
        {
            var verdict = step.Verdict switch
            {
                "continue" => "continue",
                "allow" => $"ALLOW → {answer.Upstream}, {(answer.Identity is "none" ? "no identity told" : $"identity by {answer.Identity}")}",
                _ => $"{step.Verdict.ToUpperInvariant()} ({step.Reason})",
            };
            output.Line($"  {step.Stage,-16} {step.Found,-58} {verdict}");
        }

        if (!answer.Allowed)
        {
            output.Line($"  {answer.Reason.Meaning}");
        }
    }
}
