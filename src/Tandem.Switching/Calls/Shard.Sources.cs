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
    private Call? FindDialog(SipMessage request, in NetAddress source, out MediaSide leg, out Sip.Dialogs.Dialog dialog) =>
        LookUpDialog(request, out leg, out dialog) is { } call && IsFromPeer(call, leg, dialog, source) ? call : null;

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
        int index = (int)(tag >> 40);
        if (index >> 1 >= _calls.Count) return null;
        Call call = _calls[index >> 1];
        leg = (MediaSide)(index & 1);
        dialog = DialogOf(call, leg);
        if (call.State == CallState.Gone || dialog.LocalTag != tag) return null;
        if (dialog.Matches(request)) return call;
        if (leg != MediaSide.Callee || !call.Forks.TryFind(request.FromTag, out Fork? fork)) return null;
        dialog = fork.Dialog;
        return dialog.Matches(request) ? call : null;
    }

    // The host it last spoke from, or where we send what is for it; for a gateway also every other address that is the same gateway's.
    private bool IsFromPeer(Call call, MediaSide leg, Sip.Dialogs.Dialog dialog, in NetAddress source) =>
        source.SameHost(dialog.Flow) || source.SameHost(dialog.Peer)
        || (leg == MediaSide.Caller && call.Gateway is { } gateway && _book.Current.TryIdentify(source, out MappingGateway? from) && from.Name == gateway.Name);

    private static Phone? PhoneOf(Call call, MediaSide leg) => leg == MediaSide.Caller ? call.Phone : call.TargetPhone;
}
