using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Backends;

/// <summary>What is known of a directory's own lockout.</summary>
public sealed class DirectoryLockoutOptions
{
    /// <summary>
    /// Wrong passwords after which the directory locks an account. <c>auto</c> (default) reads it there: in Active Directory the domain's
    /// <c>lockoutThreshold</c> or the user's fine-grained policy, in OpenLDAP the user's <c>pwdPolicySubentry</c> or <see cref="PolicyDn"/>. <c>none</c>: it
    /// never locks. A number in quotes, 3 to 999: that many, whatever the directory says.
    /// </summary>
    [RegularExpression("auto|none|[1-9][0-9]{0,2}")]
    public string Threshold { get; set; } = Auto;

    /// <summary>
    /// Time after the last wrong password at which the directory begins to count anew, where <see cref="Threshold"/> is a number or the policy cannot be
    /// read. <c>0s</c>: only a right password does that. 0 to 69 days, default 30 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "69.00:00:00")]
    public TimeSpan ObservationWindow { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// The entry <c>auto</c> reads for users without a policy of their own, as a distinguished name: in OpenLDAP what <c>ppolicy_default</c> names, for no
    /// directory tells that by itself. Empty: in Active Directory the domain's own entry, elsewhere none.
    /// </summary>
    public string PolicyDn { get; set; } = "";

    /// <summary>
    /// Threshold <c>auto</c> takes for users whose policy exists but cannot be read: one of their own, as is usual with fine-grained policies, where the lower
    /// of this and the domain's counts; the domain's; <see cref="PolicyDn"/>. 3 to 999, default 4, with which even a policy of 3 locks nobody.
    /// </summary>
    [Range(LeastThreshold, 999)]
    public int UnreadableThreshold { get; set; } = LeastThreshold + 1;

    internal const string Auto = "auto";
    internal const string None = "none";
    internal const int LeastThreshold = 3;
}
