using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace AuthGateway.Web.Portal.Forms;

/// <summary>
/// Reads the one kind of form our pages send. Strict where lenient readers differ: one value a field, no broken escapes, UTF-8 only; and small,
/// since anybody may send one.
/// </summary>
internal static class FormReader
{
    public const int MaxBytes = 64 * 1024;
    public const int MaxFields = 32;
    public const int MaxFieldBytes = 4 * 1024;

    /// <summary>What is reserved before the first byte: enough for the forms people send, little for those who send none.</summary>
    public const int FirstBytes = 4 * 1024;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The form, where wanted also as JSON, or null with the status that says what is wrong with it. What is refused is not read to its end.</summary>
    public static async ValueTask<(Form? Form, int Status)> ReadAsync(HttpContext context, LargeForms large, CancellationToken cancellationToken, bool takesJson = false)
    {
        var request = context.Request;
        var isJson = takesJson && Is(request.ContentType, "application/json");
        if (!string.IsNullOrEmpty(request.Headers.ContentEncoding) || !(isJson || Is(request.ContentType, "application/x-www-form-urlencoded")))
        {
            return (null, StatusCodes.Status415UnsupportedMediaType);
        }

        if (request.ContentLength > MaxBytes)
        {
            return (null, StatusCodes.Status413PayloadTooLarge);
        }

        // Kestrel's own limit is that of uploads; ours must say 413 by itself, so it is one byte above.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBytes + 1;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        var isLarge = false;
        try
        {
            var length = 0;
            while (length <= MaxBytes)
            {
                if (length == buffer.Length)
                {
                    if (!isLarge && !(isLarge = large.TryEnter()))
                    {
                        return (null, StatusCodes.Status503ServiceUnavailable);
                    }

                    buffer = Grow(buffer);
                }

                var read = await request.Body.ReadAsync(buffer.AsMemory(length, Math.Min(buffer.Length, MaxBytes + 1) - length), cancellationToken);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            return length > MaxBytes ? (null, StatusCodes.Status413PayloadTooLarge)
                : isJson ? JsonFields.Parse(buffer.AsSpan(0, length))
                : Parse(buffer.AsSpan(0, length));
        }
        catch (BadHttpRequestException e)
        {
            return (null, e.StatusCode);
        }
        finally
        {
            // There was a password in it.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            if (isLarge)
            {
                large.Leave();
            }
        }
    }

    internal static (Form? Form, int Status) Parse(ReadOnlySpan<byte> body)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var count = 0;
        Span<byte> decoded = stackalloc byte[MaxFieldBytes];
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            if (pair.IsEmpty)
            {
                continue;
            }

            if (++count > MaxFields)
            {
                return (null, StatusCodes.Status413PayloadTooLarge);
            }

            var equals = pair.IndexOf((byte)'=');
            var (name, nameStatus) = Decode(equals < 0 ? pair : pair[..equals], decoded);
            var (value, valueStatus) = Decode(equals < 0 ? default : pair[(equals + 1)..], decoded);
            if (name is null || value is null)
            {
                return (null, Math.Max(nameStatus, valueStatus));
            }

            if (!fields.TryAdd(name, value))
            {
                return (null, StatusCodes.Status400BadRequest);
            }
        }

        return (new Form(fields), StatusCodes.Status200OK);
    }

    /// <summary>A buffer of twice the size with the same bytes, in exchange for a full one.</summary>
    private static byte[] Grow(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(2 * full.Length, MaxBytes + 1));
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full, clearArray: true);
        return larger;
    }

    private static (string? Text, int Status) Decode(ReadOnlySpan<byte> encoded, Span<byte> buffer)
    {
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            var b = encoded[i];
            if (b == '%')
            {
                if (i + 2 >= encoded.Length || !byte.TryParse(encoded.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out b))
                {
                    return (null, StatusCodes.Status400BadRequest);
                }

                i += 2;
            }
            else if (b == '+')
            {
                b = (byte)' ';
            }

            if (length == buffer.Length)
            {
                return (null, StatusCodes.Status413PayloadTooLarge);
            }

            buffer[length++] = b;
        }

        try
        {
            return (s_utf8.GetString(buffer[..length]), StatusCodes.Status200OK);
        }
        catch (DecoderFallbackException)
        {
            return (null, StatusCodes.Status400BadRequest);
        }
        finally
        {
            buffer[..length].Clear();
        }
    }

    private static bool Is(string? contentType, string mediaType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}
