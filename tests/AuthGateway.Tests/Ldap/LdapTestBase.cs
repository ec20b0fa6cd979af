using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Ldap;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Ldap;

/// <summary>A directory with two people and a service account, and a client of little patience.</summary>
public abstract class LdapTestBase : IAsyncDisposable
{
    protected const string ServiceDn = "cn=gateway,ou=services,dc=bed,dc=test";
    protected const string ServicePassword = "gateway-pw";
    protected const string AnnaDn = "uid=anna,ou=people,dc=bed,dc=test";
    protected const string AnnaPassword = "anna-pw";

    /// <summary>The name on the test certificate; the server listens on 127.0.0.1.</summary>
    protected const string TlsName = "ldap.bed.test";

    private static readonly Lazy<X509Certificate2> SelfSigned = new(() => CreateCertificate(TlsName));
    private HostileDirectory? _directory;

    protected static X509Certificate2 Certificate => SelfSigned.Value;

    protected static LdapTlsOptions Plain { get; } = new() { Mode = LdapTlsMode.None };

    protected static LdapTlsOptions Trusting { get; } = new() { TargetHost = TlsName, TrustedRoots = [Certificate] };

    /// <summary>For tests in which nothing hangs: long enough for a busy machine.</summary>
    protected static LdapLimits Patient { get; } = new() { ConnectTimeout = TimeSpan.FromSeconds(20), OperationTimeout = TimeSpan.FromSeconds(20) };

    /// <summary>For tests in which the directory hangs.</summary>
    protected static LdapLimits Hasty { get; } = Patient with { OperationTimeout = TimeSpan.FromMilliseconds(250) };

    protected static LdapSearch AnnaSearch { get; } =
        new("dc=bed,dc=test", LdapScope.Subtree, LdapFilter.Equal("uid", "anna")) { Attributes = ["uid", "mail"], SizeLimit = 2 };

    protected HostileDirectory Directory => _directory ??= Start();

    protected HostileDirectory Start(X509Certificate2? certificate = null, bool isLdaps = false) => _directory = new HostileDirectory(certificate, isLdaps)
    {
        Entries =
        {
            new FakeEntry(ServiceDn, ServicePassword),
            new FakeEntry(AnnaDn, AnnaPassword).With("uid", "anna").With("mail", "anna@bed.test", "a@bed.test").With("secret", "no"),
            new FakeEntry("uid=bert,ou=people,dc=bed,dc=test", "bert-pw").With("uid", "bert"),
        },
    };

    protected LdapEndpoint Endpoint => LdapEndpoint.TryParse(Directory.Address, out var endpoint, out var fault)
        ? endpoint
        : throw new InvalidOperationException(fault);

    protected Task<LdapConnection> ConnectAsync(LdapLimits? limits = null, LdapTlsOptions? tls = null) =>
        LdapConnection.ConnectAsync(Endpoint, tls ?? Plain, limits ?? Patient, TimeProvider.System, CancellationToken.None);

    protected static async Task<LdapException> FailsAsync(LdapFailure failure, Task task)
    {
        var exception = await Should.ThrowAsync<LdapException>(task);
        exception.Failure.ShouldBe(failure, exception.Message);
        return exception;
    }

    protected static X509Certificate2 CreateCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    public async ValueTask DisposeAsync()
    {
        if (_directory is not null)
        {
            await _directory.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
