using System.Buffers;

namespace AuthGateway.Ldap;

/// <summary>Cuts a stream into whole LDAP messages. Memory grows with the bytes that arrived, never with a length merely claimed.</summary>
internal sealed class LdapFrameReader(Stream stream, int maxMessageBytes) : IDisposable
{
    private const int UsualSize = 8 * 1024;

    // Tag, length of length, four bytes of length.
    private const int MaxHeader = 6;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(UsualSize);
    private int _start;
    private int _end;

    /// <summary>True when bytes behind the last message have arrived already.</summary>
    public bool HasMore => _end > _start;

    /// <summary>The next message, valid until the next call; empty when the peer closed between two messages.</summary>
    /// <exception cref="BerException">Not a message, or one too long.</exception>
    /// <exception cref="EndOfStreamException">Closed inside a message.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryCut(out var message))
            {
                return message;
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return HasMore ? throw new EndOfStreamException("the server closed inside a message") : default;
            }

            _end += read;
        }
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private bool TryCut(out ReadOnlyMemory<byte> message)
    {
        message = default;
        var data = _buffer.AsSpan(_start, _end - _start);
        if (data.IsEmpty)
        {
            return false;
        }

        if (data[0] != LdapTag.Sequence)
        {
            throw new BerException($"a message starts with 0x30, not 0x{data[0]:x2}");
        }

        if (!BerReader.TryReadLength(data[1..], out var length, out var lengthBytes))
        {
            return data.Length >= MaxHeader || (data.Length > 1 && data[1] is 0x80 or > 0x84)
                ? throw new BerException("a message of unreadable length")
                : false;
        }

        var total = 1L + lengthBytes + length;
        if (total > maxMessageBytes)
        {
            throw new BerException($"a message of {total} bytes, more than {maxMessageBytes}");
        }

        if (data.Length < total)
        {
            return false;
        }

        message = _buffer.AsMemory(_start, (int)total);
        _start += (int)total;
        return true;
    }

    private void MakeRoom()
    {
        var count = _end - _start;
        if (count == 0 && _buffer.Length > UsualSize * 4)
        {
            // One long answer does not hold its memory for the life of the connection.
            Move(ArrayPool<byte>.Shared.Rent(UsualSize), 0);
        }
        else if (_end == _buffer.Length)
        {
            // At least half free makes shifting rarer than reading.
            Move(count > _buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(_buffer.Length * 2) : _buffer, count);
        }
        else if (count == 0)
        {
            (_start, _end) = (0, 0);
        }
    }

    private void Move(byte[] target, int count)
    {
        _buffer.AsSpan(_start, count).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        (_start, _end) = (0, count);
    }
}
