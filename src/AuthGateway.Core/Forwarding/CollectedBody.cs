namespace AuthGateway.Core.Forwarding;

/// <summary>One body on its way to a known length: in memory up to 1 MiB, in a file of the spool above.</summary>
internal sealed class CollectedBody(BodySpool spool) : IAsyncDisposable
{
    internal const int MemoryBytes = 1024 * 1024;

    private Stream _stream = new MemoryStream();
    private long _reserved;

    /// <summary>Bytes collected.</summary>
    public long Length => _stream.Length;

    /// <summary>True once the body is on disk.</summary>
    public bool IsOnDisk => _stream is FileStream;

    /// <summary>Adds bytes; false when the spool has no room. A disk that fails throws.</summary>
    public async ValueTask<bool> TryAddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var onDisk = IsOnDisk;
        if (onDisk || Length + bytes.Length > MemoryBytes)
        {
            var growth = onDisk ? bytes.Length : Length + bytes.Length;
            if (!spool.TryReserve(growth))
            {
                return false;
            }

            _reserved += growth;
            if (!onDisk)
            {
                await MoveToDiskAsync(cancellationToken);
            }
        }

        await _stream.WriteAsync(bytes, cancellationToken);
        return true;
    }

    /// <summary>The body from its beginning.</summary>
    public Stream Rewind()
    {
        _stream.Position = 0;
        return _stream;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        spool.Release(Interlocked.Exchange(ref _reserved, 0));
    }

    private async ValueTask MoveToDiskAsync(CancellationToken cancellationToken)
    {
        var file = spool.CreateFile();
        try
        {
            var memory = (MemoryStream)Rewind();
            await memory.CopyToAsync(file, cancellationToken);
            await memory.DisposeAsync();
            _stream = file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
