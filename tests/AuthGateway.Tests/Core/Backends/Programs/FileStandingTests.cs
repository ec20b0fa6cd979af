using System.Runtime.InteropServices;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class FileStandingTests : IDisposable
{
    private const UnixFileMode OthersWrite = ProgramFolder.Executable | UnixFileMode.OtherWrite;

    private const uint Nobody = 65534;

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

    /// <summary>
    /// Where the file itself is sound: somebody else who owns a folder, a link's folder or the file could put another one there. Tests that do not run as root
    /// own everything themselves, so they ask for a gateway that is root.
    /// </summary>
    [Theory]
    [InlineData("bin", "bin/check")]
    [InlineData("bin/check", "bin/check")]
    [InlineData("hop", "link")]
    [InlineData("link", "link")]
    [InlineData("bin", "link")]
    public void FindFault_SomebodyElsesOnTheWay_IsFound(string foreign, string asked)
    {
        foreach (var folder in (string[])["bin", "hop"])
        {
            File.SetUnixFileMode(Directory.CreateDirectory(Path.Combine(_folder.Path, folder)).FullName, ProgramFolder.Executable);
        }

        _folder.Write("bin/check", "#!/bin/true\n");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "hop/check"), "../bin/check");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "link"), "hop/check");
        var file = Path.Combine(_folder.Path, asked);
        FileStanding.FindFault(file, isProgram: true).ShouldBeNull();

        if (Environment.IsPrivilegedProcess)
        {
            ChangeOwner(Path.Combine(_folder.Path, foreign), Nobody, Nobody).ShouldBe(0);
        }

        FileStanding.FindFault(file, isProgram: true, user: 0).ShouldNotBeNull().ShouldContain("belongs to user");
        if (Environment.IsPrivilegedProcess)
        {
            FileStanding.FindFault(file, isProgram: true, user: Nobody).ShouldBeNull("it is the gateway's own");
        }
    }

    [Fact]
    public void FindFault_StickyFolder_ServesForWhatIsOurs()
    {
        var open = Directory.CreateDirectory(Path.Combine(_folder.Path, "tmp")).FullName;
        File.SetUnixFileMode(open, OthersWrite | UnixFileMode.StickyBit);
        var file = _folder.Write("tmp/check", "#!/bin/true\n");

        FileStanding.FindFault(file, isProgram: true).ShouldBeNull();

        File.CreateSymbolicLink(Path.Combine(_folder.Path, "loop"), "loop");
        Fault("loop").ShouldContain("no such file");
    }

    [Fact]
    public void RequireSound_FileThatWasSpoiledSince_IsNotStarted()
    {
        var file = _folder.Write("check", "#!/bin/true\n");
        ProgramRules.RequireSound(file, isProgram: true);
        File.SetUnixFileMode(file, OthersWrite);

        Should.Throw<ProgramStartException>(() => ProgramRules.RequireSound(file, isProgram: true)).Message.ShouldContain("chmod go-w");
    }

    private string Fault(string name) => FileStanding.FindFault(Path.Combine(_folder.Path, name), isProgram: true).ShouldNotBeNull();

    [DllImport("libc", EntryPoint = "lchown", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int ChangeOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);
}
