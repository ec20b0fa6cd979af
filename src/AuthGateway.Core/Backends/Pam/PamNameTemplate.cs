using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>How a typed name becomes a name of the operating system: <c>*</c>, <c>*-mail</c>, <c>*%example.org</c>.</summary>
internal sealed class PamNameTemplate
{
    private readonly string _before;
    private readonly string _after;
    private readonly string? _domain;

    /// <summary>Takes a template apart; the options' expression has seen to its form.</summary>
    public PamNameTemplate(string template)
    {
        var percent = template.LastIndexOf('%');
        var name = percent < 0 ? template : template[..percent];
        _domain = percent < 0 ? null : template[(percent + 1)..];
        var star = name.IndexOf('*', StringComparison.Ordinal);
        _before = name[..star];
        _after = name[(star + 1)..];
    }

    /// <summary>The names to look for, in order; none when the typed name is of another domain. Names of the system are mostly in small letters.</summary>
    public IEnumerable<string> Apply(UserName typed)
    {
        var name = typed.Text;
        if (_domain is not null)
        {
            var at = name.LastIndexOf('@');
            if (at < 1 || name.AsSpan(0, at).Contains('@') || !name.AsSpan(at + 1).Equals(_domain, StringComparison.OrdinalIgnoreCase))
            {
                yield break;
            }

            name = name[..at];
        }

        yield return _before + name + _after;
        var folded = name.ToLowerInvariant();
        if (!string.Equals(folded, name, StringComparison.Ordinal))
        {
            yield return _before + folded + _after;
        }
    }
}
