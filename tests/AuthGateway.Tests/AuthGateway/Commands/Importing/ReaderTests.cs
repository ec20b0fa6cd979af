using System.Text;
using AuthGateway.Commands.Importing;

namespace AuthGateway.Tests.Commands.Importing;

public sealed class ReaderTests
{
    [Fact]
    public void Csv_QuotesLineBreaksAndUnknownColumns_AreRead()
    {
        var file = CsvReader.Read("Login,eMail,Name,groups,hash,room\r\nanna,a@example.org,\"Anna \"\"A\"\", née\nB\",mobile|staff,h1,12\r\n\r\nbob,,,,,\r\n", ',');

        file.Entries.Count.ShouldBe(2);
        var anna = file.Entries[0];
        (anna.Line, anna.Login, anna.Mail, anna.DisplayName, anna.Hash).ShouldBe((2, "anna", "a@example.org", "Anna \"A\", née\nB", "h1"));
        anna.Groups.ShouldBe(["mobile", "staff"]);
        var bob = file.Entries[1];
        (bob.Line, bob.Login, bob.Mail, bob.Groups, bob.Hash, bob.Disabled).ShouldBe((5, "bob", null, null, null, null));
        file.NotTaken.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create("room", 1));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("name,mail\n", "no column \"login\"")]
    [InlineData("login;mail\n", "no column \"login\"")]
    [InlineData("login,user\n", "Two columns")]
    [InlineData("login,mail\nanna,\"open\n", "never closed")]
    [InlineData("login,mail\nanna,a\"b\n", "Line 2")]
    [InlineData("login,mail\nanna,\"a\"b\n", "Line 2")]
    public void Csv_NoTable_IsRefusedWhole(string text, string part) => Should.Throw<ImportRefusedException>(() => CsvReader.Read(text, ',')).Message.ShouldContain(part);

    [Theory]
    [InlineData("login,mail\nanna\n", "1 cells")]
    [InlineData("login,disabled\nanna,perhaps\n", "true or false")]
    public void Csv_FaultyRow_IsRefusedAlone(string text, string part) => CsvReader.Read(text, ',').Entries.ShouldHaveSingleItem().Fault.ShouldNotBeNull().ShouldContain(part);

    [Fact]
    public void Csv_OtherSeparators_AreRead() =>
        CsvReader.Read("login\tmail\tdisabled\nanna\ta@example.org\tyes\n", '\t').Entries.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            entry => entry.Mail.ShouldBe("a@example.org"), entry => entry.Disabled.ShouldBe(true));

    [Fact]
    public void Ldif_FoldedBase64AndComments_AreRead()
    {
        var file = LdifReader.Read(
            """
            version: 1
            # A comment that is
             folded: not an attribute
            dn: uid=anna,ou=people,dc=example,
             dc=org
            objectClass: inetOrgPerson
            uid: anna
            cn:: w4RubmE=
            mail;lang-de: a@example.org
            userPassword:: e1NTSEF9cmVPNWg4a2laMU1NZkc0bU1u
             U2VCbVFLSGdlTGdpeHo=
            sn: A
            jpegPhoto:: AAAA

            dn: ou=people,dc=example,dc=org
            objectClass: organizationalUnit
            ou: people

            dn: cn=mobile,ou=groups,dc=example,dc=org
            objectClass: groupOfNames
            cn: mobile
            member: uid=anna, ou=people, dc=example, dc=org

            dn: cn=staff,ou=groups,dc=example,dc=org
            objectClass: posixGroup
            cn: staff
            memberUid: anna
            """);

        var anna = file.Entries.ShouldHaveSingleItem();
        anna.Fault.ShouldBeNull();
        (anna.Line, anna.Login, anna.DisplayName, anna.Mail, anna.Hash, anna.Password, anna.Disabled)
            .ShouldBe((4, "anna", "Änna", "a@example.org", "{SSHA}reO5h8kiZ1MMfG4mMnSeBmQKHgeLgixz", null, null));
        anna.Groups.ShouldBe(["mobile", "staff"], ignoreOrder: true);
        file.Passed.ShouldBe(3);
        file.NotTaken.Keys.ShouldBe(["sn", "jpegPhoto"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("pwdAccountLockedTime: 000001010000Z", true)]
    [InlineData("nsAccountLock: TRUE", true)]
    [InlineData("userAccountControl: 514", true)]
    [InlineData("userAccountControl: 512", null)]
    [InlineData("description: locked", null)]
    public void Ldif_AccountThatIsLockedThere_StaysSo(string line, bool? disabled) =>
        LdifReader.Read($"dn: uid=a\nuid: a\n{line}\n").Entries.ShouldHaveSingleItem().Disabled.ShouldBe(disabled);

    [Theory]
    [InlineData("userPassword: plain words", null, "plain words")]
    [InlineData("userPassword: {CLEARTEXT}plain words", null, "plain words")]
    [InlineData("userPassword: {CRYPT}x", "{CRYPT}x", null)]
    public void Ldif_Password_IsToldFromAHash(string line, string? hash, string? password)
    {
        var entry = LdifReader.Read($"dn: uid=a\nuid: a\n{line}\n").Entries.ShouldHaveSingleItem();
        (entry.Hash, entry.Password).ShouldBe((hash, password));
    }

    [Theory]
    [InlineData("uid: a\nuserPassword: x\nuserPassword: y", "several passwords")]
    [InlineData("changetype: modify\nreplace: mail\nmail: x\n-", "change")]
    [InlineData("changetype: delete\nuid: a", "change")]
    [InlineData("uid: a\nuserPassword:< file:///etc/shadow", "another file")]
    [InlineData("uid:: !!!", "no base64")]
    [InlineData("uid:: /w==", "no UTF-8")]
    [InlineData("uid:: YQBi", "no UTF-8")]
    [InlineData("uid: a\nnonsense", "Line 3")]
    public void Ldif_FaultyRecord_IsRefusedAlone(string lines, string part)
    {
        var file = LdifReader.Read($"dn: uid=a\n{lines}\n\ndn: uid=b\nuid: b\n");

        file.Entries[0].Fault.ShouldNotBeNull().ShouldContain(part);
        file.Entries[^1].Login.ShouldBe("b");
        file.Entries[^1].Fault.ShouldBeNull();
    }

    [Fact]
    public void Ldif_OverlongPhotograph_DoesNotRefuseItsPerson()
    {
        var photo = string.Concat(Enumerable.Repeat("\n " + new string('A', 76), 2000));

        LdifReader.Read($"dn: uid=a\nuid: a\njpegPhoto:: AAAA{photo}\nmail: a@example.org\n").Entries.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            entry => entry.Fault.ShouldBeNull(), entry => entry.Mail.ShouldBe("a@example.org"));
        LdifReader.Read($"dn: uid=a\nuid: a\nmail: AAAA{photo}\n").Entries.ShouldHaveSingleItem().Fault.ShouldNotBeNull().ShouldContain("longer than 64 KiB");
    }

    [Fact]
    public void Htpasswd_LinesAndComments_AreRead()
    {
        var file = HtpasswdReader.Read("# users\r\nanna:$apr1$x$y\r\n\r\nno colon\nbob:{SHA}x \n");

        file.Entries.Select(entry => (entry.Line, entry.Login, entry.Hash, entry.Fault is null)).ShouldBe([(2, "anna", "$apr1$x$y", true), (4, null, null, false), (5, "bob", "{SHA}x", true)]);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0 }, "UTF-16")]
    [InlineData(new byte[] { 0x61, 0x0A, 0xE4, 0x0A }, "Line 2")]
    [InlineData(new byte[] { 0x61, 0x0A, 0x62, 0x00 }, "NUL character in line 2")]
    public void Text_NotUtf8_IsRefusedWithItsLine(byte[] bytes, string part) =>
        Should.Throw<ImportRefusedException>(() => ImportText.Decode(bytes, "x")).Message.ShouldContain(part);

    [Fact]
    public void Text_OverlongLine_IsRefusedWithItsNumber() => Should.Throw<ImportRefusedException>(
        () => ImportText.Decode(Encoding.ASCII.GetBytes("a\n" + new string('b', ImportText.MaxLineBytes + 1)), "x")).Message.ShouldContain("Line 2");

    [Fact]
    public void Text_ByteOrderMark_IsNoPartOfIt() => ImportText.Decode([0xEF, 0xBB, 0xBF, 0x61], "x").ShouldBe("a");
}
