namespace AuthGateway.Core.Faults;

/// <summary>
/// The store could not do what it was asked: locked for too long, disk full, read-only, gone. Nothing was kept, so the
/// caller refuses (503) instead of going on without the record.
/// </summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
