using System.Diagnostics.CodeAnalysis;

namespace AuthGateway.Core.Identities;

/// <summary>
/// The name <c>target*actor</c>: who sends it proves to be the actor and asks for the target's mailbox. No login name has a <c>*</c>, so it can never be
/// taken for one; nor can one be taken for it.
/// </summary>
/// <param name="Target">Whose mailbox.</param>
/// <param name="Actor">Who proves himself.</param>
public sealed record ActForName(UserName Target, UserName Actor)
{
    private const char Separator = '*';

    /// <summary>Accepts exactly one <c>*</c> between two names, each a <see cref="UserName"/> by itself.</summary>
    public static bool TryParse(string? typed, [NotNullWhen(true)] out ActForName? name)
    {
        name = null;
        if (typed is null || typed.IndexOf(Separator, StringComparison.Ordinal) is var middle && (middle < 0 || middle != typed.LastIndexOf(Separator)))
        {
            return false;
        }

        if (!UserName.TryParse(typed[..middle], out var target) || !UserName.TryParse(typed[(middle + 1)..], out var actor))
        {
            return false;
        }

        name = new ActForName(target, actor);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => $"{Target}{Separator}{Actor}";
}
