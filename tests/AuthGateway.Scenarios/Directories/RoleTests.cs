using AuthGateway.Core.Backends;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>
/// Roles by group and attribute, from real directories: Active Directory follows the chain of groups itself, OpenLDAP's is climbed. In both somebody is in
/// <c>inner</c>, that in <c>middle</c>, that in <c>outer</c>.
/// </summary>
[Collection(DirectoryGroup.Name)]
public sealed class RoleTests
{
    [Theory]
    [InlineData("ad", "alice", "Us3rPassw0rd!", "OU=Groups,DC=samdom,DC=test", "mail")]
    [InlineData("second", "henry", "henry-pw", "ou=groups,dc=second,dc=test", "mail")]
    public async Task Groups_above_attributes_and_withdrawals_are_weighed_as_the_manual_says(string server, string user, string password, string groups, string attribute)
    {
        string Dn(string name) => $"cn={name},{groups}";
        void Configure(LdapBackendOptions options)
        {
            (options.NestedGroups, options.GroupMembership, options.GroupBaseDn) = (true, server == "ad" ? "memberof" : "member", server == "ad" ? "" : groups);
            options.RoleSync.Groups = new(StringComparer.Ordinal)
            {
                // The group above has the last word about what it names, a grant or a withdrawal, and no word about the rest.
                [Dn("inner")] = new(StringComparer.Ordinal) { ["GivenBack"] = false, ["TakenAway"] = true, ["Kept"] = true, ["ByNobody"] = false },
                [Dn("outer")] = new(StringComparer.Ordinal) { ["GivenBack"] = true, ["TakenAway"] = false, ["Above"] = true },
            };
            options.RoleSync.Attributes = new(StringComparer.Ordinal)
            {
                // A withdrawal by attribute beats the grant of any group; a grant by attribute stands beside it.
                [attribute] = new(StringComparer.Ordinal) { [$"{user}@*"] = new(StringComparer.Ordinal) { ["ByAttribute"] = true, ["Above"] = false }, ["nobody@*"] = new(StringComparer.Ordinal) { ["Stranger"] = true } },
            };
        }

        await using var bed = await (server == "ad" ? BackendBed.SambaAsync(Configure) : BackendBed.SecondAsync(Configure));

        var accepted = (await bed.VerifyAsync(user, password)).ShouldBeOfType<BackendAnswer.Accepted>();

        accepted.Identity.Roles.ShouldBe(["ByAttribute", "GivenBack", "Kept"], ignoreOrder: true);
    }
}
