using System.Collections;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Configuration;

/// <summary>What a load found.</summary>
public sealed class LoadResult
{
    private readonly ConfigurationTree? _tree;
    private readonly string _configFile;

    internal LoadResult(GatewayOptions? options, FaultList faults, IReadOnlyList<string> files, ConfigurationTree? tree, string configFile)
    {
        _tree = tree;
        _configFile = configFile;
        Options = options;
        Faults = Attribute(faults);
        Files = files;
    }

    /// <summary>The whole configuration; null when there was an error.</summary>
    public GatewayOptions? Options { get; }

    /// <summary>Every fault, each with its source.</summary>
    public FaultList Faults { get; }

    /// <summary>Absolute paths of the configuration files and of the files secrets were read from.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>
    /// The same faults with their sources: the place the key was written at, or that of the nearest key around it. For faults that
    /// rooms add when they build from <see cref="Options"/>.
    /// </summary>
    public FaultList Attribute(FaultList faults)
    {
        var attributed = new FaultList();
        foreach (var fault in faults.All)
        {
            attributed.Add(fault.Source is null ? fault with { Source = _tree?.SourceOf(fault.Key) ?? ConfigurationSources.NameOf(Path.GetFullPath(_configFile)) } : fault);
        }

        return attributed;
    }
}

/// <summary>Reads files and environment into <see cref="GatewayOptions"/>, with every fault in one go.</summary>
public static class ConfigurationLoader
{
    /// <summary>Loads; never throws for what an administrator can get wrong.</summary>
    /// <param name="configFile">Path of <c>appsettings.json</c>; <c>appsettings.d</c> is looked for beside it.</param>
    /// <param name="stateDirectory">Where relative paths start.</param>
    /// <param name="environment">Usually <see cref="Environment.GetEnvironmentVariables()"/>.</param>
    public static LoadResult Load(string configFile, string stateDirectory, IDictionary environment)
    {
        var faults = new FaultList();
        var files = ConfigurationSources.Files(configFile, faults);
        var tree = ConfigurationSources.Read(files, environment, faults);
        if (tree is null)
        {
            return new LoadResult(null, faults, files, null, configFile);
        }

        var secretFiles = new SecretFiles(environment);
        var binder = new OptionsBinder(new FilePaths(stateDirectory), secretFiles, faults);
        var options = binder.Bind<GatewayOptions>(tree.Root, ConfigurationTree.RootKey);
        RefuseExposedSecrets(binder.InlineSecrets, tree, files, faults);
        OptionsRules.Check(options, faults);
        return new LoadResult(faults.HasErrors ? null : options, faults, [.. files, .. secretFiles.Read], tree, configFile);
    }

    /// <summary>A file that holds a secret is a secret: only its owner may read it.</summary>
    private static void RefuseExposedSecrets(IEnumerable<string> keys, ConfigurationTree tree, IReadOnlyList<string> files, FaultList faults)
    {
        const UnixFileMode read = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        var exposed = files
            .Where(file => !OperatingSystem.IsWindows() && File.Exists(file) && (File.GetUnixFileMode(file) & read) != 0)
            .ToDictionary(ConfigurationSources.NameOf, StringComparer.Ordinal);
        foreach (var key in keys)
        {
            var source = tree.SourceOf(key)!;
            if (exposed.TryGetValue(source[..Math.Max(0, source.LastIndexOf(':'))], out var file))
            {
                var name = key[(key.LastIndexOf(':') + 1)..];
                faults.Error(key, OptionText.Mask, $"Others than the owner can read this file. Move the secret to a file of its own with {name}{OptionProperty.SecretFileSuffix}, or run: chmod 600 {file}");
            }
        }
    }
}
