using System.Net;
using System.Text.RegularExpressions;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;

namespace AuthGateway.Core.Services;

/// <summary>Login names a service takes without a password, and the networks it takes them from.</summary>
internal sealed class NamesWithoutPassword
{
    private const int LongestPattern = 128;

    /// <summary>A name nobody gives and every careless pattern takes.</summary>
    private const string Anybody = "zq7-any-name-at-all";

    private readonly Regex[] _users;
    private readonly NetworkSet _from;

    private NamesWithoutPassword(Regex[] users, NetworkSet from)
    {
        _users = users;
        _from = from;
    }

    public static NamesWithoutPassword Build(ValidUserOptions options, string key, NetworkCatalog networks, FaultList faults)
    {
        var users = new List<Regex>();
        for (var i = 0; i < options.Users.Count; i++)
        {
            if (Compile(options.Users[i], $"{key}:Users[{i}]", faults) is { } regex)
            {
                users.Add(regex);
            }
        }

        var from = networks.Resolve(options.From, $"{key}:From", faults);
        if (from.HoldsStrangers)
        {
            faults.Error($"{key}:From", string.Join(", ", options.From), "This lets everybody who connects be these users, without a password. Name the networks that are meant.");
        }

        return new NamesWithoutPassword([.. users], from);
    }

    /// <summary>True where somebody may come in by a name alone.</summary>
    public bool IsOpenTo(IPAddress address) => _from.Contains(address);

    /// <summary>True when this name may.</summary>
    public bool Takes(string login, IPAddress address) => _from.Contains(address) && Array.Exists(_users, user => user.IsMatch(login));

    private static Regex? Compile(string pattern, string key, FaultList faults)
    {
        if (pattern.Length is 0 or > LongestPattern)
        {
            faults.Error(key, pattern, $"A pattern has 1 to {LongestPattern} characters.");
            return null;
        }

        try
        {
            // Alone first: an unbalanced bracket must not find its partner in what is put around it. Linear in the name's length, whatever the pattern.
            const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
            _ = new Regex(pattern, Options, Regex.InfiniteMatchTimeout);
            var whole = new Regex($@"\A(?:{pattern})\z", Options, Regex.InfiniteMatchTimeout);
            if (whole.IsMatch(Anybody))
            {
                faults.Error(key, pattern, "The pattern matches any name at all, administrators among them. Name the accounts that are meant.");
            }

            return whole;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            faults.Error(key, pattern, $"Not a pattern that can be used: {e.Message} Write a plain regular expression such as \"login\\d+\".");
            return null;
        }
    }
}
