namespace AuthGateway.TestKit.Directory;

/// <summary>Requests a <see cref="HostileDirectory"/> tells apart.</summary>
public enum DirectoryRequest
{
    Bind,
    Search,
    StartTls,
    Unbind,
    Abandon,
    Modify,
    PasswordModify,
}

/// <summary>What a <see cref="HostileDirectory"/> does with a request instead of answering it well.</summary>
public abstract record Mischief
{
    private Mischief() { }

    /// <summary>Answers as a good server would.</summary>
    public static Mischief Honest { get; } = new Honestly();

    /// <summary>Never answers this request; the next is read.</summary>
    public static Mischief Silence { get; } = new Silent();

    /// <summary>Sends the entries of a search and never its end.</summary>
    public static Mischief HalfAnswer { get; } = new Half();

    /// <summary>Sends the entries of a search, then closes.</summary>
    public static Mischief HalfAnswerThenClose { get; } = new Half(ThenClose: true);

    /// <summary>Sends bytes that are no LDAP.</summary>
    public static Mischief Garbage { get; } = new RawBytes("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());

    /// <summary>Answers well, but to a message nobody sent.</summary>
    public static Mischief WrongMessageId { get; } = new OtherMessageId();

    /// <summary>Adds a reference to a search, and a referral to its end, both to ldap://evil.</summary>
    public static Mischief Referral { get; } = new Refer("ldap://evil.example/dc=evil");

    /// <summary>Sends every entry found twice, the second under another name.</summary>
    public static Mischief TwoEntries { get; } = new Doubled();

    /// <summary>Answers well with all lengths in the four-byte form of Active Directory.</summary>
    public static Mischief LongFormLengths { get; } = new LongLengths();

    /// <summary>Closes the connection instead of answering.</summary>
    public static Mischief Close { get; } = new Closing();

    /// <summary>Sends a notice of disconnection (RFC 4511, 4.4.1), code 52, and closes.</summary>
    public static Mischief NoticeOfDisconnection { get; } = new Notice();

    /// <summary>Answers code 51.</summary>
    public static Mischief Busy { get; } = new Code(51, "busy");

    /// <summary>Sends one entry with an attribute of so many bytes.</summary>
    public static Mischief HugeEntry(int bytes) => new Huge(bytes);

    /// <summary>Claims a message of so many bytes and sends no more than the claim.</summary>
    public static Mischief HugeClaim(uint bytes) =>
        new RawBytes([0x30, 0x84, (byte)(bytes >> 24), (byte)(bytes >> 16), (byte)(bytes >> 8), (byte)bytes]);

    /// <summary>Answers a result code.</summary>
    public static Mischief Answer(int code, string diagnostic = "") => new Code(code, diagnostic);

    /// <summary>Answers a result code with one control.</summary>
    public static Mischief AnswerWithControl(int code, string oid, byte[] value) => new Code(code, "", oid, value);

    /// <summary>Sends these bytes as they are.</summary>
    public static Mischief Raw(params byte[] bytes) => new RawBytes(bytes);

    /// <summary>Answers well, and behind it in the same write sends these bytes.</summary>
    public static Mischief Trailing(params byte[] bytes) => new Trailed(bytes);

    /// <summary>Answers well once the gate opens; other requests go on meanwhile.</summary>
    public static Mischief After(Task gate) => new Held(gate);

    /// <summary>
    /// Answers well, a byte at a time with a pause between two: never silent, and never done in time. <see cref="HostileDirectory.Dripped"/> counts the bytes.
    /// </summary>
    public static Mischief Drip(TimeProvider clock, TimeSpan pause) => new Dripping(clock, pause);

    internal sealed record Honestly : Mischief;

    internal sealed record Silent : Mischief;

    internal sealed record Half(bool ThenClose = false) : Mischief;

    internal sealed record RawBytes(byte[] Bytes) : Mischief;

    internal sealed record Trailed(byte[] Bytes) : Mischief;

    internal sealed record OtherMessageId : Mischief;

    internal sealed record Refer(string Uri) : Mischief;

    internal sealed record Doubled : Mischief;

    internal sealed record LongLengths : Mischief;

    internal sealed record Closing : Mischief;

    internal sealed record Notice : Mischief;

    internal sealed record Huge(int Bytes) : Mischief;

    internal sealed record Held(Task Gate) : Mischief;

    internal sealed record Dripping(TimeProvider Clock, TimeSpan Pause) : Mischief;

    internal sealed record Code(int Value, string Diagnostic, string? ControlOid = null, byte[]? ControlValue = null) : Mischief;
}
