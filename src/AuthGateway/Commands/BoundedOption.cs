using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary>Options with a range that their help states and the parser keeps.</summary>
internal static class BoundedOption
{
    /// <summary>A whole number within bounds.</summary>
    public static Option<int> Int32(string name, int least, int most, int usual, string description)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description}, {least} to {most}.",
            HelpName = "NUMBER",
            DefaultValueFactory = _ => usual,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && (value < least || value > most))
            {
                result.AddError($"{name} must be {least} to {most}, was {value}.");
            }
        });
        return option;
    }
}
