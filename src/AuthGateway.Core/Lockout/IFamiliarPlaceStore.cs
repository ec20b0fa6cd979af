namespace AuthGateway.Core.Lockout;

/// <summary>A place a user has signed in from, as it is kept.</summary>
/// <param name="Hash">What <see cref="Place"/> makes of user and place: who reads the table learns no address and no device.</param>
/// <param name="LastAtMs">Unix milliseconds of the last success that was written down.</param>
public readonly record struct FamiliarPlace(string Hash, long LastAtMs);

/// <summary>Where familiar places are kept.</summary>
public interface IFamiliarPlaceStore
{
    /// <summary>The places of a user.</summary>
    ValueTask<IReadOnlyList<FamiliarPlace>> ListPlacesAsync(string identityKey, CancellationToken cancellationToken);

    /// <summary>Writes down a success; beyond <paramref name="most"/> places of a user the oldest are forgotten.</summary>
    ValueTask RememberPlaceAsync(string identityKey, FamiliarPlace place, int most, CancellationToken cancellationToken);

    /// <summary>Forgets places whose last success is older; returns how many.</summary>
    ValueTask<int> PrunePlacesAsync(long beforeMs, CancellationToken cancellationToken);
}
