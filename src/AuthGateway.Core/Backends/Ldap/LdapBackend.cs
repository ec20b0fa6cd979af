using System.Globalization;
using System.Text;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using AuthGateway.Ldap;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// Users of an LDAP directory: found by a search of the service account, checked by a bind as the entry found. What
/// somebody typed is only ever a literal value inside a filter, never a DN and never a filter.
/// </summary>
internal sealed partial class LdapBackend : IBackend, IAsyncDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly LdapBackendOptions _options;
    private readonly LdapHostList _hosts;
    private readonly LdapUserReader _reader;
    private readonly LdapFilter[] _conditions;
    private readonly ILogger _logger;

    /// <summary>Takes validated options.</summary>
    public LdapBackend(LdapBackendOptions options, LdapHostList hosts, ILogger logger)
    {
        _options = options;
        _hosts = hosts;
        _logger = logger;
        _reader = new LdapUserReader(options);
        _conditions = [.. Conditions(options)];
    }

    public string Name => _options.Name;

    public async ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var attribute in _options.LoginAttributes)
            {
                if (await FindAsync(attribute, name, cancellationToken) is { } lookup)
                {
                    return lookup;
                }
            }

            return new BackendLookup.UnknownUser();
        }
        catch (ObjectDisposedException)
        {
            return new BackendLookup.Unavailable("closed by a reload");
        }
    }

    public async ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken)
    {
        if (secret.IsEmpty)
        {
            return new BackendAnswer.Rejected(); // RFC 4513, 5.1.2: such a bind succeeds as nobody
        }

        var handle = (Handle)user.Handle;
        if (handle.State is not null)
        {
            return new BackendAnswer.AccountState(handle.State, SecretProven: false);
        }

        string password;
        try
        {
            password = StrictUtf8.GetString(secret.Utf8);
        }
        catch (DecoderFallbackException)
        {
            return new BackendAnswer.Rejected(); // no directory keeps a password that is not text
        }

        try
        {
            var (result, why) = await _hosts.BindAsync(handle.Host, handle.Dn, password, cancellationToken);
            return result is null ? new BackendAnswer.Unavailable(why) : Judge(result, user.Identity);
        }
        catch (ObjectDisposedException)
        {
            return new BackendAnswer.Unavailable("closed by a reload");
        }
    }

    public async ValueTask<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        var search = new LdapSearch(_options.BaseDn, LdapScope.Base, LdapFilter.Present("objectClass")) { Attributes = ["1.1"], SizeLimit = 1 };
        var faults = new List<string>();
        foreach (var host in _hosts.Hosts)
        {
            try
            {
                var outcome = await host.Pool.SearchAsync(search, cancellationToken);
                if (!outcome.Result.IsSuccess || outcome.Entries.Count != 1)
                {
                    faults.Add($"{host.Name}: {_options.BaseDn} cannot be read, {outcome.Result.Code} {outcome.Result.Diagnostic}".TrimEnd());
                }
            }
            catch (LdapException e)
            {
                faults.Add($"{host.Name}: {e.Failure}, {e.Message}");
            }
            catch (ObjectDisposedException)
            {
                return "closed by a reload";
            }
        }

        return faults.Count == 0 ? null : string.Join("; ", faults).ReplaceLineEndings(" ");
    }

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    /// <summary>Looks for the name in one attribute; null when nobody has it there.</summary>
    private async ValueTask<BackendLookup?> FindAsync(string attribute, UserName name, CancellationToken cancellationToken)
    {
        var search = new LdapSearch(_options.BaseDn, LdapScope.Subtree, LdapFilter.And([LdapFilter.Equal(attribute, name.Text), .. _conditions]))
        {
            Attributes = _reader.Attributes,
            SizeLimit = 2, // one to find, one to know that it was not the only one
        };
        var (outcome, host, why) = await _hosts.SearchAsync(search, cancellationToken);
        if (outcome is null)
        {
            return new BackendLookup.Unavailable(why);
        }

        if (outcome.Entries.Count > 1 || outcome.Result.Code == LdapResultCode.SizeLimitExceeded)
        {
            Log.Ambiguous(_logger, Name, attribute, name.Text);
            return new BackendLookup.UnknownUser();
        }

        switch (outcome.Result.Code)
        {
            case LdapResultCode.Success:
                break;
            case LdapResultCode.Referral:
                // Whoever it names may be anybody's server; it is neither followed nor taken for an answer about the user.
                return new BackendLookup.Unavailable($"{host!.Name} referred to another server for {_options.BaseDn}");
            default:
                return new BackendLookup.Unavailable($"{host!.Name}: search in {_options.BaseDn} ended with {outcome.Result.Code} {outcome.Result.Diagnostic}".TrimEnd());
        }

        if (outcome.Entries.Count == 0)
        {
            return null;
        }

        var entry = outcome.Entries[0];
        if (entry.Dn.Length == 0)
        {
            return new BackendLookup.Unavailable($"{host!.Name} returned an entry without name");
        }

        if (!_reader.TryRead(entry, out var identity, out why))
        {
            Log.EntryUnusable(_logger, Name, why);
            return new BackendLookup.Unavailable(why);
        }

        return new BackendLookup.Found(identity, new Handle(entry.Dn, host!, LdapUserReader.ReadState(entry)));
    }

    private static BackendAnswer Judge(LdapResult result, UserIdentity identity)
    {
        switch (result.Code)
        {
            case LdapResultCode.Success:
                return new BackendAnswer.Accepted(identity);
            case LdapResultCode.InvalidCredentials:
                return JudgeRefusal(result.Diagnostic);
            case LdapResultCode.UnwillingToPerform or LdapResultCode.InappropriateAuthentication or LdapResultCode.ConstraintViolation
                or LdapResultCode.NoSuchObject or LdapResultCode.InsufficientAccessRights:
                // No password there, a policy overlay, gone since the search: a definite no, whatever the secret was.
                return new BackendAnswer.Rejected();
            case LdapResultCode.StrongerAuthRequired or LdapResultCode.ConfidentialityRequired:
                return new BackendAnswer.Unavailable("the directory takes passwords over TLS only; use ldaps:// or StartTls");
            default:
                return new BackendAnswer.Unavailable(string.Create(CultureInfo.InvariantCulture, $"bind ended with code {(int)result.Code}: {result.Diagnostic}"));
        }
    }

    /// <summary>Active Directory hides in a text whether the password was right (recorded on a real controller; 775 says nothing about it).</summary>
    private static BackendAnswer JudgeRefusal(string diagnostic)
    {
        if (!ActiveDirectoryDiagnostics.TryReadSubCode(diagnostic, out var subCode))
        {
            return new BackendAnswer.Rejected();
        }

        return subCode switch
        {
            ActiveDirectoryDiagnostics.AccountDisabled => new BackendAnswer.AccountState(AccountStates.Disabled, SecretProven: true),
            ActiveDirectoryDiagnostics.PasswordExpired => new BackendAnswer.AccountState(AccountStates.PasswordExpired, SecretProven: true),
            ActiveDirectoryDiagnostics.MustChangePassword => new BackendAnswer.AccountState(AccountStates.MustChange, SecretProven: true),
            ActiveDirectoryDiagnostics.AccountExpired => new BackendAnswer.AccountState(AccountStates.Expired, SecretProven: true),
            ActiveDirectoryDiagnostics.AccountLocked => new BackendAnswer.AccountState(AccountStates.Locked, SecretProven: false),
            _ => new BackendAnswer.Rejected(),
        };
    }

    private static IEnumerable<LdapFilter> Conditions(LdapBackendOptions options)
    {
        if (options.AlwaysFilter.Length > 0)
        {
            yield return LdapFilter.TryParse(options.AlwaysFilter, out var filter, out var fault)
                ? filter
                : throw new ArgumentException(fault, nameof(options));
        }

        if (options.GroupDn.Length > 0)
        {
            yield return LdapFilter.Equal(options.GroupAttribute, options.GroupDn);
        }
    }

    /// <summary>What a later bind needs.</summary>
    private sealed record Handle(string Dn, LdapHost Host, string? State);

    private static partial class Log
    {
        [LoggerMessage(EventIds.DirectoryAmbiguous, LogLevel.Error, "{Backend}: more than one entry has {Attribute} = {Name}; none of them is let in.")]
        public static partial void Ambiguous(ILogger logger, string backend, string attribute, string name);

        [LoggerMessage(EventIds.DirectoryEntryUnusable, LogLevel.Error, "{Backend}: {Why}")]
        public static partial void EntryUnusable(ILogger logger, string backend, string why);
    }
}
