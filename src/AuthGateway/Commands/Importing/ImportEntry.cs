namespace AuthGateway.Commands.Importing;

/// <summary>One account as a file tells of it. What is null the file does not say.</summary>
/// <param name="Line">Line it begins at, from 1.</param>
internal sealed record ImportEntry(int Line)
{
    /// <summary>Login name, not yet checked.</summary>
    public string? Login { get; init; }

    /// <summary>Mail address.</summary>
    public string? Mail { get; init; }

    /// <summary>Name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Groups; an empty list says there are none.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Hash in whatever spelling.</summary>
    public string? Hash { get; init; }

    /// <summary>Password in the clear.</summary>
    public string? Password { get; init; }

    /// <summary>Whether the account may not log in.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Why the reader could make no account of it, or null.</summary>
    public string? Fault { get; init; }
}

/// <summary>What a reader made of a file.</summary>
/// <param name="Entries">Accounts, in the order of the file.</param>
/// <param name="NotTaken">Columns or attributes nothing was made of, each with the number of its values.</param>
/// <param name="Passed">Entries that are no accounts, such as folders of a directory.</param>
internal sealed record ImportFile(IReadOnlyList<ImportEntry> Entries, IReadOnlyDictionary<string, int> NotTaken, int Passed);

/// <summary>A file as a whole cannot be read.</summary>
internal sealed class ImportRefusedException(string message, string remedy) : Exception(message)
{
    /// <summary>What to do about it.</summary>
    public string Remedy { get; } = remedy;
}
