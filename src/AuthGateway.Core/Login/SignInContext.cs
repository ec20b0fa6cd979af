using System.Net;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Core.Login;

/// <summary>What every step of a sign-in is done under: the table the request took, and who is asking from where.</summary>
/// <param name="RequestId">The gateway's id of the request.</param>
/// <param name="Host">Canonical host.</param>
/// <param name="Address">Client address, as decided at the door.</param>
/// <param name="UserAgent">User-Agent, or null.</param>
/// <param name="Sessions">Lifetimes.</param>
/// <param name="Lockout">The counters' numbers.</param>
/// <param name="Factors">Second factors.</param>
public sealed record SignInContext(
    string RequestId, string Host, IPAddress Address, string? UserAgent, SessionOptions Sessions, LockoutPolicy Lockout, FactorPolicy Factors)
{
    /// <summary>The browser's device certificate, when it is a sound one; or null. Its owner's sign-in comes from that place, wherever it is.</summary>
    public DeviceCertificate? Device { get; init; }

    /// <summary>The last factor is proven: the failures of the password are forgiven, and of these counters; the place is familiar from now on.</summary>
    /// <exception cref="Faults.StoreUnavailableException">They could not be forgiven.</exception>
    internal async ValueTask ForgiveAsync(LockoutGuard guard, UserIdentity user, IReadOnlyList<LockoutKey> counters)
    {
        var place = new Place(Address, Device is { } device && DeviceOwner.Matches(user, device.Owner) ? device.Thumbprint : null, DeviceId: null);
        var account = await guard.CounterOfAsync(user, place, Lockout, CancellationToken.None);
        await guard.SettleAsync([.. counters.Append(account).Select(counter => new CounterSettlement(counter, Lockout.Account, Clears: true))], CancellationToken.None);
        await guard.SucceedAsync(user, place, Lockout, clears: null, CancellationToken.None);
    }
}
