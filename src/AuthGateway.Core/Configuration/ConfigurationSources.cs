using System.Collections;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Configuration;

/// <summary>
/// Reads <c>appsettings.json</c>, then <c>appsettings.d/*.json</c> beside it in ordinal order of names, then the environment; each overrides
/// what came before.
/// </summary>
internal static class ConfigurationSources
{
    public const string Folder = "appsettings.d";

    /// <summary>The files a load would read, the main file first whether it exists or not.</summary>
    public static IReadOnlyList<string> Files(string configFile, FaultList faults)
    {
        var main = Path.GetFullPath(configFile);
        var folder = Path.Combine(Path.GetDirectoryName(main)!, Folder);
        try
        {
            return [main, .. Directory.EnumerateFiles(folder, "*.json").OrderBy(Path.GetFileName, StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [main];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(FaultSeverity.Error, ConfigurationTree.RootKey, null, $"The folder cannot be read: {exception.Message}", Folder));
            return [main];
        }
    }

    /// <summary>Reads and merges everything. Null when a file could not be read: what is missing from it would only make up faults.</summary>
    public static ConfigurationTree? Read(IReadOnlyList<string> files, IDictionary environment, FaultList faults)
    {
        var merged = new ConfigurationObject(NameOf(files[0]));
        var complete = true;
        for (var i = 0; i < files.Count; i++)
        {
            if (ConfigurationFile.Read(files[i], NameOf(files[i]), faults) is not { } file)
            {
                complete = false;
                continue;
            }

            if (Section(file, faults) is { } section)
            {
                merged = merged.Entries.Count == 0 ? section : ConfigurationTree.Merge(merged, section);
            }
        }

        merged = EnvironmentSource.Apply(merged, environment, faults);
        if (!complete)
        {
            return null;
        }

        if (merged.Entries.Count == 0)
        {
            faults.Add(new Fault(
                FaultSeverity.Error, ConfigurationTree.RootKey, null, "Nothing is configured. Write { \"AuthGateway\": { … } }.", NameOf(files[0])));
            return null;
        }

        return new ConfigurationTree(merged);
    }

    /// <summary>How faults call a file: by its name, those of the folder with the folder.</summary>
    public static string NameOf(string file) =>
        Path.GetFileName(Path.GetDirectoryName(file)) == Folder ? $"{Folder}/{Path.GetFileName(file)}" : Path.GetFileName(file);

    private static ConfigurationObject? Section(ConfigurationObject file, FaultList faults)
    {
        ConfigurationObject? section = null;
        foreach (var (key, value) in file.Entries)
        {
            if (key == "$schema")
            {
                continue;
            }

            if (!key.Equals(ConfigurationTree.RootKey, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(new Fault(
                    FaultSeverity.Error, key, null, $"Only the section \"{ConfigurationTree.RootKey}\" is read. Move this into it, or remove it.", value.Source));
            }
            else if (value is ConfigurationObject found)
            {
                section = found;
            }
            else
            {
                faults.Add(new Fault(FaultSeverity.Error, ConfigurationTree.RootKey, null, $"Expected an object in {{ }}, found {value.Noun}.", value.Source));
            }
        }

        return section;
    }
}
