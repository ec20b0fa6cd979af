using AuthGateway.Core.Services.ActiveSync;

namespace AuthGateway.Core.Login.AppPasswords;

/// <summary>The device id an app password is bound to, as it is compared with that of a request.</summary>
public static class AppPasswordDevice
{
    /// <summary>Reads an id as phones show it, or as audit records have it: letters and digits, or <c>hex:</c> and hex digits. False for anything else.</summary>
    public static bool TryRead(string typed, out string canonical)
    {
        ArgumentNullException.ThrowIfNull(typed);
        const string Canonical = "hex:";
        if (typed.StartsWith(Canonical, StringComparison.Ordinal))
        {
            canonical = typed;
            return typed.Length > Canonical.Length && typed.AsSpan(Canonical.Length).ContainsAnyExcept("0123456789abcdef") is false;
        }

        canonical = DeviceIdentifier.IsText(typed) ? DeviceIdentifier.FromText(typed) : "";
        return canonical.Length > 0;
    }
}
