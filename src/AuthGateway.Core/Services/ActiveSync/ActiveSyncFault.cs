namespace AuthGateway.Core.Services.ActiveSync;

/// <summary>Why an ActiveSync query is refused with 400. The numbers are stable: they stand in audit records.</summary>
internal enum ActiveSyncFault
{
    None = 0,

    /// <summary>POST without a query.</summary>
    Missing = 1,

    /// <summary>A second <c>?</c>: SOGo reads what follows the last one, others the first.</summary>
    SecondQuestionMark = 2,

    /// <summary>A control character, space, <c>#</c>, <c>;</c> (which some parsers split at) or non-ASCII character.</summary>
    ForbiddenCharacter = 3,

    /// <summary>An empty pair, or one without <c>=</c>.</summary>
    MalformedPair = 4,

    /// <summary>A key that is none of the specification's, in its exact letter case, unescaped.</summary>
    UnknownKey = 5,

    /// <summary>A key or parameter twice, in any letter case: SOGo takes the first, PHP the last.</summary>
    Duplicate = 6,

    /// <summary>An escape in Cmd, DeviceId or DeviceType: SOGo does not decode it.</summary>
    EscapedValue = 7,
    MalformedEscape = 8,
    MissingCommand = 9,
    UnknownCommand = 10,
    MissingDeviceId = 11,
    BadDeviceId = 12,
    BadDeviceType = 13,

    /// <summary>A user with characters that mean impersonation (<c>#</c>), master user (<c>*</c>) or a second reading to an upstream.</summary>
    BadUser = 14,

    /// <summary>SaveInSent other than T or F, or a base64 parameter of the wrong length.</summary>
    BadParameter = 15,

    /// <summary>Not canonical base64.</summary>
    BadBase64 = 16,

    /// <summary>A base64 query that ends before its fields, or after them.</summary>
    BadLength = 17,
    UnknownVersion = 18,
    UnknownParameter = 19,
}
