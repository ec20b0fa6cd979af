using AuthGateway.Commands;

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
    BackendCommand.Create(host));
return await CommandLineHost.RunAsync(root, args);
