using System.Security.Cryptography;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>What an app password is to be good for, as typed.</summary>
/// <param name="User">Name of the user.</param>
/// <param name="Tag">What tells it from the user's others.</param>
/// <param name="For">Classes and services.</param>
/// <param name="Networks">Networks; empty: everywhere.</param>
/// <param name="DeviceId">ActiveSync device id, or null.</param>
/// <param name="Lifetime">How long, or null for ever.</param>
internal sealed record AppPasswordWish(string User, string Tag, IReadOnlyList<string> For, IReadOnlyList<string> Networks, string? DeviceId, TimeSpan? Lifetime);

/// <summary>What the <c>app-password</c> verbs do, apart from how they are typed.</summary>
internal sealed class AppPasswordAdministration(Stores stores, CommandContext context)
{
    private readonly Administration _administration = new(stores, context);

    /// <summary>Makes one and shows it, this once.</summary>
    public async Task<int> AddAsync(AppPasswordWish wish)
    {
        if (!AppPasswordTag.Is(wish.Tag))
        {
            return Usage($"\"{wish.Tag}\" cannot be a tag.", "1 to 32 letters a-z, digits and hyphens, such as phone or thunderbird-2.");
        }

        if (!UserName.TryParse(wish.User, out var name))
        {
            return Usage($"\"{wish.User}\" cannot be a user name.", "Give the name the user signs in with.");
        }

        string? device = null;
        if (wish.DeviceId is { } typed && !AppPasswordDevice.TryRead(typed, out device))
        {
            return Usage($"\"{typed}\" is not an ActiveSync device id.", "Letters and digits, as the phone shows it or as audit search has it.");
        }

        await using var gateway = stores.OpenGateway();
        if (FindServices(gateway, wish, out var services) is { } fault)
        {
            return Usage(fault, "authgateway app-password add --help shows how it is used.");
        }

        if (gateway.FindFault(wish.Networks) is { } network)
        {
            return Usage(network, "Name networks of the configuration, or write them as 10.0.0.0/8.");
        }

        if (device is not null && services.Any(service => service.Class != AppPasswordClass.ActiveSync))
        {
            return Usage("Only ActiveSync clients tell their device id.", "Give --device-id with --for activesync alone, or leave it out.");
        }

        var (owner, exit) = await ResolveAsync(gateway, name, services);
        if (owner is null)
        {
            return exit;
        }

        var now = context.Time.GetUtcNow();
        if (await FindObstacleAsync(owner, wish.Tag, now) is { } obstacle)
        {
            return obstacle;
        }

        if (!services.Any(service => service.TakesAppPasswords))
        {
            context.Output.Progress($"No rule of {Join(services.Select(service => service.Name))} has a policy that names \"app-password\": nothing takes this password yet.");
        }

        return await AddAsync(owner, wish, device, now);
    }

    /// <summary>Shows app passwords, without the passwords.</summary>
    public async Task<int> ListAsync(string? user)
    {
        var now = context.Time.GetUtcNow();
        var all = await stores.AppPasswords.ListAsync(context.Cancellation);
        var found = user is null ? all : await OfAsync(all, user);
        if (context.Output.IsJson)
        {
            context.Output.Json(found.Select(one => new ShownAppPassword(
                one.IdentityKey,
                one.Login,
                one.Tag,
                one.For,
                one.Networks,
                one.DeviceId,
                one.CreatedAt,
                one.ExpiresAt,
                one.ExpiresAt <= now,
                one.LastUse?.At,
                one.LastUse?.Address,
                one.LastUse?.UserAgent)));
            return user is not null && found.Count == 0 ? ExitCodes.RefusedOrNotFound : ExitCodes.Done;
        }

        if (found.Count == 0)
        {
            context.Output.Progress(user is null ? "Nobody has an app password." : $"\"{user}\" has no app password.");
            return user is null ? ExitCodes.Done : ExitCodes.RefusedOrNotFound;
        }

        context.Output.Table(
            ["USER", "TAG", "FOR", "FROM", "DEVICE", "MADE", "EXPIRES", "LAST USED", "ADDRESS", "CLIENT"],
            found.Select(one => new[]
            {
                one.Login,
                one.Tag,
                Join(one.For),
                one.Networks.Count == 0 ? "anywhere" : Join(one.Networks),
                one.DeviceId ?? "any",
                TimeText.Relative(one.CreatedAt, now),
                one.ExpiresAt is { } end ? end <= now ? $"expired {TimeText.Relative(end, now)}" : TimeText.Relative(end, now) : "never",
                one.LastUse is { } use ? TimeText.Relative(use.At, now) : "never",
                one.LastUse?.Address,
                one.LastUse?.UserAgent,
            }));
        return ExitCodes.Done;
    }

    /// <summary>Revokes one by its tag, or all of a user when none is given.</summary>
    public async Task<int> RevokeAsync(string user, string? tag)
    {
        var own = await OfAsync(await stores.AppPasswords.ListAsync(context.Cancellation), user);
        var owners = own.Select(one => one.IdentityKey).Distinct(StringComparer.Ordinal).ToArray();
        if (owners.Length > 1)
        {
            return Refused($"\"{user}\" is the login of several users: {Join(owners)}.", "Nothing was changed. Give one of these instead of the name.");
        }

        var found = own.Where(one => tag is null || one.Tag == tag.ToLowerInvariant()).ToArray();
        if (found.Length == 0)
        {
            return Refused(tag is null ? $"\"{user}\" has no app password." : $"\"{user}\" has no app password \"{tag}\".", "authgateway app-password list shows them.");
        }

        var tags = found.Select(one => one.Tag).ToArray();
        var revoked = await _administration.ChangeAsync(
            "app-password-revoked",
            SignalNames.AppPasswordsChanged,
            found[0].IdentityKey,
            found[0].Login,
            async cancellation => await stores.AppPasswords.EndAsync([.. found.Select(one => one.Id)], context.Time.GetUtcNow(), cancellation) > 0,
            $"tag {Join(tags)}");
        if (!revoked)
        {
            return Refused("Somebody else revoked it meanwhile.", "authgateway app-password list shows what is left.");
        }

        if (context.Output.IsJson)
        {
            context.Output.Json(new { Identity = found[0].IdentityKey, found[0].Login, Revoked = tags });
        }

        context.Output.Line($"Revoked {Join(tags)} of {found[0].Login}. A running gateway refuses {(tags.Length == 1 ? "it" : "them")} within seconds and cuts what is open.");
        return ExitCodes.Done;
    }

    private async Task<int> AddAsync(UserIdentity owner, AppPasswordWish wish, string? device, DateTimeOffset now)
    {
        var shown = AppPasswordSecret.New();
        var key = stores.AppPasswordKey();
        if (!key.TryDigest(Secret.FromText(shown), out var digest))
        {
            throw new InvalidOperationException("A new app password does not look like one.");
        }

        var record = key.Seal(new AppPasswordRecord
        {
            Id = RandomNumberGenerator.GetString("bcdfghjkmnpqrstvwxyz23456789", 12),
            Digest = digest,
            IdentityKey = owner.Key,
            Login = owner.Login,
            Tag = wish.Tag,
            For = [.. wish.For.Distinct(StringComparer.Ordinal)],
            Networks = [.. wish.Networks.Distinct(StringComparer.OrdinalIgnoreCase)],
            DeviceId = device,
            CreatedAt = now,
            ExpiresAt = wish.Lifetime is { } lifetime ? now + lifetime : null,
        });
        var until = record.ExpiresAt is { } end ? $"until {TimeText.Absolute(end)}" : "without an end";
        var added = await _administration.ChangeAsync(
            "app-password-added",
            SignalNames.AppPasswordsChanged,
            owner.Key,
            owner.Login,
            async cancellation => await stores.AppPasswords.AddAsync(record, LiveAppPasswords.PerUser, now, cancellation) == AppPasswordAdding.Added,
            $"tag {record.Tag}, for {Join(record.For)}, from {(record.Networks.Count == 0 ? "anywhere" : Join(record.Networks))}{(device is null ? "" : $", on device {device}")}, {until}");
        if (!added)
        {
            return Refused($"{owner.Login} got another app password \"{record.Tag}\" meanwhile, or has too many.", "authgateway app-password list shows them.");
        }

        if (context.Output.IsJson)
        {
            context.Output.Json(new { Identity = owner.Key, owner.Login, record.Tag, UserName = $"{owner.Login}${record.Tag}", Password = shown, record.For, record.Networks, record.DeviceId, record.ExpiresAt });
        }

        context.Output.Line($"App password \"{record.Tag}\" of {owner.Login} ({owner.Backend}): {shown}");
        context.Output.Line($"User name: {owner.Login} or {owner.Login}${record.Tag}. Good for {Join(record.For)}, {until}; it is not shown again.");
        return ExitCodes.Done;
    }

    private async Task<int?> FindObstacleAsync(UserIdentity owner, string tag, DateTimeOffset now)
    {
        var good = (await stores.AppPasswords.ListAsync(context.Cancellation)).Where(one => one.IdentityKey == owner.Key && !(one.ExpiresAt <= now)).ToArray();
        if (Array.Exists(good, one => one.Tag == tag))
        {
            return Refused($"{owner.Login} has an app password \"{tag}\" already.", $"Choose another tag, or revoke that one: authgateway app-password revoke {owner.Login} {tag}");
        }

        return good.Length >= LiveAppPasswords.PerUser
            ? Refused($"{owner.Login} has {good.Length} app passwords, and nobody may have more.", "Revoke those that are not used any more: authgateway app-password list shows their last use.")
            : null;
    }

    /// <summary>The services meant; or what is wrong with the words.</summary>
    private static string? FindServices(IConfiguredGateway gateway, AppPasswordWish wish, out IReadOnlyList<ConfiguredService> services)
    {
        var found = new List<ConfiguredService>();
        foreach (var word in wish.For)
        {
            ConfiguredService[] meant = [.. gateway.Services.Where(service => AppPasswordClass.Is(word) ? service.Class == word : string.Equals(service.Name, word, StringComparison.OrdinalIgnoreCase))];
            if (meant.Length == 0)
            {
                services = [];
                return AppPasswordClass.Is(word)
                    ? $"No service is of the class \"{word}\"."
                    : FaultList.Unknown("class or service", word, AppPasswordClass.All.Concat(gateway.Services.Select(service => service.Name)));
            }

            found.AddRange(meant);
        }

        services = [.. found.Distinct()];
        return null;
    }

    /// <summary>The one user the name means, for every service meant.</summary>
    private async Task<(UserIdentity? Owner, int Exit)> ResolveAsync(IConfiguredGateway gateway, UserName name, IReadOnlyList<ConfiguredService> services)
    {
        UserIdentity? owner = null;
        foreach (var service in services)
        {
            switch (await gateway.ResolveAsync(name, service.Name, context.Cancellation))
            {
                case Resolution.Found found when owner is not null && owner.Key != found.Identity.Key:
                    return (null, Refused($"\"{name.Text}\" means {owner} for some of these services and {found.Identity} for {service.Name}.", "Make one for each: --for with the names of services."));
                case Resolution.Found found:
                    owner = found.Identity;
                    break;
                case Resolution.AccountState state:
                    return (null, Refused($"The account of {state.Identity} may not log in: {state.State}.", "Nothing was made."));
                case Resolution.Unavailable unavailable:
                    context.Output.Error($"Nobody can be asked who \"{name.Text}\" is: {unavailable.Why}", "Try again when the backend answers.");
                    return (null, ExitCodes.Unavailable);
                default:
                    return (null, Refused($"No backend knows \"{name.Text}\" for {service.Name}.", $"authgateway backend test --user {name.Text} asks each of them."));
            }
        }

        return (owner, ExitCodes.Done);
    }

    /// <summary>By login or identity as it was when they were made; else by whoever the name means now.</summary>
    private async Task<IReadOnlyList<AppPasswordRecord>> OfAsync(IReadOnlyList<AppPasswordRecord> all, string user)
    {
        AppPasswordRecord[] own = [.. all.Where(one => string.Equals(one.Login, user, StringComparison.OrdinalIgnoreCase) || string.Equals(one.IdentityKey, user, StringComparison.OrdinalIgnoreCase))];
        if (own.Length > 0 || all.Count == 0 || !UserName.TryParse(user, out var name))
        {
            return own;
        }

        await using var gateway = stores.OpenGateway();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in gateway.Services)
        {
            if (await gateway.ResolveAsync(name, service.Name, context.Cancellation) is { } answer && answer switch
            {
                Resolution.Found found => found.Identity,
                Resolution.AccountState state => state.Identity,
                _ => null,
            } is { } identity)
            {
                keys.Add(identity.Key);
            }
        }

        return [.. all.Where(one => keys.Contains(one.IdentityKey))];
    }

    private static string Join(IEnumerable<string> words) => string.Join(", ", words);

    private int Usage(string what, string remedy)
    {
        context.Output.Error(what, remedy);
        return ExitCodes.Usage;
    }

    private int Refused(string what, string remedy)
    {
        context.Output.Error(what, remedy);
        return ExitCodes.RefusedOrNotFound;
    }

    private sealed record ShownAppPassword(
        string Identity,
        string Login,
        string Tag,
        IReadOnlyList<string> For,
        IReadOnlyList<string> Networks,
        string? DeviceId,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt,
        bool Expired,
        DateTimeOffset? UsedAt,
        string? UsedAddress,
        string? UsedUserAgent);
}
