namespace AuthGateway.Tests.Commands.Kix;

/// <summary>A list as an administrator of KIX has it: two directories with every attribute in use, local accounts, and what is switched off or odd.</summary>
internal static class KixExample
{
    public const string Password = "s3cret \"quoted\" \\ back";

    public const string Text =
        """
        # Authentication###000-Default
        [
          {
            "Enabled": 1,
            "Module": "Kernel::System::Auth::LDAP",
            "Name": "Kunden (Mail als Login)",
            "UsageContext": "Customer",
            "Config": {
              "AlwaysFilter": "(&(objectclass=person)(mail=*))",
              "BaseDN": "ou=people,dc=firma,dc=test",
              "Charset": "utf-8",
              "Die": 1,
              "Host": "ldap.firma.test",
              "Params": { "async": 0, "port": "389", "timeout": "10", "version": 3, },
              "SearchUserDN": "cn=lesen,dc=firma,dc=test",
              "SearchUserPw": "s3cret \"quoted\" \\ back",
              "GroupDN": "cn=kunden,ou=groups,dc=firma,dc=test",
              "AccessAttr": "memberUid",
              "UID": "uid",
              "UserAttr": "UID",
              "AuthAttr": "mail",
              "UserSuffix": "@firma.test", // behind every name
            },
            "Sync": [
              {
                "Enabled": 1,
                "Module": "Kernel::System::Auth::Sync::LDAP",
                "Config": {
                  "ContactUserSync": {
                    "Email": "mail", "Email1": "SET:info@firma.test", "Firstname": "givenname", "Lastname": "sn", "UserLogin": "uid", "Mobile": "mobile",
                    "PrimaryOrganisationID": "SET:13", "OrganisationIDs": [ "department", "SET:13" ], "ImgThumbNail": "TOBASE64:jpegPhoto",
                    "DynamicField_Source": "SET:Backend001-LDAP", "DynamicField_ZIPCity": "CONCAT:{postalCode}-{l}",
                  },
                  "GroupDNBasedRoleSync": { "cn=kunden,ou=groups,dc=firma,dc=test": { "Customer Reader": 1, "FAQ Editor": 0, } },
                  "GroupDNBasedUsageContextSync": {
                    "cn=agentsonly,ou=groups,dc=firma,dc=test": { "IsAgent": 1, "IsCustomer": 0 },
                    "cn=kunden,ou=groups,dc=firma,dc=test": { "IsCustomer": 1 },
                  },
                },
              },
              { "Enabled": 0, "Module": "Kernel::System::Auth::Sync::LDAP", "Config": {} },
            ],
          },
          /* the office */
          {
            "Enabled": "1",
            "Module": "Kernel::System::Auth::LDAP",
            "Name": "AD",
            "UsageContext": "Agent",
            "Config": {
              "AlwaysFilter": "objectclass=person",
              "BaseDN": "dc=firma,dc=test",
              "Charset": "iso-8859-1",
              "Die": 0,
              "Host": [ "ldaps://dc1.firma.test", "ldaps://dc2.firma.test:3269", "ldapi://socket" ],
              "Params": { "async": 1, "port": 636, "timeout": 120, "version": 2, "scheme": "ldaps", "verify": "none" },
              "SearchUserDN": "cn=kix,cn=users,dc=firma,dc=test",
              "SearchUserPw": 12345678,
              "GroupDN": "cn=serviceteam,dc=firma,dc=test",
              "AccessAttr": "member",
              "UID": "sAMAccountName",
              "UserAttr": "DN",
              "UserSuffix": "",
              "Colour": "blue",
            },
            "Sync": [
              {
                "Enabled": 1,
                "Module": "Kernel::System::Auth::Sync::LDAP",
                "Config": {
                  "ContactUserSync": {
                    "Email": "mail", "Email3": "mail", "Email5": "automatedmail", "Title": "title", "Street": "streetAddress", "City": "l", "Zip": "postalCode",
                    "Phone": "telephoneNumber", "Mobile": "mobile", "Fax": "facsimileTelephoneNumber", "UserLogin": "sAMAccountName",
                    "PrimaryOrganisationID": "department", "FallbackUnknownOrgID": "SET:123", "DynamicField_XYZ": "department",
                  },
                  "GroupDNBasedRoleSync": { "cn=serviceteam,dc=firma,dc=test": { "Ticket Agent": 1, "News Manager": 1 } },
                  "AttributeBasedRoleSync": {
                    "sAMAccountName": { "m.mustermann": { "Superuser": 1 }, "^azubi.*$": { "Superuser": 0 }, "a|b": { "Superuser": 1 } },
                    "department": { "IT": { "Ticket Agent": 0 } },
                  },
                },
              },
            ],
          },
          { "Enabled": 1, "Module": "Kernel::System::Auth::DB", "Name": "Local Database", "Config": { "CryptType": "sha2" } },
          { "Enabled": 1, "Module": "Kernel::System::Auth::DB", "Name": "Again", "Config": { "CryptType": "bcrypt" } },
          { "Enabled": 0, "Module": "Kernel::System::Auth::LDAP", "Name": "old" },
          {
            "Name": "Valid User", "Module": "Kernel::System::Auth::ValidUser", "Enabled": 1, "UsageContext": "Customer",
            "Config": { "RelevantClientIPs": [ "^172.21.16.\d\d?\d?$" ], "RelevantUsers": [ "(mamu | login\d+)" ] }
          },
          { "Name": "Anybody", "Module": "Kernel::System::Auth::ValidUser", "Enabled": 1, "Config": { "RelevantClientIPs": ".*", "RelevantUsers": ".*" } },
          { "Enabled": 1, "Module": "Kernel::System::Auth::HTTPBasicAuth", "Name": "sso" },
        ]
        """;
}
