using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;

namespace AuthGateway.Core.Sessions.Tokens;

/// <summary>Lifetimes of tokens and who may have them verified: validated, immutable.</summary>
public sealed class TokenTable
{
    private const string Root = "AuthGateway:SessionTokens";

    // The last request that brings a token must leave its upstream time to use it.
    private static readonly TimeSpan LeastRest = TimeSpan.FromSeconds(15);

    private TokenTable(TimeSpan lifetime, TimeSpan renewAfter, IReadOnlyList<Verifier> verifiers)
    {
        Lifetime = lifetime;
        RenewAfter = renewAfter;
        Verifiers = verifiers;
    }

    /// <summary>No tokens, no verifiers.</summary>
    public static TokenTable Off { get; } = new(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5), []);

    /// <summary>How long a token is good for.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>How long the same token is handed out.</summary>
    public TimeSpan RenewAfter { get; }

    /// <summary>Who may ask.</summary>
    public IReadOnlyList<Verifier> Verifiers { get; }

    /// <summary>Checks the options and builds the table; with errors in <paramref name="faults"/> it must not be used.</summary>
    public static TokenTable Build(SessionTokenOptions options, NetworkCatalog networks, FaultList faults)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(networks);
        ArgumentNullException.ThrowIfNull(faults);
        if (options.RenewAfter < options.Lifetime / 2 || options.RenewAfter > options.Lifetime - LeastRest)
        {
            faults.Error(
                $"{Root}:RenewAfter", options.RenewAfter.ToString("c"),
                $"Must be at least half of Lifetime ({options.Lifetime / 2:c}) and at least 15 seconds less than it ({options.Lifetime - LeastRest:c}).");
        }

        var verifiers = new List<Verifier>();
        foreach (var (name, verifier) in options.Verifiers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var key = $"{Root}:Verifiers:{name}";
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            {
                faults.Error(key, name, "A verifier's name has letters, digits, \"-\", \"_\" and \".\" only.");
            }

            if (verifier.Key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                faults.Error($"{key}:Key", null, "The key must be visible ASCII characters without blanks: it is sent in a header. Make one with: openssl rand -hex 32");
            }

            var hash = VerifierSeal.SealingKey(verifier.Key);
            if (verifier.Key.Length > 0 && verifiers.Find(other => other.HasKey(hash)) is { } twin)
            {
                faults.Error($"{key}:Key", null, $"The verifier \"{twin.Name}\" has the same key, and nobody could tell them apart. Give each its own.");
            }

            var from = verifier.From.Count == 0 ? NetworkSet.Any : networks.Resolve(verifier.From, $"{key}:From", faults);
            verifiers.Add(new Verifier(name, hash, from, verifier.Services.ToFrozenSet(StringComparer.Ordinal)));
        }

        return new TokenTable(options.Lifetime, options.RenewAfter, verifiers);
    }

    /// <summary>Whose key this is, from where he may ask; null for everybody else. Looks at every key, in a time that tells nothing of them.</summary>
    public Verifier? Find(ReadOnlySpan<char> key, IPAddress peer)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key.ToArray()), hash);
        Verifier? found = null;
        foreach (var verifier in Verifiers)
        {
            found = verifier.HasKey(hash) ? verifier : found;
        }

        return found is not null && found.From.Contains(AddressText.Fold(peer)) ? found : null;
    }

    /// <summary>The same by a question that was sealed with the key. Whether it is the question that came is for <see cref="SealedQuestion.IsOf"/> to say.</summary>
    public Verifier? Find(SealedQuestion question, IPAddress peer)
    {
        ArgumentNullException.ThrowIfNull(question);
        Verifier? found = null;
        foreach (var verifier in Verifiers)
        {
            found = verifier.Sealed(question) ? verifier : found;
        }

        return found is not null && found.From.Contains(AddressText.Fold(peer)) ? found : null;
    }
}

/// <summary>A program that may have tokens verified.</summary>
public sealed class Verifier
{
    private readonly byte[] _keyHash;
    private readonly FrozenSet<string> _services;

    internal Verifier(string name, byte[] keyHash, NetworkSet from, FrozenSet<string> services)
    {
        Name = name;
        From = from;
        _keyHash = keyHash;
        _services = services;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>From where it asks.</summary>
    public NetworkSet From { get; }

    /// <summary>True for a service whose tokens it may have verified.</summary>
    public bool Takes(string service) => _services.Count == 0 || _services.Contains(service);

    /// <summary>Proves to whoever asked that the answer comes from somebody who knows the verifier, and is the answer to this question.</summary>
    public string SealAnswer(SealedQuestion question, int status, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(question);
        return VerifierSeal.OfAnswer(_keyHash, question.Nonce, question.Question, status, body);
    }

    internal bool Sealed(SealedQuestion question) => VerifierSeal.AreEqual(VerifierSeal.OfQuestion(_keyHash, question.Nonce, question.Question), question.Seal);

    internal bool HasKey(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(_keyHash, hash);
}
