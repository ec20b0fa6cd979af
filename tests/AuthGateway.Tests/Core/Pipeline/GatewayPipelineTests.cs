using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Tests.Conventions;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Tests.Core.Pipeline;

public sealed class GatewayPipelineTests
{
    private static readonly Type[] Order =
    [
        typeof(ClientAddressStage), typeof(ServiceStage), typeof(IpAllowlistStage), typeof(DeviceStage), typeof(LockoutStage), typeof(LoginStage),
        typeof(FactorStage), typeof(ActForStage), typeof(AuthorizationStage),
    ];

    [Fact]
    public void Stages_StandInTheAgreedOrder() => new ServiceCollection().AddAccessPipeline()
        .Where(service => service.ServiceType == typeof(IAccessStage))
        .Select(service => service.ImplementationType!)
        .ShouldBe(Order);

    [Fact]
    public void Papers_ShowTheSameOrder()
    {
        string[] names = ["client address", "service", "network", "device", "lockout", "login", "factor", "act for", "authorization"];
        var paper = File.ReadAllText(Path.Combine(Repository.Root, "docs", "pipeline.md"));
        var positions = names.Select((name, i) => paper.IndexOf($"{i + 1}. `{name}`", StringComparison.OrdinalIgnoreCase)).ToArray();
        positions.ShouldAllBe(position => position >= 0);
        positions.ShouldBeInOrder();
    }

    [Fact]
    public void Papers_NameEveryReason()
    {
        var paper = File.ReadAllText(Path.Combine(Repository.Root, "docs", "pipeline.md"));
        AuthGateway.Core.Policies.VerdictReason.All.Keys.Where(code => !paper.Contains($"`{code}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
