using AuthGateway.Commands;

var host = new CommandLineHost(StoreOpening.OpenAsync);
var root = host.CreateRoot(
    "AuthGateway: the public entrance of a mail server.",
    UserCommand.Create(host),
    LockoutCommand.Create(host),
    AuditCommand.Create(host));
return await CommandLineHost.RunAsync(root, args);
