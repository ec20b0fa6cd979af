using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Devices;

/// <summary>Who may issue device certificates, and how their owner is read.</summary>
public sealed class DeviceOptions
{
    /// <summary>Authorities by name.</summary>
    public Dictionary<string, DeviceAuthorityOptions> Authorities { get; set; } = [];
}

/// <summary>A certificate authority whose client certificates make a device registered.</summary>
public sealed class DeviceAuthorityOptions
{
    /// <summary>PEM file with the authority's certificate (and intermediates).</summary>
    [Required]
    public string CaFile { get; set; } = "";

    /// <summary>PEM or DER file with the revocation list. Empty: none is checked, and <c>check</c> warns.</summary>
    public string CrlFile { get; set; } = "";

    /// <summary>How long a revocation list is believed after its next update was due; then every certificate is refused.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan CrlGrace { get; set; } = TimeSpan.FromHours(4);

    /// <summary>The one field the owner is read from: <c>san-email</c>, <c>san-upn</c>, <c>san-uri</c> or <c>cn</c>.</summary>
    [AllowedValues("san-email", "san-upn", "san-uri", "cn")]
    public string Owner { get; set; } = "san-email";

    /// <summary>
    /// Domains of the mail addresses (<c>san-email</c>) or principal names (<c>san-upn</c>) this authority may speak for, such as <c>example.com</c>;
    /// subdomains are named one by one. A certificate of another domain is refused. Only certificates of an authority with domains let anybody in
    /// without a password (<c>"Factors": ["device"]</c>). Empty: any domain, and never without another proof.
    /// </summary>
    [MaxLength(64)]
    public List<string> Domains { get; set; } = [];
}
