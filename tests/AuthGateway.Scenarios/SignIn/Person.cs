using System.Net;
using System.Text.RegularExpressions;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.SignIn;

/// <summary>A page as it came: what a person would read, and the form he would fill in.</summary>
internal sealed partial record Page(Answer Answer, string Path)
{
    public int Status => Answer.Status;

    public string Text => Answer.Text;

    /// <summary>Where a redirect leads, or null.</summary>
    public string? Location => Answer.Header("Location");

    /// <summary>Fields of the form that has a field filled in by this <c>autocomplete</c> word, or of the first form: names and values; the name of that field.</summary>
    public (Dictionary<string, string> Fields, string Action) Form(string? autocomplete = null)
    {
        foreach (Match form in Forms().Matches(Text))
        {
            var body = form.Groups["body"].Value;
            if (autocomplete is not null && !body.Contains($"autocomplete=\"{autocomplete}\"", StringComparison.Ordinal))
            {
                continue;
            }

            var fields = Inputs().Matches(body)
                .Select(input => input.Value)
                .Where(input => Attribute(input, "name") is not null && Attribute(input, "type") is not "checkbox")
                .ToDictionary(input => Attribute(input, "name")!, input => WebUtility.HtmlDecode(Attribute(input, "value") ?? ""), StringComparer.Ordinal);
            return (fields, WebUtility.HtmlDecode(Attribute(form.Groups["head"].Value, "action") ?? Path));
        }

        throw new InvalidOperationException($"{Path} has no such form:\n{Text}");
    }

    /// <summary>Name of the field with this <c>autocomplete</c> word.</summary>
    public string NameOf(string autocomplete) =>
        Inputs().Matches(Text).Select(input => input.Value).Where(input => Attribute(input, "autocomplete") == autocomplete).Select(input => Attribute(input, "name")).First()!;

    private static string? Attribute(string tag, string name) => Regex.Match(tag, $"""\s{name}="([^"]*)"|\s{name}='([^']*)'""") is { Success: true } match
        ? match.Groups[1].Value + match.Groups[2].Value
        : null;

    [GeneratedRegex("<form(?<head>[^>]*)>(?<body>.*?)</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Inputs();
}

/// <summary>A browser without scripts: keeps cookies, says what browsers say of themselves, and fills in forms.</summary>
internal sealed class Person : IDisposable
{
    private readonly GatewayClient _client;
    private readonly string _origin;

    public Person(GatewayProcess gateway, string host, Version version, IPAddress source)
    {
        _client = new GatewayClient(gateway, host, version: version, source: source);
        _origin = $"https://{host}";
    }

    /// <summary>Cookies by name; a test may plant one.</summary>
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Every Set-Cookie line seen.</summary>
    public List<string> SetCookies { get; } = [];

    /// <summary>The session's cookie, or null.</summary>
    public string? Session => Cookies.GetValueOrDefault("__Host-agw");

    /// <summary>Asks for a page as a browser does.</summary>
    public Task<Page> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync("GET", path, null, [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "none"), ("Accept", "text/html,application/xhtml+xml"), .. headers]);

    /// <summary>Asks and follows redirects of this host, ten at most.</summary>
    public async Task<Page> OpenAsync(string path)
    {
        var page = await GetAsync(path);
        for (var turn = 0; turn < 10 && page.Status is 301 or 302 or 303; turn++)
        {
            page = await GetAsync(Local(page.Location!));
        }

        return page;
    }

    /// <summary>Sends a form of a page, some of its fields by their <c>autocomplete</c> words.</summary>
    public Task<Page> SubmitAsync(Page page, params (string Autocomplete, string Value)[] typed) => SubmitAsync(page, typed, []);

    /// <summary>The same with other headers than a browser would send.</summary>
    public Task<Page> SubmitAsync(Page page, (string Autocomplete, string Value)[] typed, (string Name, string Value)[] headers)
    {
        var (fields, action) = page.Form(typed.Length > 0 ? typed[0].Autocomplete : null);
        foreach (var (autocomplete, value) in typed)
        {
            fields[page.NameOf(autocomplete)] = value;
        }

        return PostAsync(action, fields, headers);
    }

    /// <summary>Fills in the form for a new password and sends it; under the name that stands there, or another.</summary>
    public Task<Page> ChangePasswordAsync(Page page, string current, string next, string? login = null)
    {
        var (fields, action) = page.Form("new-password");
        fields["name"] = login ?? fields["name"];
        (fields["password"], fields["new"], fields["repeat"]) = (current, next, next);
        return PostAsync(action, fields);
    }

    /// <summary>Sends a form.</summary>
    public Task<Page> PostAsync(string path, IReadOnlyDictionary<string, string> fields, params (string Name, string Value)[] headers)
    {
        (string Name, string Value)[] usual =
            [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "same-origin"), ("Origin", _origin), ("Accept", "text/html,application/xhtml+xml")];
        return SendAsync(
            "POST",
            path,
            new FormUrlEncodedContent(fields),
            [.. usual.Where(header => !headers.Any(other => other.Name == header.Name)), .. headers.Where(header => header.Value.Length > 0)]);
    }

    /// <summary>Signs in with name and password from where the corridor leads; returns the answer to the form.</summary>
    public async Task<Page> SignInAsync(string path, string user, string password) =>
        await SubmitAsync(await OpenAsync(path), ("username", user), ("current-password", password));

    /// <summary>True once what is asked for leads to sign-in. A request that runs at the moment its session is revoked is cut, which is no answer yet.</summary>
    public async Task<bool> IsSignedOutAsync(string path)
    {
        try
        {
            return (await GetAsync(path)).Status == 302;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Sends a request with the cookies so far, and keeps those of the answer.</summary>
    public async Task<Page> SendAsync(string method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        var sent = Cookies.Count > 0 ? [("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"))), .. headers] : headers;
        var answer = await _client.SendAsync(method, path, content, sent);
        foreach (var line in answer.All("Set-Cookie"))
        {
            SetCookies.Add(line);
            var pair = line.Split(';')[0].Split('=', 2);
            if (line.Contains("Max-Age=0", StringComparison.OrdinalIgnoreCase) || line.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
            {
                Cookies.Remove(pair[0]);
            }
            else
            {
                Cookies[pair[0]] = pair[1];
            }
        }

        return new Page(answer, path);
    }

    /// <summary>The path of an address, which must be of this host.</summary>
    public string Local(string location)
    {
        if (location.StartsWith('/'))
        {
            return location;
        }

        var address = new Uri(location);
        address.Host.ShouldBe(new Uri(_origin).Host);
        return address.PathAndQuery;
    }

    /// <summary>For WebSockets.</summary>
    public HttpMessageInvoker Invoker => _client.Invoker;

    public void Dispose() => _client.Dispose();
}
