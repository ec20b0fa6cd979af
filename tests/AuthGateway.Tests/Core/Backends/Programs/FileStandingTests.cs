using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class FileStandingTests : IDisposable
{
    private const UnixFileMode OthersWrite = ProgramFolder.Executable | UnixFileMode.OtherWrite;

    private readonly ProgramFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FindFault_SoundProgram_IsNull()
    {
        FileStanding.FindFault(_folder.Write("check", "#!/bin/true\n"), isProgram: true).ShouldBeNull();
        FileStanding.FindFault("/bin/true", isProgram: true).ShouldBeNull("a link into a folder of root");
    }

    [Fact]
    public void FindFault_EveryWayToAnotherFile_IsFound()
    {
        var sound = _folder.Write("check", "#!/bin/true\n");
        var open = Directory.CreateDirectory(Path.Combine(_folder.Path, "open")).FullName;
        File.SetUnixFileMode(open, OthersWrite);
        var inOpen = _folder.Write("open/check", "#!/bin/true\n");
        File.CreateSymbolicLink(Path.Combine(open, "link"), sound);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "link"), inOpen);

        Fault("check/../nothing").ShouldContain("no such file");
        FileStanding.FindFault("bin/true", isProgram: true).ShouldNotBeNull().ShouldContain("absolute");
        FileStanding.FindFault(_folder.Path, isProgram: true).ShouldNotBeNull().ShouldContain("not a file");
        FileStanding.FindFault(_folder.Write("writable", "", OthersWrite), isProgram: true).ShouldNotBeNull().ShouldContain("chmod go-w");
        FileStanding.FindFault(_folder.Write("plain", "", UnixFileMode.UserRead), isProgram: true).ShouldNotBeNull().ShouldContain("not executable");
        Fault("open/check").ShouldContain("replace the file");
        Fault("open/link").ShouldContain("replace the file");
        Fault("link").ShouldContain("replace the file");
    }

    private string Fault(string name) => FileStanding.FindFault(Path.Combine(_folder.Path, name), isProgram: true).ShouldNotBeNull();
}
