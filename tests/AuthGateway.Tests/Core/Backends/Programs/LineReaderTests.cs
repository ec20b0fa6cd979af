using System.Text;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class LineReaderTests
{
    [Theory]
    [InlineData("a\nbc\r\n\nd\n", "a|bc||d", false)]
    [InlineData("12345678\n1\n", "12345678|1", false)]
    [InlineData("123456789\n1\n", "", true)]
    [InlineData("1\n123456789", "1", true)]
    [InlineData("1\nhalf", "1", false)]
    public async Task Lines_AreReadWhole_AndLongOnesNotAtAll(string text, string lines, bool overlong)
    {
        // One byte at a time and all at once must come to the same.
        foreach (var step in (int[])[1, 3, 100])
        {
            var reader = new LineReader(new Trickle(Encoding.UTF8.GetBytes(text), step), 8);
            var found = new List<string>();
            while (await reader.FillAsync(default))
            {
                while (reader.TryTake(out var line))
                {
                    found.Add(Encoding.UTF8.GetString(line));
                }
            }

            string.Join('|', found).ShouldBe(lines);
            reader.IsOverlong.ShouldBe(overlong);
        }
    }

    private sealed class Trickle(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
