using System.Security.Cryptography;

namespace AuthGateway.Core.Login;

/// <summary>Holds a refusal back until the time every failed login takes, so that its time tells nothing about its reason.</summary>
internal static class FailureFloor
{
    private const int JitterMilliseconds = 85;

    /// <summary>The same refusal, not before its time.</summary>
    public static async ValueTask<LoginResult> HoldAsync(LoginResult refused, LoginOptions options, long begun, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.FailureFloor > TimeSpan.Zero)
        {
            var floor = options.FailureFloor + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(JitterMilliseconds + 1));
            var rest = floor - time.GetElapsedTime(begun);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, time, cancellationToken);
            }
        }

        return refused;
    }
}
