using System.Net;
using System.Text;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Networks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Login.SignOn;

public sealed class TrustedHeaderTests
{
    private const string Forwarder = "10.0.0.9";

    private readonly FaultList _faults = new();

    [Theory]
    [InlineData(Forwarder, "alice", "alice")]
    [InlineData("::ffff:10.0.0.9", "alice", "alice")]
    [InlineData(Forwarder, "", "nothing")]
    [InlineData(Forwarder, "al\u0001ice", "fault")]
    [InlineData(Forwarder, "alice\u00adx", "fault")]
    [InlineData(Forwarder, "*", "fault")]
    [InlineData(Forwarder, " alice", "fault")]
    [InlineData("10.0.0.8", "alice", "nothing")]
    [InlineData("192.0.2.1", "alice", "nothing")]
    [InlineData("192.0.2.1", "*", "nothing")]
    public void Take_OneLine_IsBelievedFromTheForwarderOnlyAndNeverStays(string peer, string value, string outcome)
    {
        var headers = new HeaderDictionary { ["X-KIX-User"] = value };
        Header().TryTake(headers, IPAddress.Parse(peer), out var said).ShouldBeTrue();
        (said switch { null => "nothing", { Name: { } name } => name.Text, _ => "fault" }).ShouldBe(outcome);
        headers.ContainsKey("X-KIX-User").ShouldBeFalse();
    }

    [Fact]
    public void Take_TwoLines_AreAFault()
    {
        Header().TryTake(new HeaderDictionary { ["x-kix-user"] = new StringValues(["alice", "alice"]) }, IPAddress.Parse(Forwarder), out var said);
        said.ShouldBe(new ForwardedName(null, "the header came twice"));
    }

    [Fact]
    public void Take_NameInUtf8_IsReadAsWhatItIs()
    {
        var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("jörg"));
        Header().TryTake(new HeaderDictionary { ["X-KIX-User"] = bytes }, IPAddress.Parse(Forwarder), out var said);
        said!.Name!.Text.ShouldBe("jörg");
    }

    [Theory]
    [InlineData("X_KIX_User")]
    [InlineData("X-KIX_USER")]
    [InlineData("x.kix.user")]
    public void Take_Imitation_RefusesTheRequest(string name) =>
        Header().TryTake(new HeaderDictionary { [name] = "alice" }, IPAddress.Parse(Forwarder), out _).ShouldBeFalse();

    [Theory]
    [InlineData("X-KIX-User", "10.0.0.9", "")]
    [InlineData("Remote-User", "10.0.0.9", "")]
    [InlineData("", "", "")]
    [InlineData("", "10.0.0.9", "Name")]
    [InlineData("X-KIX-User", "", "From")]
    [InlineData("X-KIX-User", "0.0.0.0/0", "From")]
    [InlineData("X-KIX-User", "::/0", "From")]
    [InlineData("Authorization", "10.0.0.9", "Name")]
    [InlineData("Host", "10.0.0.9", "Name")]
    [InlineData("X-Forwarded-For", "10.0.0.9", "Name")]
    [InlineData("X-AGW-Secret", "10.0.0.9", "Name")]
    [InlineData("X-HTTP-Method-Override", "10.0.0.9", "Name")]
    [InlineData("X KIX", "10.0.0.9", "Name")]
    public void Build_Options_FaultIsNamed(string name, string from, string fault)
    {
        Build(name, from);
        _faults.All.Select(found => found.Key).ShouldBe(fault.Length == 0 ? Array.Empty<string>() : [$"AuthGateway:TrustedHeader:{fault}"]);
    }

    private TrustedHeader Header() => Build("X-KIX-User", Forwarder).ShouldNotBeNull();

    private TrustedHeader? Build(string name, string from) => TrustedHeader.Build(
        new TrustedHeaderOptions { Name = name, From = from.Length == 0 ? [] : [from] }, NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal), _faults), _faults);
}
