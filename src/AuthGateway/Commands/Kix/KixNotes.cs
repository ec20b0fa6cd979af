namespace AuthGateway.Commands.Kix;

/// <summary>Something of KIX's configuration that is not in ours, or is there by assumption.</summary>
/// <param name="Path">Where it stands, as <c>[0].Config.Params.async</c>.</param>
/// <param name="Kind"><c>left-out</c>: it has no counterpart, or could not be understood. <c>look</c>: it was carried over, and somebody should look at it.</param>
/// <param name="Why">Why.</param>
/// <param name="Remedy">The nearest thing to do.</param>
internal sealed record KixNote(string Path, string Kind, string Why, string Remedy);

/// <summary>Collects notes.</summary>
internal sealed class KixNotes
{
    private readonly List<KixNote> _all = [];

    public IReadOnlyList<KixNote> All => _all;

    /// <summary>Something is missing in what is written.</summary>
    public void LeftOut(string path, string why, string remedy) => _all.Add(new KixNote(path, "left-out", why, remedy));

    /// <summary>Something is written that deserves a look.</summary>
    public void Look(string path, string why, string remedy) => _all.Add(new KixNote(path, "look", why, remedy));
}
