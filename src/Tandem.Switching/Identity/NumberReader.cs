using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Switching.Identity;

/// <summary>
/// Reads the called and the calling number of an INVITE from where the operator says they stand; where that place has none, from
/// the usual one. The outcome names the place that was taken, for the decision log. Rules: docs/identity.md.
/// </summary>
public static class NumberReader
{
    /// <param name="invite">The request.</param>
    /// <param name="wanted">Where the operator wants it read.</param>
    /// <param name="number">Empty when neither that place nor the Request-URI has one.</param>
    public static CalleeSource ReadCallee(SipMessage invite, CalleeSource wanted, out DialString number)
    {
        bool found = wanted switch
        {
            CalleeSource.To => TryNumberOf(invite.To, out number),
            CalleeSource.Diversion => TryFirstCalled(invite, out number),
            _ => Missing(out number),
        };
        if (found) return wanted;
        if (SipUri.TryParse(invite.RequestUri, out SipUri uri)) uri.TryGetDialString(out number);
        return CalleeSource.RequestUri;
    }

    /// <param name="invite">The request.</param>
    /// <param name="wanted">Where the operator wants it read.</param>
    /// <param name="number">Empty when neither that place nor From has one.</param>
    public static CallerSource ReadCaller(SipMessage invite, CallerSource wanted, out DialString number)
    {
        bool found = wanted switch
        {
            CallerSource.RemotePartyId => TryRemoteParty(invite, out number),
            CallerSource.Display => TryDisplay(invite, out number),
            CallerSource.PAssertedIdentity => TryIdentity(invite, HeaderName.PAssertedIdentity, out number),
            CallerSource.PPreferredIdentity => TryIdentity(invite, HeaderName.PPreferredIdentity, out number),
            _ => Missing(out number),
        };
        if (found) return wanted;
        TryNumberOf(invite.From, out number);
        return CallerSource.From;
    }

    /// <summary>
    /// Who was called first, before anyone diverted the call: the last Diversion (RFC 5806 §4.1: each diverter puts his on top), without any the
    /// first History-Info (RFC 7044 §5: entries stand in order).
    /// </summary>
    public static bool TryFirstCalled(SipMessage invite, out DialString number)
    {
        number = default;
        bool any = false;
        foreach (ReadOnlySpan<byte> one in invite.Values(HeaderName.Diversion))
        {
            if (!TryNumberOf(one, out DialString diverter)) continue;
            number = diverter;
            any = true;
        }
        if (any) return true;
        foreach (ReadOnlySpan<byte> one in invite.Values(HeaderName.HistoryInfo))
        {
            if (TryNumberOf(one, out number)) return true;
        }
        return false;
    }

    /// <summary>The number in the URI of a name-addr or addr-spec; false when it has none.</summary>
    public static bool TryNumberOf(ReadOnlySpan<byte> nameAddress, out DialString number)
    {
        number = default;
        return NameAddress.TryParse(nameAddress, out NameAddress address)
            && SipUri.TryParse(address.Uri, out SipUri uri)
            && uri.TryGetDialString(out number)
            && !number.IsEmpty;
    }

    /// <summary>Digits, * and # only: what can be dialled anywhere, unlike the name of an account.</summary>
    public static bool IsTelephone(in DialString number)
    {
        foreach (byte b in number.Bytes)
        {
            if (b is not ((>= (byte)'0' and <= (byte)'9') or (byte)'*' or (byte)'#')) return false;
        }
        return !number.IsEmpty;
    }

    // RFC 3325 §9.1: at most one sip: and one tel: URI; of both the first that is a telephone number, else the first that is anything.
    private static bool TryIdentity(SipMessage invite, HeaderName name, out DialString number)
    {
        number = default;
        foreach (ReadOnlySpan<byte> one in invite.Values(name))
        {
            if (!TryNumberOf(one, out DialString found)) continue;
            if (number.IsEmpty) number = found;
            if (!IsTelephone(found)) continue;
            number = found;
            return true;
        }
        return !number.IsEmpty;
    }

    // draft-ietf-sip-privacy-04 §4: party=calling is the caller; without a party it is the sender of the request, the caller too.
    private static bool TryRemoteParty(SipMessage invite, out DialString number)
    {
        foreach (ReadOnlySpan<byte> one in invite.Values(HeaderName.RemotePartyId))
        {
            if (!NameAddress.TryParse(one, out NameAddress address)) continue;
            if (address.TryGetParam("party"u8, out ReadOnlySpan<byte> party) && !System.Text.Ascii.EqualsIgnoreCase(party, "calling"u8)) continue;
            if (TryNumberOf(one, out number)) return true;
        }
        number = default;
        return false;
    }

    // The display name of From when it is a telephone number, written as people write them: "+49 (30) 123-456".
    private static bool TryDisplay(SipMessage invite, out DialString number)
    {
        number = default;
        if (!NameAddress.TryParse(invite.From, out NameAddress from)) return false;
        Span<byte> digits = stackalloc byte[DialString.MaxLength];
        int kept = 0;
        foreach (byte b in from.DisplayName)
        {
            if (b is (byte)' ' or (byte)'\t' or (byte)'-' or (byte)'.' or (byte)'(' or (byte)')' || (b == '+' && kept == 0)) continue;
            if (b is not ((>= (byte)'0' and <= (byte)'9') or (byte)'*' or (byte)'#') || kept == digits.Length) return false;
            digits[kept++] = b;
        }
        return kept > 0 && DialString.TryParse(digits[..kept], out number);
    }

    private static bool Missing(out DialString number)
    {
        number = default;
        return false;
    }
}
