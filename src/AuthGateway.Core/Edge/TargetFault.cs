namespace AuthGateway.Core.Edge;

/// <summary>Why a request target is refused with 400, whatever the service. The numbers are stable: they stand in audit records.</summary>
internal enum TargetFault
{
    None = 0,
    Empty = 1,
    TooLong = 2,

    /// <summary>Neither a path, nor an absolute http(s) URI, nor <c>*</c> with OPTIONS.</summary>
    NotOriginForm = 3,

    /// <summary>An absolute URI without authority, or with user information in it.</summary>
    BadAuthority = 4,

    /// <summary>A raw control character, space, DEL, backslash or non-ASCII character.</summary>
    ForbiddenCharacter = 5,
    Fragment = 6,

    /// <summary><c>%</c> without two hexadecimal digits after it.</summary>
    MalformedEscape = 7,

    /// <summary>Escaped bytes that are not UTF-8; overlong forms such as <c>%c0%af</c> are among them.</summary>
    NotUtf8 = 8,
    EncodedControl = 9,
    EncodedBackslash = 10,

    /// <summary><c>.</c> or <c>..</c> in any spelling: <c>%2e%2e</c>, <c>..;x</c>, <c>..%2f</c>, <c>..</c> with spaces behind.</summary>
    DotSegment = 11,

    /// <summary>A character that normalises (NFKC) to one with a meaning in paths, such as the full-width solidus.</summary>
    CompatibilityCharacter = 12,

    /// <summary>Escaped again and again: still an escape after four decodings.</summary>
    NestedEscape = 13,
}

/// <summary>What is odd about a target yet allowed on services that opt in; on all others each of these is a 400 too.</summary>
[Flags]
internal enum TargetQuirks
{
    None = 0,

    /// <summary><c>%2F</c>: upstreams disagree whether it separates. Rules are tried on both readings.</summary>
    EncodedSlash = 1,

    /// <summary>A <c>%XX</c> is left after one decoding: an upstream that decodes twice sees another path.</summary>
    ResidualEscape = 2,

    /// <summary>A segment ends in a dot or space, which Windows file systems drop.</summary>
    TrailingDotOrSpace = 4,

    /// <summary>A colon, which IIS and NTFS read as drive or stream (<c>web.config::$DATA</c>).</summary>
    ColonSegment = 8,
}

/// <summary>A canonical target, or the fault that forbids one.</summary>
internal readonly record struct TargetOutcome(TargetFault Fault, CanonicalTarget? Target)
{
    public static implicit operator TargetOutcome(TargetFault fault) => new(fault, null);
}
