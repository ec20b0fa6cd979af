using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace AuthGateway.Scenarios.SignIn;

/// <summary>SE-01…06 and the pre-login half of ME-03 and TO-04: sessions, forms, redirects and what an upstream gets of them.</summary>
[Collection(SignInGroup.Name)]
public sealed class SessionAttacks(SignInGateway gateway)
{
    public static TheoryData<string> Versions => ["1.1", "2.0"];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task SE_01_a_planted_cookie_is_never_the_session_that_a_sign_in_leaves(string version)
    {
        var user = await gateway.NewUserAsync();
        using var attacker = gateway.Inside();
        await attacker.SignInAsync("/owa/", user, SignInGateway.Password);
        var planted = attacker.Session.ShouldNotBeNull();

        using var person = gateway.Inside(new Version(version));
        foreach (var cookie in new[] { planted, new string('A', 43) })
        {
            person.Cookies["__Host-agw"] = cookie;
            var page = await person.GetAsync("/.agw/sign-in?rd=%2Fowa%2F");
            page = page.Status == 200 && page.Text.Contains("current-password", StringComparison.Ordinal) ? page : await person.GetAsync("/.agw/sign-in?again=1&rd=%2Fowa%2F");
            (await person.SubmitAsync(page, ("username", user), ("current-password", SignInGateway.Password))).Status.ShouldBe(303);
            string.Equals(person.Session, cookie, StringComparison.Ordinal).ShouldBeFalse();
            (await person.GetAsync("/owa/")).Status.ShouldBe(200);
        }

        // The session the browser came with is over, whoever's it was.
        (await attacker.GetAsync("/owa/")).Status.ShouldBe(302);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task SE_01_a_step_up_gives_a_new_cookie_and_the_old_one_is_dead(string version)
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, seed) = await gateway.EnrolAsync(user);
        enrolled.Dispose();
        using var person = gateway.Outside(new Version(version));
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        var before = person.Session.ShouldNotBeNull();
        var page = await person.OpenAsync("/.agw/factor?rd=%2Fowa%2F");
        (await person.SubmitAsync(page, ("one-time-code", await SignInGateway.CodeAsync(seed)))).Status.ShouldBe(303);
        var after = person.Session.ShouldNotBeNull();
        string.Equals(after, before, StringComparison.Ordinal).ShouldBeFalse();
        (await person.GetAsync("/owa/")).Status.ShouldBe(200);

        person.Cookies["__Host-agw"] = before;
        (await person.GetAsync("/owa/")).Status.ShouldBe(302);
        person.Cookies["__Host-agw"] = after;
        (await person.GetAsync("/owa/")).Status.ShouldBe(200, "a dead cookie must not take the live session with it");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task SE_02_after_signing_out_the_cookie_opens_nothing(string version)
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside(new Version(version));
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        var cookie = person.Session.ShouldNotBeNull();
        (await person.GetAsync("/owa/")).Status.ShouldBe(200);

        var goodbye = await person.SubmitAsync(await person.GetAsync("/.agw/sign-out"));
        goodbye.Status.ShouldBe(200, goodbye.Answer.ToString());
        goodbye.Answer.Header("Clear-Site-Data").ShouldBe("\"cache\", \"cookies\", \"storage\"");
        goodbye.Answer.Header("Cache-Control").ShouldBe("no-store");
        person.Session.ShouldBeNull();

        person.Cookies["__Host-agw"] = cookie;
        var before = gateway.Echo.Count;
        (await person.GetAsync("/owa/")).Status.ShouldBe(302);
        (await person.SendAsync("GET", "/owa/", null, ("Accept", "*/*"))).Status.ShouldBe(401);
        gateway.Echo.Count.ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task SE_03_every_cookie_of_the_gateway_is_host_only_secure_and_closed_to_scripts(string version)
    {
        var user = await gateway.NewUserAsync();
        var (person, _) = await gateway.EnrolAsync(user, new Version(version));
        using (person)
        {
            await person.GetAsync("/.agw/account?lang=de");
            await person.SubmitAsync(await person.GetAsync("/.agw/sign-out"));
            person.SetCookies.ShouldNotBeEmpty();
            foreach (var line in person.SetCookies)
            {
                line.ShouldStartWith("__Host-agw");
                var attributes = line.Split(';').Skip(1).Select(attribute => attribute.Trim().ToLowerInvariant()).ToList();
                attributes.Contains("secure", StringComparer.Ordinal).ShouldBeTrue(line);
                attributes.Contains("httponly", StringComparer.Ordinal).ShouldBeTrue(line);
                attributes.Contains("path=/", StringComparer.Ordinal).ShouldBeTrue(line);
                attributes.ShouldContain(attribute => attribute == "samesite=lax" || attribute == "samesite=strict", line);
                attributes.ShouldNotContain(attribute => attribute.StartsWith("domain", StringComparison.Ordinal), line);
            }

            person.SetCookies.Where(line => line.StartsWith("__Host-agw=", StringComparison.Ordinal)).Select(line => line.Split(';')[0]).Distinct(StringComparer.Ordinal).Count()
                .ShouldBeGreaterThanOrEqualTo(2);
        }
    }

    [Theory]
    [InlineData("1.1", "no token")]
    [InlineData("2.0", "no token")]
    [InlineData("1.1", "wrong token")]
    [InlineData("1.1", "token of another browser")]
    [InlineData("1.1", "foreign origin")]
    [InlineData("2.0", "foreign origin")]
    [InlineData("1.1", "null origin")]
    [InlineData("1.1", "cross-site")]
    [InlineData("2.0", "cross-site")]
    [InlineData("1.1", "same-site")]
    public async Task SE_04_a_form_of_another_site_signs_nobody_in_and_is_not_counted(string version, string attack)
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside(new Version(version));
        var page = await person.OpenAsync("/owa/");
        var (fields, action) = page.Form("current-password");
        (fields[page.NameOf("username")], fields[page.NameOf("current-password")]) = (user, "wrong");
        var token = fields.Keys.Single(name => fields[name].Length >= 40);
        (string, string)[] headers = [];
        switch (attack)
        {
            case "no token":
                fields.Remove(token);
                break;
            case "wrong token":
                fields[token] = new string('B', fields[token].Length);
                break;
            case "token of another browser":
                using (var other = gateway.Inside())
                {
                    var (theirs, _) = (await other.OpenAsync("/owa/")).Form("current-password");
                    fields[token] = theirs[token];
                }

                break;
            case "foreign origin":
                headers = [("Origin", "https://evil.test")];
                break;
            case "null origin":
                // A page that hides its address is believed only together with Fetch Metadata.
                headers = [("Origin", "null"), ("Sec-Fetch-Site", "")];
                break;
            default:
                headers = [("Sec-Fetch-Site", attack)];
                break;
        }

        var answer = await person.PostAsync(action, fields, headers);
        answer.Status.ShouldBe(403, answer.Answer.ToString());
        person.Session.ShouldBeNull();
        var locks = await gateway.Process.RunCliAsync(["lockout", "list", user, "--json"]);
        locks.Output.Trim().ShouldBeOneOf("[]", "", "null");
        (await gateway.Process.AuditAsync("--request", answer.Answer.RequestId)).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test")]
    [InlineData("///evil.test")]
    [InlineData("/\\evil.test")]
    [InlineData("\\\\evil.test")]
    [InlineData("/%5cevil.test")]
    [InlineData("/%2fevil.test")]
    [InlineData("/%09/evil.test")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\tevil")]
    [InlineData("@evil.test")]
    public async Task SE_05_a_wish_to_go_elsewhere_leads_home(string wish)
    {
        var user = await gateway.NewUserAsync();
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var person = gateway.Inside(version);
            var page = await person.GetAsync("/.agw/sign-in?rd=" + Uri.EscapeDataString(wish));
            var answer = await person.SubmitAsync(page, ("username", user), ("current-password", SignInGateway.Password));
            answer.Status.ShouldBe(303, answer.Answer.ToString());
            person.Local(answer.Location!).ShouldBeOneOf("/", "/owa", "/owa/");
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task SE_06_an_upstream_gets_neither_our_cookie_nor_a_password_it_was_not_promised(string version)
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside(new Version(version));
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        person.Cookies["theirs"] = "1";
        await person.GetAsync("/owa/first");
        person.Cookies["theirs"] = "1";
        (await person.GetAsync("/owa/inbox")).Status.ShouldBe(200);
        var received = gateway.Echo.Requests[^1];
        received.Header("Cookie").ShouldBe("theirs=1");
        received.Header("X-Remote-User").ShouldBe(user);
        received.Header("Authorization").ShouldBe("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{SignInGateway.Password}")));

        (await person.GetAsync("/files/x")).Status.ShouldBe(200);
        (await person.GetAsync("/files/y")).Status.ShouldBe(200);
        received = gateway.Echo.Requests[^1];
        received.Header("X-Remote-User").ShouldBe(user);
        received.All("Authorization").ShouldBeEmpty();
        received.Text.ShouldNotContain("__Host-agw");

        (await person.GetAsync("/public/a")).Status.ShouldBe(200);
        gateway.Echo.Requests[^1].Text.ShouldNotContain(user);
    }

    [Fact]
    public async Task The_first_request_of_a_sign_in_leaves_the_cookies_of_whoever_was_there_before_behind()
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside();
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        person.Cookies["upstream-session"] = "of-the-one-before";
        (await person.GetAsync("/owa/mail/")).Status.ShouldBe(200);
        gateway.Echo.Requests[^1].All("Cookie").ShouldBeEmpty();
        person.Cookies.ShouldNotContainKey("upstream-session");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_session_is_good_on_its_own_host_only(string version)
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside(new Version(version));
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        using var other = gateway.Inside(new Version(version), SignInGateway.Other);
        other.Cookies["__Host-agw"] = person.Session.ShouldNotBeNull();
        (await other.GetAsync("/owa/")).Status.ShouldBe(302);
        (await person.GetAsync("/owa/")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Two_session_cookies_are_none()
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside();
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        var cookie = person.Session.ShouldNotBeNull();
        person.Cookies.Clear();
        (await person.GetAsync("/owa/", ("Cookie", $"__Host-agw={cookie}; __Host-agw={cookie}"))).Status.ShouldBe(302);
        (await person.GetAsync("/owa/", ("Cookie", $"__HOST-AGW={cookie}"))).Status.ShouldBe(302);
        (await person.GetAsync("/owa/", ("Cookie", $"__Host-agw={cookie}"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_deep_link_is_kept_through_the_sign_in_with_its_query()
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside();
        var answer = await person.SignInAsync("/owa/mail/42?view=full&q=a%20b%26c", user, SignInGateway.Password);
        answer.Status.ShouldBe(303);
        (await person.GetAsync(person.Local(answer.Location!))).Status.ShouldBe(200);
        gateway.Echo.Requests[^1].Target.ShouldBe("/owa/mail/42?view=full&q=a%20b%26c");
    }

    [Fact]
    public async Task Wrong_unknown_and_locked_look_alike_on_the_page()
    {
        var (wrong, locked) = (await gateway.NewUserAsync(), await gateway.NewUserAsync());
        for (var guess = 0; guess < 5; guess++)
        {
            using var guesser = gateway.Inside();
            (await guesser.SignInAsync("/owa/", locked, $"guess {guess}")).Status.ShouldBe(401);
        }

        var answers = new List<string>();
        foreach (var (name, password) in new[] { (wrong, "nonsense"), ("nobody-has-this-name", "nonsense"), (locked, SignInGateway.Password), (wrong, ""), ("a\u202eb", "nonsense") })
        {
            using var person = gateway.Inside();
            var answer = await person.SignInAsync("/owa/", name, password);
            answer.Status.ShouldBe(401);
            answer.Answer.Header("WWW-Authenticate").ShouldBeNull();
            person.Session.ShouldBeNull();
            answers.Add(Neutral(answer, name));
        }

        var kinds = answers.Distinct(StringComparer.Ordinal).ToList();
        kinds.Count.ShouldBe(1, string.Join("\n=====\n", kinds));
    }

    [Fact]
    public async Task A_program_without_a_session_is_asked_for_Basic_and_a_script_of_a_page_is_not()
    {
        using var person = gateway.Inside();
        var program = await person.SendAsync("GET", "/owa/", null, ("Accept", "*/*"));
        (program.Status, program.Answer.Header("WWW-Authenticate")?.StartsWith("Basic", StringComparison.Ordinal)).ShouldBe((401, true));
        var script = await person.SendAsync("GET", "/owa/", null, ("Accept", "*/*"), ("Sec-Fetch-Mode", "cors"));
        (script.Status, script.Answer.Header("WWW-Authenticate")).ShouldBe((401, null));
        var formOnly = await person.SendAsync("GET", "/files/", null, ("Accept", "*/*"), ("Authorization", "Basic YWxpY2U6eA=="));
        formOnly.Status.ShouldBe(401);
    }

    private static string Neutral(Page page, string name)
    {
        var text = Regex.Replace(page.Text, "value=\"[^\"]*\"", "value").Replace(name, "NAME", StringComparison.Ordinal);
        text = Regex.Replace(text, "[A-Za-z0-9_-]{16}(?=<)", "ID");
        text = Regex.Replace(text, "nonce=\"[^\"]*\"", "nonce");
        var headers = page.Answer.Headers
            .Where(header => header.Key.ToUpperInvariant() is not ("DATE" or "X-REQUEST-ID" or "CONTENT-LENGTH" or "SET-COOKIE" or "CONTENT-SECURITY-POLICY"))
            .Select(header => $"{header.Key}: {header.Value}");
        return $"{page.Status}\n{string.Join('\n', headers)}\n{text}";
    }
}
