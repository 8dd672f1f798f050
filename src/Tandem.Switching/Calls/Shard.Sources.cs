using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Switching.Admission;

namespace Tandem.Switching.Calls;

// Sources: which dialog a request belongs to, and whether who sent it may speak in it (docs/calls.md).
public sealed partial class Shard
{
    /// <summary>
    /// The dialog a request belongs to: our tag, their tag and the Call-ID must all be right (RFC 3261 §12.2.2), and it must come from whom
    /// the dialog is with. Null: it touches no call.
    /// </summary>
    private Call? FindDialog(SipMessage request, in NetAddress source, out MediaSide leg, out Sip.Dialogs.Dialog dialog)
    {
        if (LookUpDialog(request, out leg, out dialog) is not { } call || !IsFromPeer(call, leg, dialog, source)) return null;
        NoteLife(PhoneOf(call, leg), _now);
        return call;
    }

    /// <summary>Where a request stands. A phone that speaks in its dialog from another address has moved, and must prove who it is.</summary>
    private Place PlaceOf(SipMessage request, in NetAddress source)
    {
        if (request.ToTag.IsEmpty) return Place.Outside;
        if (LookUpDialog(request, out MediaSide leg, out Sip.Dialogs.Dialog dialog) is not { } call) return Place.StrayTag;
        if (IsFromPeer(call, leg, dialog, source)) return Place.InDialog;
        return PhoneOf(call, leg) is null ? Place.StrayTag : Place.Moved;
    }

    /// <summary>The phone whose dialog it is has proven itself: it is where it is from now on. False: it is another phone's dialog.</summary>
    private bool TakesItsDialogAlong(SipMessage request, Phone proven, in NetAddress source)
    {
        if (LookUpDialog(request, out MediaSide leg, out Sip.Dialogs.Dialog dialog) is not { } call || PhoneOf(call, leg)?.Number != proven.Number) return false;
        dialog.Flow = source;
        return true;
    }

    private Call? LookUpDialog(SipMessage request, out MediaSide leg, out Sip.Dialogs.Dialog dialog)
    {
        leg = default;
        dialog = null!;
        if (!Base32.TryRead(request.ToTag, out ulong tag)) return null;
        if (LookUpTag(tag, request.FromTag, out leg, out dialog) is not { } call || !dialog.Matches(request)) return null;
        return HasLeft(call, leg) && request.Method != SipMethod.Bye ? null : call;
    }

    /// <summary>The call and dialog with our tag; after a transfer another call may have the dialog by now.</summary>
    private Call? LookUpTag(ulong tag, ReadOnlySpan<byte> remoteTag, out MediaSide leg, out Sip.Dialogs.Dialog dialog)
    {
        int index = (int)(tag >> 40);
        leg = (MediaSide)(index & 1);
        dialog = null!;
        if (index >> 1 >= _calls.Count) return null;
        Call call = _calls[index >> 1];
        while (call.State != CallState.Gone)
        {
            for (int side = 0; side < 2; side++)
            {
                leg = (MediaSide)((index & 1) ^ side);
                dialog = DialogOf(call, leg);
                if (dialog.LocalTag != tag) continue;
                if (leg == MediaSide.Callee && !dialog.RemoteTag.SequenceEqual(remoteTag) && call.Forks.TryFind(remoteTag, out Fork? fork)) dialog = fork.Dialog;
                return call;
            }
            if (call.CarriedBy is not { } carrier) return null;
            call = carrier;
        }
        return null;
    }

    // The host it last spoke from, or where we send what is for it; for a gateway also every other address that is the same gateway's.
    private bool IsFromPeer(Call call, MediaSide leg, Sip.Dialogs.Dialog dialog, in NetAddress source) =>
        source.SameHost(dialog.Flow) || source.SameHost(dialog.Peer)
        || (GatewayOf(call, leg) is { } gateway && (_book.Current.Sources.Has(source, gateway.Name) || (gateway.IsDynamic && _locations.IsAtHome(gateway.User, source, _now))));

    private static Phone? PhoneOf(Call call, MediaSide leg)
    {
        LegParty party = leg == MediaSide.Caller ? call.CallerParty : call.CalleeParty;
        return party.Moved ? party.Phone : leg == MediaSide.Caller ? call.Phone : call.TargetPhone;
    }

    // A routing gateway is none: a carrier's equipment has no account of ours and may not ask for what one must pay.
    private static MappingGateway? GatewayOf(Call call, MediaSide leg)
    {
        LegParty party = leg == MediaSide.Caller ? call.CallerParty : call.CalleeParty;
        return party.Moved ? party.Gateway : leg == MediaSide.Caller ? call.Gateway : null;
    }
}
