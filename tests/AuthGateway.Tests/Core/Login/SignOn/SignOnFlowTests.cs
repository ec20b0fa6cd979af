using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Backends;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login.SignOn;

public sealed class SignOnFlowTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly LoginFlow _login;
    private readonly SignOnFlow _flow;
    private readonly ScriptedBackend _directory = new("ad", "no");

    public SignOnFlowTests()
    {
        _login = new LoginFlow(new LockoutGuard(new InMemoryLockoutStore(), _clock, NullLogger<LockoutGuard>.Instance), _clock, NullLogger<LoginFlow>.Instance);
        _flow = new SignOnFlow(_login, _clock, NullLogger<SignOnFlow>.Instance);
    }

    [Fact]
    public async Task Resolve_Twice_AsksTheDirectoryOnceWithinTheLifetime()
    {
        (await Resolve()).ShouldBe("alice");
        (await Resolve()).ShouldBe("alice (cached)");
        _directory.Finds.ShouldBe(1);
        _clock.Advance(TimeSpan.FromSeconds(121));
        (await Resolve()).ShouldBe("alice");
        (_directory.Finds, _directory.Verifies).ShouldBe((2, 0));
    }

    [Theory]
    [InlineData("service")]
    [InlineData("way")]
    [InlineData("generation")]
    [InlineData("witness")]
    [InlineData("fresh")]
    [InlineData("forgotten")]
    [InlineData("all forgotten")]
    public async Task Resolve_UnderAnotherSign_AsksAnew(string other)
    {
        await Resolve();
        switch (other)
        {
            case "forgotten":
                _login.Forget(_directory.Identity.Key);
                break;
            case "all forgotten":
                _login.ForgetAll();
                break;
            default:
                break;
        }

        var request = other switch
        {
            "service" => Request() with { Scope = "dav" },
            "way" => Request() with { Way = FactorSet.Header },
            "generation" => Request() with { Generation = 2 },
            "witness" => Request() with { Witness = "AB" },
            "fresh" => Request() with { IsFresh = true },
            _ => Request(),
        };
        (await Resolve(request)).ShouldBe("alice");
        _directory.Finds.ShouldBe(2);
    }

    [Theory]
    [InlineData("unknown", "unknown-user")]
    [InlineData("down", "backend-unavailable")]
    public async Task Resolve_NobodyFound_IsRefusedAndNotKept(string answer, string reason)
    {
        var chain = new BackendChain([new ChainLink(new ScriptedBackend("ad", answer)), .. answer == "down" ? [new ChainLink(_directory)] : Array.Empty<ChainLink>()]);
        (await Resolve(Request() with { Chain = chain })).ShouldBe(reason);
        _directory.Finds.ShouldBe(0, "the namesake of a later backend is somebody else");
        _login.Resolved.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("ad", "alice")]
    [InlineData("other", "unknown-user")]
    public async Task Resolve_OneBackend_AsksNoOther(string backend, string outcome) => (await Resolve(Request() with { Backend = backend })).ShouldBe(outcome);

    [Fact]
    public async Task Resolve_CertificateWhoseOwnerTheUserIsNotCalled_IsAMismatch()
    {
        (await Resolve(Request("mallory@example.com") with { Way = FactorSet.Device })).ShouldBe("identity-mismatch");
        (await Resolve(Request("ALICE") with { Way = FactorSet.Device })).ShouldBe("alice");
    }

    private SignOnRequest Request(string name = "alice")
    {
        UserName.TryParse(name, out var parsed).ShouldBeTrue();
        return new SignOnRequest(new BackendChain([new ChainLink(_directory)]), 1, new LoginOptions(), parsed!, "web", FactorSet.Kerberos);
    }

    private Task<string> Resolve() => Resolve(Request());

    private async Task<string> Resolve(SignOnRequest request) => await _flow.ResolveAsync(request, default) switch
    {
        LoginResult.Proven { FromCache: true } proven => $"{proven.Identity.Login} (cached)",
        LoginResult.Proven proven => proven.Identity.Login,
        LoginResult.Refused refused => refused.Reason.Code,
        LoginResult.Unavailable unavailable => unavailable.Reason.Code,
        var other => other.ToString(),
    };
}
