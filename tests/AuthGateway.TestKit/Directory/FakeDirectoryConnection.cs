using System.Formats.Asn1;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using AuthGateway.Ldap;

namespace AuthGateway.TestKit.Directory;

/// <summary>One accepted connection of a <see cref="HostileDirectory"/>.</summary>
internal sealed class FakeDirectoryConnection(HostileDirectory directory, TcpClient client) : IDisposable
{
    private const string StartTlsOid = "1.3.6.1.4.1.1466.20037";
    private const string PasswordModifyOid = "1.3.6.1.4.1.4203.1.11.1";
    private const string PagesOid = "1.2.840.113556.1.4.319";

    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _writing = new(1);
    private Stream _stream = client.GetStream();
    private bool _isBound;
    private string _boundAs = "";
    private int _answered;

    public async Task RunAsync()
    {
        try
        {
            if (directory.IsFrozen)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _closing.Token);
            }

            if (directory.IsLdaps)
            {
                await SecureAsync();
            }

            while (await ReadMessageAsync() is { } message && await ServeAsync(message))
            {
                if (++_answered == directory.CloseAfter)
                {
                    return;
                }
            }
        }
        catch (Exception)
        {
            // The outermost edge: what a client does to a test server is the client's affair.
        }
        finally
        {
            await _stream.DisposeAsync();
            client.Dispose();
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        client.Dispose();
    }

    private async Task SecureAsync()
    {
        var secured = new SslStream(_stream);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = directory.Certificate }, _closing.Token);
        _stream = secured;
    }

    private async Task<byte[]?> ReadMessageAsync()
    {
        var header = new byte[2];
        if (await _stream.ReadAtLeastAsync(header, 2, throwOnEndOfStream: false, _closing.Token) < 2)
        {
            return null;
        }

        var more = header[1] < 0x80 ? [] : new byte[header[1] & 0x7f];
        await _stream.ReadExactlyAsync(more, _closing.Token);
        var length = header[1] < 0x80 ? header[1] : more.Aggregate(0, (sum, b) => sum << 8 | b);
        var message = new byte[2 + more.Length + length];
        header.CopyTo(message, 0);
        more.CopyTo(message, 2);
        await _stream.ReadExactlyAsync(message.AsMemory(2 + more.Length), _closing.Token);
        return message;
    }

    private async Task<bool> ServeAsync(byte[] message)
    {
        var sequence = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
        sequence.TryReadInt32(out var id);
        var tag = sequence.PeekTag();
        switch (tag.TagValue)
        {
            case 0:
                return await BindAsync(id, sequence.ReadSequence(tag));
            case 2:
                directory.Receive(DirectoryRequest.Unbind);
                return false;
            case 3:
                return await SearchAsync(id, sequence.ReadSequence(tag), Page(sequence));
            case 6:
                return await ModifyAsync(id, sequence.ReadSequence(tag));
            case 16:
                directory.Receive(DirectoryRequest.Abandon);
                return true;
            case 23:
                return await ExtendedAsync(id, sequence.ReadSequence(tag));
            default:
                return await SendAsync(FakeMessage.Result(id, FakeMessage.ExtendedResponse, 2));
        }
    }

    private async Task<bool> BindAsync(int id, AsnReader request)
    {
        request.ReadInteger();
        var name = Encoding.UTF8.GetString(request.ReadOctetString());
        var password = Encoding.UTF8.GetString(request.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 0)));
        var mischief = directory.Receive(DirectoryRequest.Bind, name);
        var (code, diagnostic) = Judge(name, password);
        if (mischief is Mischief.Honestly or Mischief.Code)
        {
            _isBound = (mischief is Mischief.Code told ? told.Value : code) == 0;
            _boundAs = _isBound ? name : "";
        }

        var control = directory.Entries.Find(entry => LdapDn.AreEqual(entry.Dn, name)) is { } known && known.Password == password ? known.Control : null;
        return await RespondAsync(mischief, id, FakeMessage.BindResponse, (code, diagnostic), () => [], control);
    }

    private (int Code, string Diagnostic) Judge(string name, string password)
    {
        var entry = directory.Entries.Find(entry =>
            LdapDn.AreEqual(entry.Dn, name) || entry.LoginNames.Contains(name, StringComparer.OrdinalIgnoreCase));

        // Some servers really do this; a client must not send an empty password.
        return password.Length == 0 ? (0, "")
            : entry?.Password is null || !string.Equals(entry.Password, password, StringComparison.Ordinal) ? (49, "data 52e, v1db1")
            : entry.Refusal ?? (0, "");
    }

    /// <summary>Which page is asked for: its size and how many entries have been sent; null for all at once.</summary>
    private static (int Size, int Sent)? Page(AsnReader message)
    {
        if (!message.HasData)
        {
            return null;
        }

        var controls = message.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true));
        while (controls.HasData)
        {
            var control = controls.ReadSequence();
            if (Encoding.ASCII.GetString(control.ReadOctetString()) != PagesOid)
            {
                continue;
            }

            var value = new AsnReader(control.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
            value.TryReadInt32(out var size);
            var cookie = Encoding.ASCII.GetString(value.ReadOctetString());
            return (size, cookie.Length == 0 ? 0 : int.Parse(cookie, System.Globalization.CultureInfo.InvariantCulture));
        }

        return null;
    }

    private static byte[] PageAnswer(int next)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            writer.WriteOctetString(next == 0 ? [] : Encoding.ASCII.GetBytes(next.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        return writer.Encode();
    }

    /// <summary>Only <c>unicodePwd</c>, old and new, as Active Directory takes it.</summary>
    private async Task<bool> ModifyAsync(int id, AsnReader request)
    {
        var mischief = directory.Receive(DirectoryRequest.Modify);
        directory.NoteChange(_boundAs);
        var dn = Encoding.UTF8.GetString(request.ReadOctetString());
        var values = new List<string>();
        var changes = request.ReadSequence();
        while (changes.HasData)
        {
            var change = changes.ReadSequence();
            change.ReadEnumeratedBytes();
            var attribute = change.ReadSequence();
            attribute.ReadOctetString();
            values.Add(Encoding.Unicode.GetString(attribute.ReadSetOf(skipSortOrderValidation: true).ReadOctetString()).Trim('"'));
        }

        var entry = directory.Entries.Find(entry => LdapDn.AreEqual(entry.Dn, dn));
        var answer = entry is null ? (32, "") : entry.Password != values[0] ? (19, "00000056: AtrErr: DSID-03191083") : (0, "");
        if (answer is (0, _) && mischief is Mischief.Honestly)
        {
            entry!.Password = values[1];
        }

        return await RespondAsync(mischief, id, FakeMessage.ModifyResponse, answer, () => []);
    }

    private async Task<bool> ModifyPasswordAsync(int id, AsnReader request)
    {
        var mischief = directory.Receive(DirectoryRequest.PasswordModify);
        directory.NoteChange(_boundAs);
        var value = new AsnReader(request.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 1)), AsnEncodingRules.BER).ReadSequence();
        var parts = new Dictionary<int, string>();
        while (value.HasData)
        {
            var tag = value.PeekTag();
            parts[tag.TagValue] = Encoding.UTF8.GetString(value.ReadOctetString(tag));
        }

        var entry = directory.Entries.Find(entry => LdapDn.AreEqual(entry.Dn, parts[0]));
        var answer = entry?.Password != parts[1] ? (49, "") : (0, "");
        if (answer is (0, _) && mischief is Mischief.Honestly)
        {
            entry!.Password = parts[2];
        }

        return await RespondAsync(mischief, id, FakeMessage.ExtendedResponse, answer, () => []);
    }

    private async Task<bool> SearchAsync(int id, AsnReader request, (int Size, int Sent)? page)
    {
        var mischief = directory.Receive(DirectoryRequest.Search);
        var baseDn = Encoding.UTF8.GetString(request.ReadOctetString());
        var scope = request.ReadEnumeratedBytes().Span[0];
        request.ReadEnumeratedBytes();
        request.TryReadInt32(out var sizeLimit);
        request.ReadInteger();
        request.ReadBoolean();
        var filter = request.ReadEncodedValue();
        directory.NoteFilter(filter.ToArray());
        var wanted = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var names = request.ReadSequence();
        while (names.HasData)
        {
            wanted.Add(Encoding.UTF8.GetString(names.ReadOctetString()));
        }

        if (directory.RequiresBind && !_isBound)
        {
            return await SendAsync(FakeMessage.Result(id, FakeMessage.SearchDone, 50, "bind first"));
        }

        var found = directory.Entries.FindAll(entry => InScope(entry.Dn, baseDn, scope) && FakeFilter.Matches(filter, entry));
        (string, byte[])? control = null;
        if (page is { } asked && directory.PageLimit is { } most)
        {
            var size = Math.Min(asked.Size, most);
            control = (PagesOid, PageAnswer(asked.Sent + size < found.Count ? asked.Sent + size : 0));
            found = [.. found.Skip(asked.Sent).Take(size)];
        }

        var code = sizeLimit > 0 && found.Count > sizeLimit ? 4 : 0;
        var messages = new List<byte[]>();
        foreach (var entry in found.Take(sizeLimit > 0 ? sizeLimit : found.Count))
        {
            var attributes = entry.SeenBy(LdapDn.AreEqual(_boundAs, entry.Dn)).Where(attribute => wanted.Count == 0 || wanted.Contains("*") || wanted.Contains(attribute.Key));
            messages.Add(FakeMessage.Entry(Id(mischief, id), entry.Dn, attributes));
            if (mischief is Mischief.Doubled)
            {
                messages.Add(FakeMessage.Entry(id, "cn=twin," + entry.Dn, attributes));
            }
        }

        return await RespondAsync(mischief, id, FakeMessage.SearchDone, (code, ""), () => messages, control);
    }

    private async Task<bool> ExtendedAsync(int id, AsnReader request)
    {
        var oid = Encoding.ASCII.GetString(request.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 0)));
        if (oid == PasswordModifyOid)
        {
            return await ModifyPasswordAsync(id, request);
        }

        if (oid != StartTlsOid)
        {
            return await SendAsync(FakeMessage.Result(id, FakeMessage.ExtendedResponse, 2, "unknown operation"));
        }

        var mischief = directory.Receive(DirectoryRequest.StartTls);
        var code = directory.Certificate is null || _stream is SslStream ? 2 : 0;
        var goesOn = await RespondAsync(mischief, id, FakeMessage.ExtendedResponse, (code, ""), () => []);
        if (goesOn && code == 0 && mischief is Mischief.Honestly)
        {
            await SecureAsync();
        }

        return goesOn;
    }

    private async Task<bool> RespondAsync(Mischief mischief, int id, int response, (int Code, string Diagnostic) honest, Func<List<byte[]>> before, (string Oid, byte[] Value)? honestControl = null)
    {
        var messages = before();
        switch (mischief)
        {
            case Mischief.Silent:
                return true;
            case Mischief.Closing:
                return false;
            case Mischief.RawBytes raw:
                return await SendAsync(raw.Bytes);
            case Mischief.Half half:
                return await SendAsync([.. messages]) && !half.ThenClose;
            case Mischief.Notice:
                await SendAsync(FakeMessage.Result(0, FakeMessage.ExtendedResponse, 52, "going down"));
                return false;
            case Mischief.Code code:
                var control = code.ControlOid is { } oid ? (oid, code.ControlValue!) : ((string, byte[])?)null;
                return await SendAsync(FakeMessage.Result(id, response, code.Value, code.Diagnostic, control: control));
            case Mischief.Huge huge:
                var blob = new KeyValuePair<string, List<byte[]>>("jpegPhoto", [new byte[huge.Bytes]]);
                messages = [FakeMessage.Entry(id, "cn=huge", [blob])];
                break;
            case Mischief.Refer refer:
                return await SendAsync(
                    [.. messages, FakeMessage.Reference(id, refer.Uri), FakeMessage.Result(id, response, 10, referral: refer.Uri)]);
        }

        messages.Add(FakeMessage.Result(Id(mischief, id), response, honest.Code, honest.Diagnostic, control: honestControl));
        switch (mischief)
        {
            case Mischief.LongLengths:
                return await SendAsync([.. messages.Select(message => FakeMessage.WithLongLengths(message))]);
            case Mischief.Trailed trailed:
                return await SendAsync([.. messages, trailed.Bytes]);
            case Mischief.Held held:
                _ = SendLaterAsync(held.Gate, [.. messages]);
                return true;
            case Mischief.Dripping drip:
                _ = DripAsync(drip, [.. messages.SelectMany(message => message)]);
                return true;
            default:
                return await SendAsync([.. messages]);
        }
    }

    private static int Id(Mischief mischief, int id) => mischief is Mischief.OtherMessageId ? id + 7777 : id;

    private async Task SendLaterAsync(Task gate, byte[][] messages)
    {
        try
        {
            await gate.WaitAsync(_closing.Token);
            await SendAsync(messages);
        }
        catch (Exception)
        {
            // The connection ended before the gate opened.
        }
    }

    private async Task DripAsync(Mischief.Dripping drip, byte[] bytes)
    {
        try
        {
            foreach (var one in bytes)
            {
                await _stream.WriteAsync(new[] { one }, _closing.Token);
                // Begun before it is told, so that a clock moved on then moves this pause too.
                var pause = Task.Delay(drip.Pause, drip.Clock, _closing.Token);
                directory.NoteDrip();
                await pause;
            }
        }
        catch (Exception)
        {
            // The client has had enough.
        }
    }

    /// <summary>All in one write.</summary>
    private async Task<bool> SendAsync(params byte[][] messages)
    {
        await _writing.WaitAsync(_closing.Token);
        try
        {
            await _stream.WriteAsync(messages.SelectMany(message => message).ToArray(), _closing.Token);
            return true;
        }
        finally
        {
            _writing.Release();
        }
    }

    private static bool InScope(string dn, string baseDn, int scope)
    {
        if (!LdapDn.TryNormalize(dn, out var entry) || !LdapDn.TryNormalize(baseDn, out var root))
        {
            return false;
        }

        var isBase = entry == root;
        if (scope == 0 || isBase)
        {
            return isBase && scope != 1;
        }

        if (root.Length > 0 && !entry.EndsWith("," + root, StringComparison.Ordinal))
        {
            return false;
        }

        // No entry of a test has an escaped comma in its first part.
        var above = root.Length > 0 ? entry[..^(root.Length + 1)] : entry;
        return scope == 2 || !above.Contains(',', StringComparison.Ordinal);
    }
}
