namespace AuthGateway.Web.Portal.Forms;

/// <summary>The fields of a form, each there once.</summary>
internal sealed class Form(IReadOnlyDictionary<string, string> fields)
{
    /// <summary>Names of the fields that are there.</summary>
    public IEnumerable<string> Names => fields.Keys;

    /// <summary>The value; empty when the field is missing.</summary>
    public string Get(string name) => fields.GetValueOrDefault(name) ?? "";
}
