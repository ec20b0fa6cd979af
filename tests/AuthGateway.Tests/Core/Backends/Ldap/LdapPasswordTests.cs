using System.Security.Cryptography;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Ldap;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

public sealed class LdapPasswordTests : LdapBackendTestBase
{
    private const string NewPassword = "a new one, longer";
    private const string PolicyOid = "1.3.6.1.4.1.42.2.27.8.5.1";

    [Fact]
    public async Task Change_OpenLdap_IsDoneAsTheUser()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);

        (await Change(backend, alice, AlicePassword, NewPassword)).ShouldBeOfType<PasswordChange.Changed>();

        Directory.ChangedBy.ShouldBe([AliceDn]);
        (await Verify(backend, alice, NewPassword)).ShouldBeOfType<BackendAnswer.Accepted>();
        (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Rejected>();
    }

    [Fact]
    public async Task Change_OpenLdapExpired_IsDoneAsTheSearchUser()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.Once(DirectoryRequest.Bind, Mischief.AnswerWithControl(49, PolicyOid, Convert.FromHexString("3003810100")));

        (await Change(backend, alice, AlicePassword, NewPassword)).ShouldBeOfType<PasswordChange.Changed>();

        Directory.ChangedBy.ShouldBe([ServiceDn]);
    }

    [Fact]
    public async Task Change_OpenLdapExpiredAndTheOldOneWrong_ChangesNothing()
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.Once(DirectoryRequest.Bind, Mischief.AnswerWithControl(49, PolicyOid, Convert.FromHexString("3003810100")));

        (await Change(backend, alice, "wrong", NewPassword)).ShouldBeOfType<PasswordChange.WrongPassword>();

        (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Change_WrongOldPassword_IsSaidAndChangesNothing(bool isActiveDirectory)
    {
        var backend = Build(isActiveDirectory ? ActiveDirectory() : Options(WithAlice().Address));
        var alice = await Found(backend);

        (await Change(backend, alice, "wrong", NewPassword)).ShouldBeOfType<PasswordChange.WrongPassword>();

        (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task Change_ActiveDirectory_IsDoneAsTheSearchUserOverTls()
    {
        var backend = Build(ActiveDirectory());
        var alice = await Found(backend);

        (await Change(backend, alice, AlicePassword, NewPassword)).ShouldBeOfType<PasswordChange.Changed>();

        Directory.ChangedBy.ShouldBe([ServiceDn]);
        Directory.BindsAs(AliceDn).ShouldBe(0);
        (await Verify(backend, alice, NewPassword)).ShouldBeOfType<BackendAnswer.Accepted>();
    }

    [Fact]
    public async Task Change_ActiveDirectoryWithoutTls_SendsNothing()
    {
        var options = Options(WithAlice().Address);
        options.Kind = "active-directory";
        var backend = Build(options);

        (await Change(backend, await Found(backend), AlicePassword, NewPassword)).ShouldBe(new PasswordChange.Refused("not-allowed", null));

        Directory.Requests(DirectoryRequest.Modify).ShouldBe(0);
    }

    [Fact]
    public async Task Change_LockedAccount_SendsNothing()
    {
        var backend = Build(Options(WithAlice(Alice().With("msDS-User-Account-Control-Computed", "16")).Address));

        (await Change(backend, await Found(backend), AlicePassword, NewPassword)).ShouldBe(new PasswordChange.Refused("locked", null));

        Directory.BindsAs(AliceDn).ShouldBe(0);
    }

    [Theory]
    [InlineData("", NewPassword)]
    [InlineData(AlicePassword, "")]
    public async Task Change_Empty_SendsNothing(string before, string after)
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        var binds = Directory.Binds;

        (await Change(backend, alice, before, after)).ShouldNotBeOfType<PasswordChange.Changed>();

        (Directory.Binds - binds + Directory.Requests(DirectoryRequest.PasswordModify)).ShouldBe(0);
    }

    [Theory]
    [InlineData(19, "00000056: Constraint violation - check_password_restrictions: The old password specified doesn't match", "wrong", null)]
    [InlineData(19, "00000775: Constraint violation - the account is locked", "locked", "Constraint violation - the account is locked")]
    [InlineData(19, "0000052D: Constraint violation - check_password_restrictions: the password is too short. It should be equal or longer than 12 characters!", "policy", "the password is too short. It should be equal or longer than 12 characters!")]
    [InlineData(19, "0000052D: Constraint violation - check_password_restrictions: password is too young to change!", "too-young", "password is too young to change!")]
    [InlineData(19, "0000052D: AtrErr: DSID-03191083, #1: 0: 0000052D: problem 1005 (CONSTRAINT_ATT_TYPE), Att 9005a (unicodePwd)", "policy", null)]
    [InlineData(53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", "policy", null)]
    [InlineData(50, "00000005: no rights", "not-allowed", "no rights")]
    [InlineData(53, "", "not-allowed", null)]
    [InlineData(51, "busy", "unavailable", null)]
    [InlineData(80, "other", "unavailable", null)]
    public async Task Change_ActiveDirectoryRefuses_IsToldInItsWords(int code, string diagnostic, string rule, string? text)
    {
        var backend = Build(ActiveDirectory());
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.Modify, Mischief.Answer(code, diagnostic));

        Tell(await Change(backend, alice, AlicePassword, NewPassword)).ShouldBe((rule, text));

        Directory.Requests(DirectoryRequest.Modify).ShouldBe(1);
    }

    [Theory]
    [InlineData(19, "3003810106", "policy")] // too short
    [InlineData(19, "3003810108", "policy")] // in history
    [InlineData(19, "3003810105", "policy")] // quality
    [InlineData(19, "3003810107", "too-young")]
    [InlineData(50, "3003810103", "not-allowed")]
    [InlineData(19, "3003810101", "locked")]
    [InlineData(19, "3000", "policy")]
    [InlineData(50, "3000", "not-allowed")]
    [InlineData(49, "3000", "wrong")]
    [InlineData(2, "3000", "not-allowed")] // the server does not know the operation
    [InlineData(52, "3000", "unavailable")]
    public async Task Change_PolicyRefuses_IsToldInItsWords(int code, string control, string rule)
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.On(DirectoryRequest.PasswordModify, Mischief.AnswerWithControl(code, PolicyOid, Convert.FromHexString(control)));

        Tell(await Change(backend, alice, AlicePassword, NewPassword)).Rule.ShouldBe(rule);
    }

    public static TheoryData<string, Mischief> Hostile => new()
    {
        { "closes", Mischief.Close },
        { "garbage", Mischief.Garbage },
        { "wrong message id", Mischief.WrongMessageId },
        { "notice", Mischief.NoticeOfDisconnection },
        { "huge claim", Mischief.HugeClaim(2_000_000_000) },
        { "an entry", Mischief.HugeEntry(100) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Change_AnswerGetsLost_IsNotKnownAndNotSentAgain(string how, Mischief mischief)
    {
        var (openLdap, activeDirectory) = (Build(Options(WithAlice().Address)), (IBackend?)null);
        var alice = await Found(openLdap);
        Directory.On(DirectoryRequest.PasswordModify, mischief);
        (await Change(openLdap, alice, AlicePassword, NewPassword)).ShouldBeOfType<PasswordChange.Unavailable>(how);
        Directory.Requests(DirectoryRequest.PasswordModify).ShouldBe(1);
        await Directory.DisposeAsync();

        activeDirectory = Build(ActiveDirectory());
        alice = await Found(activeDirectory);
        Directory.On(DirectoryRequest.Modify, mischief);
        (await Change(activeDirectory, alice, AlicePassword, NewPassword)).ShouldBeOfType<PasswordChange.Unavailable>(how);
        Directory.Requests(DirectoryRequest.Modify).ShouldBe(1);
    }

    [Theory]
    [InlineData(DirectoryRequest.Bind)]
    [InlineData(DirectoryRequest.PasswordModify)]
    public async Task Change_SilentServer_IsAnOutageInTime(DirectoryRequest request)
    {
        var backend = Build(Options(WithAlice().Address));
        var alice = await Found(backend);
        Directory.On(request, Mischief.Silence);
        var before = Directory.Requests(request);
        var change = Change(backend, alice, AlicePassword, NewPassword);
        await Directory.UntilAsync(directory => directory.Requests(request) == before + 1);

        while (!change.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await change).ShouldBeOfType<PasswordChange.Unavailable>();
    }

    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("two\r\nlines\0", "two  lines")]
    [InlineData("a\u202eb", "a b")]
    [InlineData("0000052D: words", "words")]
    [InlineData("<b>bold</b>", "<b>bold</b>")]
    [InlineData("  ", null)]
    [InlineData("0000052D: SvcErr: DSID-031A12D2, data 0", null)]
    public void Clean_Text_IsOneLineForPeople(string diagnostic, string? text) => LdapPasswordChanger.Clean(diagnostic).ShouldBe(text);

    [Fact]
    public void Clean_LongText_IsCut() => LdapPasswordChanger.Clean(new string('x', 299) + "😀😀")!.Length.ShouldBe(299);

    private LdapBackendOptions ActiveDirectory()
    {
        var directory = Start(Certificate, isLdaps: true);
        directory.Entries.Add(Alice());
        var options = Options(directory.Address);
        options.Kind = "active-directory";
        options.PinnedCertificates = [Certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()];
        return options;
    }

    private static Task<PasswordChange> Change(IBackend backend, BackendLookup.Found user, string before, string after) =>
        ((IPasswordChanger)backend).ChangePasswordAsync(user, Secret.FromText(before), Secret.FromText(after), CancellationToken.None).AsTask().WaitAsync(Patience);

    private static (string Rule, string? Text) Tell(PasswordChange change) => change switch
    {
        PasswordChange.Changed => ("changed", null),
        PasswordChange.WrongPassword => ("wrong", null),
        PasswordChange.Refused refused => (refused.Rule, refused.Text),
        _ => ("unavailable", null),
    };
}
