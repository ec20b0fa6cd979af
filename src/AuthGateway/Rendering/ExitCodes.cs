namespace AuthGateway.Rendering;

/// <summary>What every verb tells the shell.</summary>
internal static class ExitCodes
{
    /// <summary>Done as asked.</summary>
    public const int Done = 0;

    /// <summary>Refused, or what was asked for does not exist.</summary>
    public const int RefusedOrNotFound = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>The configuration has faults.</summary>
    public const int ConfigurationFaults = 3;

    /// <summary>A database, a directory, a file or an upstream is unavailable.</summary>
    public const int Unavailable = 4;
}
