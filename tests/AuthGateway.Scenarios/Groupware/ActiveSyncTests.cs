using System.Net;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>A phone with a good certificate and the right password, before the real SOGo.</summary>
public sealed class ActiveSyncTests(SogoGateway sogo) : IClassFixture<SogoGateway>
{
    // SOGo keeps state for each device, so no two tests share one.
    private static string NewDevice() => $"T{Guid.NewGuid():N}"[..24];

    [Fact]
    public async Task Options_PassesEveryHeaderOfTheProtocolUntouched()
    {
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync("OPTIONS", Phone.Path);

        answer.Status.ShouldBe(200, answer.ToString());
        using var request = new HttpRequestMessage(HttpMethod.Options, "/SOGo/Microsoft-Server-ActiveSync") { Headers = { Authorization = GatewayClient.Basic("alice") } };
        using var direct = await sogo.Sogo.SendAsync(request);
        foreach (var name in (ReadOnlySpan<string>)["MS-Server-ActiveSync", "MS-ASProtocolVersions", "MS-ASProtocolCommands", "Public"])
        {
            answer.Header(name).ShouldBe(string.Join(", ", direct.Headers.TryGetValues(name, out var values) ? values : direct.Content.Headers.GetValues(name)), name);
        }
    }

    [Theory]
    [InlineData("/microsoft-server-activesync")]
    [InlineData("/Microsoft-Server-ActiveSync/")]
    public async Task Path_InTheSpellingsOfPhones_IsServed(string path)
    {
        using var phone = sogo.Phone();
        (await phone.SendAsync("OPTIONS", path)).Header("MS-Server-ActiveSync").ShouldBe("14.1");
    }

    [Fact]
    public async Task Provision_IsAnswered()
    {
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command("Provision", Wbxml.Provision(), NewDevice()));

        answer.Status.ShouldBe(200, answer.ToString());
        Wbxml.Find(answer.Body, WbxmlTag.ProvisionStatus).ShouldBe("1");
    }

    [Fact]
    public async Task FolderSync_IsByteForByteWhatSogoSays()
    {
        var device = NewDevice();
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command("FolderSync", Wbxml.FolderSync(), device));
        var direct = await DirectAsync(Phone.Query("FolderSync", device), Wbxml.FolderSync());

        answer.Status.ShouldBe(200, answer.ToString());
        answer.Header("Content-Type").ShouldBe(Wbxml.ContentType);
        Wbxml.Find(answer.Body, WbxmlTag.FolderStatus).ShouldBe("1");
        Wbxml.All(answer.Body, WbxmlTag.FolderId).Count(id => id.StartsWith("mail%2F", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(5);
        // The key is a new one each time; everything else must be equal.
        Wbxml.Without(answer.Body, WbxmlTag.FolderSyncKey).ShouldBe(Wbxml.Without(direct, WbxmlTag.FolderSyncKey));
    }

    [Fact]
    public async Task Settings_NameWhoLoggedIn_ByteForByteWhatSogoSays()
    {
        var device = NewDevice();
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command("Settings", Wbxml.Settings(), device));

        answer.Status.ShouldBe(200, answer.ToString());
        Wbxml.Find(answer.Body, WbxmlTag.SmtpAddress).ShouldBe("alice@bed.test");
        answer.Body.ShouldBe(await DirectAsync(Phone.Query("Settings", device), Wbxml.Settings()));
    }

    [Fact]
    public async Task Sync_FirstAndNext_GoThrough()
    {
        var device = NewDevice();
        using var phone = sogo.Phone();
        await phone.SendAsync(phone.Command("FolderSync", Wbxml.FolderSync(), device));
        var first = await phone.SendAsync(phone.Command("Sync", Wbxml.Sync("0", "vcard/personal"), device));
        first.Status.ShouldBe(200, first.ToString());
        Wbxml.Find(first.Body, WbxmlTag.SyncStatus).ShouldBe("1");
        var key = Wbxml.Find(first.Body, WbxmlTag.SyncKey).ShouldNotBeNull();

        var next = await phone.SendAsync(phone.Command("Sync", Wbxml.Sync(key, "vcard/personal"), device));

        next.Status.ShouldBe(200, $"{next}\n{sogo.Gateway.Errors}");
        // Nothing new is an empty body, and stays one: no 204, no error.
        (next.Body.Length == 0 || Wbxml.Find(next.Body, WbxmlTag.SyncStatus) == "1").ShouldBeTrue();
    }

    [Fact]
    public async Task Base64Query_ReachesSogoUnchanged()
    {
        // 14.1 FolderSync, id "MPRTEST0001", no key, MprTest, User alice.
        const string Query = "jQkJBAtNUFJURVNUMDAwMQAHTXByVGVzdAgFYWxpY2U=";
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command(Query, Phone.Body(Wbxml.FolderSync())));

        answer.Status.ShouldBe(200, answer.ToString());
        Wbxml.Find(answer.Body, WbxmlTag.FolderStatus).ShouldBe("1");
        using var echo = new GatewayClient(sogo.Gateway, SogoGateway.EchoHost, null, "alice");
        (await echo.SendAsync(echo.Command(Query, Phone.Body(Wbxml.FolderSync())))).Status.ShouldBe(200);
        sogo.Echo.Requests[^1].Target.ShouldBe($"/SOGo/Microsoft-Server-ActiveSync?{Query}");
    }

    [Fact]
    public async Task Base64Query_SpecificationsVector_ReachesTheUpstreamUnchanged()
    {
        const string Query = "jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l";
        using var echo = new GatewayClient(sogo.Gateway, SogoGateway.EchoHost, null, "alice");
        (await echo.SendAsync(echo.Command(Query, Phone.Body([])))).Status.ShouldBe(200);
        sogo.Echo.Requests[^1].Target.ShouldBe($"/SOGo/Microsoft-Server-ActiveSync?{Query}");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task BodyWithoutLength_ReachesSogoWithOne(string version)
    {
        using var phone = sogo.Phone(version: Version.Parse(version));
        var answer = await phone.SendAsync(phone.Command(Phone.Query("FolderSync", NewDevice()), Phone.Body(Wbxml.FolderSync(), withoutLength: true)));
        answer.Status.ShouldBe(200, answer.ToString());
        Wbxml.Find(answer.Body, WbxmlTag.FolderStatus).ShouldBe("1");

        var device = NewDevice();
        using var echo = new GatewayClient(sogo.Gateway, SogoGateway.EchoHost, null, "alice", Version.Parse(version));
        (await echo.SendAsync(echo.Command(Phone.Query("FolderSync", device), Phone.Body(Wbxml.FolderSync(), withoutLength: true)))).Status.ShouldBe(200);
        var seen = sogo.Echo.Requests.Last(request => request.Target.Contains(device, StringComparison.Ordinal));
        seen.Header("Content-Length").ShouldBe("13");
        seen.All("Transfer-Encoding").ShouldBeEmpty();
        seen.Body.ShouldBe(Wbxml.FolderSync());
    }

    [Fact]
    public async Task ExpectContinue_IsAnsweredByTheGateway()
    {
        var body = Wbxml.FolderSync();
        using var certificate = Bed.Certificate("alice");
        await using var phone = await RawHttp1.ConnectAsync(new RawConnect(sogo.Gateway.EndPoint("public")) { Sni = Phone.Host, Certificate = certificate });
        await phone.SendAsync(
            $"POST {Phone.Path}?{Phone.Query("FolderSync", NewDevice())} HTTP/1.1\r\nHost: {Phone.Host}\r\nAuthorization: {GatewayClient.Basic("alice")}\r\n"
            + $"Content-Type: {Wbxml.ContentType}\r\nMS-ASProtocolVersion: 14.1\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n");

        // Not a byte of the body before the gateway has said that it wants it.
        (await phone.ReadLineAsync()).ShouldBe("HTTP/1.1 100 Continue");
        (await phone.ReadLineAsync()).ShouldBe("");
        await phone.SendAsync(body);

        var answer = await phone.ReadAsync();
        answer.ShouldNotBeNull().Status.ShouldBe(200, answer.ToString());
        Wbxml.Find(answer.Body, WbxmlTag.FolderStatus).ShouldBe("1");
    }

    [Fact]
    public async Task Http2_IsSpokenWithPhones()
    {
        using var phone = sogo.Phone(version: HttpVersion.Version20);
        var answer = await phone.SendAsync(phone.Command("FolderSync", Wbxml.FolderSync(), NewDevice()));
        answer.Status.ShouldBe(200, answer.ToString());
    }

    [Theory]
    [InlineData("alice@bed.test")]
    [InlineData("BED%5Calice")]
    [InlineData("ALICE")]
    public async Task Query_NamesTheUserInAnotherSpelling_IsTaken(string user)
    {
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command("FolderSync", Wbxml.FolderSync(), NewDevice(), user));
        answer.Status.ShouldBe(200, answer.ToString());
    }

    [Fact]
    public async Task SignIn_IsInTheAudit_WithDeviceAndCertificate()
    {
        var device = NewDevice();
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command("FolderSync", Wbxml.FolderSync(), device));

        answer.Status.ShouldBe(200, answer.ToString());
        var record = await sogo.Gateway.AuditRecordAsync(
            each => each.GetProperty("address").GetString() == phone.Source.ToString(), "--event", "sign-in", "--service", "activesync");
        record.GetProperty("verdict").GetString().ShouldBe("allow");
        record.GetProperty("command").GetString().ShouldBe("FolderSync");
        record.GetProperty("deviceId").GetString().ShouldNotBeNullOrEmpty();
        record.GetProperty("certificateOwner").GetString().ShouldBe("alice@bed.test");
        record.GetProperty("factors").GetString().ShouldBe("device + password");
    }

    private async Task<byte[]> DirectAsync(string query, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/SOGo/Microsoft-Server-ActiveSync?{query}") { Content = Phone.Body(body) };
        request.Headers.Authorization = GatewayClient.Basic("alice");
        request.Headers.TryAddWithoutValidation("MS-ASProtocolVersion", "14.1");
        using var response = await sogo.Sogo.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsByteArrayAsync();
    }
}
