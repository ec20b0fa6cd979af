using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AuthGateway.Core.Configuration;

/// <summary>The summaries of the option types, from the file the compiler writes beside the assembly: schema and reference say what the source says.</summary>
internal sealed class XmlDocumentation
{
    private static readonly Regex Spaces = new(@"\s+", RegexOptions.NonBacktracking);

    private readonly Dictionary<string, XElement> _summaries;

    private XmlDocumentation(XDocument document) => _summaries = document
        .Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary")!, StringComparer.Ordinal);

    /// <summary>Reads <c>AuthGateway.Core.xml</c> from the directory of the program.</summary>
    public static XmlDocumentation Load()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "AuthGateway.Core.xml");
        return File.Exists(path)
            ? new XmlDocumentation(XDocument.Load(path))
            : throw new FileNotFoundException($"Descriptions of options are read from {path}, which is not there. It belongs to the installation.", path);
    }

    /// <summary>Text without markup.</summary>
    public string Plain(MemberInfo member) => Of(member, markdown: false);

    /// <summary>Text with names and values in back ticks.</summary>
    public string Markdown(MemberInfo member) => Of(member, markdown: true);

    private string Of(MemberInfo member, bool markdown)
    {
        var id = member is Type type ? $"T:{type.FullName}" : $"P:{member.DeclaringType!.FullName}.{member.Name}";
        if (!_summaries.TryGetValue(id, out var summary))
        {
            return "";
        }

        var text = new StringBuilder();
        Append(summary);
        return Spaces.Replace(text.ToString(), " ").Trim();

        void Append(XElement element)
        {
            foreach (var node in element.Nodes())
            {
                switch (node)
                {
                    case XText plain:
                        text.Append(plain.Value);
                        break;
                    case XElement { Name.LocalName: "see" or "seealso" or "paramref" } reference:
                        var target = (string?)reference.Attribute("cref") ?? (string?)reference.Attribute("langword") ?? (string?)reference.Attribute("name") ?? "";
                        Code(target[(target.LastIndexOfAny(['.', ':']) + 1)..]);
                        break;
                    case XElement { Name.LocalName: "c" or "code" } code:
                        Code(code.Value);
                        break;
                    case XElement other:
                        text.Append(' ');
                        Append(other);
                        text.Append(' ');
                        break;
                }
            }
        }

        void Code(string code) => text.Append(markdown ? $"`{code}`" : code);
    }
}
