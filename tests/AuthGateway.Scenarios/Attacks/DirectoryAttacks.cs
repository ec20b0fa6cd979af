using System.Security.Cryptography.X509Certificates;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Directory;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>LD-03, LD-05, LD-06 and LO-04: directories that lie, and a chain that must not be argued with. Each test has a gateway of its own.</summary>
[Collection(AttackGroup.Name)]
public sealed class DirectoryAttacks(AttackGateway gateway)
{
    private const string AliceDn = "uid=alice,ou=people,dc=bed,dc=test";
    private const string SearchDn = "cn=gateway,ou=services,dc=bed,dc=test";

    private static readonly AttackRequest Web = new("GET", AttackGateway.Mail, "/owa/");

    private static FakeEntry Search => new(SearchDn, "gatewaypw");

    private static FakeEntry Alice(string password) => new FakeEntry(AliceDn, password).With("uid", "alice").With("mail", "alice@bed.test").With("entryUUID", Guid.NewGuid().ToString());

    private static string Backend(string name, string url, string more = "") =>
        $$"""
        {
          "Name": "{{name}}", "Type": "ldap", "Hosts": ["{{url}}"], "CaFile": "pki/devices.crt", "BaseDn": "dc=bed,dc=test",
          "SearchUser": "{{SearchDn}}", "SearchPasswordFile": "secrets/ldap-password", "ConnectTimeout": "1s", "OperationTimeout": "2s"{{more}}
        }
        """;

    private X509Certificate2 Loopback() => AttackGateway.Usable(gateway.Authority.IssueServer("127.0.0.1"));

    [Fact]
    public async Task A_directory_that_behaves_lets_alice_in()
    {
        await using var directory = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search, Alice("alice-pw") } };
        (await AskAsync(Backend("one", directory.Address), "alice-pw")).ShouldBe(200);
        directory.BindsAs(AliceDn).ShouldBe(1);
        (await AskAsync(Backend("one", directory.Address), "")).ShouldBe(401);
        directory.BindsAs(AliceDn).ShouldBe(1, "an empty password must never be tried (LD-01)");
    }

    [Fact]
    public async Task LD_03_no_password_is_sent_to_a_directory_with_the_wrong_name()
    {
        using var other = AttackGateway.Usable(gateway.Authority.IssueServer("other.bed.test"));
        await using var directory = new HostileDirectory(other, isLdaps: true) { Entries = { Search, Alice("alice-pw") } };
        (await AskAsync(Backend("one", directory.Address), "alice-pw")).ShouldBe(503);
        directory.Binds.ShouldBe(0);
    }

    [Fact]
    public async Task LD_03_no_password_is_sent_to_a_directory_of_an_unknown_authority()
    {
        using var rogue = TestAuthority.Create();
        using var forged = AttackGateway.Usable(rogue.IssueServer("127.0.0.1"));
        await using var directory = new HostileDirectory(forged) { Entries = { Search, Alice("alice-pw") } };
        (await AskAsync(Backend("one", directory.Address), "alice-pw")).ShouldBe(503);
        directory.Binds.ShouldBe(0);
    }

    [Fact]
    public async Task LD_03_no_password_is_sent_to_a_directory_that_refuses_StartTLS()
    {
        await using var directory = new HostileDirectory { Entries = { Search, Alice("alice-pw") } };
        (await AskAsync(Backend("one", directory.Address), "alice-pw")).ShouldBe(503);
        directory.Binds.ShouldBe(0);
        directory.Searches.ShouldBe(0);
    }

    [Fact]
    public async Task LD_05_two_entries_are_nobody()
    {
        await using var directory = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search, Alice("alice-pw") } };
        directory.On(DirectoryRequest.Search, Mischief.TwoEntries);
        (await AskAsync(Backend("one", directory.Address), "alice-pw")).ShouldBe(401);
        directory.BindsAs(AliceDn).ShouldBe(0);
    }

    [Fact]
    public async Task LD_05_a_referral_is_not_followed()
    {
        await using var evil = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search, Alice("evil-pw") } };
        await using var directory = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search } };
        directory.On(DirectoryRequest.Search, Mischief.Referral);
        (await AskAsync(Backend("one", directory.Address), "evil-pw")).ShouldBe(503);
        evil.Accepted.ShouldBe(0);
    }

    [Theory]
    [InlineData("silent", DirectoryRequest.Search)]
    [InlineData("silent", DirectoryRequest.Bind)]
    [InlineData("drip", DirectoryRequest.Bind)]
    [InlineData("garbage", DirectoryRequest.Search)]
    [InlineData("garbage", DirectoryRequest.Bind)]
    [InlineData("wrong message id", DirectoryRequest.Bind)]
    [InlineData("huge entry", DirectoryRequest.Search)]
    [InlineData("huge claim", DirectoryRequest.Bind)]
    public async Task A_directory_that_answers_in_no_good_way_lets_nobody_in_and_is_over_in_time(string how, DirectoryRequest at)
    {
        await using var directory = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search, Alice("alice-pw") } };
        await using var own = await GatewayProcess.StartAsync(gateway.Setup(Backend("one", directory.Address)));
        // A wrong one first, so that what is spoilt is the login and not the way to it.
        (await gateway.SendAsync(HttpVersion.Http1, Web.As("alice", "wrong"), gateway: own))!.Status.ShouldBe(401);
        var before = (directory.BindsAs(AliceDn), gateway.Echo.Count);
        directory.On(at, how switch
        {
            "silent" => Mischief.Silence,
            "drip" => Mischief.Drip(TimeProvider.System, TimeSpan.FromMilliseconds(700)),
            "garbage" => Mischief.Garbage,
            "wrong message id" => Mischief.WrongMessageId,
            "huge entry" => Mischief.HugeEntry(40_000_000),
            _ => Mischief.HugeClaim(2_000_000_000),
        });
        var watch = System.Diagnostics.Stopwatch.StartNew();

        (await gateway.SendAsync(HttpVersion.Http1, Web.As("alice", "alice-pw"), gateway: own))!.Status.ShouldBe(503, own.Errors);

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8));
        (directory.BindsAs(AliceDn) - before.Item1).ShouldBeLessThanOrEqualTo(at == DirectoryRequest.Bind ? 1 : 0, "a password is shown once");
        gateway.Echo.Count.ShouldBe(before.Item2);
        var resident = File.ReadLines($"/proc/{own.Id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        int.Parse(resident.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThan(400_000);
    }

    [Fact]
    public async Task LD_06_who_is_only_in_the_second_backend_waits_for_the_first_when_told_to()
    {
        await using var second = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search, Alice("alice-pw") } };
        var down = await ClosedAddressAsync();
        (await AskAsync(Backend("one", down, """, "OnUnavailable": "refuse" """) + "," + Backend("two", second.Address), "alice-pw")).ShouldBe(503);
        second.BindsAs(AliceDn).ShouldBe(0);
        (await AskAsync(Backend("one", down, """, "OnUnavailable": "next" """) + "," + Backend("two", second.Address), "alice-pw")).ShouldBe(200);
    }

    [Fact]
    public async Task LD_06_a_definite_no_of_the_first_backend_is_not_overruled_by_the_second()
    {
        await using var first = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search, Alice("first-pw") } };
        await using var second = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search, Alice("second-pw") } };
        (await AskAsync(Backend("one", first.Address) + "," + Backend("two", second.Address), "second-pw")).ShouldBe(401);
        second.BindsAs(AliceDn).ShouldBe(0);
    }

    [Fact]
    public async Task LO_04_one_password_against_many_users_shuts_the_address_out()
    {
        await using var directory = new HostileDirectory(Loopback(), isLdaps: true) { Entries = { Search, Alice("alice-pw") } };
        await using var own = await GatewayProcess.StartAsync(gateway.Setup(Backend("one", directory.Address), addressLimit: 20));
        var before = gateway.Echo.Count;
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(user =>
            gateway.SendAsync(HttpVersion.Http1, Web.As($"user{user}", "Summer2026!"), gateway: own)));
        answers.ShouldAllBe(answer => answer != null && answer.Status == 401);
        for (var user = 21; user <= 25; user++)
        {
            var answer = await gateway.SendAsync(HttpVersion.Http1, Web.As($"user{user}", "Summer2026!"), gateway: own);
            answer!.Status.ShouldBe(429);
            answer.Header("Retry-After").ShouldNotBeNull();
        }

        (await gateway.SendAsync(HttpVersion.Http1, Web.As("alice", "alice-pw"), gateway: own))!.Status.ShouldBe(429);
        (await gateway.SendAsync(HttpVersion.Http1, Web.As("alice", "alice-pw"), source: AttackGateway.Insider, gateway: own))!.Status.ShouldBe(200);
        gateway.Echo.Count.ShouldBe(before + 1);
        var record = await own.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "address-locked", "--event", "spray");
        record.GetProperty("detail").GetString().ShouldNotBeNull().ShouldMatch("^20 failures of (1[0-9]|20) names; locked until ");
    }

    private async Task<int> AskAsync(string backends, string password)
    {
        await using var own = await GatewayProcess.StartAsync(gateway.Setup(backends));
        var before = gateway.Echo.Count;
        var answer = await gateway.SendAsync(HttpVersion.Http1, Web.As("alice", password), gateway: own);
        answer.ShouldNotBeNull();
        gateway.Echo.Count.ShouldBe(answer.Status == 200 ? before + 1 : before);
        return answer.Status;
    }

    private static async Task<string> ClosedAddressAsync()
    {
        await using var gone = new HostileDirectory(certificate: null, isLdaps: true);
        return gone.Address;
    }
}
