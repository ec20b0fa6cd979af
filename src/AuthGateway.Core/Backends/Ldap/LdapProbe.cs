using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Asks every server of a directory for one entry.</summary>
internal static class LdapProbe
{
    /// <summary>Null when all is well; else what is wrong with which server, in one line.</summary>
    /// <param name="hosts">The servers.</param>
    /// <param name="dn">The entry; empty asks for the server's own.</param>
    /// <param name="cancellationToken">The deadline.</param>
    public static async ValueTask<string?> RunAsync(LdapHostList hosts, string dn, CancellationToken cancellationToken)
    {
        var search = new LdapSearch(dn, LdapScope.Base, LdapFilter.Present("objectClass")) { Attributes = ["1.1"], SizeLimit = 1 };
        var faults = new List<string>();
        foreach (var host in hosts.Hosts)
        {
            try
            {
                var outcome = await host.Pool.SearchAsync(search, cancellationToken);
                if (!outcome.Result.IsSuccess || outcome.Entries.Count != 1)
                {
                    faults.Add($"{host.Name}: {(dn.Length == 0 ? "the server's own entry" : dn)} cannot be read, {outcome.Result.Code} {outcome.Result.Diagnostic}".TrimEnd());
                }
            }
            catch (LdapException e)
            {
                faults.Add($"{host.Name}: {e.Failure}, {LdapHostList.Explain(e)}");
            }
            catch (ObjectDisposedException)
            {
                return "closed by a reload";
            }
        }

        return faults.Count == 0 ? null : string.Join("; ", faults).ReplaceLineEndings(" ");
    }
}
