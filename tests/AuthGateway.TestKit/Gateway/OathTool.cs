using System.Globalization;

namespace AuthGateway.TestKit.Gateway;

/// <summary>Debian's <c>oathtool</c>: somebody else's reading of RFC 6238, so that a mistake of ours does not agree with itself.</summary>
public static class OathTool
{
    /// <summary>The code of six digits that an authenticator with this secret (base32) shows at this time.</summary>
    public static async Task<string> CodeAsync(string secret, DateTimeOffset at)
    {
        var now = at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        var run = await ProgramRun.ExecuteAsync("oathtool", ["--totp=sha1", "-b", "--now", now, secret]);
        return run.ExitCode == 0 ? run.Output.Trim() : throw new InvalidOperationException($"oathtool ended with {run.ExitCode}: {run.Error}");
    }
}
