using Tandem.Primitives;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transports;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Encrypted media: which legs agree on keys (docs/srtp.md). A leg without LegSrtp is as if there were no SRTP.
public sealed partial class Shard
{
    /// <summary>What a leg may agree on. False: its device requires what its signalling does not permit.</summary>
    private bool TryOpenSrtp(SrtpPolicy policy, int listener, SwitchTables tables, out LegSrtp? srtp)
    {
        srtp = null;
        if (policy == SrtpPolicy.Off) return true;
        // RFC 4568 §7: keys in the clear protect nothing, so they are neither offered nor taken there.
        if (_listeners[listener].Transport != SipTransport.Tls && !tables.Settings.Media.SrtpWithoutTls) return policy != SrtpPolicy.Required;
        srtp = new LegSrtp(policy, _entropy);
        return true;
    }

    /// <summary>The caller's leg, and whether anything of its offer can be relayed under its device's policy.</summary>
    private Refusal OpenCallerSrtp(Call call)
    {
        if (!TryOpenSrtp(call.Gateway?.Srtp ?? call.Phone!.Srtp, call.CallerDialog.Listener, call.Tables, out call.CallerSrtp)) return Refusal.EncryptionNotAgreed;
        if (call.Offer is null || _sdp.Parse(call.Offer, 0, call.OfferLength) != SdpDefect.None) return Refusal.None;
        call.CallerSrtp?.Hear(_sdp);
        return FirstUsable(call.CallerSrtp) < 0 ? Refusal.EncryptionNotAgreed : Refusal.None;
    }

    /// <summary>Of who speaks at a place of the call, or asks to: a newcomer's keys are its own until it sits.</summary>
    private static LegSrtp? SrtpHeard(Call call, MediaSide side) => call.Newcomer is { } newcomer && newcomer.Place == side ? newcomer.Srtp : call.SrtpOf(side);

    /// <summary>For who is to take another's place: the same policy, and keys nobody knows yet.</summary>
    private LegSrtp? Anew(LegSrtp? srtp) => srtp is null ? null : new LegSrtp(srtp.Policy, _entropy);

    /// <summary>The first m-line of the description in <c>_sdp</c> that the leg it comes from may have relayed; -1 when there is none.</summary>
    private int FirstUsable(LegSrtp? srtp)
    {
        for (int i = 0; i < _sdp.MediaCount; i++)
        {
            if (Usable(srtp, _sdp.Media(i))) return i;
        }
        return -1;
    }

    private int FirstUsable(Call call, MediaSide side) => FirstUsable(call.SrtpOf(side));

    private static bool Usable(LegSrtp? srtp, MediaDescription media) => media.IsRelayable && (srtp?.Permits(media) ?? !media.IsSecure);
}
