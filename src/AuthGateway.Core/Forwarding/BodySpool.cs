namespace AuthGateway.Core.Forwarding;

/// <summary>
/// Where bodies lie while they are collected, and how much of the disk all of them together may take: many large bodies at once must
/// not fill the disk the database writes to.
/// </summary>
/// <param name="limit">Most bytes on disk.</param>
/// <param name="folder">The folder of the files.</param>
public sealed class BodySpool(long limit, string folder)
{
    private long _used;

    /// <summary>Bytes on disk now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes room; false when there is none, and then nothing was taken.</summary>
    internal bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    /// <summary>Gives room back.</summary>
    internal void Release(long bytes) => Interlocked.Add(ref _used, -bytes);

    /// <summary>A new file without a name: it is gone with whoever holds it, also when the process is killed.</summary>
    internal FileStream CreateFile()
    {
        var path = Path.Combine(folder, $"authgateway-body-{Guid.NewGuid():N}");
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            Options = FileOptions.Asynchronous,

            // A disk that is full is to be noticed by the write, not by a flush later.
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.Delete(path);
        return file;
    }
}
