using System.Security.Cryptography;
using AuthGateway.Ldap;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Ldap;

public sealed class LdapTlsTests : LdapTestBase, IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    public Task InitializeAsync() => Task.CompletedTask;

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connect_TrustedRootAndRightName_Binds(bool isLdaps)
    {
        Start(Certificate, isLdaps);
        await using var connection = await ConnectAsync(tls: Trusting);
        (await connection.BindAsync(AnnaDn, AnnaPassword, Ct)).IsSuccess.ShouldBeTrue();
        (await connection.SearchAsync(AnnaSearch, Ct)).Entries.Count.ShouldBe(1);
        Directory.Requests(DirectoryRequest.StartTls).ShouldBe(isLdaps ? 0 : 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connect_WrongName_IsTlsFailed(bool isLdaps)
    {
        Start(Certificate, isLdaps);
        await FailsAsync(LdapFailure.TlsFailed, ConnectAsync(tls: Trusting with { TargetHost = "other.bed.test" }));
        await FailsAsync(LdapFailure.TlsFailed, ConnectAsync(tls: Trusting with { TargetHost = null }));
        Directory.Binds.ShouldBe(0);
    }

    [Fact]
    public async Task Connect_UnknownIssuer_IsTlsFailed()
    {
        Start(Certificate, isLdaps: true);
        using var other = CreateCertificate(TlsName);
        await FailsAsync(LdapFailure.TlsFailed, ConnectAsync(tls: new() { TargetHost = TlsName, TrustedRoots = [other] }));
        await FailsAsync(LdapFailure.TlsFailed, ConnectAsync(tls: new() { TargetHost = TlsName, TrustedRoots = [] }));
        await FailsAsync(LdapFailure.TlsFailed, ConnectAsync(tls: new() { TargetHost = TlsName }));
    }

    [Fact]
    public async Task Connect_Pin_DecidesAlone()
    {
        Start(Certificate, isLdaps: true);
        await using (await ConnectAsync(tls: new() { PinnedSha256 = [new byte[32], Certificate.GetCertHash(HashAlgorithmName.SHA256)] }))
        {
            // neither name nor issuer fit
        }

        await FailsAsync(LdapFailure.TlsFailed, ConnectAsync(tls: Trusting with { PinnedSha256 = [new byte[32]] }));
        Should.Throw<ArgumentException>(() => new LdapTlsOptions { PinnedSha256 = [new byte[20]] });
    }

    [Fact]
    public async Task StartTls_Refused_SendsNothingElse()
    {
        var failure = await FailsAsync(LdapFailure.StartTlsRefused, ConnectAsync(tls: Trusting));
        failure.ResultCode.ShouldBe(LdapResultCode.ProtocolError);
        await Directory.UntilAsync(d => d.Open == 0);
        (Directory.Binds, Directory.Searches).ShouldBe((0, 0));
    }

    [Fact]
    public async Task StartTls_BytesInTheClearBehindTheAnswer_AreNotTakenForSecured()
    {
        Start(Certificate).Once(DirectoryRequest.StartTls, Mischief.Trailing(0x30, 0x0c, 0x02, 0x01, 0x02, 0x61, 0x07, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00));
        await FailsAsync(LdapFailure.ProtocolError, ConnectAsync(tls: Trusting));
    }

    [Fact]
    public async Task StartTls_Mischief_IsToldApart()
    {
        Start(Certificate);
        Directory.Once(DirectoryRequest.StartTls, Mischief.Garbage);
        await FailsAsync(LdapFailure.ProtocolError, ConnectAsync(tls: Trusting));
        Directory.Once(DirectoryRequest.StartTls, Mischief.WrongMessageId);
        await FailsAsync(LdapFailure.ProtocolError, ConnectAsync(tls: Trusting));
        Directory.Once(DirectoryRequest.StartTls, Mischief.Close);
        await FailsAsync(LdapFailure.ConnectionLost, ConnectAsync(tls: Trusting));
        Directory.Once(DirectoryRequest.StartTls, Mischief.Busy);
        await FailsAsync(LdapFailure.StartTlsRefused, ConnectAsync(tls: Trusting));
        Directory.Once(DirectoryRequest.StartTls, Mischief.Silence);
        await FailsAsync(LdapFailure.Timeout, ConnectAsync(Patient with { ConnectTimeout = TimeSpan.FromMilliseconds(250) }, Trusting));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connect_FrozenServer_TimesOut(bool isLdaps)
    {
        Start(Certificate, isLdaps).IsFrozen = true;
        await FailsAsync(LdapFailure.Timeout, ConnectAsync(Patient with { ConnectTimeout = TimeSpan.FromMilliseconds(250) }, Trusting));
    }

    [Fact]
    public async Task Connect_LdapsToAPlainPort_IsTlsFailed()
    {
        LdapEndpoint.TryParse($"ldaps://127.0.0.1:{Directory.Port}", out var endpoint, out _).ShouldBeTrue();
        Directory.On(DirectoryRequest.StartTls, Mischief.Garbage);
        var connecting = LdapConnection.ConnectAsync(
            endpoint!, Trusting, Patient with { ConnectTimeout = TimeSpan.FromSeconds(1) }, TimeProvider.System, Ct);
        var failure = await Should.ThrowAsync<LdapException>(connecting);
        failure.Failure.ShouldBeOneOf(LdapFailure.TlsFailed, LdapFailure.Timeout);
    }
}
