using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;

namespace AuthGateway.Tests.Core.Services;

public sealed class PolicyTableTests
{
    private readonly FaultList _faults = new();

    [Fact]
    public void Build_EmptyPolicy_IsRefused() => Errors(new()).ShouldBe(
        ["AuthGateway:Policies:p:Factors: The policy asks for no factor and would let everybody in. Name at least [\"password\"], or say \"Anonymous\": true."]);

    [Theory]
    [InlineData("factors")]
    [InlineData("groups")]
    [InlineData("roles")]
    [InlineData("device")]
    public void Build_AnonymousWithMore_IsRefused(string more)
    {
        var options = new PolicyOptions { Anonymous = true };
        _ = more switch
        {
            "factors" => options.Factors = ["password"],
            "groups" => options.Groups = ["staff"],
            "roles" => options.Roles = ["staff"],
            _ => (object)(options.Device = "registered"),
        };
        Errors(options).ShouldBe(["AuthGateway:Policies:p:Anonymous: An anonymous policy cannot ask for factors, groups, roles or a device. Remove them, or remove \"Anonymous\"."]);
    }

    [Fact]
    public void Build_AnonymousWithNetworks_IsTaken()
    {
        var policy = Build(new() { Anonymous = true, Networks = ["10.0.0.0/8"] });
        _faults.All.ShouldBeEmpty();
        policy.Networks.Contains(System.Net.IPAddress.Parse("192.0.2.1")).ShouldBeFalse();
    }

    [Fact]
    public void Build_UnknownFactor_IsNamedWithTheNearest() => Errors(new() { Factors = ["password", "divice"] }).ShouldBe(
        ["AuthGateway:Policies:p:Factors[1]: No factor has this name. Known: app-password, device, header, kerberos, network, password, totp. Did you mean \"device\"?"]);

    [Theory]
    [InlineData("device", FactorSet.Device, false)]
    [InlineData("kerberos", FactorSet.Kerberos, false)]
    [InlineData("password|kerberos,totp", FactorSet.Kerberos, false)]
    [InlineData("device | password", FactorSet.Device, false)]
    [InlineData("header|network", FactorSet.Header, false)]
    [InlineData("totp|device,password|kerberos", FactorSet.Kerberos, false)]
    [InlineData("password,device", FactorSet.None, true)]
    [InlineData("password", FactorSet.None, true)]
    [InlineData("app-password|kerberos", FactorSet.Kerberos, false)]
    [InlineData("app-password", FactorSet.None, false)]
    [InlineData("app-password|password,device", FactorSet.None, false)]
    public void Build_OneEntrySaysWho_IsTaken(string factors, FactorSet insteadOfPassword, bool requiresPassword)
    {
        var policy = Build(new() { Factors = [.. factors.Split(',')] });
        _faults.All.ShouldBeEmpty();
        policy.RequiresPassword.ShouldBe(requiresPassword);
        policy.TakesInsteadOfPassword(FactorKinds.Identifying & ~FactorSet.Password).ShouldBe(insteadOfPassword != FactorSet.None);
        (insteadOfPassword == FactorSet.None || policy.TakesInsteadOfPassword(insteadOfPassword)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("password", true, FactorSet.Password)]
    [InlineData("password|kerberos", true, FactorSet.Kerberos)]
    [InlineData("password", false, FactorSet.Kerberos)]
    [InlineData("password", false, FactorSet.Network | FactorSet.Header | FactorSet.Device | FactorSet.Kerberos)]
    [InlineData("password|kerberos,totp", false, FactorSet.Kerberos)]
    [InlineData("password|kerberos,totp", true, FactorSet.Kerberos | FactorSet.RecoveryCode)]
    [InlineData("kerberos", false, FactorSet.Password | FactorSet.Totp)]
    [InlineData("device", false, FactorSet.None)]
    public void IsMetBy_ATicketIsNoPasswordUnlessThePolicySaysSo(string factors, bool met, FactorSet proven) =>
        Build(new() { Factors = [.. factors.Split(',')] }).IsMetBy(proven).ShouldBe(met);

    [Theory]
    [InlineData("password,totp", "password;totp, recovery")]
    [InlineData("password,device|totp", "password;device, totp, recovery")]
    public void Build_Totp_TakesARecoveryCodeInItsPlace(string factors, string met)
    {
        var policy = Build(new() { Factors = [.. factors.Split(',')] });
        _faults.All.ShouldBeEmpty();
        var expected = met.Split(';').Select(entry => entry.Split(", ").Aggregate(FactorSet.None, (set, word) => set | word switch
        {
            "password" => FactorSet.Password,
            "device" => FactorSet.Device,
            "totp" => FactorSet.Totp,
            _ => FactorSet.RecoveryCode,
        }));
        policy.Factors.ShouldBe(expected);
        (policy.RequiresPassword, policy.RequiresDevice).ShouldBe((true, false));
    }

    [Theory]
    [InlineData("totp")]
    [InlineData("password|totp")]
    [InlineData("totp|device")]
    [InlineData("kerberos|totp")]
    public void Build_ACodeMightBeAll_IsRefused(string factor) => Errors(new() { Factors = [factor] }).ShouldHaveSingleItem().ShouldContain("Nothing here says who somebody is.");

    [Theory]
    [InlineData("deny")]
    [InlineData("Deny")]
    [InlineData("DENY")]
    public void Build_NamedDeny_IsRefusedAndTheBuiltInStays(string name)
    {
        var table = PolicyTable.Build(new Dictionary<string, PolicyOptions>(StringComparer.Ordinal) { [name] = new() { Anonymous = true } }, Networks(), _faults);
        table.Values.ShouldHaveSingleItem().ShouldBeSameAs(Policy.DenyAll);
        _faults.HasErrors.ShouldBeTrue();
    }

    [Theory]
    [InlineData("password,device", "", true)]
    [InlineData("password", "registered", true)]
    [InlineData("password", "", false)]
    [InlineData("password,password|device", "", false)]
    public void Build_Device_IsRequiredAsFactorOrBeside(string factors, string device, bool required)
    {
        var policy = Build(new() { Factors = [.. factors.Split(',')], Device = device });
        _faults.All.ShouldBeEmpty();
        (policy.RequiresDevice, policy.RequiresPassword).ShouldBe((required, true));
    }

    [Fact]
    public void Build_UnknownNetwork_MatchesNobody()
    {
        var policy = Build(new() { Factors = ["password"], Networks = ["office"] });
        policy.Networks.ShouldBeSameAs(NetworkSet.None);
        _faults.All.ShouldHaveSingleItem().Key.ShouldBe("AuthGateway:Policies:p:Networks[0]");
    }

    private Policy Build(PolicyOptions options) =>
        PolicyTable.Build(new Dictionary<string, PolicyOptions>(StringComparer.Ordinal) { ["p"] = options }, Networks(), _faults)["p"];

    private string[] Errors(PolicyOptions options)
    {
        Build(options);
        return [.. _faults.All.Select(fault => $"{fault.Key}: {fault.Message}")];
    }

    private NetworkCatalog Networks() => NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal), _faults);
}
