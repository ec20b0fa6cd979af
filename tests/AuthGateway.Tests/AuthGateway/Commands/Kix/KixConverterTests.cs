using System.Text.Json.Nodes;
using AuthGateway.Commands.Importing;
using AuthGateway.Commands.Kix;

namespace AuthGateway.Tests.Commands.Kix;

public sealed class KixConverterTests
{
    private static readonly JsonNode s_expected = JsonNode.Parse(
        """
        { "AuthGateway": { "Backends": [
          {
            "Type": "ldap", "Name": "Kunden-Mail-als-Login", "UsageContext": ["portal"],
            "Hosts": ["ldap://ldap.firma.test:389"], "ConnectTimeout": "10000ms", "OperationTimeout": "10000ms",
            "BaseDn": "ou=people,dc=firma,dc=test", "SearchUser": "cn=lesen,dc=firma,dc=test",
            "AlwaysFilter": "(&(objectclass=person)(mail=*))",
            "LoginAttributes": ["uid"], "UserNameAttribute": "uid", "AlternativeLoginAttribute": "mail", "UserSuffix": "@firma.test", "IdAttribute": "entryUUID",
            "GroupDn": "cn=kunden,ou=groups,dc=firma,dc=test", "GroupMembership": "memberuid",
            "SearchPasswordFile": "/x/Kunden-Mail-als-Login.password",
            "MailAttribute": "mail", "DisplayNameAttribute": "displayName", "PhoneAttribute": "mobile",
            "RoleSync": {
              "Groups": { "cn=kunden,ou=groups,dc=firma,dc=test": { "Customer Reader": true, "FAQ Editor": false } },
              "UsageContext": {
                "cn=agentsonly,ou=groups,dc=firma,dc=test": { "agents": true, "desk": true, "portal": false },
                "cn=kunden,ou=groups,dc=firma,dc=test": { "portal": true }
              }
            },
            "GroupBaseDn": "dc=firma,dc=test"
          },
          {
            "Type": "ldap", "Name": "AD", "UsageContext": ["agents", "desk"],
            "Hosts": ["ldaps://dc1.firma.test:636", "ldaps://dc2.firma.test:3269"], "ConnectTimeout": "30000ms", "OperationTimeout": "30000ms",
            "BaseDn": "dc=firma,dc=test", "SearchUser": "cn=kix,cn=users,dc=firma,dc=test",
            "AlwaysFilter": "(objectclass=person)",
            "LoginAttributes": ["sAMAccountName"], "UserNameAttribute": "sAMAccountName", "IdAttribute": "objectGUID",
            "GroupDn": "cn=serviceteam,dc=firma,dc=test", "GroupMembership": "memberof",
            "SearchPasswordFile": "/x/AD.password",
            "MailAttribute": "mail", "PhoneAttribute": "telephoneNumber",
            "RoleSync": {
              "Groups": { "cn=serviceteam,dc=firma,dc=test": { "Ticket Agent": true, "News Manager": true } },
              "Attributes": {
                "sAMAccountName": { "m.mustermann": { "Superuser": true }, "azubi*": { "Superuser": false } },
                "department": { "*IT*": { "Ticket Agent": false } }
              }
            }
          },
          { "Type": "local", "Name": "Local-Database" }
        ] } }
        """)!;

    [Fact]
    public void Convert_EveryAttributeInUse_IsOurSection()
    {
        var conversion = Convert(KixExample.Text);

        JsonNode.DeepEquals(conversion.Section, s_expected).ShouldBeTrue(conversion.Section.ToString());
        conversion.Passwords.Select(pair => (pair.Key, pair.Value)).ShouldBe([("/x/Kunden-Mail-als-Login.password", KixExample.Password), ("/x/AD.password", "12345678")]);
        conversion.Section.ToJsonString().ShouldNotContain("12345678");
    }

    [Theory]
    [InlineData("[0].Name", "look")]
    [InlineData("[0].Config.Die", "look")]
    [InlineData("[0].Config.Host", "look")]
    [InlineData("[0].Config.UID", "look")]
    [InlineData("[0].Config.AuthAttr", "look")]
    [InlineData("[0].Sync[0].Config.ContactUserSync.Email1", "left-out")]
    [InlineData("[0].Sync[0].Config.ContactUserSync.PrimaryOrganisationID", "left-out")]
    [InlineData("[0].Sync[0].Config.ContactUserSync.OrganisationIDs", "left-out")]
    [InlineData("[0].Sync[0].Config.ContactUserSync.ImgThumbNail", "left-out")]
    [InlineData("[0].Sync[0].Config.ContactUserSync.DynamicField_Source", "left-out")]
    [InlineData("[0].Sync[0].Config.ContactUserSync.DynamicField_ZIPCity", "left-out")]
    [InlineData("[0].Sync[0].Config.ContactUserSync.Lastname", "look")]
    [InlineData("[0].Sync[0].Config.GroupDNBasedUsageContextSync", "look")]
    [InlineData("[0].Sync[1]", "left-out")]
    [InlineData("[1].Config.Charset", "left-out")]
    [InlineData("[1].Config.Host", "left-out")]
    [InlineData("[1].Config.Params.async", "left-out")]
    [InlineData("[1].Config.Params.timeout", "look")]
    [InlineData("[1].Config.Params.version", "left-out")]
    [InlineData("[1].Config.Params.verify", "left-out")]
    [InlineData("[1].Config.Colour", "left-out")]
    [InlineData("[1].Sync[0].Config.ContactUserSync.Title", "left-out")]
    [InlineData("[1].Sync[0].Config.ContactUserSync.Mobile", "left-out")]
    [InlineData("[1].Sync[0].Config.AttributeBasedRoleSync.sAMAccountName.a|b", "left-out")]
    [InlineData("[1].Sync[0].Config.AttributeBasedRoleSync.department.IT", "look")]
    [InlineData("[2].Config.CryptType", "left-out")]
    [InlineData("[3]", "left-out")]
    [InlineData("[4]", "left-out")]
    [InlineData("[5]", "left-out")]
    [InlineData("[6]", "left-out")]
    [InlineData("[7]", "left-out")]
    public void Convert_WhatCannotBeCarriedOver_IsListedWithItsPath(string path, string kind)
    {
        var notes = Convert(KixExample.Text).Notes;

        notes.ShouldContain(note => note.Path == path && note.Kind == kind, string.Join('\n', notes.Select(note => $"{note.Path} {note.Kind}")));
        notes.ShouldAllBe(note => note.Why.Length > 0 && note.Remedy.Length > 0 && !note.Why.Contains(KixExample.Password) && !note.Remedy.Contains("12345678"));
    }

    // What was withdrawn must not come back because our patterns say less than theirs.
    [Theory]
    [InlineData("""{ "^IT$": { "R": 0 }, "IT": { "R": 1 } }""", "IT", false)]
    [InlineData("""{ "IT": { "R": 1 }, "^IT$": { "R": 0 } }""", "IT", false)]
    [InlineData("""{ "IT": { "R": 1 }, "(a|b)": { "R": 0 } }""", "*", false)]
    [InlineData("""{ "IT": { "R": 1 }, "(a|b)": { "S": 1 } }""", "*", null)]
    [InlineData("""{ "IT": { "R": 1 } }""", "IT", true)]
    public void Convert_Withdrawals_AreNeverLost(string patterns, string pattern, bool? says)
    {
        var text = KixExample.Text.Replace("""{ "IT": { "Ticket Agent": 0 } }""", patterns, StringComparison.Ordinal);

        var department = Convert(text).Section["AuthGateway"]!["Backends"]![1]!["RoleSync"]!["Attributes"]!["department"]!;

        text.ShouldContain(patterns);
        department[pattern]?["R"]?.GetValue<bool>().ShouldBe(says!.Value);
        (department[pattern]?["R"] is null).ShouldBe(says is null);
    }

    // KIX's manual has all of these: members by name or by distinguished name, under whatever attribute.
    [Theory]
    [InlineData("uid", "UID", "memberuid", "uid")]
    [InlineData("uid", "", "memberuid", "uid")]
    [InlineData("memberUid", "UID", "memberuid", null)]
    [InlineData("member", "DN", "member", null)]
    [InlineData("uniqueMember", "DN", "member", "uniqueMember")]
    public void Convert_AccessAttribute_SaysWhatAGroupHolds(string access, string user, string membership, string? attribute)
    {
        var text = KixExample.Text.Replace("\"AccessAttr\": \"memberUid\"", $"\"AccessAttr\": \"{access}\"", StringComparison.Ordinal)
            .Replace("\"UserAttr\": \"UID\"", $"\"UserAttr\": \"{user}\"", StringComparison.Ordinal);

        var backend = Convert(text).Section["AuthGateway"]!["Backends"]![0]!;

        (backend["GroupMembership"]?.GetValue<string>(), backend["GroupAttribute"]?.GetValue<string>()).ShouldBe((membership, attribute));
    }

    // Every attribute KIX's manual has for contacts, in one of the two backends of the example.
    [Theory]
    [InlineData(0, "Email", "MailAttribute", "mail")]
    [InlineData(0, "Firstname", "DisplayNameAttribute", "displayName")]
    [InlineData(0, "Lastname", "DisplayNameAttribute", "displayName")]
    [InlineData(0, "UserLogin", "UserNameAttribute", "uid")]
    [InlineData(0, "Mobile", "PhoneAttribute", "mobile")]
    [InlineData(1, "Phone", "PhoneAttribute", "telephoneNumber")]
    [InlineData(0, "Email1")]
    [InlineData(0, "PrimaryOrganisationID")]
    [InlineData(0, "OrganisationIDs")]
    [InlineData(0, "ImgThumbNail")]
    [InlineData(0, "DynamicField_Source")]
    [InlineData(0, "DynamicField_ZIPCity")]
    [InlineData(1, "Email3")]
    [InlineData(1, "Email5")]
    [InlineData(1, "Title")]
    [InlineData(1, "Street")]
    [InlineData(1, "City")]
    [InlineData(1, "Zip")]
    [InlineData(1, "Mobile")]
    [InlineData(1, "Fax")]
    [InlineData(1, "PrimaryOrganisationID")]
    [InlineData(1, "FallbackUnknownOrgID")]
    [InlineData(1, "DynamicField_XYZ")]
    public void Convert_ContactAttribute_IsCarriedOverOrListedAsNot(int backend, string attribute, string? ours = null, string? value = null)
    {
        var conversion = Convert(KixExample.Text);
        var path = $"[{backend}].Sync[0].Config.ContactUserSync.{attribute}";
        var section = conversion.Section["AuthGateway"]!["Backends"]![backend]!;

        conversion.Notes.Count(note => note.Path == path && note.Kind == "left-out").ShouldBe(ours is null ? 1 : 0);
        (ours is null ? null : section[ours]?.GetValue<string>()).ShouldBe(value);
        KixExample.Text.ShouldContain($"\"{attribute}\":");
    }

    [Fact]
    public void Convert_NamesWithoutPassword_AreShownButNeverPutInForce()
    {
        var conversion = Convert(KixExample.Text);

        conversion.Notes.Single(note => note.Path == "[5]").Remedy.ShouldContain("""Services:portal: "ValidUser": [{"Users":["mamu","login\\d+"],"From":["172.21.16.0/24"]}]""");
        conversion.Notes.Single(note => note.Path == "[6]").Remedy.ShouldNotContain("0.0.0.0");
        conversion.Section.ToJsonString().ShouldNotContain("mamu");
    }

    // A backend for customers only, asked for everybody, would let strangers in.
    [Fact]
    public void Convert_ServicesNotTold_LeavesNamesThatCheckRefuses()
    {
        var conversion = new KixConverter([], [], name => name).Convert(KixExample.Text);

        conversion.Section["AuthGateway"]!["Backends"]![0]!["UsageContext"]!.AsArray().Select(node => node!.GetValue<string>()).ShouldBe([KixConverter.UnknownCustomers]);
        conversion.Section["AuthGateway"]!["Backends"]![1]!["UsageContext"]!.AsArray().Select(node => node!.GetValue<string>()).ShouldBe([KixConverter.UnknownAgents]);
        conversion.Notes.ShouldContain(note => note.Path == "[0].UsageContext" && note.Remedy.Contains("--customer-service"));
    }

    [Theory]
    [InlineData("\"just text\"")]
    [InlineData("[ { ]")]
    [InlineData("")]
    [InlineData("[ \"open")]
    public void Convert_NoList_IsRefused(string text) => Should.Throw<ImportRefusedException>(() => Convert(text));

    [Theory]
    [InlineData("[1]", "[0]")]
    [InlineData("[{\"Enabled\":1,\"Module\":\"Kernel::System::Auth::LDAP\",\"Config\":\"x\"}]", "[0].Config")]
    [InlineData("[{\"Enabled\":1,\"Module\":\"Kernel::System::Auth::LDAP\",\"Config\":{\"Host\":{}}}]", "[0].Config.Host")]
    [InlineData("[{\"Enabled\":1,\"Enabled\":0}]", "[0].Enabled")]
    public void Convert_OddShapes_AreListed(string text, string path) => Convert(text).Notes.ShouldContain(note => note.Path == path);

    [Theory]
    [InlineData("^172.21.16.\\d\\d?\\d?$", "172.21.16.0/24")]
    [InlineData("^10\\.", "10.0.0.0/8")]
    [InlineData("^10\\.1\\..*", "10.1.0.0/16")]
    [InlineData("10.1.*", null)]
    [InlineData("^192\\.168\\.1\\.5$", "192.168.1.5/32")]
    [InlineData("^192\\.168\\.\\d+\\.\\d{1,3}$", "192.168.0.0/16")]
    [InlineData(".*", null)]
    [InlineData("", null)]
    [InlineData("^192\\.168\\.(1|2)\\.", null)]
    [InlineData("^10\\.[0-5]\\.", null)]
    [InlineData("10", null)]
    [InlineData("^10\\.\\d+\\.5\\.1$", null)]
    [InlineData("^1.2.3.4.5$", null)]
    public void Network_SimplePatterns_AreTranslatedAndOthersNot(string regex, string? network) => KixValidUser.NetworkOf(regex).ShouldBe(network);

    [Theory]
    [InlineData("m.mustermann", "m.mustermann", "*m*mustermann*")]
    [InlineData("^a.b.$", "a.b.", "a*b*")]
    [InlineData("^IT$", "IT", "IT")]
    [InlineData("^IT", "IT", "IT*")]
    [InlineData("a.*b", "a*b", "*a*b*")]
    [InlineData("a\\.b", "a.b", "*a.b*")]
    public void Pattern_PlainText_IsNarrowForGrantsAndWideForWithdrawals(string regex, string narrow, string wide) => KixPattern.Translate(regex).ShouldBe((narrow, wide));

    [Theory]
    [InlineData("a|b")]
    [InlineData("[ab]")]
    [InlineData("a+")]
    [InlineData("\\d")]
    [InlineData("")]
    [InlineData("^$")]
    [InlineData("a*")]
    public void Pattern_RealExpressions_AreNotGuessed(string regex) => KixPattern.Translate(regex).ShouldBeNull();

    private static KixConversion Convert(string text) => new KixConverter(["agents", "desk"], ["portal"], name => $"/x/{name}.password").Convert(text);
}
