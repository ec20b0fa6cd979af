using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Browser.SignIn;

/// <summary>The app on somebody's phone. Shows each code once, since the gateway takes each once.</summary>
internal sealed class Authenticator(string seed)
{
    private const int StepSeconds = 30;

    private long _shown;

    /// <summary>
    /// A code that is good now and has not been shown yet. Begins one step back, as the gateway allows, so that three codes are to be had without
    /// waiting; near the end of a step not so far, for a slow page would send it too late.
    /// </summary>
    public async Task<string> NextAsync()
    {
        var oldest = ((Seconds() + 8) / StepSeconds) - 1;
        _shown = Math.Max(_shown + 1, oldest);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(2 * StepSeconds), () => (Seconds() / StepSeconds) + 1 >= _shown)).ShouldBeTrue();
        return await OathTool.CodeAsync(seed, DateTimeOffset.FromUnixTimeSeconds(_shown * StepSeconds));
    }

    private static long Seconds() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
}
