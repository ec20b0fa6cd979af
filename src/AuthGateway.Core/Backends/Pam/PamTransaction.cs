using System.Runtime.InteropServices;
using System.Text;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>One check of one password: authenticate, then account, then who the user is by now. Blocks as long as the modules like; runs in a process that can be killed.</summary>
internal sealed class PamTransaction
{
    private const int MostMessages = 16;
    private const int MostPrompts = 32;

    private readonly string _user;
    private readonly byte[] _password;

    private PamTransaction(string user, byte[] password) => (_user, _password) = (user, password);

    /// <summary>What modules said.</summary>
    private List<string> Messages { get; } = [];

    /// <summary>Checks. The reply's user is only a name here.</summary>
    /// <param name="service">PAM service.</param>
    /// <param name="folder">Folder of its file, or empty.</param>
    /// <param name="user">The system's user name.</param>
    /// <param name="password">The password's bytes.</param>
    public static PamReply Run(string service, string folder, string user, byte[] password)
    {
        var transaction = new PamTransaction(user, password);
        var data = GCHandle.Alloc(transaction);
        try
        {
            return transaction.Run(service, folder, GCHandle.ToIntPtr(data));
        }
        finally
        {
            data.Free();
        }
    }

    private unsafe PamReply Run(string service, string folder, nint data)
    {
        var conversation = new PamLibrary.Conversation { Function = (nint)(delegate* unmanaged<int, nint*, nint*, nint, int>)&Converse, Data = data };
        nint handle;
        var code = folder.Length == 0
            ? PamLibrary.Start(service, _user, in conversation, out handle)
            : PamLibrary.StartIn(service, _user, in conversation, folder, out handle);
        if (code != PamCodes.Success)
        {
            return Reply(PamPhases.Start, code, null);
        }

        var terminal = Marshal.StringToCoTaskMemUTF8("authgateway");
        var phase = PamPhases.Start;
        string? user = null;
        try
        {
            // Some modules (time, access) ask for a terminal; and none shall sleep after a failure, for the gateway waits itself.
            _ = PamLibrary.SetItem(handle, PamLibrary.ItemTerminal, terminal);
            _ = PamLibrary.SetItem(handle, PamLibrary.ItemFailDelay, (nint)(delegate* unmanaged<int, uint, nint, void>)&NoDelay);
            phase = PamPhases.Authenticate;
            code = PamLibrary.Authenticate(handle, PamLibrary.DisallowNullPassword);
            if (code == PamCodes.Success)
            {
                phase = PamPhases.Account;
                code = PamLibrary.Account(handle, PamLibrary.DisallowNullPassword);
            }

            if (code == PamCodes.Success)
            {
                // A module may have put another name in the place of the one that was asked for.
                code = PamLibrary.GetItem(handle, PamLibrary.ItemUser, out var final);
                user = Marshal.PtrToStringUTF8(final);
            }

            return Reply(phase, code, user);
        }
        finally
        {
            _ = PamLibrary.End(handle, code);
            Marshal.FreeCoTaskMem(terminal);
        }
    }

    private PamReply Reply(string phase, int code, string? user) =>
        new() { Phase = phase, Code = code, User = user is null ? null : new PamUser { Name = user }, Messages = Messages };

    /// <summary>Answers what modules ask: hidden prompts get the password, visible ones the name. What they tell is kept for the log.</summary>
    [UnmanagedCallersOnly]
    private static unsafe int Converse(int count, nint* messages, nint* responses, nint data)
    {
        try
        {
            if (count is < 1 or > MostPrompts || GCHandle.FromIntPtr(data).Target is not PamTransaction transaction)
            {
                return PamCodes.ConversationError;
            }

            // PAM frees the answers with free(3).
            var answers = (PamLibrary.Response*)PamLibrary.Allocate(count, sizeof(PamLibrary.Response));
            if (answers == null)
            {
                return PamCodes.ConversationError;
            }

            for (var i = 0; i < count; i++)
            {
                var message = (PamLibrary.Message*)messages[i];
                switch (message->Style)
                {
                    case PamLibrary.PromptHidden:
                        answers[i].Text = Copy(transaction._password);
                        break;
                    case PamLibrary.PromptVisible:
                        answers[i].Text = Copy(Encoding.UTF8.GetBytes(transaction._user));
                        break;
                    default:
                        if (transaction.Messages.Count < MostMessages)
                        {
                            var text = Marshal.PtrToStringUTF8(message->Text) ?? "";
                            transaction.Messages.Add(text.Length > 200 ? text[..200] : text);
                        }

                        break;
                }
            }

            *responses = (nint)answers;
            return PamCodes.Success;
        }
        catch (Exception e) when (e is OutOfMemoryException or InvalidOperationException or ArgumentException)
        {
            // No exception may cross into C.
            return PamCodes.ConversationError;
        }
    }

    [UnmanagedCallersOnly]
    private static void NoDelay(int result, uint microseconds, nint data)
    {
    }

    private static nint Copy(byte[] text)
    {
        var copy = PamLibrary.Allocate(text.Length + 1, 1);
        if (copy != 0)
        {
            Marshal.Copy(text, 0, copy, text.Length);
        }

        return copy;
    }
}
