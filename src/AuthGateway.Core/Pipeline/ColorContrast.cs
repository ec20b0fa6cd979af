using System.Globalization;

namespace AuthGateway.Core.Pipeline;

/// <summary>Whether a colour can be read on another one (WCAG 2.2, 1.4.3): contrast ratios of <c>#rrggbb</c> colours.</summary>
public static class ColorContrast
{
    /// <summary>Least ratio for text.</summary>
    public const double Text = 4.5;

    /// <summary>The ratio of two colours, from 1 (the same) to 21 (black on white).</summary>
    public static double Between(string one, string other)
    {
        var (a, b) = (Luminance(Parse(one)), Luminance(Parse(other)));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>The colour, mixed with as little white as makes it readable on a dark ground.</summary>
    public static string Lighten(string color, string ground, double least)
    {
        var (r, g, b) = Parse(color);
        for (var share = 0; share < 100; share++)
        {
            var mixed = $"#{Mix(r, share):x2}{Mix(g, share):x2}{Mix(b, share):x2}";
            if (Between(mixed, ground) >= least)
            {
                return mixed;
            }
        }

        return "#ffffff";
    }

    private static int Mix(int part, int share) => part + ((255 - part) * share / 100);

    private static (int R, int G, int B) Parse(string color)
    {
        var value = int.Parse(color.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (value >> 16, (value >> 8) & 0xFF, value & 0xFF);
    }

    private static double Luminance((int R, int G, int B) color) => (0.2126 * Linear(color.R)) + (0.7152 * Linear(color.G)) + (0.0722 * Linear(color.B));

    private static double Linear(int part)
    {
        var value = part / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
