using System.Net;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.Directories;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.SignOn;

/// <summary>
/// Three realms at one gateway: an MIT KDC's, an Active Directory's, each with a keytab of its own, and one that comes in by trust. Alice is somebody else in
/// each of them.
/// </summary>
[Collection(SignOnGroup.Name)]
public sealed class RealmTests(SignOnGateway gateway) : IAsyncLifetime
{
    /// <summary>The host whose tickets the Active Directory makes.</summary>
    private const string DomainHost = "auth.bed.test";

    private const string LocalPassword = "a long and local password";

    private const string One = """
        "BED.TEST": { "KeytabFile": "pki/http.keytab", "Backend": "directory" }
        """;

    private const string Three = """
        "BED.TEST": { "KeytabFile": "pki/http.keytab", "Backend": "directory" },
        "SAMDOM.TEST": { "KeytabFile": "pki/domain.keytab", "Backend": "ad", "Name": "{user}@{domain}" },
        "OTHER.TEST": { "Backend": "local", "Name": "{user}@{domain}", "Domain": "partner.test" }
        """;

    private GatewayProcess? _process;

    private GatewayProcess Process => _process ?? throw new InvalidOperationException("The gateway did not start.");

    public async Task InitializeAsync()
    {
        await Bed.EnsureServiceAsync("samba");
        var setup = gateway.Setup(configuration => configuration
            .Replace("\"Backends\": [", $"\"Backends\": [ {ActiveDirectory},", StringComparison.Ordinal)
            .Replace("\"Hosts\": [\"dav.bed.test\"]", $"\"Hosts\": [\"dav.bed.test\", \"{DomainHost}\"]", StringComparison.Ordinal)
            .Replace("\"eas.bed.test\":  {", $$"""
                "{{DomainHost}}": { "CertificateFile": "pki/server.crt", "KeyFile": "pki/server.key" },
                "eas.bed.test":  {
                """, StringComparison.Ordinal)
            // What was found out of a name is asked for again by the next ticket.
            .Replace("\"CacheLifetime\": \"2s\"", "\"CacheLifetime\": \"0s\"", StringComparison.Ordinal)
            .Replace(One.Trim(), Three.Trim(), StringComparison.Ordinal));
        setup.Configuration.ShouldContain("partner.test");
        _process = await GatewayProcess.StartAsync(setup with
        {
            Prepare = state =>
            {
                setup.Prepare!(state);
                var keytab = Path.Combine(state, "pki", "domain.keytab");
                File.Copy(Bed.DomainKeytab, keytab);
                File.SetUnixFileMode(keytab, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            },
        });
        foreach (var local in (string[])["alice@partner.test", "svc-web"])
        {
            (await Process.RunCliAsync(["user", "add", local, "--password-stdin"], LocalPassword + "\n")).ExitCode.ShouldBe(0);
        }
    }

    public async Task DisposeAsync() => await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);

    private static string ActiveDirectory => ChainGateway.ActiveDirectory.Replace(
        "\"SearchPasswordFile\": \"secrets/samba-password\"", $"\"SearchPassword\": \"{Samba.SearchPassword}\"", StringComparison.Ordinal);

    [Theory]
    [InlineData("alice", "alice-pw", "BED.TEST", SignOnGateway.Dav, "directory:", "alice")]
    [InlineData("alice", Samba.Password, "SAMDOM.TEST", DomainHost, "ad:", "alice")]
    // Her principal name of the directory is another's domain; the realm's own name of her is looked up.
    [InlineData("anna", Samba.Password, "SAMDOM.TEST", DomainHost, "ad:", "anna")]
    [InlineData("alice", "alice-pw", "OTHER.TEST", SignOnGateway.Dav, "local:", "alice@partner.test")]
    public async Task Each_realm_s_ticket_is_opened_by_its_own_key_and_leads_to_its_own_directory(string user, string password, string realm, string host, string backend, string login)
    {
        var response = await SendAsync(host, Tickets.Header(user, password, host, realm));

        response.Status.ShouldBe(200, $"{response}\n{Process.Errors}");
        gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe([login]);
        var record = await Process.AuditRecordAsync(_ => true, "--request", response.Header("X-Request-Id")!);
        record.GetProperty("identity").GetString().ShouldNotBeNull().ShouldStartWith(backend);
    }

    [Theory]
    // A local account has the name; the ticket's realm has a directory of its own, where nobody has.
    [InlineData("svc-web", "Gateway-pw1!", "SAMDOM.TEST", DomainHost, "unknown-user")]
    // Shown to the host of another realm: whose it is stands in the ticket, not in the address.
    [InlineData("alice", Samba.Password, "SAMDOM.TEST", SignOnGateway.Dav, "")]
    public async Task No_realm_lends_its_people_to_another(string user, string password, string realm, string host, string reason)
    {
        var before = gateway.Echo.Count;
        var response = await SendAsync(host, Tickets.Header(user, password, DomainHost, realm));

        var record = await Process.AuditRecordAsync(_ => true, "--request", response.Header("X-Request-Id")!);
        if (reason.Length > 0)
        {
            (response.Status, record.GetProperty("reason").GetString()).ShouldBe((401, reason));
            gateway.Echo.Count.ShouldBe(before);
        }
        else
        {
            response.Status.ShouldBe(200);
            gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe([user]);
            record.GetProperty("identity").GetString().ShouldNotBeNull().ShouldStartWith("ad:");
        }
    }

    // The ticket lives for hours; the account is looked at each time.
    [Fact]
    public async Task Who_was_disabled_after_the_ticket_was_made_does_not_come_in_with_it()
    {
        var user = await Samba.AddAsync();
        try
        {
            var (before, after) = (Tickets.Header(user, Samba.Password, DomainHost, "SAMDOM.TEST"), Tickets.Header(user, Samba.Password, DomainHost, "SAMDOM.TEST"));
            (await SendAsync(DomainHost, before)).Status.ShouldBe(200, Process.Errors);
            await Samba.SetAsync(user, "userAccountControl", "514");

            var response = await SendAsync(DomainHost, after);

            response.Status.ShouldBe(401, Process.Errors);
            var record = await Process.AuditRecordAsync(_ => true, "--request", response.Header("X-Request-Id")!);
            (record.GetProperty("reason").GetString(), record.GetProperty("detail").GetString()![..9]).ShouldBe(("account-state", "disabled:"));
        }
        finally
        {
            await Samba.RemoveAsync(user);
        }
    }

    [Fact]
    public async Task Without_its_keytab_a_realm_is_out_and_the_others_go_on()
    {
        var header = Tickets.Header("alice", Samba.Password, DomainHost, "SAMDOM.TEST");
        await Process.ReloadAsync((await File.ReadAllTextAsync(Process.ConfigurationFile)).Replace("\"KeytabFile\": \"pki/domain.keytab\", ", "", StringComparison.Ordinal));

        var response = await SendAsync(DomainHost, header);

        response.Status.ShouldBe(401);
        await Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "ticket-refused", "--request", response.Header("X-Request-Id")!);
        (await SendAsync(SignOnGateway.Dav, Tickets.Header("alice", "alice-pw", SignOnGateway.Dav))).Status.ShouldBe(200);
        (await SendAsync(SignOnGateway.Dav, Tickets.Header("alice", "alice-pw", SignOnGateway.Dav, "OTHER.TEST"))).Status.ShouldBe(200);
    }

    private async Task<RawResponse> SendAsync(string host, string ticket)
    {
        var connect = new RawConnect(Process.EndPoint("public")) { Sni = host, Source = IPAddress.Parse("127.0.0.77") };
        var request = new AttackRequest("PROPFIND", host, "/alice/").With("Depth", "0").With("Authorization", ticket);
        return (await RawHttp1.ExchangeAsync(connect, request.ToHttp1(connect.EndPoint.Port))).ShouldNotBeNull();
    }
}
