namespace AuthGateway.Commands;

/// <summary><c>audit</c>: the audit trail.</summary>
internal static class AuditCommand
{
    public static Verb Create(CommandLineHost host) =>
        new("audit", "Who was let in or refused, and why.", "authgateway audit search --since 2h", "authgateway audit search --user alice --json")
        {
            AuditSearchCommand.Create(host),
        };
}
