namespace AuthGateway.Core.Backends.Programs;

/// <summary>Reads lines of bounded length from a program, all that are there at a time. The memory it takes is the longest line, whatever comes.</summary>
internal sealed class LineReader(Stream stream, int longest)
{
    private readonly byte[] _buffer = new byte[longest + 1];
    private int _length;
    private int _taken;

    /// <summary>True when a line was longer than allowed; nothing after it is read.</summary>
    public bool IsOverlong { get; private set; }

    /// <summary>Waits for more; false at the end of the stream or behind an overlong line.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_taken > 0)
        {
            _buffer.AsSpan(_taken, _length - _taken).CopyTo(_buffer);
            _length -= _taken;
            _taken = 0;
        }

        if (IsOverlong || _length == _buffer.Length)
        {
            IsOverlong = true;
            return false;
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
        _length += read;
        return read > 0;
    }

    /// <summary>The next whole line without its end; valid until the next call of <see cref="FillAsync"/>.</summary>
    public bool TryTake(out ReadOnlySpan<byte> line)
    {
        var rest = _buffer.AsSpan(_taken, _length - _taken);
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            line = default;
            return false;
        }

        line = rest[..end];
        if (line.EndsWith("\r"u8))
        {
            line = line[..^1];
        }

        _taken += end + 1;
        return true;
    }

    /// <summary>Forgets what was read, where a line held a secret.</summary>
    public void Clear() => _buffer.AsSpan(0, _taken).Clear();
}
