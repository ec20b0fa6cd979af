using System.Text;

namespace AuthGateway.Demo;

/// <summary>What the demo says when it runs: what to open, and lines to paste into another shell with what each answers.</summary>
internal static class DemoBanner
{
    private const string Query = "User=alice&DeviceId=DEMODEV0001&DeviceType=DemoPhone";

    // FolderSync(SyncKey "0") and Ping(HeartbeatInterval "10", Folders(Folder(Id "inbox", Class "Email"))), as printf writes them in any shell.
    private const string FolderSync = @"\003\001j\000\000\007VR\0030\000\001\001";
    private const string Ping = @"\003\001j\000\000\015EH\00310\000\001IJK\003inbox\000\001L\003Email\000\001\001\001\001";

    /// <summary>The whole text.</summary>
    public static string Write(DemoMaterial material, DemoPorts ports, Uri upstream)
    {
        var mail = $"https://{DemoConfiguration.MailHost}:{ports.Https}";
        var phones = $"https://{DemoConfiguration.PhoneHost}:{ports.Https}/Microsoft-Server-ActiveSync";
        var alice = material.Passwords["alice"];
        var bob = material.Passwords["bob"];
        var text = new StringBuilder();
        text.AppendLine($"""
            AuthGateway demo, on this machine only. Ctrl-C ends it.

              Open        {mail}{DemoMailbox.Path}
                          Password first, then a code: have an authenticator app ready to scan a picture.
                          The browser warns of the self-signed certificate; that is expected here.
              Sign in     alice  {alice}
                          bob    {bob}
              Staff       https://localhost:{ports.Staff}/status
              Files       {material.Folder}

            In another shell, paste this first, then any of the lines below:

              cd {Quoted(material.Folder)}
            """);
        Line(text, "The web application with a password: 200, and who you are", $"curl --cacert server.pem -u alice:{alice} {mail}/");
        Line(text, "A wrong password: 401", $"curl -i --cacert server.pem -u alice:wrong {mail}/");
        Line(text, "A phone asks what the server can do: 200, MS-ASProtocolVersions", $"curl -i --cacert server.pem --cert alice.pem -u alice:{alice} -X OPTIONS {phones}");
        Line(text, "A phone lists its folders: 200, WBXML", $"printf '{FolderSync}' | {Post("alice.pem", $"alice:{alice}", phones, "FolderSync")} | tr -c '[:print:]' '.'; echo");
        Line(text, "A phone waits for mail: the answer comes after ten seconds", $"printf '{Ping}' | {Post("alice.pem", $"alice:{alice}", phones, "Ping")} -o /dev/null -w '%{{http_code}} after %{{time_total}} s\\n'");
        Line(text, "No device certificate: 403", $"curl -i --cacert server.pem -u alice:{alice} -X OPTIONS {phones}");
        Line(text, "A certificate from somebody else's authority: 403", $"curl -i --cacert server.pem --cert mallory.pem -u alice:{alice} -X OPTIONS {phones}");
        Line(text, "Bob's password with Alice's phone: 403", $"curl -i --cacert server.pem --cert alice.pem -u bob:{bob} -X OPTIONS {phones}");
        Line(text, "Around the gateway: 403", $"curl -i {upstream.GetLeftPart(UriPartial.Authority)}/");
        return text.ToString();
    }

    private static void Line(StringBuilder text, string what, string command) => text.AppendLine().AppendLine($"  # {what}").AppendLine($"  {command}");

    private static string Post(string certificate, string credentials, string address, string command) =>
        $"curl -s --cacert server.pem --cert {certificate} -u {credentials} -H 'Content-Type: application/vnd.ms-sync.wbxml' "
        + $"-H 'MS-ASProtocolVersion: 14.1' --data-binary @- '{address}?Cmd={command}&{Query}'";

    private static string Quoted(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.')
        ? path
        : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
