using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace AuthGateway.Core.Configuration;

/// <summary>The shapes an option may have.</summary>
internal enum OptionKind
{
    Text,
    Boolean,
    Integer,
    Decimal,
    Duration,
    List,
    Dictionary,
    Section,
}

/// <summary>What the binder, the schema, the reference and the printer know of a type: its shape and its parts.</summary>
internal sealed class OptionType
{
    private OptionType(Type type)
    {
        Type = Nullable.GetUnderlyingType(type) ?? type;
        Kind = KindOf(Type);
        if (Kind is OptionKind.List or OptionKind.Dictionary)
        {
            Element = Of(Type.GetGenericArguments()[^1]);
        }
    }

    public Type Type { get; }

    public OptionKind Kind { get; }

    /// <summary>What a list or dictionary holds.</summary>
    public OptionType? Element { get; }

    /// <summary>The key that tells which of <see cref="Alternatives"/> is meant; null for a type that is only itself.</summary>
    public string? Discriminator => Type.GetCustomAttribute<JsonPolymorphicAttribute>(inherit: false)?.TypeDiscriminatorPropertyName;

    /// <summary>Name and type of each alternative, in the order of the source.</summary>
    public IEnumerable<(string Name, OptionType Type)> Alternatives =>
        Type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(alternative => ((string)alternative.TypeDiscriminator!, Of(alternative.DerivedType)));

    /// <summary>The options of a section, those of a base type first.</summary>
    public IReadOnlyList<OptionProperty> Properties => field ??= [.. Type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is { IsPublic: true })
        .OrderBy(property => Depth(property.DeclaringType!))
        .ThenBy(property => property.MetadataToken)
        .Select(property => new OptionProperty(property))];

    public static OptionType Of(Type type) => new(type);

    public object Create() => Activator.CreateInstance(Type)!;

    private static int Depth(Type type) => type.BaseType is null ? 0 : Depth(type.BaseType) + 1;

    private static OptionKind KindOf(Type type)
    {
        if (type == typeof(string))
        {
            return OptionKind.Text;
        }

        if (type == typeof(bool))
        {
            return OptionKind.Boolean;
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return OptionKind.Integer;
        }

        if (type == typeof(double))
        {
            return OptionKind.Decimal;
        }

        if (type == typeof(TimeSpan))
        {
            return OptionKind.Duration;
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (definition == typeof(List<>))
        {
            return OptionKind.List;
        }

        if (definition == typeof(Dictionary<,>) && type.GetGenericArguments()[0] == typeof(string))
        {
            return OptionKind.Dictionary;
        }

        return type is { IsClass: true, IsGenericType: false } && type != typeof(object)
            ? OptionKind.Section
            : throw new NotSupportedException($"An option cannot have the type {type}.");
    }
}

/// <summary>One option: its type and what its attributes ask.</summary>
internal sealed class OptionProperty(PropertyInfo property)
{
    /// <summary>Behind the name of a secret: the key that names a file with it.</summary>
    public const string SecretFileSuffix = "File";

    public string Name => property.Name;

    public PropertyInfo Property => property;

    public OptionType Type { get; } = OptionType.Of(property.PropertyType);

    public bool IsNullable { get; } = Nullable.GetUnderlyingType(property.PropertyType) is not null;

    public bool IsSecret { get; } = property.GetCustomAttribute<DataTypeAttribute>()?.DataType == DataType.Password;

    public bool IsPath { get; } = FilePaths.IsPath(property);

    public bool IsRequired { get; } = property.GetCustomAttribute<RequiredAttribute>() is not null;

    /// <summary>Least and most, already of the option's own type.</summary>
    public (IComparable Least, IComparable Most)? Range { get; } = RangeOf(property);

    public IReadOnlyList<string>? Choices { get; } =
        property.GetCustomAttribute<AllowedValuesAttribute>()?.Values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)!).ToArray();

    /// <summary>The expression as written; it must match the whole text.</summary>
    public string? Pattern { get; } = property.GetCustomAttribute<RegularExpressionAttribute>()?.Pattern;

    /// <summary>The expression in words, to stand behind "must be"; null when nobody wrote them.</summary>
    public string? PatternWords { get; } = property.GetCustomAttribute<RegularExpressionAttribute>()?.ErrorMessage;

    public Regex? Expression { get; } = property.GetCustomAttribute<RegularExpressionAttribute>() is { } attribute
        ? new Regex($@"\A(?:{attribute.Pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)
        : null;

    /// <summary>Fewest characters or entries; zero when nothing is asked.</summary>
    public int MinLength { get; } =
        Math.Max(property.GetCustomAttribute<MinLengthAttribute>()?.Length ?? 0, property.GetCustomAttribute<StringLengthAttribute>()?.MinimumLength ?? 0);

    /// <summary>Most characters or entries.</summary>
    public int MaxLength { get; } =
        Math.Min(property.GetCustomAttribute<MaxLengthAttribute>()?.Length ?? int.MaxValue, property.GetCustomAttribute<StringLengthAttribute>()?.MaximumLength ?? int.MaxValue);

    public object? Get(object owner) => property.GetValue(owner);

    public void Set(object owner, object? value) => property.SetValue(owner, value);

    private static (IComparable, IComparable)? RangeOf(PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
        {
            return null;
        }

        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return (As(range.Minimum), As(range.Maximum));

        IComparable As(object bound) => type == typeof(TimeSpan)
            ? TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture)
            : (IComparable)Convert.ChangeType(bound, type, CultureInfo.InvariantCulture);
    }
}

/// <summary>How an option's value is written, in faults, schema and reference alike.</summary>
internal static class OptionText
{
    public const string Mask = "***";

    public static string Of(object value) => value switch
    {
        TimeSpan duration => DurationText.Format(duration),
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
