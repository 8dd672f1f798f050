using System.Text;
using Tandem.Sip.Messages;

namespace Tandem.Switching.Identity;

/// <summary>Whether a caller asks to stay unknown (RFC 3323, RFC 3325; docs/identity.md says what counts).</summary>
public static class PrivacyWish
{
    /// <summary>Privacy with id, user or header; Remote-Party-ID with privacy; or a From that is anonymous already.</summary>
    public static bool IsIn(SipMessage invite)
    {
        foreach (SipMessage.HeaderSlot header in invite.Headers)
        {
            if (header.Name == HeaderName.Privacy && Asks(header.Value)) return true;
        }
        foreach (ReadOnlySpan<byte> party in invite.Values(HeaderName.RemotePartyId))
        {
            if (Parameters.TryGet(NameAddress.TryParse(party, out NameAddress address) ? address.Params : default, "privacy"u8, out ReadOnlySpan<byte> wish)
                && !wish.IsEmpty && !Ascii.EqualsIgnoreCase(wish, "off"u8)) return true;
        }
        return NameAddress.TryParse(invite.From, out NameAddress from) && SipUri.TryParse(from.Uri, out SipUri uri) && Ascii.EqualsIgnoreCase(uri.Host, "anonymous.invalid"u8);
    }

    /// <summary>True when the values of a Privacy header name one that hides who calls.</summary>
    public static bool Asks(ReadOnlySpan<byte> privacy) => Has(privacy, "id"u8) || Has(privacy, "user"u8) || Has(privacy, "header"u8);

    /// <summary>True when a Privacy header has a value, whatever its case; commas part values as semicolons do.</summary>
    public static bool Has(ReadOnlySpan<byte> privacy, ReadOnlySpan<byte> value)
    {
        foreach (Range range in privacy.SplitAny((byte)';', (byte)','))
        {
            if (Ascii.EqualsIgnoreCase(privacy[range].Trim(" \t\r\n"u8), value)) return true;
        }
        return false;
    }
}
