using System.Text;

namespace AuthGateway.Ldap;

/// <summary>Takes a DN apart, pair by pair, already folded: type in lower case, value unescaped, folded and escaped again.</summary>
internal ref struct LdapDnReader(string dn)
{
    private readonly StringBuilder _value = new();
    private int _at;

    public readonly bool IsBlank => dn.AsSpan().Trim(' ').IsEmpty;

    /// <summary>Separator is ',', '+' or, behind the last pair, NUL. False when the text is malformed.</summary>
    public bool TryReadPair(out string type, out string value, out char separator)
    {
        (type, value, separator) = ("", "", '\0');
        var rest = dn.AsSpan(_at);
        var equals = rest.IndexOf('=');
        if (equals < 0)
        {
            return false;
        }

        var name = rest[..equals].Trim(' ');
        if (!LdapText.IsObjectIdentifier(name))
        {
            return false;
        }

        type = name.ToString().ToLowerInvariant();
        _at += equals + 1;
        SkipSpace();
        if (!TryReadValue(out value))
        {
            return false;
        }

        if (_at == dn.Length)
        {
            return true;
        }

        // RFC 2253 still allowed a semicolon for a comma.
        separator = dn[_at++] == '+' ? '+' : ',';
        return true;
    }

    private bool TryReadValue(out string value)
    {
        value = "";
        _value.Clear();
        if (_at < dn.Length && dn[_at] == '#')
        {
            return TryReadHex(out value);
        }

        var meaningful = 0; // trailing spaces count only when escaped
        while (_at < dn.Length && dn[_at] is var c && c is not (',' or '+' or ';'))
        {
            if (c is '"' or '<' or '>' or '\0')
            {
                return false;
            }

            if (c == '\\')
            {
                if (!TryReadEscape())
                {
                    return false;
                }

                meaningful = _value.Length;
                continue;
            }

            _value.Append(c);
            _at++;
            meaningful = c == ' ' ? meaningful : _value.Length;
        }

        _value.Length = meaningful;
        value = LdapDn.EscapeValue(_value.ToString().ToLowerInvariant());
        return true;
    }

    private bool TryReadHex(out string value)
    {
        var start = _at++;
        while (_at < dn.Length && char.IsAsciiHexDigit(dn[_at]))
        {
            _at++;
        }

        value = dn.AsSpan(start, _at - start).ToString().ToLowerInvariant();
        SkipSpace();
        return value.Length > 1 && value.Length % 2 == 1 && (_at == dn.Length || dn[_at] is ',' or '+' or ';');
    }

    // Either one special character, or a run of \hh pairs that together must be UTF-8.
    private bool TryReadEscape()
    {
        if (_at + 1 >= dn.Length)
        {
            return false;
        }

        if (dn[_at + 1] is ' ' or '"' or '#' or '+' or ',' or ';' or '<' or '=' or '>' or '\\')
        {
            _value.Append(dn[_at + 1]);
            _at += 2;
            return true;
        }

        var bytes = new List<byte>(4);
        while (_at + 2 < dn.Length && dn[_at] == '\\' && LdapText.HexValue(dn[_at + 1]) is >= 0 and var high
            && LdapText.HexValue(dn[_at + 2]) is >= 0 and var low)
        {
            bytes.Add((byte)(high << 4 | low));
            _at += 3;
        }

        try
        {
            _value.Append(LdapText.Utf8.GetString(bytes.ToArray()));
            return bytes.Count > 0;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private void SkipSpace()
    {
        while (_at < dn.Length && dn[_at] == ' ')
        {
            _at++;
        }
    }
}
