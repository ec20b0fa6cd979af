using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Ldap;
using AuthGateway.Ldap;

namespace AuthGateway.Benchmarks;

/// <summary>
/// The yardstick of logins: the same directory, the same search and the same bind by the gateway's own client over as many connections, with nothing
/// before, between and after. What the gateway does more slowly is counters, audit, HTTP and TLS.
/// </summary>
internal static class DirectoryPairs
{
    // What a login of the gateway asks for.
    private static readonly string[] s_attributes = [.. new LdapUserReader(new LdapBackendOptions { LoginAttributes = ["uid", "mail"] }, ["memberOf"], TimeProvider.System).Attributes];

    /// <summary>Makes pairs for some seconds at each number of logins at once, and prints a line each: how many at once, pairs per second.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            values[args[i]] = args[i + 1];
        }

        var users = int.Parse(values["--users"], CultureInfo.InvariantCulture);
        var atOnce = int.Parse(values["--at-once"], CultureInfo.InvariantCulture);
        var seconds = double.Parse(values["--seconds"], CultureInfo.InvariantCulture);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(values["--ca"]);
        if (!LdapEndpoint.TryParse(values["--url"], out var endpoint, out var fault))
        {
            throw new ArgumentException(fault);
        }

        await using var pool = new LdapConnectionPool(
            endpoint,
            new LdapTlsOptions { Mode = LdapTlsMode.Ldaps, TrustedRoots = roots },
            new LdapLimits { ConnectTimeout = TimeSpan.FromSeconds(3), OperationTimeout = TimeSpan.FromSeconds(5) },
            new LdapPoolOptions { ServiceDn = values["--user"], ServicePassword = values["--password"], SharedConnections = 2, ExclusiveConnections = 8 },
            TimeProvider.System);
        await MakeAsync(pool, values["--base"], users, values["--letter"], atOnce, Math.Min(seconds, 3));            // the compiler's turn
        var pairs = await MakeAsync(pool, values["--base"], users, values["--letter"], atOnce, seconds);
        await Console.Out.WriteLineAsync(pairs.ToString("F0", CultureInfo.InvariantCulture));
        return 0;
    }

    private static async Task<double> MakeAsync(LdapConnectionPool pool, string baseDn, int users, string letter, int atOnce, double seconds)
    {
        var next = 0;
        var done = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            while (watch.Elapsed.TotalSeconds < seconds)
            {
                var user = $"{letter}{(Interlocked.Increment(ref next) % users) + 1:D4}";
                var search = new LdapSearch(baseDn, LdapScope.Subtree, LdapFilter.And([LdapFilter.Equal("uid", user)])) { Attributes = s_attributes, SizeLimit = 2 };
                var found = await pool.SearchAsync(search, CancellationToken.None);
                var bound = await pool.BindAsync(found.Entries.Single().Dn, "load-pw", CancellationToken.None);
                if (!bound.IsSuccess)
                {
                    throw new InvalidOperationException($"{user}: {bound.Code} {bound.Diagnostic}");
                }

                Interlocked.Increment(ref done);
            }
        }));
        return done / watch.Elapsed.TotalSeconds;
    }
}

/// <summary>A directory that takes connections and says nothing, ever.</summary>
internal static class SilentDirectory
{
    public static async Task<int> RunAsync(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start(256);
        var held = new List<TcpClient>();
        while (true)
        {
            held.Add(await listener.AcceptTcpClientAsync());
        }
    }
}
