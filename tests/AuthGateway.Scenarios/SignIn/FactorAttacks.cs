using System.Net;
using System.Text.RegularExpressions;

namespace AuthGateway.Scenarios.SignIn;

/// <summary>TO-01…05 and enrolment: codes used twice, guessed, early, late, of others; and what a password alone opens.</summary>
[Collection(SignInGroup.Name)]
public sealed class FactorAttacks(SignInGateway gateway)
{
    public static TheoryData<string> Versions => ["1.1", "2.0"];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task TO_01_a_code_is_taken_once(string version)
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, seed) = await gateway.EnrolAsync(user);
        enrolled.Dispose();
        var code = await SignInGateway.CodeAsync(seed);
        using var first = gateway.Outside(new Version(version));
        (await ProveAsync(first, user, code)).Status.ShouldBe(303);
        using var second = gateway.Outside(new Version(version));
        (await ProveAsync(second, user, code)).Status.ShouldBe(401);
        (await second.GetAsync("/owa/")).Status.ShouldBe(302);
        await gateway.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "code-used", "--user", user);
    }

    [Fact]
    public async Task TO_01_one_code_in_many_browsers_at_once_opens_one()
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, seed) = await gateway.EnrolAsync(user);
        enrolled.Dispose();
        var people = Enumerable.Range(0, 4).Select(_ => gateway.Outside()).ToList();
        var pages = new List<Page>();
        foreach (var person in people)
        {
            await person.SignInAsync("/owa/", user, SignInGateway.Password);
            pages.Add(await person.OpenAsync("/.agw/factor?rd=%2Fowa%2F"));
        }

        var code = await SignInGateway.CodeAsync(seed);
        var answers = await Task.WhenAll(people.Select((person, i) => person.SubmitAsync(pages[i], ("one-time-code", code))));
        answers.Count(answer => answer.Status == 303).ShouldBe(1);
        people.ForEach(person => person.Dispose());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task TO_02_two_steps_early_or_late_is_too_far_and_one_is_not(string version)
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, seed) = await gateway.EnrolAsync(user);
        enrolled.Dispose();
        foreach (var step in new[] { -3, 3 })
        {
            using var far = gateway.Outside(new Version(version));
            (await ProveAsync(far, user, await SignInGateway.CodeAsync(seed, step))).Status.ShouldBe(401);
        }

        using var near = gateway.Outside(new Version(version));
        (await ProveAsync(near, user, await SignInGateway.CodeAsync(seed, 1))).Status.ShouldBe(303);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task TO_03_wrong_codes_lock_the_factor_over_all_sessions_and_the_helpdesk_opens_it(string version)
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, seed) = await gateway.EnrolAsync(user);
        enrolled.Dispose();
        for (var guess = 0; guess < 5; guess++)
        {
            using var guesser = gateway.Outside(new Version(version));
            (await ProveAsync(guesser, user, "000000")).Status.ShouldBe(401);
        }

        using var person = gateway.Outside();
        (await ProveAsync(person, user, await SignInGateway.CodeAsync(seed))).Status.ShouldBe(401, "the right code of the rightful owner waits too");
        await gateway.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "factor-locked", "--user", user, "--event", "lockout");

        // The password's counter is another one.
        using var inside = gateway.Inside();
        (await inside.SignInAsync("/owa/", user, SignInGateway.Password)).Status.ShouldBe(303);

        (await gateway.Process.RunCliAsync(["lockout", "clear", user])).ExitCode.ShouldBe(0);
        (await TestKit.Gateway.Deadline.PollAsync(TimeSpan.FromSeconds(10), async () =>
        {
            using var again = gateway.Outside();
            return (await ProveAsync(again, user, await SignInGateway.CodeAsync(seed, 1))).Status == 303;
        })).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task TO_04_the_password_alone_opens_nothing_where_two_factors_are_asked_for(string version)
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, _) = await gateway.EnrolAsync(user);
        enrolled.Dispose();
        using var person = gateway.Outside(new Version(version));
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        person.Session.ShouldNotBeNull();
        var before = gateway.Echo.Count;
        var page = await person.GetAsync("/owa/");
        (page.Status, page.Location!.Contains("/.agw/factor", StringComparison.Ordinal)).ShouldBe((302, true));
        (await person.SendAsync("GET", "/owa/api", null, ("Accept", "application/json"), ("Sec-Fetch-Mode", "cors"))).Status.ShouldBeOneOf(401, 403);
        (await person.SendAsync("POST", "/owa/api", new ByteArrayContent([1]), ("Accept", "application/json"))).Status.ShouldBeOneOf(401, 403);
        (await person.SendAsync("HEAD", "/owa/", null)).Status.ShouldBeOneOf(401, 403);

        // Nor where the password would do: a pending session is good for the factor page only.
        (await person.GetAsync("/owa/basic/")).Status.ShouldBe(302);
        (await person.GetAsync("/files/")).Status.ShouldBe(302);
        if (version == "1.1")
        {
            (await person.SendAsync("GET", "/owa/ws", null, ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")))
                .Status.ShouldBeOneOf(401, 403, 302);
        }

        // Basic proves a password too, and no more than that.
        (await person.SendAsync("GET", "/owa/", null, ("Accept", "*/*"), ("Authorization", Basic(user)))).Status.ShouldBeOneOf(401, 403);
        person.Cookies.Clear();
        (await person.SendAsync("GET", "/owa/", null, ("Accept", "*/*"), ("Authorization", Basic(user)))).Status.ShouldBe(403);
        gateway.Echo.Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_session_made_inside_owes_the_code_outside_and_keeps_its_place()
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, seed) = await gateway.EnrolAsync(user);
        enrolled.Dispose();
        using var inside = gateway.Inside();
        await inside.SignInAsync("/owa/", user, SignInGateway.Password);
        using var outside = gateway.Outside();
        outside.Cookies["__Host-agw"] = inside.Session!;
        var page = await outside.GetAsync("/owa/deep?x=1");
        page.Status.ShouldBe(302);
        page = await outside.OpenAsync(outside.Local(page.Location!));
        page = await outside.SubmitAsync(page, ("one-time-code", await SignInGateway.CodeAsync(seed)));
        page.Status.ShouldBe(303);
        outside.Local(page.Location!).ShouldBe("/owa/deep?x=1");
        (await outside.GetAsync("/owa/deep?x=1")).Status.ShouldBe(200);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task TO_05_a_recovery_code_works_once_and_not_after_a_new_set(string version)
    {
        var user = await gateway.NewUserAsync();
        var (person, _) = await gateway.EnrolAsync(user, new Version(version));
        using (person)
        {
            var first = await EnrolledCodesAsync(person);
            using (var one = gateway.Outside(new Version(version)))
            {
                (await RecoverAsync(one, user, first[0].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal))).Status.ShouldBe(303);
                (await one.GetAsync("/owa/")).Status.ShouldBe(200);
            }

            using (var again = gateway.Outside(new Version(version)))
            {
                (await RecoverAsync(again, user, first[0])).Status.ShouldBe(401);
            }

            var second = await EnrolledCodesAsync(person);
            second.Intersect(first, StringComparer.Ordinal).ShouldBeEmpty();
            using (var old = gateway.Outside(new Version(version)))
            {
                (await RecoverAsync(old, user, first[1])).Status.ShouldBe(401);
            }

            using var fresh = gateway.Outside();
            (await RecoverAsync(fresh, user, second[3])).Status.ShouldBe(303);
        }
    }

    [Fact]
    public async Task A_stolen_password_enrols_no_app_and_an_enrolment_code_enrols_one()
    {
        var user = await gateway.NewUserAsync();
        using var thief = gateway.FarOutside();
        await thief.SignInAsync("/owa/", user, SignInGateway.Password);
        var page = await thief.OpenAsync("/.agw/enrol?rd=%2Fowa%2F");
        page.Text.ShouldNotContain("otpauth");
        Regex.IsMatch(page.Text, "(?:[A-Z2-7]{4}[ \u00a0]?){8}").ShouldBeFalse("no seed may be shown before the gate is open");

        var invite = await gateway.Process.RunCliAsync(["totp", "invite", user]);
        invite.ExitCode.ShouldBe(0, invite.Error);
        var code = Regex.Match(invite.Output, "[0-9A-Z]{5}(-[0-9A-Z]{5}){3}").Value;
        code.ShouldNotBeEmpty(invite.Output);

        using var owner = gateway.FarOutside();
        await owner.SignInAsync("/owa/", user, SignInGateway.Password);
        page = await owner.OpenAsync("/.agw/enrol?rd=%2Fowa%2F");
        page = await owner.SubmitAsync(page, (page.NameOf("one-time-code") is not null ? "one-time-code" : "off", code));
        page = page.Status is 302 or 303 ? await owner.OpenAsync(owner.Local(page.Location!)) : page;
        var seed = SignInGateway.SeedOf(page);
        page = await owner.SubmitAsync(page, ("one-time-code", await SignInGateway.CodeAsync(seed, -1)));
        page.Status.ShouldBe(200, page.Answer.ToString());
        (await owner.GetAsync("/owa/")).Status.ShouldBe(200);

        // Used up: the next one needs a proven factor.
        using var late = gateway.FarOutside();
        await late.SignInAsync("/owa/", user, SignInGateway.Password);
        (await late.OpenAsync("/.agw/enrol?rd=%2Fowa%2F")).Path.ShouldStartWith("/.agw/factor");
    }

    [Fact]
    public async Task A_second_app_needs_a_proven_factor_and_the_helpdesk_resets_a_lost_one()
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, seed) = await gateway.EnrolAsync(user);
        enrolled.Dispose();
        using var inside = gateway.Inside();
        await inside.SignInAsync("/owa/", user, SignInGateway.Password);
        (await inside.OpenAsync("/.agw/enrol")).Path.ShouldStartWith("/.agw/factor");

        (await gateway.Process.RunCliAsync(["totp", "status", user])).Output.ShouldContain("1");
        var reset = await gateway.Process.RunCliAsync(["totp", "reset", user]);
        reset.ExitCode.ShouldBe(0, reset.Error);
        (await TestKit.Gateway.Deadline.PollAsync(TimeSpan.FromSeconds(10), () => inside.IsSignedOutAsync("/owa/")))
            .ShouldBeTrue("a reset ends the user's sessions");
        using var person = gateway.Outside();
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        var page = await person.OpenAsync("/owa/");
        page.Path.ShouldStartWith("/.agw/enrol");
        string.Equals(SignInGateway.SeedOf(page), seed, StringComparison.Ordinal).ShouldBeFalse();
    }

    private static string Basic(string user) => "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{SignInGateway.Password}"));

    private static async Task<Page> ProveAsync(Person person, string user, string code)
    {
        var page = await person.SignInAsync("/owa/", user, SignInGateway.Password);
        page.Status.ShouldBe(303, page.Answer.ToString());
        page = await person.OpenAsync(person.Local(page.Location!));
        page.Path.ShouldStartWith("/.agw/factor");
        return await person.SubmitAsync(page, ("one-time-code", code));
    }

    private static async Task<Page> RecoverAsync(Person person, string user, string code)
    {
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        var page = await person.OpenAsync("/.agw/factor?method=recovery&rd=%2Fowa%2F");
        return await person.SubmitAsync(page, ("one-time-code", code));
    }

    /// <summary>Renews the recovery codes on the account page and reads them.</summary>
    private static async Task<List<string>> EnrolledCodesAsync(Person person)
    {
        var account = await person.GetAsync("/.agw/account");
        account.Status.ShouldBe(200, account.Answer.ToString());
        var forms = Regex.Matches(account.Text, "<form[^>]*action=\"(?<action>[^\"]*recovery-codes[^\"]*)\"[^>]*>(?<body>.*?)</form>", RegexOptions.Singleline);
        var fields = Regex.Matches(forms[0].Groups["body"].Value, "name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"").ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.Ordinal);
        var page = await person.PostAsync(WebUtility.HtmlDecode(forms[0].Groups["action"].Value), fields);
        page.Status.ShouldBe(200, page.Answer.ToString());
        var codes = Regex.Matches(page.Text, "[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}").Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        codes.Count.ShouldBe(10);
        return codes;
    }
}
