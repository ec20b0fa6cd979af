using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AuthGateway.Core.Backends.Programs;

/// <summary>Where a program reads what it is told.</summary>
internal enum ProgramChannel
{
    /// <summary>Standard input and output: a program one talks with.</summary>
    Conversation,

    /// <summary>Descriptor 3, nothing on standard input, nobody at standard output: a checkpassword program.</summary>
    Descriptor3,
}

/// <summary>
/// A child process in a session, and so a process group, of its own. A thread of its own starts it, waits for it and reaps it: the kernel ends a program
/// when the <em>thread</em> that started it ends, and a pool's threads come and go.
/// </summary>
internal sealed class ProgramProcess : IRunningProgram
{
    private const int KeeperStack = 256 * 1024;

    private readonly TaskCompletionSource<ProgramExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _reaped;

    private ProgramProcess(PipeEnds ends) => (Input, Output, Errors) = (ends.Input, ends.Output, ends.Errors);

    public int Id { get; private set; }

    public Stream Input { get; }

    public Stream Output { get; }

    public Stream Errors { get; }

    public Task<ProgramExit> Exited => _exited.Task;

    /// <summary>Starts a program.</summary>
    /// <exception cref="ProgramStartException">The system does not start it. A file that is not a program shows by its end instead.</exception>
    public static ProgramProcess Start(ProgramCommand command, ProgramChannel channel)
    {
        using var ends = new PipeEnds(channel);
        var process = new ProgramProcess(ends);
        var started = new TaskCompletionSource<int>();
        var keeper = new Thread(
            () =>
            {
                var error = Spawn(command, channel, ends, out var id);
                process.Id = id;
                started.SetResult(error);
                if (error == 0)
                {
                    process.Keep();
                }
            },
            KeeperStack)
        {
            IsBackground = true,
            Name = "program keeper",
        };
        keeper.Start();
        if (started.Task.GetAwaiter().GetResult() is not 0 and var failure)
        {
            throw new ProgramStartException($"{command.File} cannot be started: {Marshal.GetPInvokeErrorMessage(failure)}");
        }

        ends.GiveAway();
        return process;
    }

    public void Kill()
    {
        lock (_gate)
        {
            // Once reaped, the number may be somebody else's.
            if (!_reaped)
            {
                _ = NativeProcess.Kill(-Id, NativeProcess.SignalKill);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _exited.Task;
        await Input.DisposeAsync();
        await Output.DisposeAsync();
        await Errors.DisposeAsync();
    }

    /// <summary>Waits for the end. The zombie is kept until its group is killed, so that the number stays its own.</summary>
    private void Keep()
    {
        var information = Marshal.AllocHGlobal(NativeProcess.OpaqueSize);
        while (NativeProcess.Wait(NativeProcess.WaitForPid, Id, information, NativeProcess.WaitExited | NativeProcess.WaitLeaveZombie) != 0
            && Marshal.GetLastPInvokeError() == NativeProcess.Interrupted)
        {
        }

        Marshal.FreeHGlobal(information);
        var exit = default(ProgramExit);
        lock (_gate)
        {
            _ = NativeProcess.Kill(-Id, NativeProcess.SignalKill);
            int reaped, status;
            do
            {
                reaped = NativeProcess.Reap(Id, out status, 0);
            }
            while (reaped < 0 && Marshal.GetLastPInvokeError() == NativeProcess.Interrupted);
            _reaped = true;
            if (reaped == Id)
            {
                exit = (status & 0x7f) == 0 ? new ProgramExit((status >> 8) & 0xff, null) : new ProgramExit(null, status & 0x7f);
            }
        }

        _exited.SetResult(exit);
    }

    /// <summary>Zero, or the error number.</summary>
    private static int Spawn(ProgramCommand command, ProgramChannel channel, PipeEnds ends, out int id)
    {
        id = 0;
        using var arguments = new TextBlock(command.CommandLine);
        using var environment = new TextBlock(command.Environment);
        var actions = Marshal.AllocHGlobal(NativeProcess.OpaqueSize);
        var attributes = Marshal.AllocHGlobal(NativeProcess.OpaqueSize);
        var signals = Marshal.AllocHGlobal(NativeProcess.OpaqueSize);
        _ = NativeProcess.ActionsInit(actions);
        _ = NativeProcess.AttributesInit(attributes);
        try
        {
            var failed = NativeProcess.ActionsChangeFolder(actions, "/")
                | NativeProcess.ActionsDuplicate(actions, ends.ChildErrors, 2);
            if (channel == ProgramChannel.Conversation)
            {
                failed |= NativeProcess.ActionsDuplicate(actions, ends.ChildInput, 0) | NativeProcess.ActionsDuplicate(actions, ends.ChildOutput, 1);
            }
            else
            {
                failed |= NativeProcess.ActionsDuplicate(actions, ends.ChildInput, 3)
                    | NativeProcess.ActionsOpen(actions, 0, "/dev/null", NativeProcess.ReadWrite, 0)
                    | NativeProcess.ActionsOpen(actions, 1, "/dev/null", NativeProcess.ReadWrite, 0);
            }

            // Our own descriptors close by themselves; this is for what whoever started us left open.
            failed |= NativeProcess.ActionsCloseFrom(actions, channel == ProgramChannel.Conversation ? 3 : 4);

            // .NET ignores SIGPIPE and a shell may have ignored others; a program expects them as they are by default.
            _ = NativeProcess.AllSignals(signals);
            failed |= NativeProcess.AttributesSetSignalDefaults(attributes, signals);
            _ = NativeProcess.NoSignals(signals);
            failed |= NativeProcess.AttributesSetSignalMask(attributes, signals)
                | NativeProcess.AttributesSetFlags(attributes, NativeProcess.SpawnNewSession | NativeProcess.SpawnSetSignalDefaults | NativeProcess.SpawnSetSignalMask);
            return failed != 0 ? failed : NativeProcess.Spawn(out id, ProgramCommand.SetPriv, actions, attributes, arguments.Pointers, environment.Pointers);
        }
        finally
        {
            _ = NativeProcess.ActionsDestroy(actions);
            _ = NativeProcess.AttributesDestroy(attributes);
            Marshal.FreeHGlobal(actions);
            Marshal.FreeHGlobal(attributes);
            Marshal.FreeHGlobal(signals);
        }
    }

    /// <summary>Both ends of every pipe; the child's are closed on our side when it has them.</summary>
    private sealed class PipeEnds : IDisposable
    {
        /// <summary>Above the numbers the child is given, so that giving one does not overwrite another.</summary>
        private const int FirstFree = 10;

        private readonly List<int> _child = [];
        private readonly List<SafePipeHandle> _ours = [];
        private bool _given;

        public PipeEnds(ProgramChannel channel)
        {
            try
            {
                (ChildInput, Input) = Open(PipeDirection.Out);
                (ChildOutput, Output) = channel == ProgramChannel.Conversation ? Open(PipeDirection.In) : (-1, Stream.Null);
                (ChildErrors, Errors) = Open(PipeDirection.In);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public int ChildInput { get; }

        public int ChildOutput { get; }

        public int ChildErrors { get; }

        public Stream Input { get; } = Stream.Null;

        public Stream Output { get; } = Stream.Null;

        public Stream Errors { get; } = Stream.Null;

        /// <summary>Our ends belong to the process from here on.</summary>
        public void GiveAway() => _given = true;

        public void Dispose()
        {
            foreach (var descriptor in _child)
            {
                _ = NativeProcess.Close(descriptor);
            }

            if (!_given)
            {
                foreach (var handle in _ours)
                {
                    handle.Dispose();
                }
            }
        }

        private (int Child, Stream Ours) Open(PipeDirection ours)
        {
            var ends = new int[2];
            if (NativeProcess.Pipe(ends, NativeProcess.CloseOnExec) != 0)
            {
                throw new ProgramStartException($"no pipe: {Marshal.GetLastPInvokeErrorMessage()}");
            }

            var (mine, theirs) = ours == PipeDirection.Out ? (ends[1], ends[0]) : (ends[0], ends[1]);
            var handle = new SafePipeHandle(mine, ownsHandle: true);
            _ours.Add(handle);
            var moved = NativeProcess.Control(theirs, NativeProcess.DuplicateAbove, FirstFree);
            var error = Marshal.GetLastPInvokeErrorMessage();
            _ = NativeProcess.Close(theirs);
            if (moved < 0)
            {
                throw new ProgramStartException($"no descriptor: {error}");
            }

            _child.Add(moved);
            return (moved, new AnonymousPipeClientStream(ours, handle));
        }
    }

    /// <summary>Texts as a C program takes them: an array of pointers that ends with null.</summary>
    private sealed class TextBlock : IDisposable
    {
        public TextBlock(string[] texts) => Pointers = [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];

        public nint[] Pointers { get; }

        public void Dispose()
        {
            foreach (var pointer in Pointers)
            {
                Marshal.FreeCoTaskMem(pointer);
            }
        }
    }
}
