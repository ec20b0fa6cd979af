using System.Net;
using AuthGateway.Scenarios.Peace;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>Whom the domain no longer lets in loses what the gateway has given out. It asks every ten seconds here.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class ActiveDirectoryRefreshTests
{
    [Theory]
    [InlineData("disabled")]
    [InlineData("expired")]
    [InlineData("removed")]
    public async Task Somebody_the_domain_no_longer_lets_in_loses_session_and_cached_login(string how)
    {
        await Bed.EnsureServiceAsync("samba");
        var login = await Samba.AddAsync();
        var isThere = true;
        try
        {
            await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.ActiveDirectory, cache: "10m", refresh: "10s");
            using var browser = gateway.Browser(IPAddress.Loopback);
            (await browser.SignInAsync("/", login, Samba.Password)).Status.ShouldBeOneOf(302, 303);
            (await browser.GetAsync("/")).Status.ShouldBe(200);
            (await gateway.LoginAsync(login, Samba.Password)).Status.ShouldBe(200);

            switch (how)
            {
                case "disabled":
                    await Samba.SetAsync(login, "userAccountControl", "514");
                    break;
                case "expired":
                    await Samba.SetAsync(login, "accountExpires", "130000000000000000");
                    break;
                default:
                    await Samba.RemoveAsync(login);
                    isThere = false;
                    break;
            }

            (await Deadline.PollAsync(TimeSpan.FromSeconds(25), () => browser.IsSignedOutAsync("/"))).ShouldBeTrue();
            (await gateway.LoginAsync(login, Samba.Password)).Status.ShouldBe(401, "the cached login would have served for ten minutes");
            await gateway.Process.AuditRecordAsync(_ => true, "--user", login, "--reason", "account-ended");
        }
        finally
        {
            if (isThere)
            {
                await Samba.RemoveAsync(login);
            }
        }
    }
}
