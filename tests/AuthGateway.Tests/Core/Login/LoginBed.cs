using System.Net;
using System.Text;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Backends;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login;

/// <summary>A directory that knows Alice, and people who try to be her.</summary>
internal sealed class LoginBed
{
    public const string Right = "correct horse";
    public const string Home = "192.0.2.1";
    public const string Away = "198.51.100.7";

    public LoginBed(LockoutOptions? options = null)
    {
        Lockout = LockoutPolicy.From(options ?? new LockoutOptions());
        Guard = new LockoutGuard(Store, Clock, NullLogger<LockoutGuard>.Instance);
        Flow = new LoginFlow(Guard, Clock, NullLogger<LoginFlow>.Instance, new AuditLog(Audit, Clock, NullLogger<AuditLog>.Instance));
        Directory = new ScriptedBackend("ad", "no")
        {
            Check = (secret, _) => Task.FromResult<BackendAnswer?>(
                IsDown ? new BackendAnswer.Unavailable("no answer")
                : Encoding.UTF8.GetString(secret.Utf8) == Password ? new BackendAnswer.Accepted(Directory!.Identity)
                : null),
        };
        Chain = new BackendChain([new ChainLink(Directory)]);
    }

    public ManualTimeProvider Clock { get; } = new();

    public InMemoryLockoutStore Store { get; } = new();

    public InMemoryAuditStore Audit { get; } = new();

    public LockoutPolicy Lockout { get; }

    public LockoutGuard Guard { get; }

    public LoginFlow Flow { get; }

    public ScriptedBackend Directory { get; }

    public BackendChain Chain { get; set; }

    public string Password { get; set; } = Right;

    public bool IsDown { get; set; }

    public LoginRequest Request(string password, string from = Home, string name = "alice", string scope = "activesync", string? device = null, string? certificate = null, bool types = false)
    {
        UserName.TryParse(name, out var user).ShouldBeTrue();
        return new LoginRequest(
            Chain, 1, Lockout, new LoginOptions { FailureFloor = TimeSpan.Zero, CacheLifetime = TimeSpan.FromMinutes(2) }, user, Secret.FromText(password), IPAddress.Parse(from), scope, certificate)
        {
            DeviceId = device,
            IsFresh = types,
        };
    }

    public async Task<LoginResult> SendAsync(LoginRequest request) => await Flow.ProveAsync(request, default);

    /// <summary>The reason word; a success is completed, as when nothing else is owed.</summary>
    public async Task<string> TryAsync(LoginRequest request)
    {
        switch (await SendAsync(request))
        {
            case LoginResult.Proven proven:
                await proven.Attempt.CompleteAsync(default);
                return "allowed";
            case LoginResult.Refused refused:
                return refused.Reason.Code;
            case LoginResult.Unavailable unavailable:
                return unavailable.Reason.Code;
            default:
                throw new InvalidOperationException();
        }
    }

    public Task<string> TryAsync(string password, string from = Home, bool types = false) => TryAsync(Request(password, from, types: types));

    /// <summary>Wrong passwords nobody has sent before.</summary>
    public async Task GuessAsync(int times, string from, string what = "guess")
    {
        for (var i = 0; i < times; i++)
        {
            await TryAsync($"{what} {i} {Clock.GetTimestamp()}", from);
        }
    }

    public async Task<int> FailuresAsync(string keyPart) => (await Store.ListAsync(keyPart, 1000, default)).Sum(entry => entry.Failures);
}
