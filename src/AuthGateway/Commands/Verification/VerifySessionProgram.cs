using System.Net;
using System.Text;
using AuthGateway.Core.Sessions.Tokens;
using Microsoft.Win32.SafeHandles;

namespace AuthGateway.Commands.Verification;

/// <summary>
/// <c>verify-session</c> itself: asks the running gateway whether a token is somebody's. By the checkpassword interface
/// (cr.yp.to/checkpwd/interface.html): name and token on descriptor 3, a program that is run on success, and exit codes. Kept to what starts fast.
/// </summary>
internal static class VerifySessionProgram
{
    /// <summary>The verb.</summary>
    public const string Verb = "verify-session";

    /// <summary>The token is not his, or is none.</summary>
    public const int Refused = 1;

    /// <summary>The command line cannot be understood, where nobody takes that for an answer.</summary>
    public const int Misused = 2;

    /// <summary>It could not be found out.</summary>
    public const int TryLater = 111;

    private const int Input = 3;
    private const int LongestInput = 512;

    /// <summary>Runs it where the words are complete; null leaves them to the parser.</summary>
    public static int? TryRun(string[] arguments)
    {
        if (arguments.Length == 0 || arguments[0] != Verb)
        {
            return null;
        }

        var (settings, fault) = VerifySettings.Read(arguments.AsSpan(1));
        if (fault is not null)
        {
            Say(fault);
            return settings is { FromStandardInput: true } ? Misused : TryLater;
        }

        return settings is null ? null : Run(settings);
    }

    /// <summary>Asks and answers; does not return when a program is run.</summary>
    public static int Run(VerifySettings settings)
    {
        var message = ReadMessage(settings);
        try
        {
            if (!TrySplit(message, settings.FromStandardInput ? (byte)'\n' : (byte)0, out var user, out var token))
            {
                Say(settings.FromStandardInput ? "Expected a name and a token on standard input, a line each." : "Expected a name, a token and a time stamp on descriptor 3, a NUL behind each.");
                return settings.FromStandardInput ? Misused : TryLater;
            }

            // A password of somebody whom others know: it is not shown to the gateway, which would only say no.
            if (!LooksLikeToken(message.AsSpan(token)))
            {
                return Refused;
            }

            var answer = VerifierClient.Ask(settings, message.AsSpan(user), message.AsSpan(token), Environment.GetEnvironmentVariable("TCPREMOTEIP"));
            switch (answer.Result)
            {
                case VerifierResult.Right:
                    return settings.FromStandardInput ? Print(settings, answer) : ProgramImage.Become(settings.Program, answer.Login!);
                case VerifierResult.Wrong:
                    return settings.BeforePasswords ? TryLater : Refused;
                default:
                    Say(answer.Why!);
                    return TryLater;
            }
        }
        finally
        {
            Array.Clear(message);
        }
    }

    /// <summary>By its form alone; whether it is one of ours only the gateway knows.</summary>
    internal static bool LooksLikeToken(ReadOnlySpan<byte> text)
    {
        if (text.Length != UpstreamToken.TextLength || !text.StartsWith("agwt1-"u8))
        {
            return false;
        }

        foreach (var b in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'-' or (byte)'_'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Where name and token stand in a message; false when it is none.</summary>
    internal static bool TrySplit(ReadOnlySpan<byte> message, byte end, out Range user, out Range token)
    {
        (user, token) = (default, default);
        var first = message.IndexOf(end);
        var second = first < 0 ? -1 : message[(first + 1)..].IndexOf(end);
        if (first <= 0 || second < 0)
        {
            return false;
        }

        user = ..first;
        token = (first + 1)..(first + 1 + second);
        return true;
    }

    private static byte[] ReadMessage(VerifySettings settings)
    {
        var buffer = new byte[LongestInput + 1];
        var length = 0;
        try
        {
            using var handle = new SafeFileHandle(settings.FromStandardInput ? 0 : Input, ownsHandle: false);
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            while (length < buffer.Length && stream.Read(buffer.AsSpan(length)) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // No such descriptor: an empty message says the same.
        }

        var message = length > LongestInput ? [] : buffer.AsSpan(0, length).ToArray();
        Array.Clear(buffer);
        return message;
    }

    private static int Print(VerifySettings settings, VerifierAnswer answer)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(settings.Json ? answer.Body : Encoding.UTF8.GetBytes(answer.Login!));
        output.Write("\n"u8);
        return 0;
    }

    private static void Say(string sentence)
    {
        using var errors = Console.OpenStandardError();
        errors.Write(Encoding.UTF8.GetBytes($"verify-session: {sentence}\n"));
    }
}
