namespace AuthGateway.Core.Backends.Local;

/// <summary>What the configuration in force asks of new local passwords. Every place that sets one asks here.</summary>
public sealed class PasswordPolicy
{
    private readonly CommonPasswordsFile? _common;

    private PasswordPolicy(int minLength, CommonPasswordsFile? common) => (MinLength, _common) = (minLength, common);

    /// <summary>What holds without a configured local backend.</summary>
    public static PasswordPolicy Default { get; } = new(PasswordRules.MinLength, null);

    /// <summary>Least characters.</summary>
    public int MinLength { get; }

    /// <summary>Takes validated options.</summary>
    public static PasswordPolicy From(LocalBackendOptions options) =>
        new(options.MinPasswordLength, options.CommonPasswordsFile.Length == 0 ? null : new CommonPasswordsFile(options.CommonPasswordsFile));

    /// <summary>Every fault of a new password; empty when it will do. A list that cannot be read is a fault: nobody knows then.</summary>
    public IReadOnlyList<PasswordFault> FindFaults(string password, string login)
    {
        var faults = PasswordRules.FindFaults(password, login, MinLength);
        if (_common is null || faults.Count > 0)
        {
            return faults;
        }

        try
        {
            return _common.Contains(password) ? [new("too-common", "The password is in a list of passwords that are commonly used or were stolen elsewhere.")] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [new("unchecked", "The list of common passwords cannot be read just now, so no password can be set.")];
        }
    }
}
