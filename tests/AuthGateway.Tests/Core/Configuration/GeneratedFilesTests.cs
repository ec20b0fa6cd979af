using System.Text.Json.Nodes;
using AuthGateway.Core.Configuration;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class GeneratedFilesTests
{
    [Fact]
    public void Schema_Committed_IsWhatTheOptionTypesSay() =>
        ShouldBeCommitted("deploy/appsettings.schema.json", ConfigurationSchema.Generate(), "authgateway schema --write deploy/appsettings.schema.json");

    [Fact]
    public void Reference_Committed_IsWhatTheOptionTypesSay() =>
        ShouldBeCommitted("docs/configuration.md", ConfigurationReference.Generate(), "authgateway schema --markdown > docs/configuration.md");

    [Fact]
    public void Schema_IsJsonWithDescriptionsBoundsAndChoices()
    {
        var schema = JsonNode.Parse(ConfigurationSchema.Generate())!;
        var definitions = schema["$defs"]!;

        schema["$schema"]!.GetValue<string>().ShouldBe("https://json-schema.org/draft/2020-12/schema");
        schema["properties"]!["AuthGateway"]!["$ref"]!.GetValue<string>().ShouldBe("#/$defs/GatewayOptions");
        definitions["AccountLockoutOptions"]!["properties"]!["Limit"]!.ToJsonString().ShouldBe(
            """{"description":"Failures after which the account is locked.","type":"integer","minimum":1,"maximum":100,"default":5}""");
        definitions["AccountLockoutOptions"]!["properties"]!["Window"]!["description"]!.GetValue<string>().ShouldBe("Failures older than this no longer count. From 10s to 1d.");
        definitions["ListenerOptions"]!["additionalProperties"]!.GetValue<bool>().ShouldBeFalse();
        definitions["ListenerOptions"]!["required"]!.ToJsonString().ShouldBe("""["Url"]""");
        var ldap = definitions["BackendOptions"]!["oneOf"]![0]!;
        ldap["properties"]!["Type"]!["const"]!.GetValue<string>().ShouldBe("ldap");
        ldap["properties"]!["SearchPassword"]!["description"]!.GetValue<string>().ShouldBe("Password of SearchUser; better given as SearchPasswordFile.");
        ldap["properties"]!["SearchPasswordFile"].ShouldNotBeNull();
        ldap["properties"]!["Next"]!["items"]!["enum"]!.ToJsonString().ShouldBe("""["rejected"]""");
    }

    [Fact]
    public void Schema_EveryOption_IsDescribed()
    {
        Undescribed(JsonNode.Parse(ConfigurationSchema.Generate())!["$defs"]!).ShouldBeEmpty();

        static IEnumerable<string> Undescribed(JsonNode node) => node switch
        {
            JsonObject parent => parent
                .SelectMany(entry => entry.Key == "properties"
                    ? entry.Value!.AsObject().Where(option => string.IsNullOrEmpty((string?)option.Value!["description"])).Select(option => option.Value!.GetPath())
                    : Undescribed(entry.Value!)),
            JsonArray array => array.SelectMany(item => Undescribed(item!)),
            _ => [],
        };
    }

    private static void ShouldBeCommitted(string name, string generated, string command)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "AuthGateway.sln")))
        {
            root = root.Parent!;
        }

        var path = Path.Combine(root.FullName, name);
        var committed = File.Exists(path) ? File.ReadAllText(path) : "";
        var written = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(name));
        File.WriteAllText(written, generated);
        committed.ShouldBe(generated, $"{name} is not what the option types say. Run in the repository: {command} (or copy {written})");
    }
}
