namespace AuthGateway.Storage.Protection;

/// <summary>The key file will not be used as it is; the message names file, fault and remedy and is meant for the administrator.</summary>
public sealed class MasterKeyRefusedException(string message, Exception? inner = null) : Exception(message, inner);
