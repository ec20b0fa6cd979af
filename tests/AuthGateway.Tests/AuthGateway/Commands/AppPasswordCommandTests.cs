using System.Text.Json;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Signals;

namespace AuthGateway.Tests.Commands;

public sealed class AppPasswordCommandTests
{
    private readonly CommandBench _bench = new();

    [Fact]
    public async Task Add_Password_IsShownOnceKeptAsDigestAndTold()
    {
        (await RunAsync("add", "alice@example.com", "--tag", "phone", "--for", "dav", "--network", "10.0.0.0/8", "--expires", "90d")).ShouldBe(0);

        var shown = _bench.Result.Split('\n')[0].Split(' ')[^1];
        _bench.Result.ShouldContain("User name: alice or alice$phone.");
        var record = (await _bench.AppPasswords.ListAsync(default)).ShouldHaveSingleItem();
        (record.IdentityKey, record.Login, record.Tag, record.ExpiresAt).ShouldBe(("ad:1", "alice", "phone", CommandBench.Now.AddDays(90)));
        record.For.ShouldBe(["dav"]);
        record.Networks.ShouldBe(["10.0.0.0/8"]);
        _bench.AppPasswordKey.TryDigest(Secret.FromText(shown), out var digest).ShouldBeTrue(shown);
        record.Digest.ShouldBe(digest);
        _bench.AppPasswordKey.IsSound(record).ShouldBeTrue();
        _bench.Raised.ShouldBe([SignalNames.AppPasswordsChanged]);
        var audit = _bench.Records.ShouldHaveSingleItem();
        (audit.Reason, audit.Identity, audit.TypedName).ShouldBe(("app-password-added", "ad:1", "alice"));
        audit.Detail.ShouldNotBeNull().ShouldContain("tag phone, for dav, from 10.0.0.0/8, until 2027-02-20");
        audit.Detail.ShouldNotContain(shown[..5]);
    }

    [Fact]
    public async Task Add_Json_HasEverythingAScriptNeeds()
    {
        (await RunAsync("add", "alice", "--tag", "phone", "--for", "activesync", "--device-id", "Dev1", "--json")).ShouldBe(0);
        using var json = JsonDocument.Parse(_bench.Result);
        json.RootElement.GetProperty("userName").GetString().ShouldBe("alice$phone");
        json.RootElement.GetProperty("password").GetString()!.Length.ShouldBe(30);
        json.RootElement.GetProperty("deviceId").GetString().ShouldBe("hex:64657631");
        _bench.Progress.ShouldContain("nothing takes this password yet");
    }

    /// <summary>What is asked for, and what comes of it.</summary>
    public static TheoryData<string[], int, string> Refused => new()
    {
        { ["alice", "--tag", "My Phone", "--for", "dav"], 2, "cannot be a tag" },
        { ["alice", "--tag", "phone", "--for", "imap"], 2, "No class or service has this name" },
        { ["alice", "--tag", "phone", "--for", "dav", "--network", "nowhere"], 2, "nowhere" },
        { ["alice", "--tag", "phone", "--for", "dav", "--device-id", "Dev1"], 2, "Only ActiveSync clients" },
        { ["alice", "--tag", "phone", "--for", "activesync", "--for", "dav", "--device-id", "Dev1"], 2, "Only ActiveSync clients" },
        { ["alice", "--tag", "phone", "--for", "activesync", "--device-id", "not one"], 2, "not an ActiveSync device id" },
        { ["alice", "--tag", "phone", "--for", "dav", "--expires", "soon"], 2, "not a lifetime" },
        { ["alice", "--tag", "phone", "--for", "dav", "--expires", "0s"], 2, "not a lifetime" },
        { ["ali*ce", "--tag", "phone", "--for", "dav"], 2, "cannot be a user name" },
        { ["nobody", "--tag", "phone", "--for", "dav"], 1, "No backend knows" },
        { ["alice", "--tag", "taken", "--for", "dav"], 1, "already" },
        { ["alice", "--for", "dav"], 2, "--tag" },
        { ["alice", "--tag", "phone"], 2, "--for" },
        { ["alice", "--tag", "phone", "--for", "files"], 1, "may not log in: disabled" },
        { ["alice", "--tag", "phone", "--for", "phones"], 4, "Nobody can be asked" },
        { ["alice", "--tag", "phone", "--for", "calendars", "--for", "other"], 1, "means alice (ad) for some of these services and alice (local)" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Add_WhatCannotBe_IsRefusedAndNothingIsKept(string[] args, int exit, string says)
    {
        await RunAsync("add", "alice", "--tag", "taken", "--for", "dav");
        _bench.Records.Clear();
        var local = new UserIdentity("local", "9", "alice", null, null, [], []);
        _bench.Gateway.All.Add(new("other", AppPasswordClass.Web, true));
        _bench.Gateway.Answers["files"] = new Resolution.AccountState(ScriptedGateway.Alice, AccountStates.Disabled, []);
        if (args.Contains("phones", StringComparer.Ordinal))
        {
            _bench.Gateway.Answers["phones"] = new Resolution.Unavailable("ad: down", []);
        }

        _bench.Gateway.Answers["other"] = new Resolution.Found(local, "local", []);
        (await RunAsync(["add", .. args])).ShouldBe(exit, _bench.Progress);
        _bench.Progress.ShouldContain(says);
        (await _bench.AppPasswords.ListAsync(default)).Count.ShouldBe(1);
        _bench.Records.ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_TheTwentyFirst_IsRefusedUntilOneGoes()
    {
        for (var i = 0; i < LiveAppPasswords.PerUser; i++)
        {
            (await RunAsync("add", "alice", "--tag", $"t{i}", "--for", "dav")).ShouldBe(0);
        }

        (await RunAsync("add", "alice", "--tag", "more", "--for", "dav")).ShouldBe(1);
        (await RunAsync("revoke", "alice", "t3")).ShouldBe(0);
        (await RunAsync("add", "alice", "--tag", "more", "--for", "dav")).ShouldBe(0);
    }

    [Fact]
    public async Task Add_AuditDown_MakesNone()
    {
        _bench.AuditIsDown = true;
        (await RunAsync("add", "alice", "--tag", "phone", "--for", "dav")).ShouldBe(4);
        (await _bench.AppPasswords.ListAsync(default)).ShouldBeEmpty();
        _bench.Result.ShouldBeEmpty();
    }

    [Fact]
    public async Task List_Passwords_NeverShowsThem()
    {
        (await RunAsync("list")).ShouldBe(0);
        (await RunAsync("list", "alice")).ShouldBe(1);
        await RunAsync("add", "alice", "--tag", "phone", "--for", "dav", "--expires", "8h");
        var shown = _bench.Result.Split('\n')[0].Split(' ')[^1];
        var id = (await _bench.AppPasswords.ListAsync(default)).Single().Id;
        await _bench.AppPasswords.TouchAsync([(id, new AppPasswordUse(CommandBench.Now.AddMinutes(-3), "203.0.113.7", "DAVx5"))], default);

        foreach (var name in new[] { "alice", "AD:1", "alice@example.com" })
        {
            (await RunAsync("list", name)).ShouldBe(0, name);
            _bench.Result.ShouldContain("phone  dav  anywhere  any     just now  in 8 h   3 min ago  203.0.113.7  DAVx5");
        }

        (await RunAsync("list", "--json")).ShouldBe(0);
        _bench.Result.ShouldNotContain(shown);
        using var json = JsonDocument.Parse(_bench.Result);
        json.RootElement[0].GetProperty("usedUserAgent").GetString().ShouldBe("DAVx5");
        json.RootElement[0].GetProperty("expired").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Revoke_OneOrAll_RemembersThemAsEnded()
    {
        foreach (var tag in new[] { "phone", "laptop", "tablet" })
        {
            await RunAsync("add", "alice", "--tag", tag, "--for", "dav");
        }

        _bench.Raised.Clear();
        (await RunAsync("revoke", "alice", "nothing")).ShouldBe(1);
        (await RunAsync("revoke", "bob", "phone")).ShouldBe(1);
        (await RunAsync("revoke", "alice")).ShouldBe(2);
        (await RunAsync("revoke", "alice", "phone", "--all")).ShouldBe(2);
        _bench.Raised.ShouldBeEmpty();

        (await RunAsync("revoke", "alice", "Phone")).ShouldBe(0);
        (await RunAsync("revoke", "alice@example.com", "--all", "--json")).ShouldBe(0);
        _bench.Result.ShouldContain("laptop");
        (await _bench.AppPasswords.ListAsync(default)).ShouldBeEmpty();
        (await _bench.AppPasswords.ListEndedAsync(default)).Select(one => one.Tag).Order(StringComparer.Ordinal).ShouldBe(["laptop", "phone", "tablet"]);
        _bench.Raised.ShouldBe([SignalNames.AppPasswordsChanged, SignalNames.AppPasswordsChanged]);
        _bench.Records.Last().Detail.ShouldNotBeNull().ShouldContain("tag laptop, tablet");
    }

    [Fact]
    public async Task Revoke_LoginOfTwoUsers_AsksWhich()
    {
        await RunAsync("add", "alice", "--tag", "phone", "--for", "dav");
        _bench.Gateway.Answers["calendars"] = new Resolution.Found(new UserIdentity("local", "9", "alice", null, null, [], []), "local", []);
        await RunAsync("add", "alice", "--tag", "phone", "--for", "dav");

        (await RunAsync("revoke", "alice", "phone")).ShouldBe(1);
        _bench.Progress.ShouldContain("local:9");
        (await RunAsync("revoke", "local:9", "phone")).ShouldBe(0);
        (await _bench.AppPasswords.ListAsync(default)).ShouldHaveSingleItem().IdentityKey.ShouldBe("ad:1");
    }

    private Task<int> RunAsync(params string[] args) => _bench.RunAsync(["app-password", .. args]);
}
