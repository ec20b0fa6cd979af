using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Text;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class OptionsBinderTests
{
    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{ "text": "abc", "NUMBER": 5 }""", "")]
    [InlineData("""{ "Text": null, "Section": null, "List": null }""", "")]
    [InlineData("""{ "Text": 5 }""", "K:Text = \"5\"|Expected text, found a number. Put it in double quotes.")]
    [InlineData("""{ "Text": ["a"] }""", "K:Text|Expected text, found a list. Write it in double quotes.")]
    [InlineData("""{ "Text": "abcdefghi" }""", "K:Text = \"abcdefghi\"|Must be at most 8 characters long, has 9. Shorten it.")]
    [InlineData("""{ "Text": "a" }""", "K:Text = \"a\"|Must be at least 2 characters long, has 1. Lengthen it.")]
    [InlineData("""{ "Flag": 1 }""", "K:Flag = \"1\"|Expected true or false, found a number. Write true or false.")]
    [InlineData("""{ "Flag": "true" }""", "K:Flag = \"true\"|Expected true or false, found text. Write it without quotes.")]
    [InlineData("""{ "Number": "5" }""", "K:Number = \"5\"|Expected a whole number, found text. Write it without quotes.")]
    [InlineData("""{ "Number": 5.5 }""", "K:Number = \"5.5\"|Expected a whole number, found a number. Write digits only.")]
    [InlineData("""{ "Number": 11 }""", "K:Number = \"11\"|Must be between 1 and 10.")]
    [InlineData("""{ "Number": 99999999999 }""", "K:Number = \"99999999999\"|Must be between -2147483648 and 2147483647.")]
    [InlineData("""{ "Big": 4294967297 }""", "K:Big = \"4294967297\"|Must be between 0 and 4294967296.")]
    [InlineData("""{ "Big": null }""", "")]
    [InlineData("""{ "Ratio": 0.5 }""", "")]
    [InlineData("""{ "Ratio": true }""", "K:Ratio = \"true\"|Expected a number, found true or false. Write digits, with a point for fractions.")]
    [InlineData("""{ "Ratio": 1.5 }""", "K:Ratio = \"1.5\"|Must be between 0 and 1.")]
    [InlineData("""{ "Wait": 300 }""", "K:Wait = \"300\"|A duration needs a unit. Write \"300s\" for seconds, or ms, m, h, d.")]
    [InlineData("""{ "Wait": "300" }""", "K:Wait = \"300\"|A duration needs a unit. Write \"300s\" for seconds, or ms, m, h, d.")]
    [InlineData("""{ "Wait": "2h" }""", "K:Wait = \"2h\"|Must be between 1s and 1h.")]
    [InlineData("""{ "Choice": "Red" }""", "K:Choice = \"Red\"|Must be one of: \"\" (empty), red, green. Did you mean \"red\"?")]
    [InlineData("""{ "Choices": ["a", "c"] }""", "K:Choices[1] = \"c\"|Must be one of: a, b. Did you mean \"a\"?")]
    [InlineData("""{ "Form": "abc1" }""", "K:Form = \"abc1\"|The whole text must match [a-z]+|x. Change it accordingly.")]
    [InlineData("""{ "Form": "abc\n" }""", "K:Form = \"abc\\u000a\"|The whole text must match [a-z]+|x. Change it accordingly.")]
    [InlineData("""{ "Form": "" }""", "K:Form = \"\"|The whole text must match [a-z]+|x. Change it accordingly.")]
    [InlineData("""{ "List": "a" }""", "K:List = \"a\"|Expected a list, found text. Put it in [ ].")]
    [InlineData("""{ "List": {} }""", "K:List|Expected a list, found an object. Write [ ] around its entries.")]
    [InlineData("""{ "List": ["a", "b", "c"] }""", "K:List|Must have at most 2 entries, has 3. Remove some.")]
    [InlineData("""{ "List": [[]] }""", "K:List[0]|Expected text, found a list. Write it in double quotes.")]
    [InlineData("""{ "Names": [] }""", "K:Names|Expected an object with a name for each entry, found a list. Write { \"name\": … }.")]
    [InlineData("""{ "Names": { "x": { "Inner": 7 } } }""", "K:Names:x:Inner = \"7\"|Expected text, found a number. Put it in double quotes.")]
    [InlineData("""{ "Names": { "": { "Inner": "a" } } }""", "K:Names:|A name must not be empty. Give it one.")]
    [InlineData("""{ "Said": { "cn=Ä b,ou=x.y,dc=z": { "Role: 1": false, "B": true } } }""", "")]
    [InlineData("""{ "Said": { "cn=a,dc=b": { "Role": 1 } } }""", "K:Said:cn=a,dc=b:Role = \"1\"|Expected true or false, found a number. Write true or false.")]
    [InlineData("""{ "Said": { "cn=a,dc=b": null } }""", "K:Said:cn=a,dc=b|Expected an object with a name for each entry, found null. Write { \"name\": … }.")]
    [InlineData("""{ "Section": { "Inner": "" } }""", "K:Section:Inner|This is required and must not be empty. Give it a value.")]
    [InlineData("""{ "Section": "x" }""", "K:Section|Expected an object, found text. Write { \"key\": … }.")]
    [InlineData("""{ "Section": { "Innr": "" } }""", "K:Section:Innr|No option has this name. Known: Inner. Did you mean \"Inner\"?")]
    [InlineData("""{ "Password": "short" }""", "K:Password = \"***\"|Must be at least 8 characters long, has 5. Lengthen it.")]
    [InlineData("""{ "Password": ["hunter2"] }""", "K:Password|Expected text, found a list. Write it in double quotes.")]
    [InlineData("""{ "Password": "longenough", "PasswordFile": 7 }""", "K:PasswordFile|Expected the path of a file, found a number. Write it in double quotes.")]
    public void Bind_Json_GivesExactlyThisFault(string json, string fault)
    {
        var faults = new FaultList();
        var node = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(json), "f", faults).ShouldNotBeNull();

        new OptionsBinder(new FilePaths("/state"), new SecretFiles(new Hashtable()), faults).Bind<Sample>(node, "K");

        FaultText.Render(faults).ShouldBe(fault.Length == 0 ? "" : fault.Insert(fault.IndexOf('|', StringComparison.Ordinal), "\n  ").Remove(fault.IndexOf('|', StringComparison.Ordinal) + 3, 1));
    }

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("0s", 0)]
    [InlineData("00:05:00", 300_000)]
    [InlineData("00:00:00.25", 250)]
    [InlineData("1.00:00:00", 86_400_000)]
    public void Duration_KnownForms_AreRead(string text, double milliseconds)
    {
        DurationText.TryParse(text, out var duration).ShouldBeTrue();
        duration.TotalMilliseconds.ShouldBe(milliseconds);
        DurationText.TryParse(DurationText.Format(duration), out var again).ShouldBeTrue();
        again.ShouldBe(duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5 m")]
    [InlineData("5M")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("5m\n")]
    [InlineData("1h30m")]
    [InlineData("00:05")]
    [InlineData("00:61:00")]
    [InlineData("999999999d")]
    public void Duration_OtherForms_AreNot(string text) => DurationText.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(250, "250ms")]
    [InlineData(90_000, "90s")]
    [InlineData(3_600_000, "1h")]
    [InlineData(172_800_000, "2d")]
    public void Duration_IsWrittenInItsLargestUnit(long milliseconds, string text) =>
        DurationText.Format(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(text);

    [Fact]
    public void Bind_DictionaryOfDictionaries_KeepsKeysAsWritten()
    {
        var faults = new FaultList();
        var node = ConfigurationFile.Parse(Encoding.UTF8.GetBytes("""{ "Said": { "cn=Ä b,ou=x.y,dc=z": { "Role: 1": false, "B": true } } }"""), "f", faults).ShouldNotBeNull();

        var said = new OptionsBinder(new FilePaths("/state"), new SecretFiles(new Hashtable()), faults).Bind<Sample>(node, "K").Said.ShouldHaveSingleItem();

        (said.Key, said.Value["Role: 1"], said.Value["B"]).ShouldBe(("cn=Ä b,ou=x.y,dc=z", false, true));
    }

    internal sealed class Sample
    {
        [StringLength(8, MinimumLength = 2)]
        public string Text { get; set; } = "";

        public bool Flag { get; set; }

        [Range(1, 10)]
        public int Number { get; set; } = 1;

        [Range(0L, 4_294_967_296L)]
        public long? Big { get; set; }

        [Range(0.0, 1.0)]
        public double Ratio { get; set; }

        [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
        public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(5);

        [AllowedValues("", "red", "green")]
        public string Choice { get; set; } = "";

        [AllowedValues("a", "b")]
        public List<string> Choices { get; set; } = [];

        [RegularExpression("[a-z]+|x")]
        public string Form { get; set; } = "";

        [MaxLength(2)]
        public List<string> List { get; set; } = [];

        public Dictionary<string, Part> Names { get; set; } = [];

        public Dictionary<string, Dictionary<string, bool>> Said { get; set; } = [];

        public Part Section { get; set; } = new() { Inner = "preset" };

        [MinLength(8)]
        [DataType(DataType.Password)]
        public string Password { get; set; } = "";
    }

    internal sealed class Part
    {
        [Required]
        public string Inner { get; set; } = "preset";
    }
}
