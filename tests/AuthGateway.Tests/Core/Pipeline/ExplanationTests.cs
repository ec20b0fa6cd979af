using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Tests.Core.Services;

namespace AuthGateway.Tests.Core.Pipeline;

public sealed class ExplanationTests
{
    private readonly RequestBed _bed = new();

    public ExplanationTests()
    {
        _bed.Services.Policies["staff"] = new() { Factors = ["password"], Groups = ["staff"] };
        _bed.Services.Services["web"].Rules = [new() { Path = "/staff", Policy = "staff" }, new() { Policy = "password" }];
    }

    [Theory]
    [InlineData("https://mail.example.com/", "GET", "alice", "allowed")]
    [InlineData("https://mail.example.com", "GET", "alice", "allowed")]
    [InlineData("https://mail.example.com:8443/x", "GET", "alice", "allowed")]
    [InlineData("https://mail.example.com/", "GET", null, "credentials-missing")]
    [InlineData("https://mail.example.com/staff", "GET", "alice", "not-in-group")]
    [InlineData("https://mail.example.com?next=/staff", "GET", "alice", "allowed")]
    [InlineData("https://mail.example.com/?next=/staff", "GET", "alice", "allowed")]
    [InlineData("https://other.example.com/", "GET", "alice", "no-service")]
    [InlineData("https://mail.example.com/a/../staff", "GET", "alice", "bad-request")]
    [InlineData("https://mail.example.com/", "TRACE", "alice", "method-not-allowed")]
    [InlineData("https://mail.example.com/", "PUT", "alice", "method-not-allowed")]
    public async Task Explain_Question_IsJudgedByTheStagesThemselves(string url, string method, string? user, string reason)
    {
        var answer = await Explain(new ExplainQuestion(url, method, "192.0.2.1", user, [], [], null, null));
        (answer.Reason.Code, answer.Allowed).ShouldBe((reason, reason == "allowed"));
        answer.Steps.ShouldNotBeEmpty();
        (_bed.Backend.Finds, _bed.Backend.Verifies).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Explain_Allowed_TellsEveryStageAndTheUpstream()
    {
        var answer = await Explain(new ExplainQuestion("https://mail.example.com/staff", "GET", "192.0.2.1", "alice", ["STAFF"], [], null, null));
        answer.Steps.Select(step => step.Stage).ShouldBe(["client address", "service", "network", "device", "lockout", "login", "factor", "act for", "authorization"]);
        (answer.Allowed, answer.Service, answer.Upstream, answer.Identity).ShouldBe((true, "web", "app", "header"));
    }

    /// <summary>Role of the user, whom he acts for, that one's role, from where, the outcome.</summary>
    [Theory]
    [InlineData("helpdesk", "anna@example.com", "", "10.0.0.1", "allowed")]
    [InlineData("", "anna@example.com", "", "10.0.0.1", "act-for-denied")]
    [InlineData("helpdesk", "anna@example.com", "", "192.0.2.1", "act-for-denied")]
    [InlineData("helpdesk", "anna@other.example", "", "10.0.0.1", "act-for-denied")]
    [InlineData("helpdesk", "anna@example.com", "admin", "10.0.0.1", "act-for-denied")]
    [InlineData("helpdesk", "anna@example.com", "helpdesk", "10.0.0.1", "act-for-denied")]
    [InlineData("helpdesk", "carol", "", "10.0.0.1", "act-for-denied")]
    public async Task Explain_ActingForAnother_IsJudgedAsTold(string role, string target, string targetRole, string from, string reason)
    {
        _bed.Acting.Grants.Add(new() { Roles = ["helpdesk"], Domains = ["example.com"], Services = ["web"], Networks = ["office"] });
        _bed.Acting.Ranks = ["helpdesk", "admin"];

        var answer = await Explain(new ExplainQuestion("https://mail.example.com/", "GET", from, "carol", [], [], null, null) { Roles = [role], ActFor = target, ActForRoles = [targetRole] });

        answer.Reason.Code.ShouldBe(reason);
        answer.Steps.Single(step => step.Stage == "act for").Found.ShouldStartWith(reason == "allowed" ? $"carol may act for {target}" : "carol: ");
        (_bed.Backend.Finds, _bed.Backend.Verifies).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData(FactorSet.None, "factors-missing")]
    [InlineData(FactorSet.Totp, "allowed")]
    public async Task Explain_FactorTold_CountsAsProven(FactorSet factors, string reason)
    {
        _bed.Services.Policies["strong"] = new() { Factors = ["password", "totp"] };
        _bed.Services.Services["web"].Rules = [new() { Policy = "strong" }];

        var answer = await Explain(new ExplainQuestion("https://mail.example.com/", "GET", "192.0.2.1", "alice", [], [], null, null) { Factors = factors });

        answer.Reason.Code.ShouldBe(reason);
    }

    [Theory]
    [InlineData("http://mail.example.com/", "192.0.2.1")]
    [InlineData("mail.example.com", "192.0.2.1")]
    [InlineData("https://mail.example.com/", "192.0.2")]
    public async Task Explain_UnreadableQuestion_SaysWhat(string url, string address) => await Should.ThrowAsync<FormatException>(async () =>
        await Explain(new ExplainQuestion(url, "GET", address, null, [], [], null, null)));

    private ValueTask<ExplainAnswer> Explain(ExplainQuestion question) => new Explanation(_bed.Judge(), _bed.Clock).ExplainAsync(_bed.Table(), question, default);
}
