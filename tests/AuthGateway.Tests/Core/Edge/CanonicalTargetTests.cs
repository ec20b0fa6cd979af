using System.Text;
using AuthGateway.Core.Edge;

namespace AuthGateway.Tests.Core.Edge;

public sealed class CanonicalTargetTests
{
    [Theory]
    [InlineData("/", "/", "/", "")]
    [InlineData("/owa/", "/owa/", "/owa/", "")]
    [InlineData("/OWA/", "/OWA/", "/OWA/", "")]
    [InlineData("/owa/?x=/public/a.css", "/owa/", "/owa/", "?x=/public/a.css")] // PA-06
    [InlineData("/a?", "/a", "/a", "?")]
    [InlineData("/a?b?c%zz\\", "/a", "/a", "?b?c%zz\\")]
    [InlineData("//owa/", "/owa/", "/owa/", "")] // PA-04
    [InlineData("/owa//x", "/owa/x", "/owa/x", "")]
    [InlineData("///", "/", "/", "")]
    [InlineData("/.well-known/a", "/.well-known/a", "/.well-known/a", "")]
    [InlineData("/%61%2D%7e", "/a-~", "/a-~", "")]
    [InlineData("/caf%c3%a9%20x", "/café x", "/caf%C3%A9%20x", "")]
    [InlineData("/dav/alice/caf%C3%A9%20x%25d/", "/dav/alice/café x%d/", "/dav/alice/caf%C3%A9%20x%25d/", "")] // PA-07
    [InlineData("/dav/alice%40gw.test/", "/dav/alice@gw.test/", "/dav/alice%40gw.test/", "")]
    [InlineData("/dav/alice@gw.test/", "/dav/alice@gw.test/", "/dav/alice@gw.test/", "")]
    [InlineData("/a%2bb+c", "/a+b+c", "/a%2Bb+c", "")]
    [InlineData("/{a}|^`\"<>[]", "/{a}|^`\"<>[]", "/%7Ba%7D%7C%5E%60%22%3C%3E%5B%5D", "")]
    [InlineData("/a%23b%3fc", "/a#b?c", "/a%23b%3Fc", "")]
    [InlineData("/%F0%9F%93%A7", "/📧", "/%F0%9F%93%A7", "")]
    [InlineData("/a;v=1/b", "/a;v=1/b", "/a;v=1/b", "")]
    public void Parse_AcceptableTarget_HasOneForm(string raw, string path, string encoded, string query)
    {
        var target = Accept(raw);
        target.Path.ShouldBe(path);
        target.Encoded.ShouldBe(encoded);
        target.Query.ShouldBe(query);
        target.Quirks.ShouldBe(TargetQuirks.None);
        target.Authority.ShouldBeNull();
        target.PathWithSlashes.ShouldBe(path);
        target.Raw.ShouldBe(raw);
    }

    [Theory]
    [InlineData("", TargetFault.Empty)]
    [InlineData("*", TargetFault.NotOriginForm)]
    [InlineData("owa", TargetFault.NotOriginForm)]
    [InlineData("mail.gw.test:443", TargetFault.NotOriginForm)]
    [InlineData("ftp://mail.gw.test/", TargetFault.NotOriginForm)]
    [InlineData("https:///x", TargetFault.BadAuthority)]
    [InlineData("https://u@mail.gw.test/", TargetFault.BadAuthority)]
    [InlineData("https://mail .test/", TargetFault.BadAuthority)]
    [InlineData("/a b", TargetFault.ForbiddenCharacter)]
    [InlineData("/a\tb", TargetFault.ForbiddenCharacter)]
    [InlineData("/a\0", TargetFault.ForbiddenCharacter)]
    [InlineData("/a\x7F", TargetFault.ForbiddenCharacter)]
    [InlineData("/caf\u00E9", TargetFault.ForbiddenCharacter)]
    [InlineData("/public/..\\owa/", TargetFault.ForbiddenCharacter)] // PA-03
    [InlineData("/a#b", TargetFault.Fragment)]
    [InlineData("/a?b#c", TargetFault.Fragment)]
    [InlineData("/a?b c", TargetFault.ForbiddenCharacter)]
    [InlineData("/a?b\rc", TargetFault.ForbiddenCharacter)]
    [InlineData("/a?\u00E9", TargetFault.ForbiddenCharacter)]
    [InlineData("/%", TargetFault.MalformedEscape)]
    [InlineData("/%4", TargetFault.MalformedEscape)]
    [InlineData("/%4g", TargetFault.MalformedEscape)]
    [InlineData("/%u002e", TargetFault.MalformedEscape)]
    [InlineData("/%%34%31", TargetFault.MalformedEscape)]
    [InlineData("/%ff", TargetFault.NotUtf8)]
    [InlineData("/%c3", TargetFault.NotUtf8)]
    [InlineData("/%c0%af", TargetFault.NotUtf8)]
    [InlineData("/%c0%ae%c0%ae/", TargetFault.NotUtf8)]
    [InlineData("/%e0%80%af", TargetFault.NotUtf8)]
    [InlineData("/%ed%a0%80", TargetFault.NotUtf8)]
    [InlineData("/owa%00.css", TargetFault.EncodedControl)] // PA-08
    [InlineData("/owa/%0d%0ax", TargetFault.EncodedControl)]
    [InlineData("/%1f", TargetFault.EncodedControl)]
    [InlineData("/%7f", TargetFault.EncodedControl)]
    [InlineData("/%c2%85", TargetFault.EncodedControl)]
    [InlineData("/public/..%5cowa/", TargetFault.EncodedBackslash)]
    [InlineData("/a%5Cb", TargetFault.EncodedBackslash)]
    [InlineData("/public/../owa/", TargetFault.DotSegment)] // PA-01
    [InlineData("/public/%2e%2e/owa/", TargetFault.DotSegment)]
    [InlineData("/public/%2E./owa/", TargetFault.DotSegment)]
    [InlineData("/public/..%2fowa/", TargetFault.DotSegment)] // PA-02
    [InlineData("/public%2f..%2fowa/", TargetFault.DotSegment)]
    [InlineData("/public%2F%2e%2e", TargetFault.DotSegment)]
    [InlineData("/./a", TargetFault.DotSegment)]
    [InlineData("/a/.", TargetFault.DotSegment)]
    [InlineData("/..", TargetFault.DotSegment)]
    [InlineData("//..//", TargetFault.DotSegment)]
    [InlineData("/..;x/", TargetFault.DotSegment)]
    [InlineData("/.;/a", TargetFault.DotSegment)]
    [InlineData("/..%3bx/", TargetFault.DotSegment)]
    [InlineData("/%2e%2e;x=1/", TargetFault.DotSegment)]
    [InlineData("/..%20/", TargetFault.DotSegment)]
    [InlineData("/.../", TargetFault.DotSegment)]
    [InlineData("/%252e%252e/", TargetFault.DotSegment)]
    [InlineData("/a%252f..%252fb", TargetFault.DotSegment)]
    [InlineData("/a%255c..%255cb", TargetFault.DotSegment)]
    [InlineData("/%25252e%25252e/", TargetFault.DotSegment)]
    [InlineData("/a%2500", TargetFault.EncodedControl)]
    [InlineData("/%2525252541", TargetFault.NestedEscape)]
    [InlineData("/public/%ef%bc%8e%ef%bc%8e/owa", TargetFault.CompatibilityCharacter)] // U+FF0E
    [InlineData("/public%ef%bc%8fowa", TargetFault.CompatibilityCharacter)] // U+FF0F
    [InlineData("/public%ef%bc%bcowa", TargetFault.CompatibilityCharacter)] // U+FF3C
    [InlineData("/a%ef%bc%852e", TargetFault.CompatibilityCharacter)] // U+FF05
    [InlineData("/a%ef%bc%9bx", TargetFault.CompatibilityCharacter)] // U+FF1B
    [InlineData("/a%cd%bex", TargetFault.CompatibilityCharacter)] // U+037E
    [InlineData("/%e2%80%a5/", TargetFault.CompatibilityCharacter)] // U+2025
    internal void Parse_AmbiguousTarget_IsRefused(string raw, TargetFault fault)
    {
        var outcome = CanonicalTarget.Parse(raw, "GET");
        outcome.Fault.ShouldBe(fault);
        outcome.Target.ShouldBeNull();
    }

    [Theory]
    [InlineData("/a%2fb", TargetQuirks.EncodedSlash, "/a%2Fb", "/a/b", "/a%2Fb")]
    [InlineData("/a%2F/b", TargetQuirks.EncodedSlash, "/a%2F/b", "/a/b", "/a%2F/b")]
    [InlineData("/%2F%2fowa/", TargetQuirks.EncodedSlash, "/%2F%2Fowa/", "/owa/", "/%2F%2Fowa/")]
    [InlineData("/a%2541", TargetQuirks.ResidualEscape, "/a%41", "/a%41", "/a%2541")]
    [InlineData("/a%25%34%31", TargetQuirks.ResidualEscape, "/a%41", "/a%41", "/a%2541")]
    [InlineData("/a%252fb", TargetQuirks.ResidualEscape, "/a%2fb", "/a%2fb", "/a%252fb")]
    [InlineData("/a%252fb%2fc", TargetQuirks.ResidualEscape | TargetQuirks.EncodedSlash, "/a%2fb%2Fc", "/a%2fb/c", "/a%252fb%2Fc")]
    [InlineData("/owa.", TargetQuirks.TrailingDotOrSpace, "/owa.", "/owa.", "/owa.")]
    [InlineData("/owa./x", TargetQuirks.TrailingDotOrSpace, "/owa./x", "/owa./x", "/owa./x")]
    [InlineData("/owa%20/x", TargetQuirks.TrailingDotOrSpace, "/owa /x", "/owa /x", "/owa%20/x")]
    [InlineData("/owa.;a/x", TargetQuirks.TrailingDotOrSpace, "/owa.;a/x", "/owa.;a/x", "/owa.;a/x")]
    [InlineData("/owa.%2fx", TargetQuirks.TrailingDotOrSpace | TargetQuirks.EncodedSlash, "/owa.%2Fx", "/owa./x", "/owa.%2Fx")]
    [InlineData("/web.config::$DATA", TargetQuirks.ColonSegment, "/web.config::$DATA", "/web.config::$DATA", "/web.config::$DATA")]
    [InlineData("/a%3ab", TargetQuirks.ColonSegment, "/a:b", "/a:b", "/a%3Ab")]
    internal void Parse_OddTarget_IsFlagged(string raw, TargetQuirks quirks, string path, string separated, string encoded)
    {
        var target = Accept(raw);
        target.Quirks.ShouldBe(quirks);
        target.Path.ShouldBe(path);
        target.PathWithSlashes.ShouldBe(separated);
        target.Encoded.ShouldBe(encoded);
        target.Raw.ShouldBe(raw);
    }

    [Theory]
    [InlineData("/owa;x/a", "/owa/a")]
    [InlineData("/owa%3bx/a", "/owa/a")]
    [InlineData("/;x/owa/", "/owa/")]
    [InlineData("/a;b;c", "/a")]
    [InlineData("/owa/;", "/owa/")]
    public void Parse_PathParameters_AreRemovedForProtectingRules(string raw, string expected) => Accept(raw).ProtectedPath.ShouldBe(expected);

    [Fact]
    public void Parse_PathParametersAndEncodedSlash_HaveBothReadings()
    {
        var target = Accept("/a;x%2fowa;y/b");
        target.ProtectedPath.ShouldBe("/a/b");
        target.ProtectedPathWithSlashes.ShouldBe("/a/owa/b");
    }

    [Theory]
    [InlineData("https://mail.gw.test/owa/?a", "mail.gw.test", "/owa/", "?a")]
    [InlineData("HTTP://MAIL.gw.test:443/owa/", "MAIL.gw.test:443", "/owa/", "")]
    [InlineData("https://mail.gw.test", "mail.gw.test", "/", "")]
    [InlineData("https://mail.gw.test?a", "mail.gw.test", "/", "?a")]
    [InlineData("https://mail.gw.test//a", "mail.gw.test", "/a", "")]
    public void Parse_AbsoluteForm_HandsOverItsAuthority(string raw, string authority, string path, string query)
    {
        var target = Accept(raw);
        target.Authority.ShouldBe(authority);
        target.Path.ShouldBe(path);
        target.Query.ShouldBe(query);
    }

    [Fact]
    public void Parse_AsteriskWithOptions_IsAllowed()
    {
        var target = CanonicalTarget.Parse("*", "OPTIONS").Target.ShouldNotBeNull();
        target.IsAsterisk.ShouldBeTrue();
        target.Path.ShouldBe("*");
    }

    [Theory]
    [InlineData(CanonicalTarget.MaxLength, TargetFault.None)]
    [InlineData(CanonicalTarget.MaxLength + 1, TargetFault.TooLong)]
    internal void Parse_Length_IsBounded(int length, TargetFault fault) =>
        CanonicalTarget.Parse("/" + new string('a', length - 1), "GET").Fault.ShouldBe(fault);

    [Fact]
    public void Parse_CompatibilityForms_AreThoseOfTheUnicodeTables()
    {
        for (var value = 0x80; value <= 0x10FFFF; value++)
        {
            // The platform refuses to normalise U+FFFE.
            if (!Rune.IsValid(value) || value == 0xFFFE)
            {
                continue;
            }

            var text = new Rune(value).ToString();
            if (CompatibilityForms.In(text) != text.Normalize(NormalizationForm.FormKC).AsSpan().ContainsAny("/\\.%;:"))
            {
                Assert.Fail($"U+{value:X4}");
            }
        }
    }

    /// <summary>Whatever comes, an accepted path is what its forwarded form means, and forwarding it again changes nothing.</summary>
    [Fact]
    public void Parse_RandomTargets_AreStable()
    {
        var random = new Random(3986);
        string[] pieces = ["/", "a", ".", "..", "%2e", "%2f", "%2F", ";", "%3b", "%25", "41", "%c3%a9", "%20", "//", "\\", "%5c", ":", "@", "%40", "~", "%7E", "{", "%"];
        var accepted = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var raw = "/" + string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (CanonicalTarget.Parse(raw, "GET").Target is not { } target)
            {
                continue;
            }

            accepted++;
            var again = CanonicalTarget.Parse(target.Encoded, "GET").Target.ShouldNotBeNull(raw);
            again.Encoded.ShouldBe(target.Encoded, raw);
            again.Path.ShouldBe(target.Path, raw);
            again.Quirks.ShouldBe(target.Quirks, raw);
            target.PathWithSlashes.Split('/').ShouldNotContain(segment => segment == "..", raw);
            target.Path.ShouldNotContain("//", Case.Sensitive, raw);
        }

        accepted.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void Parse_OrdinaryTarget_AllocatesOneObject()
    {
        Allocations.Of(() => CanonicalTarget.Parse("/owa/ev.owa2", "GET")).ShouldBeLessThanOrEqualTo(104);

        // And with a query, its two halves.
        Allocations.Of(() => CanonicalTarget.Parse("/owa/ev.owa2?ns=1", "GET")).ShouldBeLessThanOrEqualTo(104 + 48 + 40);
    }

    private static CanonicalTarget Accept(string raw)
    {
        var outcome = CanonicalTarget.Parse(raw, "GET");
        outcome.Fault.ShouldBe(TargetFault.None);
        return outcome.Target.ShouldNotBeNull();
    }
}
