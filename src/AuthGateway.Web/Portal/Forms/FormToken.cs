using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AuthGateway.Core.Edge;
using AuthGateway.Web.Pages;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Web.Portal.Forms;

/// <summary>
/// 256 random bits in a cookie no other site can set or have sent, repeated in every form: who sends both alike has read a page of ours.
/// </summary>
internal sealed class FormToken
{
    /// <summary>Name of the hidden field.</summary>
    public const string FieldName = "form";

    private const int Length = 32;
    private const int TextLength = 43;

    private FormToken(string text, bool isNew)
    {
        Text = text;
        IsNew = isNew;
    }

    /// <summary>The value.</summary>
    public string Text { get; }

    /// <summary>True when the browser does not have it yet.</summary>
    public bool IsNew { get; }

    /// <summary>The hidden field.</summary>
    public Html Field => Html.Of($"""<input type="hidden" name="{FieldName}" value="{Text}">""");

    /// <summary>The browser's token, or a new one.</summary>
    public static FormToken Of(StringValues cookies) =>
        GatewayCookies.Read(cookies, GatewayCookies.Form) is { Length: TextLength } text && Base64Url.IsValid(text)
            ? new FormToken(text, isNew: false)
            : new FormToken(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Length)), isNew: true);

    /// <summary>Whether a field is the browser's token.</summary>
    public bool Fits(string field) => !IsNew && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(Text.AsSpan()), MemoryMarshal.AsBytes(field.AsSpan()));
}
