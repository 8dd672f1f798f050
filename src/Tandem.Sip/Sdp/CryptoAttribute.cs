using Tandem.Sip.Messages;

namespace Tandem.Sip.Sdp;

/// <summary>An a=crypto line (RFC 4568 §9.1), seen in place: a suite, and one inline key without MKI and without session parameters that change anything.</summary>
public readonly ref struct CryptoAttribute
{
    /// <summary>Ties an answer to its offer; up to nine digits.</summary>
    public int Tag { get; private init; }

    /// <summary>As written; upper and lower case are different.</summary>
    public ReadOnlySpan<byte> Suite { get; private init; }

    /// <summary>Master key and salt in base64.</summary>
    public ReadOnlySpan<byte> Key { get; private init; }

    /// <summary>Reads the value of an attribute. False: it is no a=crypto, or one that asks for what we do not do (several keys, an MKI, other session parameters).</summary>
    public static bool TryParse(ReadOnlySpan<byte> attribute, out CryptoAttribute crypto)
    {
        crypto = default;
        if (!attribute.StartsWith("crypto:"u8)) return false;
        ReadOnlySpan<byte> rest = attribute[7..].Trim((byte)' ');
        if (!TryTake(ref rest, out ReadOnlySpan<byte> tag) || !TryTake(ref rest, out ReadOnlySpan<byte> suite) || !TryTake(ref rest, out ReadOnlySpan<byte> parameters)) return false;
        if (!Grammar.TryNumber(tag, 999_999_999, out uint number)) return false;
        if (!parameters.StartsWith("inline:"u8) || parameters.Contains((byte)';')) return false;
        ReadOnlySpan<byte> key = parameters[7..];
        int bar = key.IndexOf((byte)'|');
        if (bar >= 0 && key[(bar + 1)..].ContainsAny((byte)'|', (byte)':')) return false; // an MKI: with or without a lifetime before it
        while (TryTake(ref rest, out ReadOnlySpan<byte> session))
        {
            // A window is advice (§6.3.7); "-" marks what may be left unknown (§6.3.8).
            if (!session.StartsWith("WSH="u8) && !session.SequenceEqual("KDR=0"u8) && session[0] != '-') return false;
        }
        crypto = new CryptoAttribute { Tag = (int)number, Suite = suite, Key = bar < 0 ? key : key[..bar] };
        return true;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        rest = rest.TrimStart((byte)' ');
        int end = rest.IndexOf((byte)' ');
        word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..];
        return !word.IsEmpty;
    }
}
