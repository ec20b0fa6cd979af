using System.Runtime.InteropServices;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Networks;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login.Tickets;

public sealed class TicketKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agw-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void PutInForce_FirstWriteFails_IsAFaultAndTheSystemsKeysAreNotRead()
    {
        var missing = Path.Combine(_folder, "missing");
        var keys = new TicketKeys(missing, NullLogger<TicketKeys>.Instance);

        keys.PutInForce(Table(1)).ShouldNotBeNull().ShouldContain(missing);

        Marshal.PtrToStringUTF8(Environment("KRB5_KTNAME")).ShouldBe($"FILE:{missing}/kerberos.keytab");
        Marshal.PtrToStringUTF8(Environment("KRB5RCACHENAME")).ShouldBe($"file2:{missing}/kerberos.replays");
    }

    [Fact]
    public void PutInForce_LaterWriteFails_LeavesTheOldKeys()
    {
        var state = Directory.CreateDirectory(Path.Combine(_folder, "state")).FullName;
        var keys = new TicketKeys(state, NullLogger<TicketKeys>.Instance);
        keys.PutInForce(Table(1)).ShouldBeNull();
        File.ReadAllBytes(Path.Combine(state, "kerberos.keytab")).ShouldBe([1]);

        // Where the new file would be written stands something that no file replaces.
        Directory.CreateDirectory(Path.Combine(state, "kerberos.keytab.new"));
        keys.PutInForce(Table(2)).ShouldBeNull();
        File.ReadAllBytes(Path.Combine(state, "kerberos.keytab")).ShouldBe([1]);

        keys.PutInForce(KerberosTable.Off).ShouldBeNull();
        keys.PutInForce(Table(2)).ShouldNotBeNull("there are none any more");
    }

    private static KerberosTable Table(byte key) => new([new KerberosRealm("A.TEST", null, null)], NetworkSet.Any, [key]);

    [DllImport("libc", EntryPoint = "getenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint Environment([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
