using System.Buffers.Binary;
using System.Text;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Networks;

namespace AuthGateway.Tests.Core.Login.Tickets;

public sealed class KeytabTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keytab").FullName;
    private readonly FaultList _faults = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Parse_KeysAndHoles_ReadsTheKeys()
    {
        byte[] file = [.. Head, .. Sized(Entry("A.TEST", 18, "HTTP", "gw.a.test")), .. Hole(6), .. Sized(Entry("A.TEST", 23, "host", "gw.a.test"))];
        var keytab = Keytab.Parse(file, out var problem).ShouldNotBeNull(problem);
        keytab.Entries.Select(entry => (entry.ToString(), entry.IsWebService, entry.IsStrong)).ShouldBe([("HTTP/gw.a.test@A.TEST", true, true), ("host/gw.a.test@A.TEST", false, false)]);
    }

    [Fact]
    public void Parse_CutAnywhere_IsRefusedOrShorterAndNeverThrows()
    {
        byte[] file = [.. Head, .. Sized(Entry("A.TEST", 18, "HTTP", "gw.a.test")), .. Sized(Entry("B.TEST", 18, "HTTP", "gw.b.test"))];
        for (var length = 0; length < file.Length; length++)
        {
            (Keytab.Parse(file.AsSpan(0, length), out _)?.Entries.Count ?? 0).ShouldBeLessThan(2);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0501")]
    [InlineData("0502 7fffffff 00")]
    [InlineData("0502 80000000 00")]
    [InlineData("0502 00000004 00010064")]
    [InlineData("0502 00000002 0000")]
    public void Parse_Unsound_IsRefused(string hex)
    {
        Keytab.Parse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out var problem).ShouldBeNull();
        problem.ShouldNotBeEmpty();
    }

    [Fact]
    public void Build_SeveralKeytabs_MergesTheWebKeysOfEachRealmAndNoOthers()
    {
        var a = Write("a", Entry("A.TEST", 18, "HTTP", "gw.a.test"), Entry("A.TEST", 18, "host", "gw.a.test"), Entry("B.TEST", 18, "HTTP", "stray.b.test"));
        var b = Write("b", Entry("B.TEST", 20, "HTTP", "gw.b.test"));
        var table = Build(new() { Realms = { ["A.TEST"] = new() { KeytabFile = a }, ["B.TEST"] = new() { KeytabFile = b } }, From = ["10.0.0.0/8"] });
        _faults.All.ShouldBeEmpty();
        Keytab.Parse(table.Keys, out _)!.Entries.Select(entry => entry.ToString()).ShouldBe(["HTTP/gw.a.test@A.TEST", "HTTP/gw.b.test@B.TEST"]);
        table.Offers(System.Net.IPAddress.Parse("10.1.1.1")).ShouldBeTrue();
        table.Offers(System.Net.IPAddress.Parse("192.0.2.1")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("no network", "From")]
    [InlineData("no realm", "Realms")]
    [InlineData("missing", "KeytabFile")]
    [InlineData("readable", "KeytabFile")]
    [InlineData("other realm", "KeytabFile")]
    [InlineData("no web key", "KeytabFile")]
    [InlineData("garbage", "KeytabFile")]
    [InlineData("backend", "Backend")]
    [InlineData("no keytab", "Realms")]
    [InlineData("realm name", "A TEST")]
    public void Build_Fault_IsNamed(string fault, string key)
    {
        var file = Write("k", fault switch
        {
            "other realm" => Entry("B.TEST", 18, "HTTP", "gw"),
            "no web key" => Entry("A.TEST", 18, "host", "gw"),
            _ => Entry("A.TEST", 18, "HTTP", "gw"),
        });
        if (fault == "garbage")
        {
            File.WriteAllText(file, "not a keytab");
        }

        if (fault == "readable")
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        }

        var realm = new KerberosRealmOptions { KeytabFile = fault switch { "missing" => file + "x", "no keytab" => "", _ => file }, Backend = fault == "backend" ? "nobody" : "ad" };
        var options = new KerberosOptions { From = fault == "no network" ? [] : ["10.0.0.0/8"] };
        if (fault != "no realm")
        {
            options.Realms[fault == "realm name" ? "A TEST" : "A.TEST"] = realm;
        }

        Build(options);
        _faults.All.ShouldNotBeEmpty();
        _faults.All[0].Severity.ShouldBe(FaultSeverity.Error);
        _faults.All[0].Key.ShouldEndWith(key, Case.Sensitive);
    }

    [Fact]
    public void Build_OnlyOldKeys_Warns()
    {
        Build(new() { Realms = { ["A.TEST"] = new() { KeytabFile = Write("k", Entry("A.TEST", 23, "HTTP", "gw")) } }, From = ["10.0.0.0/8"] });
        _faults.All.ShouldHaveSingleItem().Severity.ShouldBe(FaultSeverity.Warning);
    }

    private static byte[] Head => [5, 2];

    private static byte[] Entry(string realm, ushort encryption, params string[] components)
    {
        var bytes = new List<byte>();
        Number(bytes, (ushort)components.Length);
        foreach (var text in (string[])[realm, .. components])
        {
            Number(bytes, (ushort)text.Length);
            bytes.AddRange(Encoding.UTF8.GetBytes(text));
        }

        bytes.AddRange([0, 0, 0, 1, 0, 0, 0, 9, 3]);
        Number(bytes, encryption);
        Number(bytes, 4);
        bytes.AddRange([1, 2, 3, 4]);
        return [.. bytes];
    }

    private static void Number(List<byte> bytes, ushort number) => bytes.AddRange([(byte)(number >> 8), (byte)number]);

    private static byte[] Sized(byte[] entry)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, entry.Length);
        return [.. length, .. entry];
    }

    private static byte[] Hole(int size)
    {
        var length = new byte[4 + size];
        BinaryPrimitives.WriteInt32BigEndian(length, -size);
        return length;
    }

    private string Write(string name, params byte[][] entries)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, [.. Head, .. entries.SelectMany(Sized)]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private KerberosTable Build(KerberosOptions options) =>
        KerberosTable.Build(options, ["ad"], NetworkCatalog.Build(new Dictionary<string, List<string>>(StringComparer.Ordinal), _faults), _faults);
}
