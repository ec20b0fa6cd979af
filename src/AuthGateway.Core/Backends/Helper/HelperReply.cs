namespace AuthGateway.Core.Backends.Helper;

/// <summary>The words a helper answers with, and two of ours.</summary>
internal enum HelperWord
{
    /// <summary><c>OK</c>.</summary>
    Ok,

    /// <summary><c>ERROR</c>: no.</summary>
    Error,

    /// <summary><c>FAILURE</c>: the helper could not find out.</summary>
    Failure,

    /// <summary><c>INTF</c>: the version of the protocol it speaks.</summary>
    Interface,

    /// <summary>There is no answer, and there will be none.</summary>
    Gone,
}

/// <summary>An answer to one command.</summary>
/// <param name="Word">Which.</param>
/// <param name="Text">What stands behind the word; with <see cref="HelperWord.Gone"/> why there is no answer.</param>
internal sealed record HelperReply(HelperWord Word, string Text);
