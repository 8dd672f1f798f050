using System.Text;

namespace Tandem.Sip.Messages;

/// <summary>Which side of a transaction refreshes the session (RFC 4028 §4).</summary>
public enum Refresher : byte { Unsaid, Uac, Uas }

/// <summary>The value of a Session-Expires header field: "1800;refresher=uac" (RFC 4028 §4). Zero seconds stand for none.</summary>
public readonly record struct SessionExpires(int Seconds, Refresher Refresher)
{
    /// <summary>False for what is no number of seconds; a number too large for an int counts as the largest.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out SessionExpires read)
    {
        read = default;
        int semicolon = value.IndexOf((byte)';');
        if (!TryParseSeconds(semicolon < 0 ? value : value[..semicolon], out int seconds)) return false;
        Refresher refresher = Refresher.Unsaid;
        if (semicolon >= 0 && Parameters.TryGet(value[semicolon..], "refresher"u8, out ReadOnlySpan<byte> who))
        {
            if (Ascii.EqualsIgnoreCase(who, "uac"u8)) refresher = Refresher.Uac;
            else if (Ascii.EqualsIgnoreCase(who, "uas"u8)) refresher = Refresher.Uas;
        }
        read = new SessionExpires(seconds, refresher);
        return true;
    }

    /// <summary>The value of a Min-SE header field (RFC 4028 §5); its parameters mean nothing.</summary>
    public static bool TryParseMinSE(ReadOnlySpan<byte> value, out int seconds)
    {
        int semicolon = value.IndexOf((byte)';');
        return TryParseSeconds(semicolon < 0 ? value : value[..semicolon], out seconds);
    }

    private static bool TryParseSeconds(ReadOnlySpan<byte> digits, out int seconds)
    {
        bool read = Grammar.TryNumber(Grammar.Trim(digits), uint.MaxValue, out uint number);
        seconds = (int)Math.Min(number, int.MaxValue);
        return read;
    }
}
