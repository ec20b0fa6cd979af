using AuthGateway.Commands;
using AuthGateway.Commands.Verification;
using AuthGateway.Core.Backends.Pam;

// Not a verb for people: the gateway starts itself so to ask PAM. Before everything else, for a login waits for it.
if (args is [PamChild.Verb])
{
    return PamChild.Run();
}

// A mail server starts this for every login that may be a token.
if (VerifySessionProgram.TryRun(args) is { } exit)
{
    return exit;
}

var host = new CommandLineHost(StoreOpening.OpenAsync);
var root = host.CreateRoot(
    "AuthGateway: the public entrance of a mail server.",
    RunCommand.Create(host),
    DemoCommand.Create(host),
    CheckCommand.Create(host),
    ExplainCommand.Create(host),
    SchemaCommand.Create(host),
    ConfigCommand.Create(host),
    UserCommand.Create(host),
    ImportCommand.Create(host),
    LockoutCommand.Create(host),
    SessionCommand.Create(host),
    TotpCommand.Create(host),
    AuditCommand.Create(host),
    VerifySessionCommand.Create(host),
    BackendCommand.Create(host));
return await CommandLineHost.RunAsync(root, args);
