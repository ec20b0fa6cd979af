using System.Text.Json;
using AuthGateway.Core.Backends.Programs;
using Microsoft.Win32.SafeHandles;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>
/// The process that asks PAM and the name services: one request a line on standard input, one reply a line on standard output, one after the other, until
/// its input ends. Modules of others run in here, so it holds nothing but the one password it is checking.
/// </summary>
public static class PamChild
{
    /// <summary>The verb by which the gateway's program becomes this process; not for people.</summary>
    public const string Verb = "pam-check";

    /// <summary>Longest request; a name and a password are far shorter.</summary>
    private const int LongestRequest = 16 * 1024;

    /// <summary>Longest reply: groups and messages are left out rather than told in more.</summary>
    internal const int LongestReply = 64 * 1024;

    private const int MostGroups = 1000;
    private const int FirstFree = 10;

    /// <summary>Serves until the gateway closes the input. Returns the exit code.</summary>
    public static int Run()
    {
        // What a module reads or writes carelessly must not be our conversation.
        using var input = Own(0);
        using var output = Own(1);
        var nothing = NativeProcess.Open("/dev/null", NativeProcess.ReadWrite, 0);
        _ = NativeProcess.Duplicate(nothing, 0);
        _ = NativeProcess.Duplicate(2, 1);
        using var requests = new FileStream(input, FileAccess.Read, bufferSize: 0);
        using var replies = new FileStream(output, FileAccess.Write, bufferSize: 0);
        replies.Write("ready\n"u8);
        Serve(requests, replies, TimeProvider.System);
        return 0;
    }

    /// <summary>The loop.</summary>
    internal static void Serve(Stream requests, Stream replies, TimeProvider time)
    {
        var lines = new LineReader(requests, LongestRequest);
        while (lines.FillAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
            while (lines.TryTake(out var line))
            {
                var request = JsonSerializer.Deserialize(line, PamJson.Default.PamRequest) ?? new PamRequest();
                lines.Clear();
                PamReply reply;
                try
                {
                    reply = Answer(request, time);
                }
                finally
                {
                    Array.Clear(request.Password ?? []);
                }

                reply.Number = request.Number;
                var text = JsonSerializer.SerializeToUtf8Bytes(reply, PamJson.Default.PamReply);
                if (text.Length >= LongestReply)
                {
                    text = JsonSerializer.SerializeToUtf8Bytes(new PamReply { Number = request.Number, Fault = "the answer is too long" }, PamJson.Default.PamReply);
                }

                replies.Write([.. text, (byte)'\n']);
            }
        }
    }

    private static PamReply Answer(PamRequest request, TimeProvider time)
    {
        try
        {
            if (request.Password is not { } password)
            {
                return new PamReply { User = Find(request.User, time) };
            }

            if (request.User.Length == 0 || request.User.Contains('\0', StringComparison.Ordinal) || password.Length == 0 || password.Contains((byte)0))
            {
                return new PamReply { Fault = "a name or password no C program can take" };
            }

            if (PamService.FindFile(request.Service, request.ConfigDirectory) is null)
            {
                return new PamReply { Fault = $"there is no PAM service {request.Service} any more" };
            }

            var reply = PamTransaction.Run(request.Service, request.ConfigDirectory, request.User, password);
            // The account phase has judged the state.
            reply.User = reply.User is { } final ? Find(final.Name, time: null) : null;
            return reply;
        }
        catch (Exception e) when (e is IOException or DllNotFoundException or EntryPointNotFoundException)
        {
            return new PamReply { Fault = e.Message };
        }
    }

    /// <summary>The user; with what the shadow file says of him where a time is told.</summary>
    private static PamUser? Find(string name, TimeProvider? time)
    {
        if (SystemAccount.Find(name) is not { } account)
        {
            return null;
        }

        string? state = null;
        var isKnown = time is not null && ShadowState.TryRead(account.Name, time.GetUtcNow(), out state);
        return new PamUser
        {
            Name = account.Name,
            Uid = account.Uid,
            FullName = account.FullName,
            Groups = [.. account.Groups().Take(MostGroups)],
            State = state,
            IsStateKnown = isKnown,
        };
    }

    private static SafeFileHandle Own(int descriptor) => new(NativeProcess.Control(descriptor, NativeProcess.DuplicateAbove, FirstFree), ownsHandle: true);
}
