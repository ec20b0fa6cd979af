namespace AuthGateway.Demo;

/// <summary>One element of an ActiveSync document: code page and token instead of a name.</summary>
/// <param name="Page">Code page.</param>
/// <param name="Token">Token within the page, without the content bit.</param>
internal sealed record WbxmlNode(byte Page, byte Token)
{
    /// <summary>Text, when the element holds text.</summary>
    public string? Text { get; set; }

    /// <summary>Elements inside.</summary>
    public List<WbxmlNode> Children { get; } = [];

    /// <summary>The first element inside with this name, or null.</summary>
    public WbxmlNode? Child(byte page, byte token) => Children.Find(child => child.Page == page && child.Token == token);

    /// <summary>An element with text.</summary>
    public static WbxmlNode Of(byte page, byte token, string text) => new(page, token) { Text = text };

    /// <summary>An element with elements.</summary>
    public static WbxmlNode Of(byte page, byte token, params ReadOnlySpan<WbxmlNode> children)
    {
        var node = new WbxmlNode(page, token);
        node.Children.AddRange(children);
        return node;
    }
}
