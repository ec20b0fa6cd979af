using System.Reflection;
using System.Text.RegularExpressions;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;

namespace AuthGateway.Tests.Conventions;

/// <summary>Rules of the house that no analyzer knows.</summary>
public sealed partial class HouseRulesTests
{
    private static readonly string[] Projects = ["AuthGateway", "AuthGateway.Core", "AuthGateway.Ldap", "AuthGateway.Storage", "AuthGateway.Web"];

    [Fact]
    public void Namespace_EqualsFolder()
    {
        var violations = new List<string>();
        foreach (var project in Projects)
        {
            foreach (var file in Repository.SourceFiles(project))
            {
                var folder = Path.GetRelativePath(Path.Combine(Repository.Source, project), Path.GetDirectoryName(file)!);
                var expected = folder == "." ? project : $"{project}.{folder.Replace('/', '.')}";
                var found = NamespaceLine().Match(File.ReadAllText(file));
                if (found.Success && found.Groups["name"].Value != expected)
                {
                    violations.Add($"{Path.GetRelativePath(Repository.Root, file)}: {found.Groups["name"].Value}, expected {expected}");
                }
            }
        }

        violations.ShouldBeEmpty();
    }

    [Fact]
    public void EventIds_AreUniqueAndStayInTheirHundred()
    {
        var ids = typeof(EventIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (field.Name, Id: (int)field.GetValue(null)!)).ToArray();
        ids.Select(pair => pair.Id).ShouldBeUnique();
        ids.ShouldAllBe(pair => pair.Id >= 1000 && pair.Id < 3000);
    }

    [Fact]
    public void Reasons_AreStableWords()
    {
        VerdictReason.All.Count.ShouldBeGreaterThan(30);
        VerdictReason.All.Keys.ShouldAllBe(code => ReasonWord().IsMatch(code));
    }

    [Fact]
    public void Sources_HaveNoLeftovers()
    {
        var violations =
            from project in Projects
            from file in Repository.SourceFiles(project)
            from line in File.ReadLines(file)
            where line.Contains("TODO", StringComparison.Ordinal) || line.Contains("NotImplementedException", StringComparison.Ordinal) || line.Contains("FIXME", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Repository.Root, file)}: {line.Trim()}";
        violations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Utils")]
    [InlineData("Helpers")]
    [InlineData("Common")]
    [InlineData("Misc")]
    public void NoRoomWithoutASubject(string name) =>
        Directory.EnumerateDirectories(Repository.Source, name, SearchOption.AllDirectories).ShouldBeEmpty();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"\A[a-z]+(-[a-z]+)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex ReasonWord();
}
