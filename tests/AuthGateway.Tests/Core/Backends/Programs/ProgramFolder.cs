namespace AuthGateway.Tests.Core.Backends.Programs;

/// <summary>A folder for programs of a test, readable for everybody as program folders are.</summary>
internal sealed class ProgramFolder : IDisposable
{
    public const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public ProgramFolder()
    {
        Path = Directory.CreateTempSubdirectory("authgateway-programs-").FullName;
        File.SetUnixFileMode(Path, Executable);
    }

    public string Path { get; }

    public string Write(string name, string text, UnixFileMode mode = Executable)
    {
        var file = System.IO.Path.Combine(Path, name);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
