using System.Text.Json.Serialization;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>What the process that checks is asked; one JSON line.</summary>
internal sealed class PamRequest
{
    /// <summary>Stands again in the reply.</summary>
    public long Number { get; set; }

    /// <summary>The system's user name.</summary>
    public string User { get; set; } = "";

    /// <summary>The password; null to only look the user up.</summary>
    public byte[]? Password { get; set; }

    /// <summary>PAM service.</summary>
    public string Service { get; set; } = "";

    /// <summary>Folder of the service's file; empty for the system's.</summary>
    public string ConfigDirectory { get; set; } = "";
}

/// <summary>What it answers; one JSON line.</summary>
internal sealed class PamReply
{
    /// <summary>The number of the request.</summary>
    public long Number { get; set; }

    /// <summary>The last phase of PAM that was called; null for a lookup.</summary>
    public string? Phase { get; set; }

    /// <summary>What PAM returned in it.</summary>
    public int Code { get; set; }

    /// <summary>The user, as he is called after all modules had their say; null when there is none.</summary>
    public PamUser? User { get; set; }

    /// <summary>Why nothing can be said, or null.</summary>
    public string? Fault { get; set; }

    /// <summary>What modules had to say to the user, for the log.</summary>
    public List<string> Messages { get; set; } = [];
}

/// <summary>A user of the operating system.</summary>
internal sealed class PamUser
{
    public string Name { get; set; } = "";

    public uint Uid { get; set; }

    public string FullName { get; set; } = "";

    public List<string> Groups { get; set; } = [];

    /// <summary>What the shadow file says without a password, where it may be read: a word of <see cref="AccountStates"/>, or null.</summary>
    public string? State { get; set; }

    /// <summary>True when the shadow file was read for this user: without the right to, or an entry there, an account's end shows at its next login only.</summary>
    public bool IsStateKnown { get; set; }
}

/// <summary>Reading and writing without reflection, which would cost each process a part of its start.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PamRequest))]
[JsonSerializable(typeof(PamReply))]
internal sealed partial class PamJson : JsonSerializerContext;
