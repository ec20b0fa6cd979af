using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.TestKit.Certificates;

namespace AuthGateway.Tests.Core.Devices;

public sealed class DeviceTrustTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TestAuthority _authority = TestAuthority.Create();
    private readonly string _folder = Directory.CreateTempSubdirectory("agw-devices").FullName;

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Check_NoCertificate_SaysSo() => Trust().Check(null, Now).Refusal.ShouldBe(VerdictReason.NoDeviceCertificate);

    [Fact]
    public void Check_SoundCertificate_NamesOwnerAuthorityAndThumbprint()
    {
        using var certificate = _authority.IssueClient("alice@gw.test");
        var check = Trust().Check(Public(certificate), Now);
        check.Refusal.ShouldBeNull();
        check.Device.ShouldNotBeNull().Owner.ShouldBe("alice@gw.test");
        check.Device.Authority.ShouldBe("phones");
        check.Device.NotAfter.ShouldBe(new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
        check.Thumbprint.ShouldBe(certificate.GetCertHashString(HashAlgorithmName.SHA256));
    }

    [Fact]
    public void Check_SameCertificateAgain_AllocatesNothingAndAnswersTheSame()
    {
        using var certificate = _authority.IssueClient("alice@gw.test");
        var trust = Trust();
        var first = trust.Check(certificate, Now);
        trust.Check(certificate, Now);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var again = trust.Check(certificate, Now);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        again.ShouldBeSameAs(first);
    }

    [Fact]
    public void Check_Issuer_ThroughIntermediateInTheFile_IsAccepted()
    {
        using var intermediate = _authority.CreateIntermediate("Phones");
        using var certificate = intermediate.IssueClient("alice@gw.test");
        Trust(ca: intermediate.ToPem()).Check(Public(certificate), Now).Refusal.ShouldBeNull();
        Trust().Check(Public(certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceUnknownAuthority);
    }

    [Fact]
    public void Check_PathOfFiveCertificates_IsUnsuitable()
    {
        using var one = _authority.CreateIntermediate("One");
        using var two = one.CreateIntermediate("Two");
        using var three = two.CreateIntermediate("Three");
        using var certificate = three.IssueClient("alice@gw.test");
        using var nearer = two.IssueClient("alice@gw.test");
        var trust = Trust(ca: three.ToPem());
        trust.Check(Public(certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceUnsuitable);
        trust.Check(Public(nearer), Now).Refusal.ShouldBeNull();
    }

    /// <summary>MT-02.</summary>
    [Fact]
    public void Check_OtherAuthorityOfTheSameName_IsUnknown()
    {
        using var impostor = TestAuthority.Create();
        using var certificate = impostor.IssueClient("alice@gw.test");
        var check = Trust().Check(Public(certificate), Now);
        check.Refusal.ShouldBe(VerdictReason.DeviceUnknownAuthority);
        check.Owner.ShouldBe("alice@gw.test");
        check.Device.ShouldBeNull();
    }

    [Fact]
    public void Check_ExpiredCertificateOfForeignAuthority_IsUnknownAuthorityFirst()
    {
        using var foreign = TestAuthority.Create("Another");
        using var certificate = foreign.IssueClient(new ClientCertificateOptions { Mails = ["a@gw.test"], NotBefore = Now.AddDays(-9), NotAfter = Now.AddDays(-1), Usages = [] });
        Trust().Check(Public(certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceUnknownAuthority);
        DeviceTrust.Empty.Check(Public(certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceUnknownAuthority);
    }

    [Fact]
    public void Check_SelfSignedOrTheAuthorityItself_IsRefused()
    {
        Trust().Check(Public(_authority.Certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceUnsuitable);
        using var impostor = TestAuthority.Create();
        Trust().Check(Public(impostor.Certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceUnknownAuthority);
    }

    /// <summary>MT-03 and the key and signature rules.</summary>
    [Theory]
    [InlineData("server-only")]
    [InlineData("any-usage")]
    [InlineData("no-usage")]
    [InlineData("ca-true")]
    [InlineData("no-digital-signature")]
    [InlineData("rsa-1024")]
    [InlineData("sha-1")]
    public void Check_CertificateNotMadeForDevices_IsUnsuitable(string flaw)
    {
        var sound = new ClientCertificateOptions { Mails = ["alice@gw.test"] };
        using var certificate = _authority.IssueClient(flaw switch
        {
            "server-only" => sound with { Usages = [TestAuthority.ServerAuthentication] },
            "any-usage" => sound with { Usages = ["2.5.29.37.0"] },
            "no-usage" => sound with { Usages = [] },
            "ca-true" => sound with { Authority = true },
            "no-digital-signature" => sound with { KeyUsage = X509KeyUsageFlags.KeyEncipherment },
            "rsa-1024" => sound with { RsaBits = 1024 },
            _ => sound with { Hash = HashAlgorithmName.SHA1 },
        });
        var check = Trust().Check(Public(certificate), Now);
        check.Refusal.ShouldBe(VerdictReason.DeviceUnsuitable);
        check.Owner.ShouldBe("alice@gw.test");
    }

    [Fact]
    public void Check_OptionalExtensionsLeftOutOrRsa2048_IsAccepted()
    {
        using var bare = _authority.IssueClient(new ClientCertificateOptions { Mails = ["a@gw.test"], Authority = null, KeyUsage = null });
        using var rsa = _authority.IssueClient(new ClientCertificateOptions { Mails = ["a@gw.test"], RsaBits = 2048 });
        Trust().Check(Public(bare), Now).Refusal.ShouldBeNull();
        Trust().Check(Public(rsa), Now).Refusal.ShouldBeNull();
    }

    /// <summary>MT-04, on one certificate that stays connected while time passes.</summary>
    [Fact]
    public void Check_TimePasses_IsJudgedAtEachCall()
    {
        using var certificate = _authority.IssueClient(new ClientCertificateOptions { Mails = ["a@gw.test"], NotBefore = Now.AddDays(1), NotAfter = Now.AddDays(2) });
        var trust = Trust();
        var seen = Public(certificate);
        trust.Check(seen, Now).Refusal.ShouldBe(VerdictReason.DeviceNotYetValid);
        trust.Check(seen, Now.AddDays(1).AddHours(1)).Refusal.ShouldBeNull();
        trust.Check(seen, Now.AddDays(3)).Refusal.ShouldBe(VerdictReason.DeviceExpired);
        using var old = _authority.IssueClient(new ClientCertificateOptions { Mails = ["a@gw.test"], NotBefore = Now.AddDays(-9), NotAfter = Now.AddDays(-1) });
        trust.Check(Public(old), Now).Refusal.ShouldBe(VerdictReason.DeviceExpired);
    }

    [Fact]
    public void Check_AuthorityItselfExpires_CertificateExpiresWithIt()
    {
        using var shortLived = TestAuthority.Create("Short", Now.AddDays(-2), Now.AddDays(1));
        using var certificate = shortLived.IssueClient("a@gw.test");
        var trust = Trust(ca: shortLived.ToPem());
        trust.Check(Public(certificate), Now).Refusal.ShouldBeNull();
        trust.Check(Public(certificate), Now.AddDays(2)).Refusal.ShouldBe(VerdictReason.DeviceExpired);
    }

    /// <summary>MT-05: the same certificate object, as an open connection keeps it.</summary>
    [Fact]
    public void Check_RevokedAfterReload_RefusesTheOpenConnectionToo()
    {
        using var certificate = _authority.IssueClient("alice@gw.test");
        using var other = _authority.IssueClient("bob@gw.test");
        var seen = Public(certificate);
        Trust(crl: _authority.RevocationList()).Check(seen, Now).Refusal.ShouldBeNull();
        var reloaded = Trust(crl: _authority.RevocationList([certificate]));
        reloaded.Check(seen, Now).Refusal.ShouldBe(VerdictReason.DeviceRevoked);
        reloaded.Check(Public(other), Now).Refusal.ShouldBeNull();
        reloaded.Check(seen, Now.AddYears(1)).Refusal.ShouldBe(VerdictReason.DeviceRevoked);
    }

    [Fact]
    public void Check_RevocationListPastGrace_FailsClosed()
    {
        using var certificate = _authority.IssueClient("alice@gw.test");
        var trust = Trust(crl: _authority.RevocationList(nextUpdate: Now.AddHours(1)));
        trust.Check(certificate, Now.AddHours(4.9)).Refusal.ShouldBeNull();
        trust.Check(certificate, Now.AddHours(5.1)).Refusal.ShouldBe(VerdictReason.DeviceRevocationUnknown);
        trust.Check(certificate, Now.AddHours(-2)).Refusal.ShouldBe(VerdictReason.DeviceRevocationUnknown);
        trust.Authorities[0].RevocationDue.ShouldNotBeNull().ShouldBe(Now.AddHours(1), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Check_ListOfRootOnly_DoesNotSpeakForTheIntermediatesDevices()
    {
        using var intermediate = _authority.CreateIntermediate("Phones");
        using var certificate = intermediate.IssueClient("alice@gw.test");
        Trust(ca: intermediate.ToPem(), crl: _authority.RevocationList()).Check(Public(certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceRevocationUnknown);
    }

    [Fact]
    public void Check_ListsOfBothAuthoritiesInOneFile_RevokesDeviceAndIntermediate()
    {
        using var intermediate = _authority.CreateIntermediate("Phones");
        using var certificate = intermediate.IssueClient("alice@gw.test");
        DeviceTrust Both(byte[] root, byte[] sub) => Build(intermediate.ToPem(), PemEncoding.WriteString("X509 CRL", root) + "\n" + PemEncoding.WriteString("X509 CRL", sub));
        Both(_authority.RevocationList(), intermediate.RevocationList()).Check(Public(certificate), Now).Refusal.ShouldBeNull();
        Both(_authority.RevocationList([intermediate.Certificate]), intermediate.RevocationList()).Check(Public(certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceRevoked);
    }

    [Fact]
    public void Check_OwnerField_TakesExactlyOne()
    {
        using var two = _authority.IssueClient(new ClientCertificateOptions { Mails = ["a@gw.test", "b@gw.test"], PrincipalNames = ["a@ad.test"], Uris = ["urn:device:7"], Subject = "CN=anna,O=x" });
        Trust().Check(Public(two), Now).Refusal.ShouldBe(VerdictReason.DeviceNoOwner);
        Trust(owner: "san-upn").Check(Public(two), Now).Device.ShouldNotBeNull().Owner.ShouldBe("a@ad.test");
        Trust(owner: "san-uri").Check(Public(two), Now).Device.ShouldNotBeNull().Owner.ShouldBe("urn:device:7");
        Trust(owner: "cn").Check(Public(two), Now).Device.ShouldNotBeNull().Owner.ShouldBe("anna");
        using var none = _authority.IssueClient(new ClientCertificateOptions { Subject = "CN=anna,CN=bert" });
        Trust().Check(Public(none), Now).Refusal.ShouldBe(VerdictReason.DeviceNoOwner);
        Trust(owner: "cn").Check(Public(none), Now).Refusal.ShouldBe(VerdictReason.DeviceNoOwner);
    }

    [Fact]
    public void Check_OwnerWithInvisibleCharacter_IsNoOwner()
    {
        using var certificate = _authority.IssueClient(new ClientCertificateOptions { PrincipalNames = ["ali\u200bce@gw.test"] });
        Trust(owner: "san-upn").Check(Public(certificate), Now).Refusal.ShouldBe(VerdictReason.DeviceNoOwner);
    }

    /// <summary>MT-07: whatever is wrong with a file is a fault of the load.</summary>
    [Theory]
    [InlineData("missing", "cannot be read")]
    [InlineData("empty", "is empty")]
    [InlineData("garbage", "no PEM certificate")]
    [InlineData("broken", "cannot be read as PEM")]
    [InlineData("leaf", "not the certificate of an authority")]
    [InlineData("intermediate", "no root")]
    public void Build_BadAuthorityFile_IsAFault(string what, string says)
    {
        using var intermediate = _authority.CreateIntermediate("Phones");
        using var leaf = _authority.IssueClient("a@gw.test");
        var path = Path.Combine(_folder, "bad.pem");
        if (what != "missing")
        {
            File.WriteAllText(path, what switch
            {
                "empty" => "",
                "garbage" => "hello\n",
                "broken" => PemEncoding.WriteString("CERTIFICATE", [1, 2, 3]),
                "leaf" => leaf.ExportCertificatePem(),
                _ => intermediate.Certificate.ExportCertificatePem(),
            });
        }

        var faults = new FaultList();
        DeviceTrust.Build(Options(path, ""), faults).ShouldBeNull();
        var fault = faults.All.Single(fault => fault.Severity == FaultSeverity.Error);
        fault.Key.ShouldBe("AuthGateway:Devices:Authorities:phones:CaFile");
        fault.Message.ShouldContain(says);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("garbage")]
    [InlineData("truncated")]
    [InlineData("forged")]
    [InlineData("foreign")]
    [InlineData("sha-1")]
    public void Build_BadRevocationList_IsAFault(string what)
    {
        using var impostor = TestAuthority.Create();
        using var foreign = TestAuthority.Create("Another");
        var path = Path.Combine(_folder, "bad.crl");
        if (what != "missing")
        {
            File.WriteAllBytes(path, what switch
            {
                "garbage" => "hello"u8.ToArray(),
                "truncated" => _authority.RevocationList()[..^9],
                "forged" => impostor.RevocationList(),
                "foreign" => foreign.RevocationList(),
                _ => _authority.RevocationList(hash: HashAlgorithmName.SHA1),
            });
        }

        var faults = new FaultList();
        DeviceTrust.Build(Options(_authority.WriteCa(Path.Combine(_folder, "ca.pem")), path), faults).ShouldBeNull();
        faults.All.Single(fault => fault.Severity == FaultSeverity.Error).Key.ShouldBe("AuthGateway:Devices:Authorities:phones:CrlFile");
    }

    [Fact]
    public void Build_NoRevocationList_Warns()
    {
        var faults = new FaultList();
        var trust = DeviceTrust.Build(Options(_authority.WriteCa(Path.Combine(_folder, "ca.pem")), ""), faults).ShouldNotBeNull();
        faults.HasErrors.ShouldBeFalse();
        faults.All.ShouldHaveSingleItem().Severity.ShouldBe(FaultSeverity.Warning);
        trust.Files.ShouldBe([Path.Combine(_folder, "ca.pem")]);
        trust.Certificates.ShouldHaveSingleItem();
    }

    [Fact]
    public void Matches_WholeNamesWithoutCase()
    {
        var alice = new UserIdentity("ad", "1", "alice", "alice@bed.test", null, [], ["a.smith@bed.test"]);
        DeviceOwner.Matches(alice, "ALICE@bed.test").ShouldBeTrue();
        DeviceOwner.Matches(alice, "Alice").ShouldBeTrue();
        DeviceOwner.Matches(alice, "a.smith@bed.test").ShouldBeTrue();
        DeviceOwner.Matches(alice, "alice@other.test").ShouldBeFalse();
        DeviceOwner.Matches(alice, "alic\u00ade").ShouldBeFalse();
        DeviceOwner.Matches(alice, "").ShouldBeFalse();
    }

    private static X509Certificate2 Public(X509Certificate2 certificate) => X509CertificateLoader.LoadCertificate(certificate.RawDataMemory.Span);

    private static DeviceOptions Options(string ca, string crl, string owner = "san-email") => new()
    {
        Authorities = { ["phones"] = new DeviceAuthorityOptions { CaFile = ca, CrlFile = crl, Owner = owner } },
    };

    [Theory]
    [InlineData("", "alice@gw.test", null, false)]
    [InlineData("gw.test", "alice@gw.test", null, true)]
    [InlineData("GW.test", "alice@gw.TEST", null, true)]
    [InlineData("other.test,gw.test", "alice@gw.test", null, true)]
    [InlineData("other.test", "alice@gw.test", "certificate-domain", false)]
    [InlineData("gw.test", "alice@sub.gw.test", "certificate-domain", false)]
    [InlineData("gw.test", "alice@xgw.test", "certificate-domain", false)]
    [InlineData("gw.test", "alice", "certificate-domain", false)]
    [InlineData("gw.test", "@gw.test", "certificate-domain", false)]
    [InlineData("gw.test", "alice@evil.test@gw.test", "certificate-domain", false)]
    [InlineData("gw.test", "alice@gw.test.", "certificate-domain", false)]
    public void Check_Domains_OwnersOutsideAreRefusedAndOnlyThoseInsideMaySayWhoTheyAre(string domains, string owner, string? refusal, bool saysWho)
    {
        using var certificate = _authority.IssueClient(owner);
        var caFile = Path.Combine(_folder, "ca.pem");
        File.WriteAllText(caFile, _authority.ToPem());
        var options = Options(caFile, "", "san-email");
        options.Authorities["phones"].Domains = [.. domains.Split(',', StringSplitOptions.RemoveEmptyEntries)];
        var check = DeviceTrust.Build(options, new FaultList())!.Check(Public(certificate), Now);
        (check.Refusal?.Code, check.Device?.SaysWho ?? false).ShouldBe((refusal, saysWho));
    }

    [Theory]
    [InlineData("cn", "gw.test", "Domains")]
    [InlineData("san-uri", "gw.test", "Domains")]
    [InlineData("san-email", "@gw.test", "Domains[0]")]
    [InlineData("san-upn", "*.gw.test", "Domains[0]")]
    [InlineData("san-email", ".test", "Domains[0]")]
    public void Build_DomainsThatCannotBeHeldAgainstAnything_AreRefused(string field, string domain, string key)
    {
        var caFile = Path.Combine(_folder, "ca.pem");
        File.WriteAllText(caFile, _authority.ToPem());
        var options = Options(caFile, "", field);
        options.Authorities["phones"].Domains = [domain];
        var faults = new FaultList();
        DeviceTrust.Build(options, faults);
        faults.All.Where(fault => fault.Severity == FaultSeverity.Error).ShouldHaveSingleItem().Key.ShouldBe($"AuthGateway:Devices:Authorities:phones:{key}");
    }

    private DeviceTrust Trust(string? ca = null, byte[]? crl = null, string owner = "san-email") =>
        Build(ca ?? _authority.ToPem(), crl is null ? null : PemEncoding.WriteString("X509 CRL", crl), owner);

    private DeviceTrust Build(string ca, string? crl, string owner = "san-email")
    {
        var caFile = Path.Combine(_folder, "ca.pem");
        var crlFile = crl is null ? "" : Path.Combine(_folder, "list.crl");
        File.WriteAllText(caFile, ca);
        if (crl is not null)
        {
            File.WriteAllText(crlFile, crl);
        }

        var faults = new FaultList();
        var trust = DeviceTrust.Build(Options(caFile, crlFile, owner), faults);
        faults.All.Where(fault => fault.Severity == FaultSeverity.Error).ShouldBeEmpty();
        return trust.ShouldNotBeNull();
    }
}
