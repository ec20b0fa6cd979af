using AuthGateway.Core.Backends;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Directory;
using AuthGateway.Tests.Ldap;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Backends;

/// <summary>A backend before a directory that does as told, under a clock that stands still.</summary>
public abstract class LdapBackendTestBase : LdapTestBase
{
    protected const string AliceDn = "uid=alice,ou=people,dc=bed,dc=test";
    protected const string AlicePassword = "alice-pw";
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected ManualTimeProvider Clock { get; } = new();

    protected static FakeEntry Alice() => new FakeEntry(AliceDn, AlicePassword)
        .With("uid", "alice").With("mail", "alice@bed.test", "a@bed.test").With("entryUUID", "6f1c").With("cn", "Alice Ames")
        .With("memberOf", "cn=mobile,ou=groups,dc=bed,dc=test", @"cn=Sales\, West,ou=groups,dc=bed,dc=test");

    /// <summary>Alice joins the directory of the base class.</summary>
    protected HostileDirectory WithAlice(FakeEntry? alice = null)
    {
        Directory.Entries.Add(alice ?? Alice());
        return Directory;
    }

    protected static LdapBackendOptions Options(params string[] hosts) => new()
    {
        Name = "ad",
        Hosts = [.. hosts],
        StartTls = false,
        BaseDn = "dc=bed,dc=test",
        SearchUser = ServiceDn,
        SearchPassword = ServicePassword,
        DirectoryLockout = new() { Threshold = "none" }, // or the first login would ask for more than its user
    };

    protected IBackend Build(LdapBackendOptions options)
    {
        var faults = new FaultList();
        var chain = BackendFactory.Build(
            [options], faults, new BackendDependencies(_ => throw new NotSupportedException(), Clock, NullLoggerFactory.Instance), previous: null);
        chain.ShouldNotBeNull(string.Join('\n', faults.All));
        return chain.Links[0].Backend;
    }

    protected static Task<BackendLookup> Find(IBackend backend, string name) =>
        backend.FindAsync(BackendChainTests.Name(name), CancellationToken.None).AsTask().WaitAsync(Patience);

    protected static async Task<BackendLookup.Found> Found(IBackend backend, string name = "alice") =>
        (await Find(backend, name)).ShouldBeOfType<BackendLookup.Found>();

    protected static Task<BackendAnswer> Verify(IBackend backend, BackendLookup.Found found, string password) =>
        backend.VerifyAsync(found, Secret.FromText(password), CancellationToken.None).AsTask().WaitAsync(Patience);
}
