using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Configuration;

/// <summary>Names what a reload cannot put in force: what is taken once, when the process starts.</summary>
internal static class RestartRules
{
    /// <summary>Warns of every option of these sections that differs from what the process was started with.</summary>
    public static void Warn(GatewayOptions started, GatewayOptions options, FaultList faults)
    {
        Warn(nameof(GatewayOptions.Limits), started.Limits, options.Limits, faults);
        Warn(nameof(GatewayOptions.Storage), started.Storage, options.Storage, faults);
        Warn(nameof(GatewayOptions.Audit), started.Audit, options.Audit, faults);
        Warn(nameof(GatewayOptions.Log), started.Log, options.Log, faults);
        if (started.Kerberos.Realms.Count == 0 && options.Kerberos.Realms.Count > 0)
        {
            faults.Warn($"{ConfigurationTree.RootKey}:Kerberos", null, "Tickets are taken at once, but those of users in many groups do not fit into 32 KiB of headers; 64 KiB are allowed after a restart.");
        }
    }

    private static void Warn<TSection>(string section, TSection started, TSection options, FaultList faults)
    {
        foreach (var property in typeof(TSection).GetProperties())
        {
            var (inForce, wanted) = (property.GetValue(started), property.GetValue(options));
            if (!Equals(inForce, wanted))
            {
                faults.Warn(
                    $"{ConfigurationTree.RootKey}:{section}:{property.Name}", OptionText.Of(wanted!), $"The change needs a restart; until then \"{OptionText.Of(inForce!)}\" is in force.");
            }
        }
    }
}
