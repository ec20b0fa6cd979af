using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Sessions.Tokens;
using AuthGateway.Core.Telemetry;
using AuthGateway.Web.Portal.Forms;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Web.Staff;

/// <summary>
/// <c>POST /.agw/verify</c> on a staff listener: a verifier shows its key and asks whether a token is somebody's. Every refusal of a token reads alike.
/// </summary>
public static class VerifyEndpoint
{
    /// <summary>Its path.</summary>
    public const string Path = "/.agw/verify";

    private static readonly string[] s_fields = ["user", "token", "service", "client"];
    private static readonly LargeForms s_large = new();

    /// <summary>True for a request that is this endpoint's to answer: of its path, while somebody may have tokens verified.</summary>
    public static bool Takes(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return string.Equals(context.Request.Path.Value, Path, StringComparison.Ordinal) && Verification(context).IsOn;
    }

    /// <summary>Answers.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var id = RequestId.New();
        context.Response.Headers[RequestId.HeaderName] = id;
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await TellAsync(context, StatusCodes.Status405MethodNotAllowed, "method-not-allowed");
            return;
        }

        var peer = context.Features.Get<IListenerFeature>()?.Peer ?? IPAddress.None;
        var verification = Verification(context);
        var question = ReadSealed(context.Request.Headers.Authorization);
        var admitted = question is null
            ? await verification.AdmitAsync(ReadKey(context.Request.Headers.Authorization), peer, id, context.RequestAborted)
            : await verification.AdmitAsync(question, peer, id, context.RequestAborted);
        if (admitted is not { } verifier)
        {
            context.Response.Headers.Connection = "close"; // an unread body is not worth reading
            await TellAsync(context, StatusCodes.Status403Forbidden, "verifier-refused");
            return;
        }

        var seal = question is null ? null : new Seal(verifier, question);
        var (form, status) = await FormReader.ReadAsync(context, s_large, context.RequestAborted, takesJson: true);
        if (form is null)
        {
            context.Response.Headers.Connection = "close";
            await TellAsync(context, status, status == StatusCodes.Status503ServiceUnavailable ? "unavailable" : "bad-request", seal);
            return;
        }

        if (Read(form) is not { } asked || question?.IsOf(Encoding.UTF8.GetBytes(asked.User), asked.Token.Utf8, asked.Service, asked.Client) == false)
        {
            await TellAsync(context, StatusCodes.Status400BadRequest, "bad-request", seal);
            return;
        }

        switch (await verification.VerifyAsync(verifier, peer, asked, id, context.RequestAborted))
        {
            case TokenAnswer.Verified verified:
                await TellAsync(context, verified, seal);
                break;
            case TokenAnswer.Unavailable:
                await TellAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", seal);
                break;
            default:
                await TellAsync(context, StatusCodes.Status401Unauthorized, "refused", seal);
                break;
        }
    }

    private static TokenVerification Verification(HttpContext context) => context.RequestServices.GetRequiredService<TokenVerification>();

    /// <summary>The key of <c>Authorization: Bearer KEY</c> (RFC 6750, 2.1), or null.</summary>
    private static string? ReadKey(StringValues authorization) =>
        authorization is [{ } line] && line.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? line["Bearer ".Length..].Trim() : null;

    /// <summary>The seal of <c>Authorization: AGW-HMAC-SHA256 …</c>, or null.</summary>
    private static SealedQuestion? ReadSealed(StringValues authorization) =>
        authorization is [{ } line] && line.StartsWith($"{VerifierSeal.Scheme} ", StringComparison.OrdinalIgnoreCase)
            ? SealedQuestion.Parse(line[(VerifierSeal.Scheme.Length + 1)..].Trim())
            : null;

    /// <summary>Null for what misses something, or holds what nobody asked for: a verifier that means something else must notice.</summary>
    private static TokenQuestion? Read(Form form)
    {
        if (form.Names.Any(name => !s_fields.Contains(name, StringComparer.Ordinal)) || form.Get("user").Length == 0 || form.Get("token").Length == 0)
        {
            return null;
        }

        IPAddress? client = null;
        if (form.Get("client") is { Length: > 0 } told && !IPAddress.TryParse(told, out client))
        {
            return null;
        }

        return new TokenQuestion(form.Get("user"), Secret.FromText(form.Get("token")), form.Get("service") is { Length: > 0 } service ? service : null, client);
    }

    private static Task TellAsync(HttpContext context, int status, string error, Seal? seal = null)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("error", error);
            json.WriteEndObject();
        }

        return SendAsync(context, status, body.WrittenMemory, seal);
    }

    private static Task TellAsync(HttpContext context, TokenAnswer.Verified verified, Seal? seal)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("login", verified.Login);
            json.WriteString("mail", verified.Mail);
            json.WriteString("service", verified.Service);
            json.WriteString("expires", verified.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        return SendAsync(context, StatusCodes.Status200OK, body.WrittenMemory, seal);
    }

    private static async Task SendAsync(HttpContext context, int status, ReadOnlyMemory<byte> body, Seal? seal)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (seal is not null)
        {
            context.Response.Headers[VerifierSeal.HeaderName] = seal.Verifier.SealAnswer(seal.Question, status, body.Span);
        }

        context.Response.ContentLength = body.Length; // simple verifiers need not understand chunks
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>What the answer to a sealed question is sealed with.</summary>
    private sealed record Seal(Verifier Verifier, SealedQuestion Question);
}
