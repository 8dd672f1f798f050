using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Redirecting: 3xx of a gateway whose setting lets the switch follow (docs/routing.md).
public sealed partial class Shard
{
    /// <summary>The contacts of a 3xx that can be reached, kept for when the attempt ends.</summary>
    private void NoteRedirects(Call call, SipMessage response)
    {
        if (response.Status >= 400 || call.Target is not { FollowsRedirects: true }) return;
        if (call.Redirects.Count == 0) call.Redirects.Begin(call.CalleeDialog.Target);
        foreach (ReadOnlySpan<byte> contact in response.Values(HeaderName.Contact))
        {
            if (NameAddress.TryParse(contact, out NameAddress address) && TryReach(call, address.Uri, out _, out _, out _)) call.Redirects.Add(address);
        }
    }

    private bool TryReach(Call call, scoped ReadOnlySpan<byte> contact, out DialString number, out Hop hop, out int listener)
    {
        (number, hop, listener) = (call.CalleeSent, default, -1);
        if (!SipUri.TryParse(contact, out SipUri uri) || !Hop.TryRead(uri, SipTransport.Udp, out hop) || IsOurs(hop.Address)) return false;
        if (uri.TryGetDialString(out DialString said) && !said.IsEmpty) number = said;
        return _listeners.TryChoose(call.CallerDialog.Listener, hop.Address, hop.Transport, out listener);
    }

    /// <summary>The next contact of the gateway's redirections, as an attempt on the same line; false: none is left that can be reached.</summary>
    private bool DialRedirect(Call call, RoutingGateway gateway, Instant now)
    {
        Span<byte> target = stackalloc byte[RedirectList.LongestUri];
        while (call.Redirects.TryTake(out ReadOnlySpan<byte> contact))
        {
            if (!TryReach(call, contact, out DialString callee, out Hop hop, out int listener)) continue;
            contact.CopyTo(target);
            call.HopsTried = 0; // another attempt in the CDR and in the story
            call.Signer?.Release(); // another host: it is not shown what the gateway was answered
            return StartAttempt(call, gateway.Name, call.CallerSent, callee, target[..contact.Length], hop, listener, now);
        }
        return false;
    }

    // To be sent back to ourselves would be a loop.
    private bool IsOurs(in NetAddress address)
    {
        for (int i = 0; i < _listeners.Count; i++)
        {
            if (_listeners[i].Known == address) return true;
        }
        return false;
    }

    private static bool MayFollow(Call call, int status, Refusal refusal) =>
        call.Target is { FollowsRedirects: true } && call.Redirects.Any && status < 600 && !call.OfferPassed && !IsLastWord(call, refusal);
}
