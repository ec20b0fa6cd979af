using System.Net;
using System.Net.Http.Headers;
using AuthGateway.Scenarios.Support;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>Who is not a phone of ours, each refused for its own reason.</summary>
public sealed class ActiveSyncRefusalTests(SogoGateway sogo) : IClassFixture<SogoGateway>
{
    private const string Device = "REFUSED0001";

    [Theory]
    [InlineData(null, "alice", "no-device-certificate")]
    [InlineData("expired", "alice", "device-expired")]
    [InlineData("notyet", "alice", "device-not-yet-valid")]
    [InlineData("revoked", "carol", "device-revoked")]
    [InlineData("mallory", "alice", "device-unknown-authority")]
    [InlineData("serveronly", "alice", "device-unsuitable")]
    [InlineData("noeku", "alice", "device-unsuitable")]
    [InlineData("calead", "alice", "device-unsuitable")]
    [InlineData("bob", "alice", "identity-mismatch")]
    [InlineData("frank", "frank", "not-in-group")]
    public async Task Certificate_ThatIsNotTheOwnersGoodOne_IsRefusedWithItsReason(string? certificate, string login, string reason)
    {
        using var phone = sogo.Phone(certificate, login);
        var answer = await phone.SendAsync(phone.Command("FolderSync", Wbxml.FolderSync(), Device, login));

        answer.Status.ShouldBe(403, answer.ToString());
        var record = await sogo.RecordAsync(answer);
        record.GetProperty("reason").GetString().ShouldBe(reason);
        record.GetProperty("verdict").GetString().ShouldBe("deny");
        record.GetProperty("service").GetString().ShouldBe("activesync");
        record.GetProperty("address").GetString().ShouldBe(phone.Source.ToString());
        // Which of our checks failed is for the helpdesk, not for who failed it.
        answer.Text.ShouldNotContain(reason);
    }

    [Fact]
    public async Task Certificate_IsJudgedBeforeThePassword()
    {
        using var phone = sogo.Phone("mallory", "lock5:not-the-password");
        var answer = await phone.SendAsync("OPTIONS", Phone.Path);

        answer.Status.ShouldBe(403);
        (await sogo.ReasonAsync(answer)).ShouldBe("device-unknown-authority");
        (await sogo.Gateway.RunCliAsync(["lockout", "list", phone.Source.ToString(), "--json"])).Output.Trim().ShouldBe("[]");
    }

    [Theory]
    [InlineData("bob")]
    [InlineData("bob@bed.test")]
    [InlineData("BED%5Cbob")]
    public async Task Query_NamesAnotherUser_IsRefused(string user)
    {
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command("Sync", [], Device, user));

        answer.Status.ShouldBe(403, answer.ToString());
        (await sogo.ReasonAsync(answer)).ShouldBe("activesync-user");
    }

    [Fact]
    public async Task Base64Query_NamesAnotherUser_IsRefused()
    {
        // The vector of alice's FolderSync with its last field naming bob.
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command("jQkJBAtNUFJURVNUMDAwMQAHTXByVGVzdAgDYm9i", Phone.Body(Wbxml.FolderSync())));

        answer.Status.ShouldBe(403, answer.ToString());
        (await sogo.ReasonAsync(answer)).ShouldBe("activesync-user");
    }

    [Theory]
    [InlineData("Cmd=Sync&User=alice&DeviceId=D1&DeviceType=P&DeviceId=D2")]
    [InlineData("Cmd=Sync&User=alice&DeviceId=D1&DeviceType=P?Cmd=FolderSync")]
    [InlineData("Cmd=Sync&User=alice&DeviceId=D%31&DeviceType=P")]
    [InlineData("Cmd=WebserviceUsers&User=alice&DeviceId=D1&DeviceType=P")]
    [InlineData("Cmd=Sync&User=alice&DeviceId=&DeviceType=P")]
    [InlineData("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25lAA==")]
    public async Task Query_ThatServersReadDifferently_IsRefused(string query)
    {
        using var phone = sogo.Phone();
        var answer = await phone.SendAsync(phone.Command(query, Phone.Body(Wbxml.FolderSync())));

        answer.Status.ShouldBe(400, answer.ToString());
        (await sogo.ReasonAsync(answer)).ShouldBeOneOf("activesync-query", "bad-request");
    }

    [Theory]
    [InlineData("Bearer", "eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("Negotiate", "YIIGhgYGKwYBBQUC")]
    [InlineData("NTLM", "TlRMTVNTUAABAAAA")]
    [InlineData("Digest", "username=\"alice\"")]
    public async Task OtherScheme_IsAskedForBasic_AndNeverReachesSogo(string scheme, string parameter)
    {
        using var phone = sogo.Phone(login: null);
        using var request = phone.Command("FolderSync", Wbxml.FolderSync(), Device);
        request.Headers.Authorization = new AuthenticationHeaderValue(scheme, parameter);
        var answer = await phone.SendAsync(request);

        answer.Status.ShouldBe(401, answer.ToString());
        answer.Header("WWW-Authenticate").ShouldBe("Basic realm=\"Mail\", charset=\"UTF-8\"");
    }

    [Fact]
    public async Task NoCredentials_AreAskedForBasic()
    {
        using var phone = sogo.Phone(login: null);
        var answer = await phone.SendAsync("OPTIONS", Phone.Path);

        answer.Status.ShouldBe(401);
        answer.Header("WWW-Authenticate").ShouldBe("Basic realm=\"Mail\", charset=\"UTF-8\"");
    }

    [Fact]
    public async Task Get_IsNoMethodOfPhones()
    {
        using var phone = sogo.Phone();
        var answer = await phone.GetAsync(Phone.Path);
        answer.Status.ShouldBe(405);
        answer.Header("Allow").ShouldBe("OPTIONS, POST");
    }

    [Fact]
    public async Task FiveWrongPasswords_LockTheAccount_AlsoForTheRightOne_UntilItIsCleared()
    {
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            using var guess = sogo.Phone("lock6", $"lock6:wrong-{attempt}");
            (await guess.SendAsync("OPTIONS", Phone.Path)).Status.ShouldBe(401);
        }

        using var owner = sogo.Phone("lock6", "lock6");
        var locked = await owner.SendAsync("OPTIONS", Phone.Path);
        locked.Status.ShouldBe(401);
        (await sogo.ReasonAsync(locked)).ShouldBe("account-locked");
        (await sogo.Gateway.RunCliAsync(["lockout", "list", "--locked"])).Output.ShouldContain("user:directory:");

        (await sogo.Gateway.RunCliAsync(["lockout", "clear", "lock6"])).ExitCode.ShouldBe(0);
        (await TestKit.Gateway.Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await owner.SendAsync("OPTIONS", Phone.Path)).Status == 200))
            .ShouldBeTrue("The cleared account should be let in.");
    }

    [Fact]
    public async Task OtherHost_DoesNotServePhones_AndAsksNoCertificate()
    {
        using var web = sogo.Web("alice");
        (await web.SendAsync("OPTIONS", Phone.Path)).Status.ShouldBe((int)HttpStatusCode.NotFound);
    }
}
