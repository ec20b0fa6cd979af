namespace AuthGateway.Ldap;

/// <summary>A control on a request or on an answer (RFC 4511, 4.1.11), its value left as it is on the wire.</summary>
/// <param name="Oid">The dotted number.</param>
/// <param name="IsCritical">On a request: the server must refuse what it cannot honour. Without meaning on an answer.</param>
/// <param name="Value">The encoded value, or null when there is none.</param>
public sealed record LdapControl(string Oid, bool IsCritical = false, byte[]? Value = null);
