using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>Opens the stores the configuration names, for verbs. The one place where verbs meet the database.</summary>
internal static class StoreOpening
{
    /// <summary>Loads the configuration, opens the database in the state folder and hands over its stores.</summary>
    /// <exception cref="CommandFailedException">The configuration has faults, or the database cannot be opened.</exception>
    public static Task<Stores> OpenAsync(CommandContext context) =>
        throw new CommandFailedException(ExitCodes.Unavailable, "This build has no storage yet.");
}
