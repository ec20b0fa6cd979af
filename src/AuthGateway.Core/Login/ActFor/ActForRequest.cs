using System.Net;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Login.ActFor;

/// <summary>Somebody who has proven himself asks for another's mailbox, with what the table in force says about it.</summary>
/// <param name="Rights">Who may act for whom.</param>
/// <param name="Chain">The backends of the table the request took.</param>
/// <param name="Generation">Number of that table.</param>
/// <param name="Options">Lifetime of what is found, deadline and floor.</param>
/// <param name="Actor">Who has proven himself.</param>
/// <param name="Target">Whom he names.</param>
/// <param name="Scope">The service.</param>
/// <param name="Address">Client address.</param>
public readonly record struct ActForRequest(
    ActForTable Rights, BackendChain Chain, long Generation, LoginOptions Options, UserIdentity Actor, UserName Target, string Scope, IPAddress Address)
{
    /// <summary>True for the page: the directory is asked now.</summary>
    public bool IsFresh { get; init; }
}
