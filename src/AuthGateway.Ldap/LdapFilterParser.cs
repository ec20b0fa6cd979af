using System.Formats.Asn1;
using System.Text;

namespace AuthGateway.Ldap;

/// <summary>Reads RFC 4515 by recursive descent and writes BER as it goes.</summary>
internal ref struct LdapFilterParser(string text, AsnWriter writer)
{
    private readonly byte[] _value = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
    private int _at;
    private string _fault = "";

    public bool TryParse(out string fault)
    {
        var read = Filter(0);
        if (read && _at != text.Length)
        {
            read = Fail("nothing may follow the filter");
        }

        fault = _fault;
        return read;
    }

    private bool Filter(int depth)
    {
        if (depth >= LdapFilter.MaxDepth)
        {
            return Fail($"nested deeper than {LdapFilter.MaxDepth}");
        }

        if (!Take('('))
        {
            return Fail("expected '('");
        }

        var read = Peek() switch
        {
            '&' => Set(0, depth),
            '|' => Set(1, depth),
            '!' => Not(depth),
            _ => Item(),
        };
        return read && (Take(')') || Fail("expected ')'"));
    }

    private bool Set(int kind, int depth)
    {
        var tag = LdapTag.Context(kind, constructed: true);
        _at++;
        writer.PushSetOf(tag);
        SkipSpace();
        while (Peek() == '(')
        {
            if (!Filter(depth + 1))
            {
                return false;
            }

            SkipSpace();
        }

        writer.PopSetOf(tag);
        return true;
    }

    private bool Not(int depth)
    {
        var tag = LdapTag.Context(2, constructed: true);
        _at++;
        SkipSpace();
        writer.PushSequence(tag);
        if (!Filter(depth + 1))
        {
            return false;
        }

        SkipSpace();
        writer.PopSequence(tag);
        return true;
    }

    private bool Item()
    {
        var start = _at;
        while (Peek() is not ('=' or '~' or '>' or '<' or ':' or '(' or ')' or '\0'))
        {
            _at++;
        }

        var attribute = text.AsSpan(start, _at - start);
        if (Peek() == ':')
        {
            return Extensible(attribute);
        }

        if (!LdapText.IsAttributeDescription(attribute))
        {
            _at = start;
            return Fail("expected an attribute name");
        }

        var kind = Take('=') ? 3 : TakeBoth('>') ? 5 : TakeBoth('<') ? 6 : TakeBoth('~') ? 8 : 0;
        return kind switch
        {
            0 => Fail("expected one of = >= <= ~= :="),
            3 => EqualityOrSubstrings(attribute),
            _ => Comparison(kind, attribute),
        };
    }

    private bool Comparison(int kind, ReadOnlySpan<char> attribute)
    {
        if (!Value(out var length))
        {
            return false;
        }

        WriteAssertion(kind, attribute, _value.AsSpan(0, length));
        return true;
    }

    private bool EqualityOrSubstrings(ReadOnlySpan<char> attribute)
    {
        if (!Value(out var length))
        {
            return false;
        }

        if (Peek() != '*')
        {
            WriteAssertion(3, attribute, _value.AsSpan(0, length));
            return true;
        }

        if (length == 0 && _at + 1 < text.Length && text[_at + 1] == ')')
        {
            _at++;
            WriteText(attribute, LdapTag.Context(7));
            return true;
        }

        return Substrings(attribute, length);
    }

    private bool Substrings(ReadOnlySpan<char> attribute, int length)
    {
        var tag = LdapTag.Context(4, constructed: true);
        writer.PushSequence(tag);
        WriteText(attribute, Asn1Tag.PrimitiveOctetString);
        writer.PushSequence();
        if (length > 0)
        {
            writer.WriteOctetString(_value.AsSpan(0, length), LdapTag.Context(0));
        }

        while (Take('*'))
        {
            if (!Value(out length))
            {
                return false;
            }

            var isFinal = Peek() != '*';
            if (length > 0)
            {
                writer.WriteOctetString(_value.AsSpan(0, length), LdapTag.Context(isFinal ? 2 : 1));
            }
            else if (!isFinal)
            {
                // RFC 4515 has no empty middle part: "a=x**y" is a typing error, not a wish.
                return Fail("two stars in a row");
            }
        }

        writer.PopSequence();
        writer.PopSequence(tag);
        return true;
    }

    // attribute[:dn][:rule]:=value, or [:dn]:rule:=value when there is no attribute
    private bool Extensible(ReadOnlySpan<char> attribute)
    {
        if (!attribute.IsEmpty && !LdapText.IsAttributeDescription(attribute))
        {
            return Fail("expected an attribute name");
        }

        var dnAttributes = false;
        ReadOnlySpan<char> rule = default;
        while (Take(':') && Peek() != '=')
        {
            var start = _at;
            while (Peek() is not (':' or '=' or '(' or ')' or '\0'))
            {
                _at++;
            }

            var word = text.AsSpan(start, _at - start);
            if (!dnAttributes && rule.IsEmpty && word.Equals("dn", StringComparison.OrdinalIgnoreCase))
            {
                dnAttributes = true;
            }
            else if (rule.IsEmpty && LdapText.IsObjectIdentifier(word))
            {
                rule = word;
            }
            else
            {
                return Fail("expected a matching rule");
            }
        }

        if (!Take('=') || text[_at - 2] != ':')
        {
            return Fail("expected ':='");
        }

        if (attribute.IsEmpty && rule.IsEmpty)
        {
            return Fail("an extensible match needs an attribute or a rule");
        }

        if (!Value(out var length))
        {
            return false;
        }

        var tag = LdapTag.Context(9, constructed: true);
        writer.PushSequence(tag);
        if (!rule.IsEmpty)
        {
            WriteText(rule, LdapTag.Context(1));
        }

        if (!attribute.IsEmpty)
        {
            WriteText(attribute, LdapTag.Context(2));
        }

        writer.WriteOctetString(_value.AsSpan(0, length), LdapTag.Context(3));
        if (dnAttributes)
        {
            writer.WriteBoolean(true, LdapTag.Context(4));
        }

        writer.PopSequence(tag);
        return true;
    }

    /// <summary>Reads up to the next star, parenthesis or end into the scratch buffer, undoing escapes to raw bytes.</summary>
    private bool Value(out int length)
    {
        length = 0;
        while (_at < text.Length && text[_at] is var c && c is not ('*' or ')'))
        {
            if (c is '(' or '\0')
            {
                return Fail("this character must be escaped");
            }

            if (c == '\\')
            {
                var high = _at + 2 < text.Length ? LdapText.HexValue(text[_at + 1]) : -1;
                var low = high >= 0 ? LdapText.HexValue(text[_at + 2]) : -1;
                if (low < 0)
                {
                    return Fail("a backslash needs two hexadecimal digits");
                }

                _value[length++] = (byte)(high << 4 | low);
                _at += 3;
                continue;
            }

            if (!Rune.TryGetRuneAt(text, _at, out var rune))
            {
                return Fail("half a surrogate pair");
            }

            length += rune.EncodeToUtf8(_value.AsSpan(length));
            _at += rune.Utf16SequenceLength;
        }

        return true;
    }

    private readonly void WriteAssertion(int kind, ReadOnlySpan<char> attribute, ReadOnlySpan<byte> value)
    {
        var tag = LdapTag.Context(kind, constructed: true);
        writer.PushSequence(tag);
        WriteText(attribute, Asn1Tag.PrimitiveOctetString);
        writer.WriteOctetString(value);
        writer.PopSequence(tag);
    }

    // Names are ASCII by the time they come here.
    private readonly void WriteText(ReadOnlySpan<char> ascii, Asn1Tag tag)
    {
        var bytes = new byte[ascii.Length];
        Encoding.ASCII.GetBytes(ascii, bytes);
        writer.WriteOctetString(bytes, tag);
    }

    private readonly char Peek() => _at < text.Length ? text[_at] : '\0';

    private bool Take(char c)
    {
        if (Peek() != c || _at >= text.Length)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TakeBoth(char first)
    {
        if (Peek() != first || _at + 1 >= text.Length || text[_at + 1] != '=')
        {
            return false;
        }

        _at += 2;
        return true;
    }

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }
    }

    private bool Fail(string why)
    {
        _fault = $"{why} at position {_at}";
        return false;
    }
}
