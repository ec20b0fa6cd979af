using AuthGateway.Commands;
using AuthGateway.Commands.Verification;
using AuthGateway.Core.Backends.Pam;
using AuthGateway.Core.Tunnels;
using AuthGateway.Rendering;

// Not a verb for people: the gateway starts itself so to ask PAM. Before everything else, for a login waits for it.
if (args is [PamChild.Verb])
{
    return PamChild.Run();
}

// Nor is this: the ssh of a tunnel asks for the secret it was given, with its question as the only word.
if (args.Length <= 1 && TunnelAskPass.Secret is { } secret)
{
    Console.Out.WriteLine(secret);
    return ExitCodes.Done;
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
    AppPasswordCommand.Create(host),
    AuditCommand.Create(host),
    VerifySessionCommand.Create(host),
    BackendCommand.Create(host),
    TunnelCommand.Create(host));
return await CommandLineHost.RunAsync(root, args);
