using System.Text;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using AuthGateway.Ldap;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// Users of a directory that nobody searches: the typed name goes into a DN, escaped, and the user reads his own entry after the bind. Until then he is
/// counted under that DN, folded; from then on he is who his entry says (decision 0013).
/// </summary>
internal sealed partial class LdapTemplateBackend : IBackend, ISecretOnly, IPasswordChanger, IDirectoryLockoutTeller, IAsyncDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly LdapBackendOptions _options;
    private readonly LdapHostList _hosts;
    private readonly LdapLoginNames _names;
    private readonly LdapGroupReader _groups;
    private readonly LdapUserReader _reader;
    private readonly LdapBindJudge _judge;
    private readonly LdapPasswordChanger _passwords;
    private readonly LdapLockout _lockout;
    private readonly LdapFilter _filter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Takes validated options.</summary>
    public LdapTemplateBackend(LdapBackendOptions options, LdapHostList hosts, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _hosts = hosts;
        _time = timeProvider;
        _logger = logger;
        _names = new LdapLoginNames(options);
        _groups = new LdapGroupReader(options, hosts);
        _reader = new LdapUserReader(options, _groups.Attributes, timeProvider);
        _judge = new LdapBindJudge(options, hosts.IsSecure);
        _passwords = new LdapPasswordChanger(options, hosts);
        _lockout = new LdapLockout(options, hosts, timeProvider, logger);
        LdapFilter[] group = _groups.Condition is { } condition ? [condition] : [];
        _filter = LdapFilter.And([LdapFilter.Present("objectClass"), .. LdapBackend.AlwaysFilter(options), .. group]);
    }

    /// <summary>Where the name goes.</summary>
    public const string Placeholder = "{0}";

    public string Name => _options.Name;

    public async ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken)
    {
        if (_names.ForTemplate(name) is not { } value || !LdapTemplateName.IsPlain(value)
            || !LdapDn.TryNormalize(Dn(_options.UserDnTemplate, LdapTemplateName.Fold(value)), out var counted))
        {
            return new BackendLookup.UnknownUser();
        }

        var identity = new UserIdentity(Name, $"dn:{counted}", value, null, null, [], []);
        return new BackendLookup.Found(identity, Dn(_options.UserDnTemplate, value)) { DirectoryLockout = await _lockout.OfAsync(null, cancellationToken) };
    }

    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        if (secret.IsEmpty)
        {
            return new BackendAnswer.Rejected(); // RFC 4513, 5.1.2: such a bind succeeds as nobody
        }

        string password;
        try
        {
            password = StrictUtf8.GetString(secret.Utf8);
        }
        catch (DecoderFallbackException)
        {
            return new BackendAnswer.Rejected();
        }

        var progress = new LdapBindProgress();
        return LdapBindJudge.Weigh(await BindAsync(user, password, progress, cancellationToken), progress);
    }

    public ValueTask<PasswordChange> ChangePasswordAsync(BackendLookup.Found user, Secret oldPassword, Secret newPassword, CancellationToken cancellationToken) =>
        _passwords.ChangeAsync((string)user.Handle, null, oldPassword, newPassword, cancellationToken);

    public ValueTask<DirectoryLockoutReport> TellLockoutAsync(BackendLookup.Found? user, CancellationToken cancellationToken) =>
        _lockout.TellAsync(null, cancellationToken);

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => LdapProbe.RunAsync(_hosts, "", cancellationToken);

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    /// <summary>The DN of a name. Whatever it holds stays one value of one RDN (RFC 4514, 2.4).</summary>
    internal static string Dn(string template, string name) => template.Replace(Placeholder, LdapDn.EscapeValue(name), StringComparison.Ordinal);

    private async ValueTask<BackendAnswer> BindAsync(BackendLookup.Found user, string password, LdapBindProgress progress, CancellationToken cancellationToken)
    {
        var dn = (string)user.Handle;
        var own = new LdapSearch(dn, LdapScope.Base, _filter) { Attributes = _reader.Attributes, SizeLimit = 1 };
        try
        {
            var (result, outcome, host, why) = await _hosts.BindAsync(null, dn, password, _judge.Controls, own, progress, cancellationToken);
            if (result is null)
            {
                return new BackendAnswer.Unavailable(why);
            }

            return _judge.Judge(result, user.Identity, before: default) is not BackendAnswer.Accepted accepted
                ? Refuse(result, user)
                : await ReadAsync(accepted, outcome!, host!, dn, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            return new BackendAnswer.Unavailable("closed by a reload");
        }
        catch (OperationCanceledException) when (progress.NothingCounted && cancellationToken.IsCancellationRequested)
        {
            return new BackendAnswer.Unavailable(LdapBindJudge.TooLate);
        }
    }

    /// <summary>Only Active Directory, and a server that knows no such entry, tell an unknown user from a wrong password; slapd never does.</summary>
    private BackendAnswer Refuse(LdapResult result, BackendLookup.Found user) => result.Code switch
    {
        LdapResultCode.NoSuchObject or LdapResultCode.InvalidDnSyntax => new BackendAnswer.UnknownUser(),
        LdapResultCode.InvalidCredentials when ActiveDirectoryDiagnostics.TryReadSubCode(result.Diagnostic, out var code) && code == ActiveDirectoryDiagnostics.NoSuchUser
            => new BackendAnswer.UnknownUser(),
        _ => _judge.Judge(result, user.Identity, before: default),
    };

    private async ValueTask<BackendAnswer> ReadAsync(BackendAnswer.Accepted accepted, LdapSearchOutcome own, LdapHost host, string dn, CancellationToken cancellationToken)
    {
        if (own.Result.IsSuccess && own.Entries.Count == 0)
        {
            return new BackendAnswer.UnknownUser(); // not one of those this backend is for
        }

        if (!own.Result.IsSuccess || own.Entries.Count != 1 || !LdapDn.AreEqual(own.Entries[0].Dn, dn))
        {
            return new BackendAnswer.Unavailable($"{host.Name}: {dn} cannot be read by its own user, {own.Result.Code} {own.Result.Diagnostic}".TrimEnd());
        }

        var entry = own.Entries[0];
        var state = LdapAccountState.Read(entry, _time.GetUtcNow());
        if ((state.Account ?? state.Password) is { } word)
        {
            return _judge.Proven(word);
        }

        var (groups, why) = _groups.NeedsSearch
            ? await _groups.ReadAsync(entry, entry.GetString(_options.UserNameAttribute) ?? "", cancellationToken)
            : _groups.Direct(entry);

        if (groups is null || !_reader.TryRead(entry, groups, out var identity, out why))
        {
            Log.EntryUnusable(_logger, Name, why);
            return new BackendAnswer.Unavailable(why);
        }

        return _groups.IsCondition && !_groups.Holds(groups) ? new BackendAnswer.UnknownUser() : accepted with { Identity = identity };
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DirectoryEntryUnusable, LogLevel.Error, "{Backend}: {Why}")]
        public static partial void EntryUnusable(ILogger logger, string backend, string why);
    }
}
