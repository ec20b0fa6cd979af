using AuthGateway.Browser.Support;

namespace AuthGateway.Browser.Pages;

/// <summary>That inside and outside are what the gateway takes them for: every test of a rule by network rests on it.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SourceAddressTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    [Fact]
    public async Task Upstream_IsToldTheVisitorsAddress()
    {
        foreach (var visitor in (Visitor[])[Visitor.Inside, Visitor.Outside])
        {
            var path = $"/{Guid.NewGuid():N}";
            await using var visit = await browser.OpenAsync(gateway.Process, visitor);
            (await visit.Page.GotoAsync($"https://{SampleGateway.EchoHost}{path}"))!.Status.ShouldBe(200);
            gateway.Echo.Requests.Single(request => request.Target == path).Header("X-Forwarded-For").ShouldBe(visitor.Source.ToString());
        }
    }

    [Fact]
    public async Task Audit_NamesTheAddressOutside_AndThatNoRuleIsForIt()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var answer = await visit.Page.GotoAsync($"https://{SampleGateway.EchoHost}{SampleGateway.InsidePath}");
        var record = await gateway.Process.AuditRecordAsync(_ => true, "--request", answer!.Headers["x-request-id"]);
        record.GetProperty("reason").GetString().ShouldBe("no-rule");
        record.GetProperty("address").GetString().ShouldBe("127.200.0.1");
    }

    [Fact]
    public async Task PlainHttp_LeadsToTheListenersOwnPort()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        await visit.Page.GotoAsync("http://mail.bed.test/nothing-here");
        visit.Page.Url.ShouldBe($"https://mail.bed.test:{gateway.Process.EndPoint("public").Port}/nothing-here");
        visit.Complaints.ShouldBeEmpty();
    }
}
