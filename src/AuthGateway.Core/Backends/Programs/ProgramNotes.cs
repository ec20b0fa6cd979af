using System.Text;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Programs;

/// <summary>What a program says beside its answers, for the log: one line each, made harmless, and only so many a minute.</summary>
internal sealed partial class ProgramNotes(string backend, ILogger logger, TimeProvider time)
{
    /// <summary>Most lines logged in one minute; the number of the others is told once.</summary>
    public const int PerMinute = 20;

    private const int LongestLine = 4096;
    private const int LongestShown = 200;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _windowBegan;
    private int _told;
    private int _passedOver;

    /// <summary>Logs a line.</summary>
    public void Tell(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return;
        }

        int missed;
        lock (_gate)
        {
            missed = 0;
            if (_windowBegan is not { } began || time.GetElapsedTime(began) >= Window)
            {
                _windowBegan = time.GetTimestamp();
                (missed, _told, _passedOver) = (_passedOver, 0, 0);
            }

            if (++_told > PerMinute)
            {
                _passedOver++;
                return;
            }
        }

        if (missed > 0)
        {
            Log.PassedOver(logger, backend, missed);
        }

        var shown = line.Length > LongestShown ? line[..LongestShown] : line;
        Log.Said(logger, backend, VisibleText.Escape(Encoding.UTF8.GetString(shown)));
    }

    /// <summary>Logs what comes from a stream until it ends. Never fails.</summary>
    public async Task ListenAsync(Stream stream)
    {
        // An overlong line is told in pieces: here it harms nobody.
        var buffer = new byte[LongestLine];
        var length = 0;
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer.AsMemory(length))) > 0)
            {
                length += read;
                int end;
                while ((end = buffer.AsSpan(0, length).IndexOf((byte)'\n')) >= 0 || length == buffer.Length)
                {
                    var upTo = end >= 0 ? end : length;
                    Tell(buffer.AsSpan(0, upTo));
                    var rest = Math.Min(length, upTo + 1);
                    buffer.AsSpan(rest, length - rest).CopyTo(buffer);
                    length -= rest;
                }
            }

            Tell(buffer.AsSpan(0, length));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The program is gone.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProgramSaid, LogLevel.Information, "{Backend}: the program says: {Line}")]
        public static partial void Said(ILogger logger, string backend, string line);

        [LoggerMessage(EventIds.ProgramSaidMore, LogLevel.Information, "{Backend}: {Count} more lines of the program were not logged.")]
        public static partial void PassedOver(ILogger logger, string backend, int count);
    }
}
