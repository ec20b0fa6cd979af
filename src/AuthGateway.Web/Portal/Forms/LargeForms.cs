namespace AuthGateway.Web.Portal.Forms;

/// <summary>
/// Bounds the memory that large bodies may hold at once, whoever sends them. Forms as people send them fit the reader's first buffer and need no
/// place here, so filling every place shuts nobody out of signing in.
/// </summary>
internal sealed class LargeForms
{
    /// <summary>Places.</summary>
    public const int Most = 256;

    private int _taken;

    /// <summary>Takes a place; false when there is none.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= Most)
        {
            return true;
        }

        Interlocked.Decrement(ref _taken);
        return false;
    }

    /// <summary>Gives the place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _taken);
}
