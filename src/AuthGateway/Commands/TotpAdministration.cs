using System.Globalization;
using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>What the <c>totp</c> verbs do, apart from how they are typed.</summary>
internal sealed class TotpAdministration(Stores stores, CommandContext context)
{
    private readonly Administration _administration = new(stores, context);

    /// <summary>Shows apps and how many recovery codes are left.</summary>
    public async Task<int> ShowAsync(string user)
    {
        var owners = await stores.Apps.FindOwnersAsync(user, context.Cancellation);
        if (owners.Count == 0)
        {
            return NotEnrolled(user);
        }

        var now = context.Time.GetUtcNow();
        var shown = new List<ShownOwner>();
        foreach (var owner in owners)
        {
            var apps = await stores.Apps.ListAsync(owner, context.Cancellation);
            shown.Add(new ShownOwner(
                owner,
                apps.Select(app => app.Login).FirstOrDefault() ?? user,
                [.. apps.Select(app => new ShownApp(app.Id, app.Label, Word(app.Algorithm), app.Digits, app.CreatedAt, app.UsedAt))],
                await stores.RecoveryCodes.CountAsync(owner, context.Cancellation)));
        }

        if (context.Output.IsJson)
        {
            context.Output.Json(shown);
            return ExitCodes.Done;
        }

        context.Output.Table(
            ["IDENTITY", "LOGIN", "APP", "ENROLLED", "LAST USED", "RECOVERY CODES"],
            shown.SelectMany(owner => owner.Apps.Select(app => new[]
            {
                owner.Identity,
                owner.Login,
                app.Label.Length > 0 ? app.Label : "(no name)",
                TimeText.Relative(app.CreatedAt, now),
                app.UsedAt is { } used ? TimeText.Relative(used, now) : "never",
                owner.RecoveryCodes.ToString(CultureInfo.InvariantCulture),
            })));
        return ExitCodes.Done;
    }

    /// <summary>Makes an enrolment code and shows it.</summary>
    public async Task<int> InviteAsync(string user, TimeSpan lifetime)
    {
        if (!UserName.TryParse(user, out var name))
        {
            context.Output.Error($"\"{user}\" cannot be a user name.", "Give the name the user signs in with.");
            return ExitCodes.Usage;
        }

        var (shown, hash) = EnrolmentCode.New();
        var now = context.Time.GetUtcNow();
        var until = now + lifetime;
        await _administration.ChangeAsync(
            "totp-invited",
            signal: null,
            identity: null,
            name.Text,
            async cancellation =>
            {
                await stores.EnrolmentCodes.PutAsync(name.Folded, hash, until, cancellation);
                return true;
            },
            $"good until {TimeText.Absolute(until)}");
        if (context.Output.IsJson)
        {
            context.Output.Json(new { Login = name.Text, Code = shown, ExpiresAt = until });
        }

        context.Output.Line($"Enrolment code for {name.Text}: {shown}");
        context.Output.Line($"It is good once, until {TimeText.Both(until, now)}, and is not shown again.");
        if ((await stores.Apps.FindOwnersAsync(name.Text, context.Cancellation)).Count > 0)
        {
            context.Output.Progress($"{name.Text} has an authenticator app already and is asked for its code, not for this one; authgateway totp reset removes it.");
        }

        return ExitCodes.Done;
    }

    /// <summary>Takes a user back to the password alone.</summary>
    public async Task<int> ResetAsync(string user)
    {
        var owners = await stores.Apps.FindOwnersAsync(user, context.Cancellation);
        if (owners.Count == 0)
        {
            return NotEnrolled(user);
        }

        if (owners.Count > 1)
        {
            context.Output.Error($"\"{user}\" is the login of several users: {string.Join(", ", owners)}.", "Nothing was changed. Give one of these instead of the name.");
            return ExitCodes.RefusedOrNotFound;
        }

        var owner = owners[0];
        var removed = 0;
        await _administration.ChangeAsync(
            "totp-reset",
            signal: null,
            owner,
            user,
            async cancellation =>
            {
                removed = await stores.Apps.RemoveAllAsync(owner, cancellation);
                await stores.RecoveryCodes.ReplaceAsync(owner, [], context.Time.GetUtcNow(), cancellation);
                return removed > 0;
            });
        var sessions = await new SessionAdministration(stores, context).EndOfAsync(owner);
        var cleared = await new LockoutAdministration(stores, context).ClearKeysAsync([$"factor:{owner}", $"factor-total:{owner}", $"recovery:{owner}"]);
        if (context.Output.IsJson)
        {
            context.Output.Json(new { Identity = owner, Apps = removed, Sessions = sessions, Cleared = cleared });
        }

        context.Output.Line(string.Create(
            CultureInfo.InvariantCulture, $"Removed {removed} {(removed == 1 ? "app" : "apps")} and every recovery code of {owner}; ended {sessions} {(sessions == 1 ? "session" : "sessions")}."));
        return ExitCodes.Done;
    }

    private static string Word(TotpAlgorithm algorithm) => algorithm switch { TotpAlgorithm.Sha256 => "sha256", TotpAlgorithm.Sha512 => "sha512", _ => "sha1" };

    private int NotEnrolled(string user)
    {
        context.Output.Error($"Nobody has enrolled an authenticator app under \"{user}\".", "Give the login name, or the identity as the audit shows it.");
        return ExitCodes.RefusedOrNotFound;
    }

    private sealed record ShownOwner(string Identity, string Login, IReadOnlyList<ShownApp> Apps, int RecoveryCodes);

    private sealed record ShownApp(string Id, string Label, string Algorithm, int Digits, DateTimeOffset CreatedAt, DateTimeOffset? UsedAt);
}
