using System.Net;
using System.Net.Security;
using System.Runtime.InteropServices;

namespace AuthGateway.TestKit.Gateway;

/// <summary>Tickets of the bed's realms, as a browser would get and send them.</summary>
public static class Tickets
{
    private static readonly Lock Gate = new();
    private static bool s_isReady;

    /// <summary>An Authorization header with a fresh ticket for <c>HTTP/host</c>.</summary>
    /// <param name="user">A user of the realm.</param>
    /// <param name="password">His password.</param>
    /// <param name="host">The host the ticket is for.</param>
    /// <param name="realm">The user's realm.</param>
    /// <param name="package">What is spoken.</param>
    public static string Header(string user, string password, string host = "mail.bed.test", string realm = "BED.TEST", string package = "Negotiate")
    {
        using var client = Begin(user, password, host, realm, package);
        var token = client.GetOutgoingBlob(ReadOnlySpan<byte>.Empty, out var status);
        return status is NegotiateAuthenticationStatusCode.ContinueNeeded or NegotiateAuthenticationStatusCode.Completed && token is not null
            ? "Negotiate " + Convert.ToBase64String(token)
            : throw new InvalidOperationException($"No ticket for {user}@{realm}: {status}.");
    }

    /// <summary>A client that has sent its token and can judge the answer.</summary>
    public static (NegotiateAuthentication Client, string Header) Mutual(string user, string password, string host)
    {
        var client = Begin(user, password, host, "BED.TEST", "Negotiate");
        return (client, "Negotiate " + Convert.ToBase64String(client.GetOutgoingBlob(ReadOnlySpan<byte>.Empty, out _)!));
    }

    private static NegotiateAuthentication Begin(string user, string password, string host, string realm, string package)
    {
        lock (Gate)
        {
            if (!s_isReady)
            {
                // Natively: the library does not see what .NET sets in its own copy of the environment.
                _ = SetEnvironment("KRB5_CONFIG", Bed.Kerberos("krb5.conf"), 1);
                s_isReady = true;
            }
        }

        return new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
        {
            Package = package,
            TargetName = $"HTTP/{host}",
            Credential = new NetworkCredential(user, password, realm),
            RequireMutualAuthentication = true,
        });
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetEnvironment(string name, string value, int overwrite);
}
