using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>What a real domain controller shows of an account before and after the bind, to the search user and to the user himself.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class StateAroundTheBindTests : IAsyncLifetime
{
    private string _user = "";
    private BackendBed? _directory;

    private BackendBed Ad => _directory ?? throw new InvalidOperationException("There is no directory.");

    public async Task InitializeAsync()
    {
        _directory = await BackendBed.SambaAsync();
        _user = await Samba.AddAsync();
    }

    public async Task DisposeAsync()
    {
        await Ad.DisposeAsync();
        await Samba.RemoveAsync(_user);
    }

    /// <summary>What an administrator changes between the search and the bind, and what the right password is told.</summary>
    [Theory]
    [InlineData("userAccountControl", "514", "512", null)]
    [InlineData("pwdLastSet", "0", "-1", null)]
    [InlineData("accountExpires", "130000000000000000", "0", null)]
    [InlineData("userAccountControl", "512", "514", AccountStates.Disabled)]
    [InlineData("pwdLastSet", "-1", "0", AccountStates.MustChange)]
    [InlineData("accountExpires", "0", "130000000000000000", AccountStates.Expired)]
    public async Task A_state_that_changes_between_search_and_bind_is_told_as_it_is_now(string attribute, string before, string after, string? state)
    {
        await Samba.SetAsync(_user, attribute, before);
        var found = await Ad.FoundAsync(_user);
        await Samba.SetAsync(_user, attribute, after);

        var answer = await VerifyAsync(found, Samba.Password);

        if (state is null)
        {
            answer.ShouldBeOfType<BackendAnswer.Accepted>();
        }
        else
        {
            answer.ShouldBeOfType<BackendAnswer.AccountState>().ShouldSatisfyAllConditions(told => told.State.ShouldBe(state), told => told.SecretProven.ShouldBeTrue());
        }

        (await VerifyAsync(found, "not the password")).ShouldBeOfType<BackendAnswer.Rejected>();
    }

    [Theory]
    [InlineData("userAccountControl", "512", null)]
    [InlineData("userAccountControl", "514", AccountStates.Disabled)]
    [InlineData("pwdLastSet", "0", AccountStates.MustChange)]
    [InlineData("accountExpires", "130000000000000000", AccountStates.Expired)]
    public async Task A_state_the_search_user_may_not_read_is_still_told_to_the_right_password_and_lets_nobody_in_without_one(string attribute, string value, string? state)
    {
        await Samba.SetAsync(_user, attribute, value);
        await Samba.HideStateAsync(_user);
        var found = await Ad.FoundAsync(_user);
        found.State.ShouldBeNull("it is hidden");

        var answer = await VerifyAsync(found, Samba.Password);

        (answer is BackendAnswer.AccountState told ? told.State : null).ShouldBe(state, answer.ToString());
        (answer is BackendAnswer.Accepted).ShouldBe(state is null);
        UserName.TryParse(_user, out var name).ShouldBeTrue();
        (await new BackendChain([new ChainLink(Ad.Backend)]).ResolveAsync(name!, "mail", null, CancellationToken.None))
            .ShouldBeOfType<Resolution.Unavailable>().Why.ShouldContain("may not read the account state");
    }

    [Fact]
    public async Task The_right_password_behind_wrong_ones_makes_the_domain_forget_them_and_nothing_of_them_is_told()
    {
        for (var i = 0; i < 3; i++)
        {
            (await Ad.VerifyAsync(_user, $"wrong {i}")).ShouldBeOfType<BackendAnswer.Rejected>();
        }

        (await Samba.FailuresAsync(_user)).ShouldBe(3);
        (await Ad.VerifyAsync(_user, Samba.Password)).ShouldBeOfType<BackendAnswer.Accepted>();
        (await Samba.FailuresAsync(_user)).ShouldBe(0);
    }

    private async Task<BackendAnswer> VerifyAsync(BackendLookup.Found found, string password) =>
        await Ad.Backend.VerifyAsync(found, Secret.FromText(password), CancellationToken.None);
}
