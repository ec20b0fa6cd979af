using System.Collections;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Configuration;

/// <summary>Holds a value against what its option's attributes ask. Every text states what would be right.</summary>
internal static class OptionConstraints
{
    public static void Check(OptionProperty option, object? value, bool isDefault, string key, FaultList faults)
    {
        switch (value)
        {
            case null:
                if (option.IsRequired)
                {
                    Missing();
                }

                break;

            case string text:
                CheckText(text);
                break;

            case ICollection entries:
                CheckEntries(entries);
                break;

            case IComparable number when option.Range is var (least, most) && (number.CompareTo(least) < 0 || number.CompareTo(most) > 0):
                faults.Error(key, OptionText.Of(number), $"Must be between {OptionText.Of(least)} and {OptionText.Of(most)}.");
                break;
        }

        void Missing() => faults.Error(
            key,
            null,
            isDefault ? $"This is required and missing. Add the key \"{option.Name}\"." : "This is required and must not be empty. Give it a value.");

        void CheckText(string text)
        {
            var shown = option.IsSecret ? OptionText.Mask : text;
            if (text.Length == 0 && option.IsRequired)
            {
                Missing();
            }
            else if (option.Choices is { } choices && !choices.Contains(text, StringComparer.Ordinal))
            {
                NotAChoice(key, text, choices);
            }
            else if (text.Length == 0 && isDefault)
            {
                // "Empty: none" is what such an option says of itself.
            }
            else if (option.Expression is { } expression && !expression.IsMatch(text))
            {
                faults.Error(key, shown, option.PatternWords is { } words ? $"Must be {words}." : $"The whole text must match {option.Pattern}. Change it accordingly.");
            }
            else if (text.Length > option.MaxLength)
            {
                faults.Error(key, shown, $"Must be at most {option.MaxLength} characters long, has {text.Length}. Shorten it.");
            }
            else if (text.Length < option.MinLength)
            {
                faults.Error(key, shown, $"Must be at least {option.MinLength} characters long, has {text.Length}. Lengthen it.");
            }
        }

        void CheckEntries(ICollection entries)
        {
            var least = Math.Max(option.MinLength, option.IsRequired ? 1 : 0);
            if (entries.Count == 0 && isDefault && least > 0)
            {
                Missing();
            }
            else if (entries.Count < least)
            {
                faults.Error(key, null, $"Must have at least {least} {Noun(least)}, has {entries.Count}. Add one.");
            }
            else if (entries.Count > option.MaxLength)
            {
                faults.Error(key, null, $"Must have at most {option.MaxLength} {Noun(option.MaxLength)}, has {entries.Count}. Remove some.");
            }

            if (option.Choices is { } choices && entries is IReadOnlyList<string> texts)
            {
                for (var i = 0; i < texts.Count; i++)
                {
                    if (!choices.Contains(texts[i], StringComparer.Ordinal))
                    {
                        NotAChoice(ConfigurationTree.Item(key, i), texts[i], choices);
                    }
                }
            }
        }

        void NotAChoice(string at, string text, IReadOnlyList<string> choices)
        {
            var list = string.Join(", ", choices.Select(choice => choice.Length == 0 ? "\"\" (empty)" : choice));
            faults.Error(at, text, choices.Count == 1 ? $"The only word known here is {list}. Write it, or remove this one." : $"Must be one of: {list}.{Guess.Of(text, choices)}");
        }
    }

    private static string Noun(int count) => count == 1 ? "entry" : "entries";
}

/// <summary>"Did you mean": the sentence that ends a fault about a name nobody knows.</summary>
internal static class Guess
{
    /// <summary>A space and the question, or nothing when no known name is near.</summary>
    public static string Of(string given, IEnumerable<string> known)
    {
        var sentence = FaultList.Unknown("", given, known.Where(name => name.Length > 0));
        var question = sentence.IndexOf(" Did you mean", StringComparison.Ordinal);
        return question < 0 ? "" : sentence[question..];
    }
}
