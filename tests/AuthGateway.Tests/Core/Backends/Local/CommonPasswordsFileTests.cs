using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Local;

namespace AuthGateway.Tests.Core.Backends.Local;

public sealed class CommonPasswordsFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Contains_Words_FindsEveryOneAndNoOther(string end)
    {
        var words = Enumerable.Range(0, 2000).Select(i => $"word-{i * 37 % 2000}x{new string('z', i % 23)}").Append("trustno1trustno1").Order(StringComparer.Ordinal).ToArray();
        File.WriteAllText(_path, string.Join(end, words) + end);
        var file = new CommonPasswordsFile(_path);

        file.FindFault().ShouldBeNull();
        words.ShouldAllBe(word => file.Contains(word));
        file.Contains("TrustNo1 TrustNo1").ShouldBeTrue("neither case nor blanks make a common password another one");
        foreach (var other in (string[])["", "word", "word-1", words[0] + "a", words[^1] + "a", "\0", "zzzzzzzzzzzzz", "A"])
        {
            file.Contains(other).ShouldBeFalse(other);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Contains_Hashes_FindsEveryOneAndNoOther(bool upper)
    {
        var words = Enumerable.Range(0, 500).Select(i => $"breached password {i}").ToArray();
        var lines = words.Select(word => Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(word))))
            .Order(StringComparer.Ordinal).Select((hash, i) => $"{(upper ? hash : hash.ToLowerInvariant())}:{i * i}");
        File.WriteAllText(_path, string.Join("\r\n", lines));
        var file = new CommonPasswordsFile(_path);

        file.FindFault().ShouldBeNull();
        words.ShouldAllBe(word => file.Contains(word));
        file.Contains("breached password 500").ShouldBeFalse();
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("b\na\n", "Line 2 is out of order")]
    [InlineData("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3\nnot a hash\n", "Line 2 is no SHA-1 hash")]
    [InlineData("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8\n0BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8\n", "Line 2 is out of order")]
    public void FindFault_UselessList_SaysWhere(string text, string part)
    {
        File.WriteAllText(_path, text);

        new CommonPasswordsFile(_path).FindFault().ShouldNotBeNull().ShouldContain(part);
    }

    [Fact]
    public void FindFault_OverlongLine_SaysWhere()
    {
        File.WriteAllText(_path, "a\n" + new string('b', 2000) + "\n");

        new CommonPasswordsFile(_path).FindFault().ShouldNotBeNull().ShouldContain("Line 2");
    }

    [Fact]
    public void FindFaults_ListGone_RefusesThePassword()
    {
        var policy = PasswordPolicy.From(new LocalBackendOptions { CommonPasswordsFile = _path + ".gone" });

        policy.FindFaults("kelp orbit lantern", "anna").ShouldHaveSingleItem().Text.ShouldContain("cannot be read");
        new CommonPasswordsFile(_path + ".gone").FindFault().ShouldNotBeNull();
    }

    [Fact]
    public void FindFaults_PasswordOfTheList_IsRefused()
    {
        File.WriteAllText(_path, "correct battery horse\nkelp orbit lantern\n");
        var policy = PasswordPolicy.From(new LocalBackendOptions { CommonPasswordsFile = _path, MinPasswordLength = 8 });

        policy.FindFaults("Kelp Orbit Lantern", "anna").ShouldHaveSingleItem().Text.ShouldContain("commonly used");
        policy.FindFaults("kelp orbi", "anna").ShouldBeEmpty();
        policy.FindFaults("kelp or", "anna").ShouldHaveSingleItem().Text.ShouldContain("at least 8");
    }
}
