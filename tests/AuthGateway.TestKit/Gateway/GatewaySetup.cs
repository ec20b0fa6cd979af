namespace AuthGateway.TestKit.Gateway;

/// <summary>
/// What a gateway process is started with. In the configuration <c>@port:NAME@</c> stands for a free port, one for each name, and
/// <c>@NAME@</c> for a value of <see cref="Values"/>. There must be a staff listener on <c>@port:staff@</c> (https) to wait for.
/// </summary>
public sealed record GatewaySetup
{
    /// <summary>The configuration's text.</summary>
    public required string Configuration { get; init; }

    /// <summary>What the configuration's other placeholders stand for.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Puts files into the state directory before the start, besides the bed's keys and secrets.</summary>
    public Action<string>? Prepare { get; init; }

    /// <summary>The last thing before the start, when the configuration has been written too.</summary>
    public Action<string>? Finish { get; init; }
}
