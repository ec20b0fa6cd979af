using AuthGateway.Core.Backends;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit.Gateway;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Scenarios.Directories;

/// <summary>A backend of this process before a real server.</summary>
internal sealed class BackendBed : IAsyncDisposable
{
    private BackendBed(IBackend backend) => Backend = backend;

    public IBackend Backend { get; }

    public IPasswordChanger Passwords => (IPasswordChanger)Backend;

    public IAccountRefresher Refresher => (IAccountRefresher)Backend;

    public static async Task<BackendBed> SambaAsync(Action<LdapBackendOptions>? change = null)
    {
        await Bed.EnsureServiceAsync("samba");
        var options = new LdapBackendOptions
        {
            Name = "ad",
            Hosts = ["ldaps://127.0.0.1:636"],
            TlsName = "dc1.samdom.test",
            CaFile = Bed.Pki("ca.crt"),
            BaseDn = "DC=samdom,DC=test",
            SearchUser = "svc-gateway@samdom.test",
            SearchPassword = Samba.SearchPassword,
            LoginAttributes = ["sAMAccountName"],
            UserNameAttribute = "sAMAccountName",
            IdAttribute = "objectGUID",
        };
        return Build(options, change);
    }

    public static async Task<BackendBed> SecondAsync(Action<LdapBackendOptions>? change = null)
    {
        await Bed.EnsureServiceAsync("slapd2");
        var options = new LdapBackendOptions
        {
            Name = "second",
            Hosts = ["ldaps://127.0.0.1:3637"],
            TlsName = "dir2.bed.test",
            CaFile = Bed.Pki("ca.crt"),
            BaseDn = "dc=second,dc=test",
            SearchUser = "cn=gateway,ou=services,dc=second,dc=test",
            SearchPassword = "gatewaypw",
        };
        return Build(options, change);
    }

    public async Task<BackendLookup> FindAsync(string name)
    {
        UserName.TryParse(name, out var parsed).ShouldBeTrue(name);
        return await Backend.FindAsync(parsed!, CancellationToken.None);
    }

    public async Task<BackendLookup.Found> FoundAsync(string name)
    {
        var lookup = await FindAsync(name);
        return lookup.ShouldBeOfType<BackendLookup.Found>(lookup.ToString());
    }

    public async Task<BackendAnswer> VerifyAsync(string name, string password) =>
        await Backend.VerifyAsync(await FoundAsync(name), Secret.FromText(password), CancellationToken.None);

    public async Task<PasswordChange> ChangeAsync(string name, string before, string after) =>
        await Passwords.ChangePasswordAsync(await FoundAsync(name), Secret.FromText(before), Secret.FromText(after), CancellationToken.None);

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)Backend).DisposeAsync();

    private static BackendBed Build(LdapBackendOptions options, Action<LdapBackendOptions>? change)
    {
        change?.Invoke(options);
        var faults = new FaultList();
        var chain = BackendFactory.Build(
            [options], faults, new BackendDependencies(_ => throw new NotSupportedException(), TimeProvider.System, NullLoggerFactory.Instance), previous: null);
        chain.ShouldNotBeNull(string.Join('\n', faults.All));
        return new BackendBed(chain.Links[0].Backend);
    }
}
