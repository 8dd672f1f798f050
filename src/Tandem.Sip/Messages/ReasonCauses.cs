using System.Text;

namespace Tandem.Sip.Messages;

/// <summary>
/// What Reason header fields say (RFC 3326): a SIP status and a cause of ITU-T Q.850; 0 where it is not said. Texts and other protocols are
/// passed over: they are for people, and nothing of one leg is copied to the other.
/// </summary>
/// <param name="Sip">100 to 699, or 0.</param>
/// <param name="Q850">1 to 127, or 0.</param>
public readonly record struct ReasonCauses(int Sip, int Q850)
{
    /// <summary>A CANCEL that says another branch of the caller's answered (RFC 3326 §3.1).</summary>
    public const int CompletedElsewhere = 200;

    public bool IsEmpty => Sip == 0 && Q850 == 0;

    /// <summary>Of each protocol the first that is in its range.</summary>
    public static ReasonCauses Of(SipMessage message)
    {
        int sip = 0, q850 = 0;
        foreach (ReadOnlySpan<byte> reason in message.Values(HeaderName.Reason))
        {
            int semicolon = reason.IndexOf((byte)';');
            if (semicolon < 0 || !Parameters.TryGet(reason[semicolon..], "cause"u8, out ReadOnlySpan<byte> digits) || !Grammar.TryNumber(digits, 699, out uint cause)) continue;
            ReadOnlySpan<byte> protocol = Grammar.Trim(reason[..semicolon]);
            if (sip == 0 && cause >= 100 && Ascii.EqualsIgnoreCase(protocol, "SIP"u8)) sip = (int)cause;
            if (q850 == 0 && cause is >= 1 and <= 127 && Ascii.EqualsIgnoreCase(protocol, "Q.850"u8)) q850 = (int)cause;
        }
        return new ReasonCauses(sip, q850);
    }

    /// <summary>One header field for each that is said.</summary>
    public void Write(ref SipWriter w)
    {
        if (Q850 > 0)
        {
            w.OpenHeader(HeaderName.Reason);
            w.Text("Q.850;cause="u8);
            w.Decimal(Q850);
            w.CloseHeader();
        }
        if (Sip == 0) return;
        w.OpenHeader(HeaderName.Reason);
        w.Text("SIP;cause="u8);
        w.Decimal(Sip);
        if (Sip == CompletedElsewhere) w.Text(";text=\"Call completed elsewhere\""u8);
        w.CloseHeader();
    }
}
