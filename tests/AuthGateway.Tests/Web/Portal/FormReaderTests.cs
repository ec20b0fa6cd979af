using System.Text;
using AuthGateway.Web.Portal.Forms;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Tests.Web.Portal;

public sealed class FormReaderTests
{
    private const string FormType = "application/x-www-form-urlencoded";

    [Theory]
    [InlineData("", 200)]
    [InlineData("a=1&b=2", 200)]
    [InlineData("a=1&&b=2&", 200)]
    [InlineData("a", 200)]
    [InlineData("a=%C3%A4", 200)]
    [InlineData("a=1&a=1", 400)]
    [InlineData("a=1&%61=2", 400)]
    [InlineData("a=%", 400)]
    [InlineData("a=%4", 400)]
    [InlineData("a=%zz", 400)]
    [InlineData("a=%+1", 400)]
    [InlineData("a=%FF", 400)]
    [InlineData("a=%C3", 400)]
    public async Task Read_Body_GivesFormOrStatus(string body, int status) => (await ReadAsync(Encoding.ASCII.GetBytes(body))).Status.ShouldBe(status);

    [Theory]
    [InlineData(FormType, null, 200)]
    [InlineData("application/x-www-form-urlencoded; charset=UTF-8", null, 200)]
    [InlineData("application/x-www-form-urlencoded; charset=utf-7", null, 415)]
    [InlineData("multipart/form-data; boundary=x", null, 415)]
    [InlineData("text/plain", null, 415)]
    [InlineData("application/json", null, 415)]
    [InlineData("", null, 415)]
    [InlineData(FormType, "gzip", 415)]
    [InlineData(FormType, "identity", 415)]
    public async Task Read_TypeAndEncoding_AreTheOneKind(string type, string? encoding, int status) =>
        (await ReadAsync("a=1"u8.ToArray(), type, encoding)).Status.ShouldBe(status);

    [Theory]
    [InlineData(FormReader.MaxFieldBytes, 200)]
    [InlineData(FormReader.MaxFieldBytes + 1, 413)]
    public async Task Read_FieldSize_IsLimited(int size, int status) => (await ReadAsync(Encoding.ASCII.GetBytes("a=" + new string('x', size)))).Status.ShouldBe(status);

    [Theory]
    [InlineData(FormReader.MaxFields, 200)]
    [InlineData(FormReader.MaxFields + 1, 413)]
    public async Task Read_FieldCount_IsLimited(int count, int status) =>
        (await ReadAsync(Encoding.ASCII.GetBytes(string.Join('&', Enumerable.Range(0, count).Select(i => $"f{i}=1"))))).Status.ShouldBe(status);

    [Theory]
    [InlineData(FormReader.MaxBytes, 200, false)]
    [InlineData(FormReader.MaxBytes + 1, 413, false)]
    [InlineData(FormReader.MaxBytes + 1, 413, true)]
    public async Task Read_BodySize_IsLimitedWithAndWithoutLength(int size, int status, bool declared)
    {
        var body = new byte[size];
        Array.Fill(body, (byte)'&');
        (await ReadAsync(body, declared: declared)).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Read_TooLarge_IsNotReadToItsEnd()
    {
        var context = Context(new byte[1_000_000], FormType, null, declared: false);
        await FormReader.ReadAsync(context, new LargeForms(), CancellationToken.None);

        context.Request.Body.Position.ShouldBeLessThanOrEqualTo(FormReader.MaxBytes + 1);
    }

    [Fact]
    public async Task Read_BytesAsTheyCome_NeverReservesMoreThanTwiceThem()
    {
        var values = Enumerable.Range(0, 16).Select(i => new string((char)('a' + i), 4000)).ToList();
        var body = new Watched(Encoding.ASCII.GetBytes(string.Join('&', values.Select((value, i) => $"f{i}={value}"))), chunk: 999);
        var context = Context([], FormType, null, declared: false);
        context.Request.Body = body;

        var (form, status) = await FormReader.ReadAsync(context, new LargeForms(), CancellationToken.None);

        status.ShouldBe(200);
        for (var i = 0; i < values.Count; i++)
        {
            form!.Get($"f{i}").ShouldBe(values[i]);
        }

        body.Reads[0].ShouldBe((0L, FormReader.FirstBytes));
        body.Reads.ShouldAllBe(read => read.Received + read.Room <= Math.Max(FormReader.FirstBytes, 2 * read.Received));
    }

    [Fact]
    public async Task Read_Values_AreDecodedOnce()
    {
        var (form, _) = await ReadAsync("name=a+b%2Bc%2541&empty=&eq=a=b"u8.ToArray());

        form!.Get("name").ShouldBe("a b+c%41");
        form.Get("empty").ShouldBe("");
        form.Get("eq").ShouldBe("a=b");
        form.Get("missing").ShouldBe("");
    }

    private static async Task<(Form? Form, int Status)> ReadAsync(byte[] body, string type = FormType, string? encoding = null, bool declared = true)
    {
        var answer = await FormReader.ReadAsync(Context(body, type, encoding, declared), new LargeForms(), CancellationToken.None);
        (answer.Form is not null).ShouldBe(answer.Status == 200);
        return answer;
    }

    private static DefaultHttpContext Context(byte[] body, string type, string? encoding, bool declared)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = type;
        context.Request.Headers.ContentEncoding = encoding;
        context.Request.ContentLength = declared ? body.Length : null;
        context.Request.Body = new MemoryStream(body);
        return context;
    }

    /// <summary>Comes in pieces, and notes how much room was there for each.</summary>
    private sealed class Watched(byte[] body, int chunk) : MemoryStream(body)
    {
        public List<(long Received, int Room)> Reads { get; } = [];

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Reads.Add((Position, buffer.Length));
            return base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
        }
    }
}
