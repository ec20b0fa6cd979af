namespace AuthGateway.Storage.Protection;

/// <summary>A column whose values are encrypted; each has a key of its own.</summary>
/// <param name="Table">Table.</param>
/// <param name="Column">Column.</param>
internal readonly record struct ProtectedField(string Table, string Column);
