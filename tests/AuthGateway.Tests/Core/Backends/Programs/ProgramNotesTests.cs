using System.Text;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Telemetry;
using AuthGateway.TestKit;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class ProgramNotesTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ListLogger _log = new();

    [Fact]
    public async Task Listen_AFlood_IsLoggedInPart_AndTheRestCounted()
    {
        var notes = new ProgramNotes("h", _log, _time);

        await notes.ListenAsync(new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("noise\n", 5000)))));
        _log.Entries.Count.ShouldBe(ProgramNotes.PerMinute);

        _time.Advance(TimeSpan.FromMinutes(1));
        notes.Tell("again"u8);
        _log.Entries.Select(entry => entry.Id).ShouldContain(EventIds.ProgramSaidMore);
        _log.Entries.Last().Text.ShouldContain("again");
    }

    [Fact]
    public async Task Listen_LongAndUglyLines_AreCutAndMadeVisible()
    {
        var notes = new ProgramNotes("h", _log, _time);

        await notes.ListenAsync(new MemoryStream(Encoding.UTF8.GetBytes("a\u001b[31mb\u202e\n" + new string('x', 10_000))));

        _log.Entries.First().Text.ShouldEndWith("a\\u001b[31mb\\u202e");
        _log.Entries.ShouldAllBe(entry => entry.Text.Length < 300);
    }
}
