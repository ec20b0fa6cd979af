using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Core.Policies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthGateway.Core.Pipeline;

/// <summary>The corridor every request walks, in this order, whatever its protocol or kind.</summary>
public static class GatewayPipeline
{
    /// <summary>Registers the stages. The order of these lines is the order of judging; docs/pipeline.md shows the same.</summary>
    public static IServiceCollection AddAccessPipeline(this IServiceCollection services)
    {
        services
            .AddStage<ClientAddressStage>()     // who is calling, decided once
            .AddStage<ServiceStage>()           // what is asked for; rule and policy follow
            .AddStage<IpAllowlistStage>()       // from where
            .AddStage<DeviceStage>()            // with which device
            .AddStage<LockoutStage>()           // is this address shut out, before any directory is troubled
            .AddStage<LoginStage>()             // who: credentials now
            .AddStage<FactorStage>()            // proven by enough
            .AddStage<ActForStage>()            // for whom, once he has proven himself
            .AddStage<AuthorizationStage>();    // allowed here: the only stage that says Allow
        services.TryAddSingleton<SignOn>();
        services.TryAddSingleton<AccessJudge>();
        return services;
    }

    private static IServiceCollection AddStage<TStage>(this IServiceCollection services)
        where TStage : class, IAccessStage => services.AddSingleton<IAccessStage, TStage>();
}

/// <summary>Leads one request through the stages until one of them ends the judging.</summary>
internal sealed class AccessJudge
{
    private readonly IAccessStage[] _stages;

    public AccessJudge(IEnumerable<IAccessStage> stages) => _stages = [.. stages];

    /// <summary>The stages in order.</summary>
    public IReadOnlyList<IAccessStage> Stages => _stages;

    /// <summary>Judges. Synchronous as long as no stage has to wait.</summary>
    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _stages.Length; i++)
        {
            var answer = _stages[i].JudgeAsync(request, cancellationToken);
            if (!answer.IsCompletedSuccessfully)
            {
                return Rest(request, answer, i + 1, cancellationToken);
            }

            if (answer.Result.Kind != VerdictKind.Continue)
            {
                return new(Conclude(request, answer.Result));
            }
        }

        return new(Conclude(request, default));
    }

    private async ValueTask<Verdict> Rest(AccessRequest request, ValueTask<Verdict> pending, int next, CancellationToken cancellationToken)
    {
        var verdict = await pending;
        while (verdict.Kind == VerdictKind.Continue)
        {
            verdict = next < _stages.Length ? await _stages[next++].JudgeAsync(request, cancellationToken) : default;
        }

        return Conclude(request, verdict);
    }

    /// <summary>Whoever falls off the end, or gets an answer without a reason, is refused: nothing to say is never yes.</summary>
    private static Verdict Conclude(AccessRequest request, Verdict verdict) =>
        request.Verdict = verdict.Kind == VerdictKind.None || verdict.Reason is null ? Verdict.Deny(VerdictReason.Unjudged) : verdict;
}
