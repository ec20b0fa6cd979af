using System.Collections;
using System.Globalization;
using System.Text.Json;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Configuration;

/// <summary>
/// Variables <c>AuthGateway__Lockout__Account__Limit</c>, case ignored. Each sets exactly the value it names; in a list the number is the
/// entry (<c>AuthGateway__Backends__0__BaseDn</c>), an existing one or the next.
/// </summary>
internal static class EnvironmentSource
{
    private const string Separator = "__";

    public static ConfigurationObject Apply(ConfigurationObject root, IDictionary environment, FaultList faults)
    {
        var variables = environment.Keys.Cast<object>()
            .Select(key => key as string ?? "")
            .Where(name => name.StartsWith(ConfigurationTree.RootKey + Separator, StringComparison.OrdinalIgnoreCase))
            .Select(name => (Name: name, Path: name.Split(Separator)[1..]))
            .OrderBy(variable => variable.Path, PathOrder);
        foreach (var (name, path) in variables)
        {
            var source = $"environment {name}";
            var fault = path.Any(segment => segment.Length == 0)
                ? "The name has an empty part. Write two underscores between the parts of a key, and none at its end."
                : Set(root, path, new ConfigurationScalar(JsonTokenType.String, environment[name] as string ?? "", source) { FromEnvironment = true });
            if (fault is not null)
            {
                faults.Add(new Fault(FaultSeverity.Error, string.Join(':', [ConfigurationTree.RootKey, .. path]), null, fault, source));
            }
        }

        return root;
    }

    // Numbers in numeric order, so that entry 10 comes after entry 9 and not after entry 1.
    private static Comparer<string[]> PathOrder { get; } = Comparer<string[]>.Create((left, right) =>
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var order = IsIndex(left[i], out var a) && IsIndex(right[i], out var b)
                ? a.CompareTo(b)
                : string.Compare(left[i], right[i], StringComparison.OrdinalIgnoreCase);
            if (order != 0)
            {
                return order;
            }
        }

        return left.Length.CompareTo(right.Length);
    });

    private static bool IsIndex(string segment, out int index) =>
        int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out index);

    private static string? Set(ConfigurationNode node, ReadOnlySpan<string> path, ConfigurationScalar value)
    {
        var last = path.Length == 1;
        switch (node)
        {
            case ConfigurationObject parent:
                if (!last && parent.Find(path[0]) is { } child)
                {
                    return Set(child, path[1..], value);
                }

                if (last)
                {
                    parent.Set(path[0], value);
                    return null;
                }

                var added = New(path[1], value.Source);
                parent.Set(path[0], added);
                return Set(added, path[1..], value);

            case ConfigurationArray array:
                if (!IsIndex(path[0], out var index) || index > array.Items.Count)
                {
                    return $"The list has {array.Items.Count} entries; name one of them by its number from 0 on, or {array.Items.Count} to add one.";
                }

                if (index == array.Items.Count)
                {
                    array.Items.Add(last ? value : New(path[1], value.Source));
                }
                else if (last)
                {
                    array.Items[index] = value;
                }

                return last ? null : Set(array.Items[index], path[1..], value);

            default:
                return "A key above this one is already set to a plain value. Remove one of the two.";
        }
    }

    // A key made here may be a list or a dictionary with a name of digits; "0" first means list, and the binder has the last word.
    private static ConfigurationNode New(string firstChild, string source) =>
        firstChild == "0" ? new ConfigurationArray(source) : new ConfigurationObject(source);
}
