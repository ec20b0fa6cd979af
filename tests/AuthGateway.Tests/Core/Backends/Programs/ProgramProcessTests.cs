using System.Text;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class ProgramProcessTests : IDisposable
{
    private readonly ProgramFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_Conversation_RunsBareInAGroupOfItsOwn()
    {
        await using var program = Start(
            """
            #!/bin/sh
            read line
            echo "told $line"
            env | sort
            echo "args $*"
            pwd
            ps -o pgid=,sid= -p $$ | tr -s ' ' | sed 's/^ //'
            ls /proc/self/fd | wc -l
            exit 7
            """,
            ProgramChannel.Conversation,
            "$(id)", "a b");
        await program.Input.WriteAsync("hello\n"u8.ToArray());
        var said = await ReadAsync(program.Output);

        said.Split('\n').ShouldBe(
            ["told hello", "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PWD=/", "args $(id) a b", "/", $"{program.Id} {program.Id}", "4", ""]);
        (await program.Exited).ShouldBe(new ProgramExit(7, null));
    }

    [Fact]
    public async Task Start_Descriptor3_IsReadThere()
    {
        await using var program = Start("#!/bin/sh\ncat <&3 >&2\ncat\n", ProgramChannel.Descriptor3);
        await program.Input.WriteAsync("x\0y\0"u8.ToArray());
        await program.Input.DisposeAsync();

        (await ReadAsync(program.Errors)).ShouldBe("x\0y\0");
        (await program.Exited).Code.ShouldBe(0);
    }

    [Fact]
    public async Task Kill_EndsTheWholeGroup()
    {
        await using var program = Start("#!/bin/sh\nsleep 300 &\necho $!\nwait\n", ProgramChannel.Conversation);
        var buffer = new byte[32];
        var grandchild = Encoding.ASCII.GetString(buffer, 0, await program.Output.ReadAsync(buffer)).Trim();
        Directory.Exists($"/proc/{grandchild}").ShouldBeTrue();

        program.Kill();

        (await program.Exited).Signal.ShouldBe(9);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => HasEnded(grandchild))).ShouldBeTrue();
        program.Kill(); // of nobody: must harm nobody
    }

    [Fact]
    public async Task End_LeavesNobodyOfTheGroupBehind()
    {
        await using var program = Start("#!/bin/sh\nsleep 300 >/dev/null 2>&1 &\necho $!\n", ProgramChannel.Conversation);
        var grandchild = (await ReadAsync(program.Output)).Trim();

        (await program.Exited).Code.ShouldBe(0);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => HasEnded(grandchild))).ShouldBeTrue();
    }

    [Fact]
    public async Task Start_NoProgram_ShowsByItsEnd()
    {
        await using var program = ProgramProcess.Start(new ProgramCommand("/nowhere/check", [], null), ProgramChannel.Descriptor3);

        (await program.Exited).Code.ShouldBe(127);
    }

    [Fact]
    public async Task Start_ManyAtOnce_EachHasItsOwnPipes()
    {
        var path = _folder.Write("echo", "#!/bin/sh\nread line\necho $line\n");
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            await using var program = ProgramProcess.Start(new ProgramCommand(path, [], null), ProgramChannel.Conversation);
            await program.Input.WriteAsync(Encoding.ASCII.GetBytes($"{number}\n"));
            (await ReadAsync(program.Output)).ShouldBe($"{number}\n");
            (await program.Exited).Code.ShouldBe(0);
        }));
    }

    private static bool HasEnded(string process) =>
        !File.Exists($"/proc/{process}/stat") || File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static async Task<string> ReadAsync(Stream stream) => await new StreamReader(stream).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));

    private ProgramProcess Start(string script, ProgramChannel channel, params string[] arguments) =>
        ProgramProcess.Start(new ProgramCommand(_folder.Write("check", script), arguments, null), channel);
}
