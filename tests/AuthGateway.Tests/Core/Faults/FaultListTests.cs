using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;

namespace AuthGateway.Tests.Core.Faults;

public sealed class FaultListTests
{
    [Theory]
    [InlineData("ofice", "No network has this name. Known: home, office. Did you mean \"office\"?")]
    [InlineData("OFFICE", "No network has this name. Known: home, office. Did you mean \"office\"?")]
    [InlineData("datacenter", "No network has this name. Known: home, office.")]
    public void Unknown_Name_OffersTheNearestWhenItIsNear(string given, string sentence) =>
        FaultList.Unknown("network", given, ["office", "home"]).ShouldBe(sentence);

    [Fact]
    public void Unknown_NothingDefined_SaysSo() => FaultList.Unknown("network", "x", []).ShouldBe("No network has this name. None is defined.");

    [Fact]
    public void HasErrors_WarningsOnly_IsFalse()
    {
        var faults = new FaultList();
        faults.Warn("k", null, "m");
        faults.HasErrors.ShouldBeFalse();
        faults.Error("k", "v", "m");
        faults.HasErrors.ShouldBeTrue();
        faults.All.Count.ShouldBe(2);
    }

    [Fact]
    public void NetworkCatalog_Resolve_JoinsNamesAndRanges()
    {
        var faults = new FaultList();
        var catalog = NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal) { ["office"] = ["10.0.0.0/8"], ["empty"] = [], ["bad"] = ["10.0.0.300"] }, faults);
        faults.All.Select(fault => fault.Key).Distinct(StringComparer.Ordinal).ShouldBe(["AuthGateway:Networks:empty", "AuthGateway:Networks:bad"]);

        var sound = new FaultList();
        var set = catalog.Resolve(["OFFICE", "192.0.2.0/24", "2001:db8::/32"], "k", sound);
        sound.All.ShouldBeEmpty();
        new[] { "10.9.9.9", "192.0.2.9", "2001:db8::1" }.ShouldAllBe(text => set.Contains(System.Net.IPAddress.Parse(text)));
        set.Contains(System.Net.IPAddress.Parse("192.0.3.1")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("home")]
    [InlineData("10.0.0.1/33")]
    [InlineData("010.0.0.1")]
    public void NetworkCatalog_ResolveOneBadEntry_LeavesNobodyIn(string entry)
    {
        var faults = new FaultList();
        var catalog = NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal) { ["office"] = ["10.0.0.0/8"] }, faults);
        catalog.Resolve(["office", entry], "k", faults).ShouldBeSameAs(NetworkSet.None);
        faults.HasErrors.ShouldBeTrue();
    }
}
