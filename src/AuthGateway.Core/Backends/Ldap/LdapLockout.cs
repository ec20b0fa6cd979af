using System.Globalization;
using AuthGateway.Core.Telemetry;
using AuthGateway.Ldap;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Knows when the directory would lock a user: as configured, or as his policy says.</summary>
internal sealed partial class LdapLockout
{
    private const string ResultantPolicy = "msDS-ResultantPSO";
    private const string PolicySubentry = "pwdPolicySubentry";
    private const string ThresholdKey = "DirectoryLockout:Threshold";
    private const string PolicyKey = "DirectoryLockout:PolicyDn";

    private readonly DirectoryLockoutOptions _options;
    private readonly DirectoryLockout? _configured;
    private readonly LdapPolicyReader _reader;
    private readonly LdapPolicyCache _policies;
    private readonly string? _usual;
    private readonly string _ownPolicy;
    private readonly string _backend;
    private readonly ILogger _logger;

    /// <summary>Takes validated options; nothing is read before somebody is looked up.</summary>
    public LdapLockout(LdapBackendOptions options, LdapHostList hosts, TimeProvider timeProvider, ILogger logger)
    {
        _options = options.DirectoryLockout;
        _backend = options.Name;
        _logger = logger;
        IsAutomatic = _options.Threshold == DirectoryLockoutOptions.Auto;
        if (int.TryParse(_options.Threshold, NumberStyles.None, CultureInfo.InvariantCulture, out var threshold))
        {
            _configured = new DirectoryLockout(threshold, ConfiguredWindow);
        }

        var isActiveDirectory = LdapDialect.IsActiveDirectory(options);
        _ownPolicy = isActiveDirectory ? ResultantPolicy : PolicySubentry;
        // With a template nobody has bound yet, and a domain shows its entry to nobody.
        var isTemplate = options.UserDnTemplate.Length > 0;
        _usual = _options.PolicyDn.Length > 0 ? _options.PolicyDn : isActiveDirectory && !isTemplate ? LdapPolicyReader.OfTheDomain : null;
        _reader = new LdapPolicyReader(hosts, isActiveDirectory, ConfiguredWindow);
        _policies = new LdapPolicyCache(_reader.ReadAsync, Note, timeProvider);
        Attributes = IsAutomatic ? [_ownPolicy] : [];
    }

    /// <summary>What must be asked for of a user.</summary>
    public IReadOnlyList<string> Attributes { get; }

    private bool IsAutomatic { get; }

    private TimeSpan ConfiguredWindow => _options.ObservationWindow == TimeSpan.Zero ? TimeSpan.MaxValue : _options.ObservationWindow;

    /// <summary>When the directory locks this user; null when never, or when nobody knows.</summary>
    /// <param name="entry">His entry; null before it can be read.</param>
    /// <param name="cancellationToken">The login's deadline.</param>
    public ValueTask<DirectoryLockout?> OfAsync(LdapEntry? entry, CancellationToken cancellationToken) =>
        IsAutomatic && PolicyOf(entry) is not null ? ReadAsync(entry, cancellationToken) : new(_configured);

    /// <summary>The same with its source, and what could not be read.</summary>
    public async ValueTask<DirectoryLockoutReport> TellAsync(LdapEntry? entry, CancellationToken cancellationToken)
    {
        if (!IsAutomatic)
        {
            return new DirectoryLockoutReport(_configured, ThresholdKey, null);
        }

        if (PolicyOf(entry) is not { } policy)
        {
            return await _reader.HasPoliciesAsync(cancellationToken) == false
                ? new DirectoryLockoutReport(null, "the server has no password policy", null)
                : new DirectoryLockoutReport(null, "nothing", $"when the directory locks an account is not known; set {PolicyKey} to its default policy, or {ThresholdKey}");
        }

        var (lockout, reading) = await DecideAsync(entry, policy, cancellationToken);
        return new DirectoryLockoutReport(
            lockout,
            reading.Source,
            reading.Unread is not null ? Remedy(reading, lockout)
                : lockout is { Threshold: < DirectoryLockoutOptions.LeastThreshold } ? $"it locks after {lockout.Threshold}, too soon to keep two in reserve; raise it" : null);
    }

    private string? PolicyOf(LdapEntry? entry) => entry?.GetString(_ownPolicy) is { Length: > 0 } own ? own : _usual;

    private async ValueTask<DirectoryLockout?> ReadAsync(LdapEntry? entry, CancellationToken cancellationToken) =>
        (await DecideAsync(entry, PolicyOf(entry)!, cancellationToken)).Lockout;

    private async ValueTask<(DirectoryLockout? Lockout, LdapPolicyReading Reading)> DecideAsync(LdapEntry? entry, string policy, CancellationToken cancellationToken)
    {
        var reading = await _policies.GetAsync(policy, cancellationToken);
        if (reading.Unread is null)
        {
            return (reading.Lockout, reading);
        }

        // A policy that exists and cannot be read is feared, the domain's as well as one of his own. His own may be sharper than the domain's, and the domain's
        // tells at least that it is not milder than we think.
        var usual = _usual is null ? null : (await _policies.GetAsync(_usual, cancellationToken)).Lockout;
        var window = usual is null || usual.ObservationWindow < ConfiguredWindow ? ConfiguredWindow : usual.ObservationWindow;
        return (new DirectoryLockout(Math.Min(_options.UnreadableThreshold, usual?.Threshold ?? int.MaxValue), window), reading);
    }

    private static string Remedy(LdapPolicyReading reading, DirectoryLockout? lockout) =>
        $"{(reading.Source.Length == 0 ? "the domain" : reading.Source)} cannot be read ({reading.Unread}); let the search user read it, or set {ThresholdKey}"
        + (lockout is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {lockout.Threshold} is taken meanwhile"));

    private void Note(LdapPolicyReading reading)
    {
        if (reading.Unread is not null)
        {
            Log.Unread(_logger, _backend, Remedy(reading, null));
        }
        else
        {
            Log.Read(_logger, _backend, reading.Lockout?.Threshold ?? 0, reading.Lockout?.ObservationWindow ?? TimeSpan.Zero, reading.Source);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DirectoryLockoutRead, LogLevel.Information, "{Backend}: the directory locks after {Threshold} wrong passwords (0: never) within {Window}, says {Source}.")]
        public static partial void Read(ILogger logger, string backend, int threshold, TimeSpan window, string source);

        [LoggerMessage(EventIds.DirectoryLockoutUnread, LogLevel.Warning, "{Backend}: when the directory locks an account is not known: {What}.")]
        public static partial void Unread(ILogger logger, string backend, string what);
    }
}
