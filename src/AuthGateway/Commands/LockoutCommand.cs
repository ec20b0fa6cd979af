namespace AuthGateway.Commands;

/// <summary><c>lockout</c>: counters of failed logins.</summary>
internal static class LockoutCommand
{
    public static Verb Create(CommandLineHost host) =>
        new("lockout", "Counters of failed logins and wrong codes, and the locks they set.", "authgateway lockout list --locked", "authgateway lockout clear alice")
        {
            LockoutListCommand.Create(host),
            LockoutClearCommand.Create(host),
        };
}
