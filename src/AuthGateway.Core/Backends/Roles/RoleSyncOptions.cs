using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Backends.Roles;

/// <summary>
/// Roles and services by group and attribute. <c>true</c> grants, <c>false</c> withdraws: a withdrawal beats every grant, from wherever it comes. Only
/// what a listed group above another says about the same role or service takes the place of what the lower one says, be it a grant or a withdrawal.
/// </summary>
public sealed class RoleSyncOptions
{
    /// <summary>
    /// Roles by group: a name (<c>mobile</c>), or a distinguished name, which also means every group below it in the directory and every group that is
    /// a member of it. Each role has <c>true</c> or <c>false</c>. Keys with commas belong into a file, not into the environment.
    /// </summary>
    [MaxLength(500)]
    public Dictionary<string, Dictionary<string, bool>> Groups { get; set; } = [];

    /// <summary>
    /// Roles by attribute of the user's entry: attribute, then pattern, then role. A pattern is held against the whole value without case; <c>*</c>
    /// stands for any characters, also none. Any value of the attribute may fit. A value of more than 1,024 characters grants nothing, and
    /// fulfils every withdrawal.
    /// </summary>
    [MaxLength(50)]
    public Dictionary<string, Dictionary<string, Dictionary<string, bool>>> Attributes { get; set; } = [];

    /// <summary>
    /// Services by group, read like <see cref="Groups"/>. With any entry here a user of this backend gets the services granted and not withdrawn, and
    /// no other. Empty: nobody is limited.
    /// </summary>
    [MaxLength(500)]
    public Dictionary<string, Dictionary<string, bool>> UsageContext { get; set; } = [];
}
