using System.Globalization;
using System.Text;
using AuthGateway.Commands.Verification;
using AuthGateway.Core.Sessions.Tokens;

namespace AuthGateway.Tests.Commands.Verification;

public sealed class VerifySessionTests
{
    private const string Url = "http://127.0.0.1:9080";

    private static readonly ExpectedSeal s_seal = new(VerifierSeal.SealingKey("key"), VerifierSeal.NewNonce(), VerifierSeal.Digest("anna"u8, "t"u8, "", null));

    [Fact]
    public void Settings_WholeLine_IsReadWithoutTheParser()
    {
        var (settings, fault) = VerifySettings.Read(
            ["--url", Url, "--key-file", "/k", "--ca", "/ca", "--server-name", "n", "--service", "web", "--timeout", "9", "--before-passwords", "/bin/reply", "--json", "-x"]);
        fault.ShouldBeNull();
        (settings!.Url, settings.KeyFile, settings.CaFile, settings.ServerName, settings.Service, settings.Timeout, settings.BeforePasswords, settings.Json)
            .ShouldBe((Url, "/k", "/ca", "n", "web", TimeSpan.FromSeconds(9), true, false));
        settings.Program.ShouldBe(["/bin/reply", "--json", "-x"], "what stands behind the program is the program's");
        VerifySettings.Read(["--url", Url, "--key-file", "/k", "--", "-odd"]).Settings!.Program.ShouldBe(["-odd"]);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-c|/etc/x|--stdin")]
    [InlineData("--stdin")]
    [InlineData("--url|u|--key-file|k|--tpyo|x")]
    [InlineData("--verifier|dovecot|--stdin")]
    public void Settings_HelpConfigurationOrUnknown_IsLeftToTheParser(string words) =>
        VerifySettings.Read(words.Split('|')).ShouldBe((null, null));

    [Theory]
    [InlineData("--url|u")]
    [InlineData("--key-file|k|p")]
    [InlineData("--url|u|--key-file|k")]
    [InlineData("--url|u|--key-file|k|--stdin|p")]
    [InlineData("--url|u|--key-file|k|--stdin|--before-passwords")]
    [InlineData("--url|u|--key-file|k|--json|p")]
    [InlineData("--url|u|--key-file|k|--timeout|0|p")]
    [InlineData("--url|u|--key-file|k|--timeout|many|p")]
    [InlineData("--url|u|--key-file")]
    public void Settings_WhatDoesNotGoTogether_IsSaid(string words) => VerifySettings.Read(words.Split('|')).Fault.ShouldNotBeNullOrWhiteSpace();

    [Theory]
    [InlineData("alice|secret|123|", "alice", "secret")]
    [InlineData("alice|secret|", "alice", "secret")]
    [InlineData("alice||1|", "alice", "")]
    [InlineData("|secret|1|", null, null)]
    [InlineData("alice|secret", null, null)]
    [InlineData("alice", null, null)]
    [InlineData("", null, null)]
    public void Message_NameAndToken_EachWithAnEnd(string message, string? user, string? token)
    {
        var bytes = Encoding.UTF8.GetBytes(message.Replace('|', '\0'));
        var isWhole = VerifySessionProgram.TrySplit(bytes, 0, out var u, out var t);
        isWhole.ShouldBe(user is not null);
        if (isWhole)
        {
            Encoding.UTF8.GetString(bytes[u]).ShouldBe(user);
            Encoding.UTF8.GetString(bytes[t]).ShouldBe(token);
        }
    }

    [Theory]
    [InlineData("agwt1-0123456789012345678901234567890123456789012", true)]
    [InlineData("agwt1-012345678901234567890123456789012345678901", false)]
    [InlineData("agwt2-0123456789012345678901234567890123456789012", false)]
    [InlineData("agwt1-012345678901234567890123456789012345678901+", false)]
    [InlineData("correct horse battery", false)]
    public void Token_IsKnownByItsForm(string text, bool isToken) => VerifySessionProgram.LooksLikeToken(Encoding.UTF8.GetBytes(text)).ShouldBe(isToken);

    [Theory]
    [InlineData("HTTP/1.1 200 OK", """{"login":"anna","mail":null,"service":"web","expires":"2026-01-01T00:00:00Z"}""", "Right")]
    [InlineData("HTTP/1.1 401 Unauthorized", """{"error":"refused"}""", "Wrong")]
    [InlineData("HTTP/1.1 403 Forbidden", """{"error":"verifier-refused"}""", "Unknown")]
    [InlineData("HTTP/1.1 404 Not Found", "Here are /healthz and /status.", "Unknown")]
    [InlineData("HTTP/1.1 503 Service Unavailable", """{"error":"unavailable"}""", "Unknown")]
    [InlineData("HTTP/1.1 200 OK", "{}", "Unknown")]
    [InlineData("HTTP/1.1 200 OK", """{"inner":{"login":"anna"}}""", "Unknown")]
    [InlineData("HTTP/1.1 200 OK", """{"login":""}""", "Unknown")]
    [InlineData("HTTP/1.1 200 OK", """{"login":"anna\nUSER=root"}""", "Unknown")]
    [InlineData("HTTP/1.1 200 OK", "<html>", "Unknown")]
    [InlineData("HTTP/1.0 200 OK", """{"login":"anna"}""", "Unknown")]
    [InlineData("HTTP/1.1 302 Found", "", "Unknown")]
    [InlineData("HTTP/1.1 20", """{"login":"anna"}""", "Unknown")]
    public void Answer_OnlyAWhole200WithALogin_IsRight(string status, string body, string result)
    {
        var answer = VerifierClient.Read(Answer(status, body, s_seal), s_seal);
        answer.Result.ToString().ShouldBe(result);
        answer.Login.ShouldBe(result == "Right" ? "anna" : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"login\":\"anna\"")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{\"login\":\"anna\"}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"login\":\"anna\"}\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")]
    public void Answer_CutOrWithoutLength_IsNone(string answer) => Should.Throw<InvalidDataException>(() => VerifierClient.Read(Stream(answer), s_seal));

    /// <summary>Whoever listens where the gateway should has no key: none of his answers is believed, a refusal as little as a yes.</summary>
    [Theory]
    [InlineData("none")]
    [InlineData("empty")]
    [InlineData("another key")]
    [InlineData("another nonce")]
    [InlineData("another question")]
    [InlineData("another status")]
    [InlineData("another login")]
    [InlineData("the question's own")]
    [InlineData("twice")]
    public void Answer_WithoutItsSeal_IsNotBelieved(string what)
    {
        foreach (var (status, line, body) in new[] { (200, "HTTP/1.1 200 OK", "{\"login\":\"anna\"}"), (401, "HTTP/1.1 401 Unauthorized", "{\"error\":\"refused\"}") })
        {
            string Seal(ExpectedSeal with, int of, string text) => VerifierSeal.OfAnswer(with.Key, with.Nonce, with.Question, of, Encoding.UTF8.GetBytes(text));
            var right = Seal(s_seal, status, body);
            var seal = what switch
            {
                "none" => "",
                "empty" => $"{VerifierSeal.HeaderName}:\r\n",
                "another key" => Header(Seal(s_seal with { Key = VerifierSeal.SealingKey("other") }, status, body)),
                "another nonce" => Header(Seal(s_seal with { Nonce = VerifierSeal.NewNonce() }, status, body)),
                "another question" => Header(Seal(s_seal with { Question = VerifierSeal.Digest("bob"u8, "t"u8, "", null) }, status, body)),
                "another status" => Header(Seal(s_seal, 601 - status, body)),
                "another login" => Header(Seal(s_seal, status, body.Replace("anna", "alice", StringComparison.Ordinal).Replace("refused", "unknown", StringComparison.Ordinal))),
                "the question's own" => Header(s_seal.OfQuestion),
                _ => Header(right) + Header(right),
            };
            var answer = VerifierClient.Read(Stream($"{line}\r\n{seal}content-length: {body.Length}\r\n\r\n{body}"), s_seal);
            (answer.Result, answer.Login, answer.Body).ShouldBe((VerifierResult.Unknown, null, null));
            VerifierClient.Read(Stream($"{line}\r\n{Header(right)}content-length: {body.Length}\r\n\r\n{body}"), s_seal).Result.ShouldNotBe(VerifierResult.Unknown);
        }
    }

    [Fact]
    public void Answer_WithoutEnd_IsNotReadForEver() => Should.Throw<InvalidDataException>(() => VerifierClient.Read(Stream("HTTP/1.1 200 OK\r\n" + new string('x', 100_000)), s_seal));

    private static string Header(string seal) => $"{VerifierSeal.HeaderName}: {seal}\r\n";

    private static MemoryStream Answer(string status, string body, ExpectedSeal seal)
    {
        var code = status.Length >= 12 ? int.Parse(status[9..12], CultureInfo.InvariantCulture) : 200;
        var header = Header(VerifierSeal.OfAnswer(seal.Key, seal.Nonce, seal.Question, code, Encoding.UTF8.GetBytes(body)));
        return Stream($"{status}\r\nContent-Type: application/json\r\n{header}content-length: {body.Length}\r\n\r\n{body}");
    }

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}
