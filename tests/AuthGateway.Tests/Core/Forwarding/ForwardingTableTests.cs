using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.TestKit.Certificates;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Forwarding;

public sealed class ForwardingTableTests
{
    private readonly ServiceBed _bed = new();

    [Theory]
    [InlineData("http://10.0.0.5:8000/path")]
    [InlineData("http://10.0.0.5:8000/?x")]
    [InlineData("http://user@10.0.0.5:8000")]
    [InlineData("http://10.0.0.5:8000#x")]
    [InlineData("ftp://10.0.0.5")]
    [InlineData("10.0.0.5:8000")]
    [InlineData("")]
    public void Build_BadDestination_IsRefused(string destination)
    {
        _bed.Upstreams["app"].Destinations = ["http://10.0.0.5:8000", destination];
        Faults().ShouldContain(fault => fault == $"AuthGateway:Upstreams:app:Destinations[1] = {destination}: A destination is \"http://host:port\" or \"https://host:port\", without path or user.");
    }

    [Theory]
    [InlineData(null, "The file cannot be read as PEM certificates")]
    [InlineData("no certificate at all", "The file holds no certificate.")]
    public void Build_BadCaFile_IsRefused(string? text, string message)
    {
        var path = Path.Combine(Path.GetTempPath(), $"agw-ca-{Guid.NewGuid():N}.pem");
        if (text is not null)
        {
            File.WriteAllText(path, text);
        }

        _bed.Upstreams["app"].CaFile = path;
        Faults().ShouldHaveSingleItem().ShouldStartWith($"AuthGateway:Upstreams:app:CaFile = {path}: {message}");
        File.Delete(path);
    }

    [Fact]
    public void Build_SoundCaFile_GoesIntoTheMetadataWithItsVersion()
    {
        using var authority = TestAuthority.Create();
        var path = authority.WriteCa(Path.Combine(Path.GetTempPath(), $"agw-ca-{Guid.NewGuid():N}.pem"));
        _bed.Upstreams["app"].CaFile = path;
        var metadata = Build(out var faults).Clusters[0].Metadata!;
        faults.All.ShouldBeEmpty();
        metadata[ForwardingTable.CaFile].ShouldBe(path);
        metadata[ForwardingTable.CaVersion].ShouldBe(File.GetLastWriteTimeUtc(path).Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture));
        File.Delete(path);
    }

    [Theory]
    [InlineData("none", null)]
    [InlineData("cookie", "ArrCookie")]
    public void Build_Affinity_NeverNamesThePrunedPolicy(string affinity, string? policy)
    {
        _bed.Upstreams["app"].Affinity = affinity;
        _bed.Upstreams["app"].Destinations = ["http://10.0.0.5:1", "http://10.0.0.6:1/"];
        var cluster = Build(out _).Clusters.ShouldHaveSingleItem();
        cluster.SessionAffinity?.Policy.ShouldBe(policy);
        (cluster.SessionAffinity is null).ShouldBe(policy is null);
        cluster.Destinations!.Values.Select(destination => destination.Address).ShouldBe(["http://10.0.0.5:1/", "http://10.0.0.6:1/"]);
        cluster.HttpRequest!.AllowResponseBuffering.ShouldBe(false);
        cluster.HealthCheck.ShouldNotBeNull();
    }

    [Fact]
    public void Build_NoService_IsTheEmptyTable() => ForwardingTable.Build([], _bed.Upstreams, new FaultList()).ShouldBeSameAs(ForwardingTable.Empty);

    [Fact]
    public void Build_ServiceNamedLikeTheEntrance_HasARouteOfItsOwn()
    {
        _bed.Services["entrance"] = ServiceBed.Web("/a");
        _bed.Services["none"] = ServiceBed.Web("/b");
        Build(out _).Routes.Select(route => route.RouteId).ShouldBe(["web", "entrance", "none", ForwardingTable.EntranceRoute]);
    }

    /// <summary>The proxy takes names without regard to case and drops a whole table with a name twice, and says so in its log only.</summary>
    [Fact]
    public void WithLeftovers_ServiceRenamedByCaseOnly_IsThereOnce()
    {
        var first = Build(out _);
        _bed.Services.Remove("web", out var options);
        _bed.Services["Web"] = options!;
        var second = Build(out _);

        var both = second.WithLeftovers(first);

        both.Routes.Select(route => route.RouteId).ShouldBe(["Web", ForwardingTable.EntranceRoute]);
        both.Clusters.Select(cluster => cluster.ClusterId).ShouldBe(["Web"]);
        first.WithLeftovers(ForwardingTable.Empty).Clusters.Select(cluster => cluster.ClusterId).ShouldBe(["web", "/none"]);
    }

    [Fact]
    public async Task Swap_NewTable_IsFoundWhenItReturns()
    {
        await using var bed = await ForwardingBed.StartAsync();
        using var answer = await bed.Client.GetAsync("/");
        answer.IsSuccessStatusCode.ShouldBeTrue();
    }

    private ForwardingTable Build(out FaultList faults) => ForwardingTable.Build(_bed.Sound().Services, _bed.Upstreams, faults = new FaultList());

    private string[] Faults()
    {
        Build(out var faults);
        return [.. faults.All.Select(fault => $"{fault.Key} = {fault.Value}: {fault.Message}")];
    }
}
