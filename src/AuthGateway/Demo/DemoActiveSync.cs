using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AuthGateway.Demo;

/// <summary>As much of an ActiveSync server as it takes to see that a phone gets through: it lists folders and holds polls, and has no mail.</summary>
internal sealed class DemoActiveSync(string identityHeader, TimeProvider time)
{
    private const string Wbxml = "application/vnd.ms-sync.wbxml";

    // Code pages: 7 FolderHierarchy, 13 Ping, 14 Provision, 18 Settings.
    private const byte Folders = 7;
    private const byte PingPage = 13;
    private const byte ProvisionPage = 14;
    private const byte SettingsPage = 18;

    private static readonly (string Id, string Name, string Type)[] s_folders =
    [
        ("inbox", "Inbox", "2"), ("drafts", "Drafts", "3"), ("trash", "Deleted Items", "4"), ("sent", "Sent Items", "5"), ("calendar", "Calendar", "8"), ("contacts", "Contacts", "9"),
    ];

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers["MS-Server-ActiveSync"] = "14.1";
        if (HttpMethods.IsOptions(request.Method))
        {
            response.Headers["MS-ASProtocolVersions"] = "2.5,12.0,12.1,14.0,14.1";
            response.Headers["MS-ASProtocolCommands"] = "Sync,FolderSync,Settings,Ping,Provision";
            response.Headers.Allow = "OPTIONS,POST";
            response.Headers["Public"] = "OPTIONS,POST";
            return;
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "OPTIONS,POST";
            return;
        }

        var body = await ReadAsync(context);
        if (body is null)
        {
            response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        WbxmlNode? document = null;
        if (body.Length > 0 && !WbxmlReader.TryRead(body, out document))
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        switch (request.Query["Cmd"].ToString())
        {
            case "FolderSync":
                await WriteAsync(context, FolderSync(document));
                break;
            case "Provision":
                await WriteAsync(context, Provision());
                break;
            case "Settings":
                await WriteAsync(context, Settings(request.Headers[identityHeader].ToString()));
                break;
            case "Ping":
                await PingAsync(context, document);
                break;
            case "Sync":
                // Nothing new, as ActiveSync says it: 200 and no body.
                response.ContentLength = 0;
                break;
            default:
                response.StatusCode = StatusCodes.Status501NotImplemented;
                break;
        }
    }

    /// <summary>Folders for key 0, no changes for key 1, and an invalid key otherwise.</summary>
    internal static WbxmlNode FolderSync(WbxmlNode? document)
    {
        var key = document?.Child(Folders, 0x12)?.Text ?? "0";
        if (key is not ("0" or "1"))
        {
            return WbxmlNode.Of(Folders, 0x16, WbxmlNode.Of(Folders, 0x0C, "9"));
        }

        var added = key == "0" ? s_folders : [];
        var changes = WbxmlNode.Of(Folders, 0x0E, WbxmlNode.Of(Folders, 0x17, added.Length.ToString(CultureInfo.InvariantCulture)));
        foreach (var (id, name, type) in added)
        {
            changes.Children.Add(WbxmlNode.Of(
                Folders, 0x0F, WbxmlNode.Of(Folders, 0x08, id), WbxmlNode.Of(Folders, 0x09, "0"), WbxmlNode.Of(Folders, 0x07, name), WbxmlNode.Of(Folders, 0x0A, type)));
        }

        return WbxmlNode.Of(Folders, 0x16, WbxmlNode.Of(Folders, 0x0C, "1"), WbxmlNode.Of(Folders, 0x12, "1"), changes);
    }

    /// <summary>The interval a Ping asks for, within what ActiveSync allows.</summary>
    internal static TimeSpan Heartbeat(WbxmlNode? document)
    {
        var asked = document?.Child(PingPage, 0x08)?.Text;
        return TimeSpan.FromSeconds(int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Clamp(seconds, 10, 3540) : 480);
    }

    private static WbxmlNode Provision() => WbxmlNode.Of(
        ProvisionPage,
        0x05,
        WbxmlNode.Of(ProvisionPage, 0x0B, "1"),
        WbxmlNode.Of(ProvisionPage, 0x06, WbxmlNode.Of(ProvisionPage, 0x07, WbxmlNode.Of(ProvisionPage, 0x08, "MS-EAS-Provisioning-WBXML"), WbxmlNode.Of(ProvisionPage, 0x0B, "2"))));

    private static WbxmlNode Settings(string user) => WbxmlNode.Of(
        SettingsPage,
        0x05,
        WbxmlNode.Of(SettingsPage, 0x06, "1"),
        WbxmlNode.Of(
            SettingsPage,
            0x1D,
            WbxmlNode.Of(SettingsPage, 0x06, "1"),
            WbxmlNode.Of(
                SettingsPage,
                0x07,
                WbxmlNode.Of(
                    SettingsPage,
                    0x24,
                    WbxmlNode.Of(
                        SettingsPage,
                        0x25,
                        WbxmlNode.Of(SettingsPage, 0x28, user),
                        WbxmlNode.Of(SettingsPage, 0x1E, WbxmlNode.Of(SettingsPage, 0x1F, $"{user}@demo.test")))))));

    private async Task PingAsync(HttpContext context, WbxmlNode? document)
    {
        if (document is null)
        {
            // An empty Ping repeats the last one; we remember none and ask for the full request.
            await WriteAsync(context, WbxmlNode.Of(PingPage, 0x05, WbxmlNode.Of(PingPage, 0x07, "3")));
            return;
        }

        try
        {
            await Task.Delay(Heartbeat(document), time, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return; // the phone hung up: nobody is left to answer
        }

        await WriteAsync(context, WbxmlNode.Of(PingPage, 0x05, WbxmlNode.Of(PingPage, 0x07, "1")));
    }

    private static async Task WriteAsync(HttpContext context, WbxmlNode document)
    {
        var bytes = WbxmlWriter.Write(document);
        context.Response.ContentType = Wbxml;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = WbxmlReader.MaxBytes + 1;
        }

        using var body = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        try
        {
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                body.Write(buffer, 0, read);
                if (body.Length > WbxmlReader.MaxBytes)
                {
                    return null;
                }
            }
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }

        return body.ToArray();
    }
}
