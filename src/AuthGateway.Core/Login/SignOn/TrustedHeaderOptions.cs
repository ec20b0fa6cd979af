using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Login.SignOn;

/// <summary>A header in which a forwarder in front of the gateway says who the user is. Off unless both keys are set.</summary>
public sealed class TrustedHeaderOptions
{
    /// <summary>
    /// Name of the header, such as <c>X-KIX-User</c>. Taken from every request, whoever sends it; believed from <see cref="From"/> only, and never forwarded.
    /// It lets nobody in but where a policy names the factor <c>header</c>. Empty: off.
    /// </summary>
    [StringLength(64)]
    public string Name { get; set; } = "";

    /// <summary>
    /// Forwarders whose word is believed, as addresses, CIDR or network names: the other end of the connection itself, never an address that
    /// <c>X-Forwarded-For</c> tells. Whoever connects from there can be anybody, so it must be a machine and not a network of people.
    /// </summary>
    [MaxLength(64)]
    public List<string> From { get; set; } = [];
}
