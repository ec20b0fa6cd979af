namespace AuthGateway.Storage;

/// <summary>The database file will not be used as it is; the message names file, fault and remedy and is meant for the administrator.</summary>
public sealed class DatabaseRefusedException(string message, Exception? inner = null) : Exception(message, inner);
