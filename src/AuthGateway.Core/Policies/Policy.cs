using System.Collections.Frozen;
using AuthGateway.Core.Networks;

namespace AuthGateway.Core.Policies;

/// <summary>A named set of requirements, validated and immutable.</summary>
public sealed class Policy
{
    /// <summary>The built-in policy that refuses whatever it is asked.</summary>
    public static Policy DenyAll { get; } = new() { Name = "deny", Denies = true };

    /// <summary>The policy's name.</summary>
    public required string Name { get; init; }

    /// <summary>True for the built-in <c>deny</c>.</summary>
    public bool Denies { get; init; }

    /// <summary>True where nobody needs to be known. Only an explicit setting makes a policy so.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Networks the client must be in; <see cref="NetworkSet.Any"/> when the policy names none.</summary>
    public NetworkSet Networks { get; init; } = NetworkSet.Any;

    /// <summary>True when a registered device is asked for, as a factor or beside the factors.</summary>
    public bool RequiresDevice { get; init; }

    /// <summary>Each entry is a set of alternatives of which one must be proven; all entries must be met.</summary>
    public IReadOnlyList<FactorSet> Factors { get; init; } = [];

    /// <summary>Groups of which the user must be in one; empty when the policy names none.</summary>
    public FrozenSet<string> Groups { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Roles of which the user must hold one; empty when the policy names none.</summary>
    public FrozenSet<string> Roles { get; init; } = FrozenSet<string>.Empty;

    /// <summary>True when the account's own password is among the factors asked for.</summary>
    public bool RequiresPassword { get; init; }

    /// <summary>True when some entry can be met by a secret only: the account's password, an app password, or either.</summary>
    public bool RequiresSecret
    {
        get
        {
            for (var i = 0; i < Factors.Count; i++)
            {
                if (Factors[i] != FactorSet.None && (Factors[i] & ~FactorKinds.Secrets) == 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>True when some entry can be met by an app password only.</summary>
    public bool RequiresAppPassword
    {
        get
        {
            for (var i = 0; i < Factors.Count; i++)
            {
                if (Factors[i] == FactorSet.AppPassword)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Every factor that meets some entry.</summary>
    public FactorSet Accepted
    {
        get
        {
            var accepted = FactorSet.None;
            for (var i = 0; i < Factors.Count; i++)
            {
                accepted |= Factors[i];
            }

            return accepted;
        }
    }

    /// <summary>True when these factors meet every entry.</summary>
    public bool IsMetBy(FactorSet proven)
    {
        for (var i = 0; i < Factors.Count; i++)
        {
            if ((Factors[i] & proven) == 0)
            {
                return false;
            }
        }

        return Factors.Count > 0;
    }

    /// <summary>True when somebody may say who he is by this factor in place of a password.</summary>
    public bool TakesInsteadOfPassword(FactorSet way) => !Anonymous && !Denies && !RequiresSecret && (Accepted & way) != 0;
}
