namespace AuthGateway.Core.Backends;

/// <summary>A group a user is in, directly or through other groups, with what stands above it.</summary>
/// <param name="Name">Short name: the first value of its distinguished name, or the name of a local group.</param>
/// <param name="Dn">Distinguished name, or null where the backend has none.</param>
/// <param name="ParentDns">Distinguished names of the groups it is itself a direct member of, as far as they were read.</param>
public sealed record GroupNode(string Name, string? Dn, IReadOnlyList<string> ParentDns);
