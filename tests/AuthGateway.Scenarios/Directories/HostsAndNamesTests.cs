using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>Several servers of one directory, the spellings of a name, and services by group, all as an administrator writes them down.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class HostsAndNamesTests(ChainGateway bed)
{
    // His user name is the mail address of somebody else.
    private const string Walter =
        """
        dn: uid=walter,ou=people,dc=second,dc=test
        objectClass: inetOrgPerson
        uid: walter
        uid: ida@second.test
        cn: Walter Second
        sn: Second
        mail: walter@second.test
        userPassword: walter-pw
        """;

    [Fact]
    public async Task Servers_in_turn_each_get_their_share_of_the_logins_and_one_that_is_gone_is_made_up_for()
    {
        await using var first = await ReplicaDirectory.StartAsync();
        await using var second = await ReplicaDirectory.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(bed.Setup(Second("\"HostOrder\": \"round-robin\"", first.Address, second.Address)));

        var identity = await bed.IdentityAsync("henry", "henry-pw", gateway);
        for (var i = 0; i < 5; i++)
        {
            (await bed.IdentityAsync("henry", "henry-pw", gateway)).ShouldBe(identity);
        }

        (first.Binds, second.Binds).ShouldBe((3, 3));

        first.Kill();
        for (var i = 0; i < 6; i++)
        {
            (await bed.IdentityAsync("henry", "henry-pw", gateway)).ShouldBe(identity);
        }

        (first.Binds, second.Binds).ShouldBe((3, 9));
    }

    [Fact]
    public async Task Servers_in_order_are_asked_one_after_the_other_only_when_one_is_gone()
    {
        await using var first = await ReplicaDirectory.StartAsync();
        await using var second = await ReplicaDirectory.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(bed.Setup(Second("\"HostOrder\": \"failover\"", first.Address, second.Address)));
        for (var i = 0; i < 3; i++)
        {
            (await bed.LoginAsync("henry", "henry-pw", gateway: gateway)).Status.ShouldBe(200);
        }

        (first.Binds, second.Binds).ShouldBe((3, 0));
        first.Kill();
        (await bed.LoginAsync("henry", "henry-pw", gateway: gateway)).Status.ShouldBe(200);
        (await bed.LoginAsync("henry", "wrong", gateway: gateway)).Status.ShouldBe(401);
        (first.Binds, second.Binds).ShouldBe((3, 2));
        second.Kill();
        (await bed.LoginAsync("henry", "henry-pw", gateway: gateway)).Status.ShouldBe(503);
    }

    [Fact]
    public async Task The_mail_address_is_looked_for_first_and_the_user_name_after_it()
    {
        await using var directory = await ReplicaDirectory.StartAsync(Walter);
        await using var gateway = await GatewayProcess.StartAsync(bed.Setup(Second("\"AlternativeLoginAttribute\": \"mail\"", directory.Address)));

        var ida = await bed.IdentityAsync("ida", "ida-pw", gateway);
        var walter = await bed.IdentityAsync("walter", "walter-pw", gateway);
        ida.ShouldNotBeNull();
        walter.ShouldNotBeNull().Equals(ida, StringComparison.Ordinal).ShouldBeFalse();
        (await bed.IdentityAsync("IDA@second.test", "ida-pw", gateway)).ShouldBe(ida);
        (await bed.IdentityAsync("walter@second.test", "walter-pw", gateway)).ShouldBe(walter);

        // The owner of the address is meant; whoever has it for a user name is not tried after her.
        var (status, record) = await bed.LoginAsync("ida@second.test", "walter-pw", gateway: gateway);
        status.ShouldBe(401);
        record.GetProperty("reason").GetString().ShouldBe("wrong-password");

        await using var names = await GatewayProcess.StartAsync(bed.Setup(Second("\"LoginAttributes\": [\"uid\"]", directory.Address)));
        (await bed.IdentityAsync("ida@second.test", "walter-pw", names)).ShouldBe(walter);
        (await bed.IdentityAsync("walter@second.test", "walter-pw", names)).ShouldBeNull();
    }

    [Fact]
    public async Task A_suffix_is_put_behind_every_name_that_lacks_it()
    {
        await using var gateway = await GatewayProcess.StartAsync(bed.Setup(
            Second("\"UserSuffix\": \"@second.test\", \"LoginAttributes\": [\"mail\"]", "ldap://127.0.0.1:3891")));

        var henry = await bed.IdentityAsync("henry", "henry-pw", gateway);
        henry.ShouldNotBeNull();
        (await bed.IdentityAsync("Henry@Second.test", "henry-pw", gateway)).ShouldBe(henry);
        (await bed.LoginAsync("henry@other.test", "henry-pw", gateway: gateway)).Record.GetProperty("reason").GetString().ShouldBe("unknown-user");
    }

    [Theory]
    // alice is in inner, that in middle, that in outer; anna in outer; bob in bobs by his primary group; disabled in none.
    [InlineData("""{ "CN=outer,OU=Groups,DC=samdom,DC=test": { "webmail": true }, "CN=inner,OU=Groups,DC=samdom,DC=test": { "desk": true } }""", "alice", true, true)]
    [InlineData("""{ "CN=outer,OU=Groups,DC=samdom,DC=test": { "webmail": true }, "CN=inner,OU=Groups,DC=samdom,DC=test": { "desk": true } }""", "anna", true, false)]
    [InlineData("""{ "CN=outer,OU=Groups,DC=samdom,DC=test": { "webmail": true }, "CN=inner,OU=Groups,DC=samdom,DC=test": { "desk": true } }""", "bob", false, false)]
    [InlineData("""{ "CN=middle,OU=Groups,DC=samdom,DC=test": { "desk": true }, "CN=inner,OU=Groups,DC=samdom,DC=test": { "desk": false, "webmail": true } }""", "alice", true, true)]
    [InlineData("""{ "CN=middle,OU=Groups,DC=samdom,DC=test": { "desk": false }, "CN=inner,OU=Groups,DC=samdom,DC=test": { "desk": true, "webmail": true } }""", "alice", true, false)]
    [InlineData("""{ "bobs": { "desk": true }, "tower": { "webmail": false } }""", "bob", false, true)]
    public async Task Groups_open_services_and_a_listed_group_above_overrides_those_in_it(string contexts, string user, bool webmail, bool desk)
    {
        await using var gateway = await GatewayProcess.StartAsync(bed.Setup(
            ChainGateway.ActiveDirectory.Replace("\"Name\": \"ad\",", $"\"Name\": \"ad\", \"RoleSync\": {{ \"UsageContext\": {contexts} }},", StringComparison.Ordinal)));

        foreach (var (path, isOpen) in new[] { ("/", webmail), ("/desk", desk) })
        {
            var (status, record) = await bed.LoginAsync(user, Samba.Password, path, gateway);
            status.ShouldBe(isOpen ? 200 : 403, path);
            if (!isOpen)
            {
                record.GetProperty("reason").GetString().ShouldBe("usage-context");
            }
        }
    }

    /// <summary>The second directory with something more to say, at these servers.</summary>
    private static string Second(string more, params string[] hosts) =>
        $$"""
        {
          "Name": "second", "Type": "ldap", "Hosts": ["{{string.Join("\", \"", hosts)}}"], "TlsName": "dir2.bed.test", "CaFile": "pki/ca.crt", {{more}},
          "BaseDn": "dc=second,dc=test", "SearchUser": "cn=gateway,ou=services,dc=second,dc=test", "SearchPasswordFile": "secrets/ldap-password"
        }
        """;
}
